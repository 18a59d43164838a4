"""The stale-price guard: does a draft still say today's prices, and what becomes of it where it does not."""

import hashlib
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from crm_desktop.clock import Clock
from crm_desktop.errors import InvalidInput, KnownError, NotFound
from crm_desktop.model.wire import Row
from crm_desktop.rules.line_pricing import decimal_of
from crm_desktop.services.quote_approvals import lines_of
from crm_desktop.services.quote_prices import find_price_list, price_line, taxes_hold
from crm_desktop.store.client_store import ClientStore
from crm_desktop.store.intents import Intent, patch
from crm_desktop.store.reader import Reader

_KEPT = "kept_prices:"


@dataclass(frozen=True, slots=True)
class StaleLine:
    """A line whose price or tax is another one today; the new figures are None where today's list has no price.

    Taxes in percent.
    """

    line_id: str
    name: str
    old_price: Decimal
    new_price: Decimal | None
    old_total: Decimal
    new_total: Decimal | None
    old_tax: Decimal
    new_tax: Decimal | None


@dataclass(frozen=True, slots=True)
class StalePrices:
    """What changed since a draft was priced. `old_list` and `new_list` are names, equal where the list is the same.

    `old_net` and `new_net` sum up the lines that count; a line without a new price keeps its old one.
    """

    old_list: str
    new_list: str
    lines: tuple[StaleLine, ...]
    old_net: Decimal
    new_net: Decimal
    fingerprint: str

    @property
    def only_tax(self) -> bool:
        """Whether every price is as it was, by the same list, and the tax alone another one."""
        same = all((line.new_price, line.new_total) == (line.old_price, line.old_total) for line in self.lines)
        return same and bool(self.lines) and self.old_list == self.new_list


@dataclass(frozen=True, slots=True)
class _Wanted:
    product_id: str
    quantity: Decimal
    discount_percent: Decimal | None


class PriceGuard:
    """Drafts against today's prices."""

    def __init__(self, store: ClientStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def check(self, reader: Reader, revision: Row) -> StalePrices | None:
        """What a draft says that is not so today; None where nothing is or where it was kept knowingly."""
        if revision["status"] != "draft":
            return None
        found = stale_prices(reader, revision, self._today())
        if found is None or self._store.get_setting(_KEPT + revision["id"]) != found.fingerprint:
            return found
        # Prices may be kept, a tax that is not the one of the paper's own day may not: nobody could send it.
        return None if taxes_hold(reader, revision, lines_of(reader, revision)) else found

    def keep(self, revision_id: str) -> None:
        """Stay with the prices of the draft; it is asked again only when they change once more."""
        found = self._store.read(lambda reader: stale_prices(reader, _draft(reader, revision_id), self._today()))
        if found is not None:
            self._store.set_setting(_KEPT + revision_id, found.fingerprint)

    def reprice(self, revision_id: str) -> None:
        """Price every line by today's list and conditions, own discounts kept, in one transaction.

        A line for which there is no price today keeps its own. KnownError no_price_list, InvalidInput not_a_draft.
        """

        def build(reader: Reader) -> list[Intent]:
            revision = _draft(reader, revision_id)
            priced = _as_of(reader, revision, self._today())
            head = {name: priced[name] for name in ("quote_date", "price_list_id", "currency")}
            head["needs_review"] = False  # every line is calculated by the header as it stands now
            made: list[Intent] = [patch("quote_revision", revision_id, head)]
            account_id = _account_of(reader, revision)
            for line in lines_of(reader, revision):
                values = _priced(reader, priced, account_id, line)
                if values is not None:
                    made.append(patch("quote_line", line["id"], values))
            return made

        self._store.commit(self._store.read(build), "quotes")

    def _today(self) -> date:
        return self._clock.now().astimezone().date()


def stale_prices(reader: Reader, revision: Row, today: date) -> StalePrices | None:
    """The difference between a revision and the prices of a day; None where there is none."""
    try:
        priced = _as_of(reader, revision, today)
    except KnownError:
        return None  # no list is valid today: there is nothing to compare with, sending will tell
    account_id = _account_of(reader, revision)
    changed: list[StaleLine] = []
    old_net = new_net = Decimal(0)
    for line in lines_of(reader, revision):
        old_price, old_total = decimal_of(line["net_price"]), decimal_of(line["line_total"])
        values = _priced(reader, priced, account_id, line)
        new_price = None if values is None else Decimal(values["net_price"])
        new_total = None if values is None else Decimal(values["line_total"])
        if not line["optional"]:
            old_net += old_total
            new_net += old_total if new_total is None else new_total
        old_tax = decimal_of(line["tax_percent"])
        new_tax = None if values is None else Decimal(values["tax_percent"])
        if (new_price, new_total, new_tax) != (old_price, old_total, old_tax):
            changed.append(
                StaleLine(line["id"], line["name"], old_price, new_price, old_total, new_total, old_tax, new_tax)
            )
    same_list = priced["price_list_id"] == revision["price_list_id"]
    if not changed and same_list:
        return None
    told = "|".join(f"{line.line_id} {line.new_price} {line.new_total} {line.new_tax}" for line in changed)
    return StalePrices(
        old_list=_list_name(reader, revision["price_list_id"]),
        new_list=_list_name(reader, priced["price_list_id"]),
        lines=tuple(changed),
        old_net=old_net,
        new_net=new_net,
        fingerprint=hashlib.sha256(f"{priced['price_list_id']}|{told}".encode()).hexdigest()[:16],
    )


def _as_of(reader: Reader, revision: Row, today: date) -> Row:
    """The revision as it would be priced today, in its own currency; a day still to come stays."""
    day = max(revision["quote_date"] or "", today.isoformat())
    price_list = find_price_list(reader, date.fromisoformat(day), revision["currency"] or "")
    return revision | {"quote_date": day, "price_list_id": price_list.id, "currency": price_list.currency}


def _priced(reader: Reader, priced: Row, account_id: str, line: Row) -> dict[str, Any] | None:
    wanted = _Wanted(line["product_id"] or "", decimal_of(line["quantity"]), decimal_of(line["discount_percent"]))
    try:
        return price_line(reader, priced, account_id, wanted)
    except KnownError:
        return None


def _draft(reader: Reader, revision_id: str) -> Row:
    revision = reader.get("quote_revision", revision_id)
    if revision is None:
        raise NotFound("not_here", "This record is not on this laptop.", "Search for it again.")
    if revision["status"] != "draft":
        raise InvalidInput("not_a_draft", "This revision is frozen.", "Start a new revision to change it.")
    return revision


def _account_of(reader: Reader, revision: Row) -> str:
    quote = reader.get("quote", revision["quote_id"])
    return str(quote["account_id"] or "") if quote is not None else ""


def _list_name(reader: Reader, price_list_id: str | None) -> str:
    found = reader.get("price_list", price_list_id)
    return str(found["name"]) if found is not None else ""
