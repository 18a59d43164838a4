"""The currencies of a quote: the lists it may be priced by, and what cannot be compared or counted in its own."""

from dataclasses import dataclass
from datetime import date

from crm_desktop.model.wire import Row
from crm_desktop.rules.line_pricing import other_currency
from crm_desktop.services.quote_prices import cost_currency, currency_of, valid_price_lists
from crm_desktop.store.reader import Reader


@dataclass(frozen=True, slots=True)
class QuoteMoney:
    """What the page says of currencies.

    `lists`: the price lists that hold on the day of the paper, its own among them. `cost_in`: the currency of cost
    where it is another one, so that there is no margin; else empty. `agreed`: names of the net prices agreed with the
    customer; `agreed_in`: their currency where they do not count for being in another one; `unsure`: they count as if
    they were in that of the list, though nobody said so.
    """

    lists: tuple[Row, ...] = ()
    cost_in: str = ""
    agreed: tuple[str, ...] = ()
    agreed_in: str = ""
    unsure: bool = False


def load_money(reader: Reader, revision: Row, account_id: str, *, sees_cost: bool) -> QuoteMoney:
    """Read it for a revision of a quote for an account (empty: none)."""
    lists = valid_price_lists(reader, date.fromisoformat(revision["quote_date"])) if revision["quote_date"] else []
    own = reader.get("price_list", revision["price_list_id"]) if revision["price_list_id"] else None
    if own is not None and own["id"] not in {row["id"] for row in lists}:
        lists.insert(0, own)
    currency, home = revision["currency"] or "EUR", cost_currency(reader)
    agreed_in = currency_of(reader, account_id)
    foreign, abroad = other_currency(agreed_in, currency), other_currency(home, currency)
    agreed: tuple[str, ...] = ()
    if foreign or (abroad and not agreed_in):
        rows = reader.where("customer_condition", account_id=account_id, kind="net_price") if account_id else []
        agreed = tuple(sorted({row["name"] for row in rows if _counts(row, revision["quote_date"] or "")}))
    return QuoteMoney(
        tuple(lists),
        home if abroad and sees_cost else "",
        agreed,
        agreed_in.strip().upper() if foreign and agreed else "",
        bool(agreed) and not foreign,
    )


def _counts(condition: Row, day: str) -> bool:
    return (condition["valid_from"] or "") <= day <= (condition["valid_until"] or date.max.isoformat())
