"""Seeded records in the shape of a real customer base: accounts with addresses, channels, visit notes and quotes."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from crm_desktop.model.wire import Row, clean_row

_WORDS = (
    "customer meeting delivery price discount contract renewal machine spare part order quantity invoice next visit "
    "competitor offer demo satisfied complaint quality shipment warehouse decision budget quarter sample catalogue "
    "training service interval technical contact follow call agreed open question deadline project plant line pump "
    "valve motor sensor filter seal"
).split()
_CITIES = "Berlin Hamburg Wien Graz Zürich Bern Köln Lyon Paris Milano Torino Praha Brno Gdańsk Wrocław Gent".split()
_INDUSTRIES = "Machinery Chemicals Food Retail Automotive Energy Pharma Logistics Construction Paper".split()
_FORMS = "GmbH AG Ltd SARL SpA s.r.o. KG OHG".split()
_SYLLABLES = "ba be bo da de do fa fe ga ge go ha ka ke ko la le lo ma me mo na ne no pa ra re ro sa se so ta".split()

Record = tuple[str, str, Row]
NOTES_PER_ACCOUNT = 3
LINES_PER_QUOTE = 4


@dataclass
class Generator:
    """Yields (entity, id, wire row); the same seed gives the same records."""

    accounts: int
    territory_id: str
    owner_id: str
    seed: int = 20261122

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)
        self._last = 0

    def _id(self) -> str:
        self._last += 1  # ids of one device rise, like UUIDv7 do
        head, tail = f"{self._last:012x}", f"{self._random.getrandbits(60):015x}"
        return f"{head[:8]}-{head[8:]}-7{tail[:3]}-8{tail[3:6]}-{tail[6:]}000"

    def _text(self, length: int) -> str:
        words: list[str] = []
        while sum(len(word) + 1 for word in words) < length:
            words.append(self._random.choice(_WORDS))
        return " ".join(words)[:length]

    def _row(self, entity: str, **values: Any) -> Record:
        made = {"created_at": "2026-01-05T08:00:00.000Z", "created_by": self.owner_id}
        return entity, self._id(), clean_row(entity, made | values)

    def records(self) -> Iterator[Record]:
        """All records, each account followed by what hangs on it."""
        for number in range(self.accounts):
            yield from self._account(number)

    def _account(self, number: int) -> Iterator[Record]:
        rnd = self._random
        stem = "".join(rnd.choice(_SYLLABLES) for _ in range(rnd.randint(2, 4))).capitalize()
        account = self._row(
            "account",
            kind="company",
            name=f"{stem} {rnd.choice(_WORDS).capitalize()} {rnd.choice(_FORMS)}",
            external_id=f"K{number:06d}",
            customer_class=rnd.choice("ABC"),
            industry=rnd.choice(_INDUSTRIES),
            employees=rnd.randint(1, 5000),
            website=f"https://{stem.lower()}{number}.example",
            vat_id=f"DE{rnd.randint(0, 999999999):09d}",
            currency="EUR",
            credit_limit=Decimal(rnd.randint(10, 900)) * 100,
            owner_id=self.owner_id,
            territory_id=self.territory_id,
            notes=self._text(200),
        )
        yield account
        account_id = account[1]
        yield self._row(
            "address", account_id=account_id, kind="billing", preferred=True,
            street=f"{rnd.choice(_WORDS).capitalize()}straße {rnd.randint(1, 200)}",
            postal_code=f"{rnd.randint(1000, 99999):05d}", city=rnd.choice(_CITIES), country="DE",
        )  # fmt: skip
        phone = f"+49 {rnd.randint(100, 999)} {rnd.randint(100000, 9999999)}"
        yield self._row("channel", account_id=account_id, kind="phone", value=phone)
        yield self._row("channel", account_id=account_id, kind="email", value=f"info@{stem.lower()}{number}.example")
        for _ in range(NOTES_PER_ACCOUNT):
            day = f"2026-{rnd.randint(1, 11):02d}-{rnd.randint(1, 28):02d}"
            yield self._row(
                "visit", account_id=account_id, owner_id=self.owner_id, starts_at=f"{day}T09:00:00.000Z",
                status="done", subject=self._text(30), outcome="follow_up", note=self._text(400),
            )  # fmt: skip
        if number % 10 < 3:
            yield from self._quote(account_id, number)

    def _quote(self, account_id: str, number: int) -> Iterator[Record]:
        rnd = self._random
        quote = self._row("quote", number=f"GEN-{number:06d}", account_id=account_id, owner_id=self.owner_id)
        yield quote
        revision = self._row(
            "quote_revision", quote_id=quote[1], revision=1, quote_date="2026-10-01", valid_until="2026-11-01",
            currency="EUR",
        )  # fmt: skip
        yield revision
        for place in range(LINES_PER_QUOTE):
            quantity, price = Decimal(rnd.randint(1, 500)), Decimal(rnd.randint(100, 500000)) / 100
            yield self._row(
                "quote_line", quote_id=quote[1], revision_id=revision[1], position=str(place + 1),
                name=self._text(40), quantity=quantity, list_price=price, net_price=price, tax_percent=19,
                line_total=quantity * price,
            )  # fmt: skip


def roots(records: Sequence[Record]) -> list[str]:
    """The account each record hangs on, as the server sends it along."""
    account_of: dict[str, str] = {}
    for entity, record_id, row in records:
        account = record_id if entity == "account" else row.get("account_id") or account_of[row["quote_id"]]
        account_of[record_id] = str(account)
    return [account_of[record_id] for _, record_id, _ in records]
