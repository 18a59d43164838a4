"""A company of ours with the customers of the peers' own generator, so that both sides carry the same facts.

What is one row there is up to four here: an account's postal address, telephone and e-mail are records of their own,
and so is a quote's revision. 55,000 rows of the peers become 88,000 of ours, with the same ids. Nothing but their
time of the last change of accounts, notes and lines is left out, which our server keeps itself.
"""

import json
import uuid
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

from benchmarks.company import LAST_WORD, Company
from benchmarks.generated import Record
from crm_desktop.model.wire import clean_row

_OUTCOMES = {"order": "order", "follow-up": "follow_up", "none": "no_interest"}
_STATES = {"draft": "draft", "sent": "sent", "won": "accepted", "lost": "lost"}
_CREATED = "2026-01-05T08:00:00.000Z"
Told = dict[str, Any]


class PeerCompany(Company):
    """The peers' accounts, notes, quotes and lines as ours; `data` is the folder of their files."""

    def __init__(self, folder: Path, data: Path) -> None:
        self._data = data
        self.accounts: list[str] = []
        self.rows = 0
        self.peer_rows = 0
        super().__init__(folder, 0)

    @property
    def records(self) -> list[Record]:
        """All that is written; not kept, so that later measurements do not carry it along."""
        self.peer_rows = 0
        lines: dict[str, list[Told]] = {}
        for line in self._told("lines"):
            lines.setdefault(line["quote_id"], []).append(line)
        made = [record for told in self._told("accounts") for record in self._account(told)]
        made += [_visit(told) for told in self._told("notes")]
        made += [record for told in self._told("quotes") for record in self._quote(told, lines[told["id"]])]
        last = max(index for index, (entity, _, _) in enumerate(made) if entity == "visit")
        entity, record_id, row = made[last]
        made[last] = entity, record_id, row | {"note": f"{row['note']} {LAST_WORD}"}
        self.accounts = [record_id for entity, record_id, _ in made if entity == "account"]
        self.rows = len(made)
        return made

    def _told(self, name: str) -> Iterator[Told]:
        with (self._data / f"{name}.ndjson").open(encoding="utf-8") as file:
            for line in file:
                self.peer_rows += 1
                yield json.loads(line, parse_float=Decimal)

    def _account(self, told: Told) -> Iterator[Record]:
        account_id = told["id"]
        made = {"created_at": told["created_at"], "created_by": told["owner_id"]}
        tags = [told["status"], told["territory"], f"rating {told['rating']}"]
        plain = {name: told[name] for name in ("name", "website", "vat_id", "industry", "employees")}
        account = {"kind": "company", "currency": "EUR", "credit_limit": Decimal(told["revenue"]), "tags": tags}
        whose = {"owner_id": self.user_id, "territory_id": self.territory_id}
        note = {"notes": f"{told['legal_name']}\n{told['notes']}"}
        yield "account", account_id, clean_row("account", account | plain | whose | note | made)
        address = {
            "account_id": account_id, "kind": "billing", "preferred": True, "street": told["street"],
            "postal_code": told["postcode"], "city": told["city"], "region": told["region"],
            "country": told["country"], "latitude": told["lat"], "longitude": told["lon"],
        }  # fmt: skip
        yield "address", _hanging(account_id, "address"), clean_row("address", address | made)
        for kind in ("phone", "email"):
            channel = {"account_id": account_id, "kind": kind, "value": told[kind]}
            yield "channel", _hanging(account_id, kind), clean_row("channel", channel | made)

    def _quote(self, told: Told, lines: list[Told]) -> Iterator[Record]:
        made = {"created_at": told["created_at"], "created_by": self.user_id}
        quote = {"number": told["number"], "account_id": told["account_id"], "owner_id": self.user_id}
        yield "quote", told["id"], clean_row("quote", quote | made)
        revision_id = _hanging(told["id"], "revision")
        revision = {
            "quote_id": told["id"], "revision": 1, "status": _STATES[told["status"]], "currency": told["currency"],
            "quote_date": told["created_at"][:10], "valid_until": told["valid_until"], "sent_at": told["updated_at"],
        }  # fmt: skip
        yield "quote_revision", revision_id, clean_row("quote_revision", revision | made)
        for line in lines:
            price, quantity = Decimal(line["unit_price_cents"]) / 100, Decimal(line["quantity"])
            net = price * (100 - line["discount_pct"]) / 100
            row = {
                "quote_id": told["id"], "revision_id": revision_id, "position": str(line["position"]),
                "product_id": line["product_id"], "name": line["description"], "quantity": quantity,
                "list_price": price, "discount_percent": Decimal(line["discount_pct"]), "net_price": net,
                "line_total": round(quantity * net, 2), "created_at": _CREATED, "created_by": self.user_id,
            }  # fmt: skip
            yield "quote_line", line["id"], clean_row("quote_line", row)


def _visit(told: Told) -> Record:
    row = {
        "account_id": told["account_id"], "starts_at": f"{told['visited_on']}T09:00:00.000Z", "status": "done",
        "subject": told["subject"], "note": told["body"], "outcome": _OUTCOMES[told["outcome"]],
        "created_at": told["created_at"], "created_by": told["author_id"],
    }  # fmt: skip
    return "visit", told["id"], clean_row("visit", row)


def _hanging(record_id: str, what: str) -> str:
    """The id of what the peers keep inside a record."""
    return str(uuid.uuid5(uuid.UUID(record_id), what))
