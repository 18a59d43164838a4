"""What a quote line costs by the rows of the catalogue. Laptop and server ask here alone, so that both say the same."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from crm_desktop.errors import KnownError
from crm_desktop.model.wire import Row
from crm_desktop.rules.price_ladder import PriceLadder
from crm_desktop.rules.price_lists import PriceListTerms
from crm_desktop.rules.pricing import Condition, ScalePrice, explain_price, line_total
from crm_desktop.rules.rounding import percent_of
from crm_desktop.rules.tax import TaxRateTerms, rate_on

_CURRENCY = "EUR"  # of papers that name none


@dataclass(frozen=True, slots=True)
class PriceBasis:
    """The rows a price comes from: product, price list, its prices of the product, the customer's conditions.

    `agreed_in` is the currency of the customer, in which net prices are agreed with him; empty where he names none:
    they then count in that of the list.
    """

    product: Row
    price_list: Row
    prices: Sequence[Row]
    conditions: Sequence[Row]
    agreed_in: str = ""


def decimal_of(value: Any) -> Decimal:
    """Decimal of a wire value; nothing counts as zero."""
    return Decimal(value) if value not in (None, "") else Decimal(0)


def list_terms(row: Row) -> PriceListTerms:
    """The terms of a row of `price_list`."""
    return PriceListTerms(
        id=row["id"],
        name=row["name"],
        currency=row["currency"],
        rounding=row["rounding"] or "line",
        valid_from=day_of(row["valid_from"]),
        valid_until=day_of(row["valid_until"]),
    )


def ladder_by_rules(basis: PriceBasis, quantity: Decimal, on: date, own_discount_percent: Decimal) -> PriceLadder:
    """Unit price with every step that led to it. Errors as `explain_price`.

    A net price that was agreed in another currency than that of the list is no price of this list.
    """
    product = basis.product
    foreign = other_currency(basis.agreed_in, basis.price_list["currency"])
    return explain_price(
        product_id=product["id"],
        category=product["category"],
        quantity=quantity,
        on=on,
        price_list=list_terms(basis.price_list),
        prices=[
            ScalePrice(product["id"], decimal_of(row["min_quantity"]), decimal_of(row["price"])) for row in basis.prices
        ],
        conditions=[
            _condition(row)
            for row in basis.conditions
            if not (product["is_charge"] and row["kind"] == "bonus")  # freight is paid, not rewarded
            and not (foreign and row["kind"] == "net_price")
        ],
        own_discount_percent=own_discount_percent,
    )


def other_currency(agreed_in: str, currency: str) -> bool:
    """Whether amounts agreed in the one currency are none in the other; nothing is known of an unnamed one."""
    return bool(agreed_in.strip()) and agreed_in.strip().upper() != (currency or _CURRENCY)


def price_at(basis: PriceBasis | None, revision: Row, line: Row, own_discount_percent: Decimal) -> Decimal | None:
    """Unit price the rules give a kept line at an own discount; None where they give none, as without a list price.

    A revision in another currency than its price list has no price by the rules either.
    """
    if basis is None or not revision["quote_date"]:
        return None
    if (revision["currency"] or _CURRENCY) != basis.price_list["currency"]:
        return None
    try:
        on = date.fromisoformat(revision["quote_date"])
        return ladder_by_rules(basis, decimal_of(line["quantity"]), on, own_discount_percent).unit_net
    except KnownError:
        return None


def granted_percent(basis: PriceBasis | None, revision: Row, line: Row) -> Decimal:
    """What a line gives away in truth: its own discount, or more where its price lies lower than that explains.

    One place, in percent of the price before it; the own discount alone where the rules give no price.
    """
    own = decimal_of(line["discount_percent"])
    full = price_at(basis, revision, line, Decimal(0))
    told = price_at(basis, revision, line, own) if full else None
    net = decimal_of(line["net_price"])
    if not full or told is None or net >= told:
        return own
    return max(own, percent_of(full - net, full, 1))


def figures_hold(line: Row, currency: str) -> bool:
    """Whether the total kept with a line is its quantity times its price."""
    total = line_total(decimal_of(line["quantity"]), decimal_of(line["net_price"]), currency or _CURRENCY)
    return total == decimal_of(line["line_total"])


def tax_by_rules(product: Row, rates: Iterable[Row], on: date) -> Decimal:
    """Percent of tax a product bears on a day. `rates` are rows of `tax_rate`. KnownError `no_tax_rate`."""
    terms = (TaxRateTerms(row["tax_class"], decimal_of(row["percent"]), day_of(row["valid_from"])) for row in rates)
    return rate_on(terms, product["tax_class"], on)


def tax_holds(line: Row, product: Row, rates: Iterable[Row], quote_date: str | None) -> bool:
    """Whether a kept line bears the tax of its product on the day of its paper.

    A paper without a day is measured by the newest rate, so that leaving the day out opens no door.
    """
    try:
        return decimal_of(line["tax_percent"]) == tax_by_rules(product, rates, day_of(quote_date) or date.max)
    except KnownError:
        return False


def tax_known(line: Row, rates: Iterable[Row], quote_date: str | None) -> bool:
    """Whether the tax of a line without a product is that of some class on the day of its paper, or none at all.

    `rates` are all rows of `tax_rate`. Nobody knows its class, but a rate that no class has is nobody's.
    """
    known, percent = list(rates), decimal_of(line["tax_percent"])
    return not percent or any(
        tax_holds(line, {"tax_class": tax_class}, known, quote_date)
        for tax_class in {row["tax_class"] for row in known}
    )


def day_of(value: str | None) -> date | None:
    """Date of a wire value."""
    return date.fromisoformat(value) if value else None


def _condition(row: Row) -> Condition:
    return Condition(
        kind=row["kind"],
        value=decimal_of(row["value"]),
        product_id=row["product_id"],
        category=row["category"] or None,
        valid_from=day_of(row["valid_from"]),
        valid_until=day_of(row["valid_until"]),
        label=row["name"],
    )
