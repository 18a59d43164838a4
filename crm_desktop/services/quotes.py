"""Quotes: number, revisions, lines and their prices. One call is one user action and one transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from crm_desktop.clock import Clock, stamp
from crm_desktop.errors import InvalidInput, NotFound
from crm_desktop.ids import new_id
from crm_desktop.model.wire import Row
from crm_desktop.rules.line_pricing import decimal_of
from crm_desktop.rules.numbers import quote_number
from crm_desktop.rules.positions import between
from crm_desktop.rules.pricing import Totals
from crm_desktop.services.closing import quote_closed
from crm_desktop.services.quote_approvals import lines_of
from crm_desktop.services.quote_forks import GivenUp, give_up
from crm_desktop.services.quote_prices import find_price_list, price_line
from crm_desktop.services.quote_revisions import issue, kept, next_draft, valid_days
from crm_desktop.services.quote_totals import revision_totals
from crm_desktop.store.client_store import ClientStore
from crm_desktop.store.intents import Intent, create, delete, patch, restore, transition, update
from crm_desktop.store.reader import Reader


@dataclass(frozen=True, slots=True)
class NewLine:
    """A line to add: product, quantity, own discount in percent (None: the revision's default)."""

    product_id: str
    quantity: Decimal
    discount_percent: Decimal | None = None
    optional: bool = False


class QuoteService:
    """Everything a person does with a quote, on the local store."""

    def __init__(self, store: ClientStore, clock: Clock, user_id: str) -> None:
        self._store = store
        self._clock = clock
        self._user_id = user_id

    def new_quote(
        self,
        account_id: str,
        contact_id: str | None = None,
        *,
        lines: Sequence[NewLine] = (),
        discount_percent: Decimal = Decimal(0),
        quote_date: date | None = None,
        intro: str = "",
    ) -> str:
        """Create a quote with its first draft revision; returns the quote's id.

        Errors: NotFound for an account that is not here; KnownError `no_price_list`, `no_price`.
        """
        quote_id, revision_id = new_id(), new_id()
        on = quote_date or self._clock.now().astimezone().date()
        number = quote_number(
            self._store.sync_state().device_code or "LOC", self._store.next_counter("quote"), quote_id
        )

        def build(reader: Reader) -> list[Intent]:
            account = reader.get("account", account_id)
            if account is None:
                raise NotFound("no_account", "This account is not on this laptop.", "Search for it again.")
            price_list = find_price_list(reader, on, account["currency"])
            revision: Row = {
                "quote_id": quote_id,
                "revision": 1,
                "quote_date": on,
                "valid_until": on + timedelta(days=valid_days(reader)),
                "price_list_id": price_list.id,
                "currency": price_list.currency,
                "discount_percent": discount_percent,
                "intro": intro,
            }
            quote = {
                "number": number,
                "account_id": account_id,
                "contact_id": contact_id,
                "owner_id": self._user_id or None,
            }
            made = [create("quote", quote_id, quote), create("quote_revision", revision_id, revision)]
            priced = revision | {"quote_date": on.isoformat()}
            position = ""
            for line in lines:
                position = between(position, "")
                made.append(_create_line(reader, quote_id, revision_id, priced, account_id, line, position))
            return made

        self._store.commit(self._store.read(build), "quotes")
        return quote_id

    def add_line(
        self,
        revision_id: str,
        product_id: str,
        quantity: Decimal,
        discount_percent: Decimal | None = None,
        *,
        after: str | None = None,
        optional: bool = False,
    ) -> str:
        """Add a line behind line `after` (None: at the end); returns the line's id."""
        line = NewLine(product_id, quantity, discount_percent, optional)

        def build(reader: Reader) -> Intent:
            revision = self._draft(reader, revision_id)
            account_id = _account_id(reader, revision["quote_id"])
            lines = lines_of(reader, revision)
            index = next((i for i, row in enumerate(lines) if row["id"] == after), len(lines) - 1)
            before = lines[index]["position"] if lines else ""
            behind = lines[index + 1]["position"] if index + 1 < len(lines) else ""
            position = between(before, behind if behind > before else "")
            return _create_line(reader, revision["quote_id"], revision_id, revision, account_id, line, position)

        intent = self._store.read(build)
        self._store.commit([intent], "quotes")
        return intent.id

    def change_line(
        self, line_id: str, quantity: Decimal | None = None, discount_percent: Decimal | None = None
    ) -> None:
        """Set quantity or own discount; the price follows by the same rules as for a new line."""

        def build(reader: Reader) -> list[Intent]:
            line = kept(reader, "quote_line", line_id)
            revision = self._draft(reader, line["revision_id"])
            wanted = NewLine(
                line["product_id"],
                decimal_of(line["quantity"]) if quantity is None else quantity,
                decimal_of(line["discount_percent"]) if discount_percent is None else discount_percent,
                line["optional"],
            )
            values = price_line(reader, revision, _account_id(reader, line["quote_id"]), wanted)
            return [patch("quote_line", line_id, values)]

        self._store.commit(self._store.read(build), "quotes")

    def set_optional(self, line_id: str, optional: bool) -> None:
        """Offer a line beside the total (True), or count it."""

        def check(reader: Reader) -> None:
            self._draft(reader, kept(reader, "quote_line", line_id)["revision_id"])

        self._store.read(check)
        self._store.commit([patch("quote_line", line_id, {"optional": optional})], "quotes")

    def remove_line(self, line_id: str) -> None:
        """Delete a line of a draft."""

        def check(reader: Reader) -> None:
            self._draft(reader, kept(reader, "quote_line", line_id)["revision_id"])

        self._store.read(check)
        self._store.commit([delete("quote_line", line_id)], "quotes")

    def move_line(self, line_id: str, places: int) -> None:
        """Move a line up (negative) or down by whole places."""

        def build(reader: Reader) -> list[Intent]:
            line = kept(reader, "quote_line", line_id)
            others = [row for row in lines_of(reader, self._draft(reader, line["revision_id"])) if row["id"] != line_id]
            index = sum(1 for row in others if (row["position"], row["id"]) < (line["position"], line_id)) + places
            index = max(0, min(index, len(others)))
            before = others[index - 1]["position"] if index else ""
            behind = others[index]["position"] if index < len(others) else ""
            return [patch("quote_line", line_id, {"position": between(before, behind if behind > before else "")})]

        self._store.commit(self._store.read(build), "quotes")

    def set_header(self, revision_id: str, values: Mapping[str, Any]) -> None:
        """Change fields of a draft; a new discount or price list (with its currency) prices every line again."""

        def build(reader: Reader) -> list[Intent]:
            revision, head = self._draft(reader, revision_id), dict(values)
            if head.get("price_list_id"):
                head["currency"] = kept(reader, "price_list", head["price_list_id"])["currency"]
            made: list[Intent] = [update("quote_revision", revision_id, head)]
            if not {"discount_percent", "price_list_id", "quote_date"} & set(values):
                return made
            priced = revision | {name: _plain(value) for name, value in head.items()}
            account_id = _account_id(reader, revision["quote_id"])
            for line in lines_of(reader, revision):
                own = None if "discount_percent" in values else decimal_of(line["discount_percent"])
                wanted = NewLine(line["product_id"], decimal_of(line["quantity"]), own, line["optional"])
                made.append(patch("quote_line", line["id"], price_line(reader, priced, account_id, wanted)))
            return made

        self._store.commit(self._store.read(build), "quotes")

    def review(self, revision_id: str) -> None:
        """Lines and header were priced apart: calculate every line again by the header as it stands now."""
        revision = self._store.read(lambda reader: self._draft(reader, revision_id))
        self.set_header(revision_id, {"needs_review": False, "quote_date": date.fromisoformat(revision["quote_date"])})

    def looked_at(self, revision_id: str) -> None:
        """A paper went out at prices that had just changed, and its author stands by it: nothing is asked any more."""
        self._store.commit([patch("quote_revision", revision_id, {"needs_review": False})], "quotes")

    def send(self, revision_id: str) -> None:
        """Issue the paper: the revision freezes, an older sent one is superseded. Works offline.

        InvalidInput not_a_draft, empty_quote, not_calculated, above_ceiling and price_not_in_list (what goes beyond
        the user's ceiling asks for approval).
        """
        sent_at = stamp(self._clock)
        made = self._store.read(lambda reader: issue(reader, revision_id, self._user_id, sent_at))
        self._store.commit(made, "quotes")

    def close(self, revision_id: str, status: str) -> None:
        """Move a sent revision to accepted or expired; a loss has its reason (`QuoteOutcomes.lose`)."""
        made = [transition("quote_revision", revision_id, status)]
        self._store.commit(self._store.read(lambda reader: quote_closed(reader, made)), "quotes")

    def revise(self, quote_id: str) -> str:
        """A new draft revision with the lines of the newest one; returns its id. An open draft is returned as it is."""
        revision_id, today = new_id(), self._clock.now().astimezone().date()
        found, intents = self._store.read(lambda reader: next_draft(reader, quote_id, revision_id, today))
        if intents:
            self._store.commit(intents, "quotes")
        return found

    def drop_fork(self, revision_id: str) -> GivenUp:
        """Give up a draft that was split off another one; its lines go with it. InvalidInput not_a_fork."""
        made = self._store.read(lambda reader: give_up(reader, self._draft(reader, revision_id)))
        changed = self._store.commit(made, "quotes")
        return GivenUp(tuple((intent.entity, intent.id) for intent in made), changed.client_seq)

    def bring_back(self, given_up: GivenUp) -> None:
        """Undo `drop_fork`; where it has left already, the fork appears with the next sync."""
        if given_up.client_seq is None or not self._store.discard(given_up.client_seq):
            self._store.commit(
                [restore(entity, record_id) for entity, record_id in reversed(given_up.records)], "quotes"
            )

    def totals(self, revision_id: str) -> Totals:
        """Goods, charges, net, tax per rate and gross of a revision."""
        return self._store.read(lambda reader: revision_totals(reader, revision_id))

    def _draft(self, reader: Reader, revision_id: str) -> Row:
        revision = kept(reader, "quote_revision", revision_id)
        if revision["status"] != "draft":
            raise InvalidInput("not_a_draft", "This revision is frozen.", "Start a new revision to change it.")
        return revision


def _create_line(
    reader: Reader,
    quote_id: str,
    revision_id: str,
    revision: Row,
    account_id: str,
    line: NewLine,
    position: str,
) -> Intent:
    values = price_line(reader, revision, account_id, line)
    values |= {
        "quote_id": quote_id,
        "revision_id": revision_id,
        "product_id": line.product_id,
        "position": position,
        "optional": line.optional,
    }
    return create("quote_line", new_id(), values)


def _account_id(reader: Reader, quote_id: str) -> str:
    return str(kept(reader, "quote", quote_id)["account_id"] or "")


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
