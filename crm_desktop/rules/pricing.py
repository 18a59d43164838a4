"""Prices in exact decimals: from price list, scale, customer condition and own discount to totals.

Where the minor unit is reached is a property of the price list. `line`: the unit price stays unrounded (eight
places, as stored) and quantity times net is rounded once. `unit`: the price after every step is rounded, as
it is shown, then multiplied. Both round half-up.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from crm_desktop.errors import BugError, InvalidInput, KnownError
from crm_desktop.rules.price_ladder import PriceLadder, Step, StepKind
from crm_desktop.rules.price_lists import PriceListTerms, is_valid
from crm_desktop.rules.rounding import (
    HUNDRED,
    exact,
    exact_arithmetic,
    minor_places,
    percent_of,
    round_half_up,
    round_money,
    round_unit_price,
)
from crm_desktop.rules.tax import TaxLine, tax_per_rate


@dataclass(frozen=True, slots=True)
class ScalePrice:
    """Price of a product from `min_quantity` on; the row with the least quantity is the list price."""

    product_id: str
    min_quantity: Decimal
    price: Decimal

    def __post_init__(self) -> None:
        exact(self.min_quantity, "min_quantity")
        exact(self.price, "price")


@dataclass(frozen=True, slots=True)
class Condition:
    """An agreement with one customer: percent off, a net price or a bonus, on a product, a category or everything."""

    kind: Literal["percent", "net_price", "bonus"]
    value: Decimal
    product_id: str | None = None
    category: str | None = None
    valid_from: date | None = None
    valid_until: date | None = None
    label: str = ""

    def __post_init__(self) -> None:
        exact(self.value, "condition value")
        if self.kind != "net_price":
            _check_percent(self.value)


@dataclass(frozen=True, slots=True)
class TotalLine:
    """What a line adds to the totals. Optional lines are offered, not summed."""

    net: Decimal
    tax_percent: Decimal
    optional: bool = False
    charge: bool = False  # freight and the like: in the totals, shown apart from goods


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums of a paper. net = goods + charges; gross = net + every tax."""

    goods: Decimal
    charges: Decimal
    net: Decimal
    taxes: tuple[TaxLine, ...]
    gross: Decimal
    optional_net: Decimal


def explain_price(
    *,
    product_id: str,
    category: str,
    quantity: Decimal,
    on: date,
    price_list: PriceListTerms,
    prices: Iterable[ScalePrice],
    conditions: Iterable[Condition] = (),
    own_discount_percent: Decimal = Decimal(0),
) -> PriceLadder:
    """Unit price of a product at a quantity on a day, with every step that led to it.

    `prices` are rows of `price_list` (others' products are skipped), `conditions` those of the customer. One
    condition applies: for the product before its category before everything, then the latest. An agreed net
    price replaces list and scale price; the own discount comes after it. A bonus is chosen alike and told as the
    last step, but not taken off: it is paid at the end of the year. KnownError `no_price` or
    `no_price_for_quantity` when the list has none, InvalidInput for figures no price can be made of.
    """
    quantity = exact(quantity, "quantity")
    own_discount_percent = _check_percent(exact(own_discount_percent, "discount"))
    rows = sorted((row for row in prices if row.product_id == product_id), key=lambda row: row.min_quantity)
    scale = _scale_row(rows, quantity, product_id, price_list)
    rounding, currency = price_list.rounding, price_list.currency

    with exact_arithmetic():
        price = list_price = round_unit_price(rows[0].price, rounding, currency)
        steps = [Step("list", "list_price", price_list.label, price, None, price_list.valid_until)]

        def climb(
            kind: StepKind,
            label_code: str,
            source: str,
            after: Decimal,
            *,
            percent: Decimal | None = None,
            valid_until: date | None = None,
            min_quantity: Decimal | None = None,
        ) -> None:
            # The price after the step is rounded, never the delta: rounding the deltas moves half cents.
            nonlocal price
            after = round_unit_price(after, rounding, currency)
            if percent is None and price:
                percent = percent_of(after - price, price, 1)
            steps.append(Step(kind, label_code, source, after - price, percent, valid_until, min_quantity))
            price = after

        if scale is not rows[0]:
            climb(
                "scale",
                "scale_from",
                price_list.label,
                scale.price,
                valid_until=price_list.valid_until,
                min_quantity=scale.min_quantity,
            )
        agreed = list(conditions)
        condition = _best_condition([c for c in agreed if c.kind != "bonus"], product_id, category, on)
        if condition is not None and condition.kind == "net_price":
            climb(
                "condition",
                "condition_net_price",
                condition.label,
                condition.value,
                valid_until=condition.valid_until,
            )
        elif condition is not None:
            climb(
                "condition",
                "condition_percent",
                condition.label,
                _less(price, condition.value),
                percent=-condition.value,
                valid_until=condition.valid_until,
            )
        if own_discount_percent:
            climb(
                "discount",
                "own_discount",
                "",
                _less(price, own_discount_percent),
                percent=-own_discount_percent,
            )
        bonus = _best_condition([c for c in agreed if c.kind == "bonus"], product_id, category, on)
        if bonus is not None:
            climb("bonus", "bonus", bonus.label, price, percent=bonus.value, valid_until=bonus.valid_until)
    return PriceLadder(tuple(steps), list_price, price, rounding, currency)


def bonus_of(lines: Iterable[tuple[Decimal, PriceLadder]], currency: str) -> Decimal:
    """What the lines (net total and ladder) bring at the end of the year, each rounded like a payment."""
    with exact_arithmetic():
        parts = (
            round_money(exact(net, "line total") * ladder.bonus.percent / HUNDRED, currency)
            for net, ladder in lines
            if ladder.bonus is not None and ladder.bonus.percent is not None
        )
        return sum(parts, round_half_up(Decimal(0), minor_places(currency)))


def line_total(quantity: Decimal, unit_net: Decimal, currency: str) -> Decimal:
    """Quantity times net unit price, rounded half-up to the currency's minor unit."""
    quantity, unit_net = exact(quantity, "quantity"), exact(unit_net, "unit price")
    with exact_arithmetic():
        return round_money(quantity * unit_net, currency)


def totals(lines: Sequence[TotalLine], currency: str) -> Totals:
    """Sums of rounded line totals; tax is rounded once per rate. BugError for a line that was not rounded."""
    places = minor_places(currency)
    for line in lines:
        if round_half_up(exact(line.net, "line total"), places) != line.net:
            raise BugError("a line total has more places than its currency")
    counted = [line for line in lines if not line.optional]
    with exact_arithmetic():
        zero = round_half_up(Decimal(0), places)
        goods = sum((line.net for line in counted if not line.charge), zero)
        charges = sum((line.net for line in counted if line.charge), zero)
        taxes = tax_per_rate(((line.tax_percent, line.net) for line in counted), currency)
        net = goods + charges
        gross = sum((tax.tax for tax in taxes), net)
        optional_net = sum((line.net for line in lines if line.optional), zero)
    return Totals(goods, charges, net, taxes, gross, optional_net)


def _check_percent(percent: Decimal) -> Decimal:
    if not 0 <= percent <= HUNDRED:
        raise InvalidInput(
            "discount_out_of_range",
            f"A discount of {percent:f} % is not possible.",
            "Enter a figure from 0 to 100.",
            percent=percent,
        )
    return percent


def _scale_row(
    rows: Sequence[ScalePrice], quantity: Decimal, product_id: str, price_list: PriceListTerms
) -> ScalePrice:
    if quantity < 0:
        raise InvalidInput("quantity_negative", "A quantity is never below zero.", "Enter 0 or more.")
    if not rows:
        raise KnownError(
            "no_price",
            f"The price list “{price_list.label}” has no price for this product.",
            "Choose another product, or ask inside sales to add the price.",
            product_id=product_id,
            price_list=price_list.label,
        )
    reached = [row for row in rows if row.min_quantity <= quantity]
    if reached:
        return reached[-1]
    least = rows[0].min_quantity
    # A first row "from 1" is the plain list price: it also prices a line still being typed (0) or half a box.
    if least <= 1:
        return rows[0]
    raise KnownError(
        "no_price_for_quantity",
        f"This product is sold from a quantity of {least.normalize():f} on.",
        f"Enter at least {least.normalize():f}.",
        product_id=product_id,
        min_quantity=least,
    )


def _best_condition(conditions: Iterable[Condition], product_id: str, category: str, on: date) -> Condition | None:
    def specificity(condition: Condition) -> int:
        return 2 if condition.product_id else 1 if condition.category else 0

    matching = [
        condition
        for condition in conditions
        if is_valid(condition.valid_from, condition.valid_until, on)
        and condition.product_id in (None, "", product_id)
        and condition.category in (None, "", category)
    ]
    return max(
        matching,
        key=lambda item: (specificity(item), item.valid_from or date.min, item.label, item.value),
        default=None,
    )


def _less(price: Decimal, percent: Decimal) -> Decimal:
    return price * (HUNDRED - percent) / HUNDRED
