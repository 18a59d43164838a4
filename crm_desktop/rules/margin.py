"""Margins and their floor. Only ever computed where the cost is known to the user."""

from collections.abc import Iterable
from decimal import ROUND_FLOOR, Decimal

from crm_desktop.rules.price_ladder import PriceLadder
from crm_desktop.rules.rounding import (
    HUNDRED,
    exact,
    exact_arithmetic,
    minor_places,
    percent_of,
    round_unit_price,
)


def margin(net: Decimal, cost: Decimal | None) -> Decimal | None:
    """Percent of `net` that is left after `cost`, one place. None when the cost is unknown or net is 0."""
    net = exact(net, "net price")
    if cost is None or not net:
        return None
    return percent_of(net - exact(cost, "cost"), net, 1)


def paper_margin(lines: Iterable[tuple[Decimal, Decimal | None]]) -> Decimal | None:
    """Margin over (line net, line cost) pairs; unknown cost is left out. None when none is known."""
    known = [(exact(net, "line total"), exact(cost, "cost")) for net, cost in lines if cost is not None]
    return margin(sum((net for net, _ in known), Decimal(0)), sum((cost for _, cost in known), Decimal(0)))


def is_below_floor(net: Decimal, cost: Decimal | None, floor_percent: Decimal | None) -> bool:
    """Whether the margin misses the floor, compared exactly (a rounded margin may look like it)."""
    if cost is None or floor_percent is None:
        return False
    net, cost, floor = exact(net, "net price"), exact(cost, "cost"), exact(floor_percent, "margin floor")
    with exact_arithmetic():
        return net * (HUNDRED - floor) < cost * HUNDRED


def discount_for_floor(
    ladder: PriceLadder,
    cost: Decimal,
    floor_percent: Decimal,
    step: Decimal = Decimal("0.1"),
) -> Decimal | None:
    """Largest own discount, a multiple of `step` percent, whose rounded price still reaches the floor.

    None when even the price without own discount misses it.
    """
    price, step = ladder.before_own_discount, exact(step, "step")
    if price <= 0 or is_below_floor(price, cost, floor_percent):
        return None
    with exact_arithmetic():
        allowed = (HUNDRED - exact(floor_percent, "margin floor")) / HUNDRED
        # A floor of 100 % is reached by free goods only, where any discount does.
        least_price = exact(cost, "cost") / allowed if allowed > 0 else Decimal(0)
        # Rounding lifts a price by up to half a minor unit: begin that much deeper and come up to the floor.
        lift = Decimal(5).scaleb(-minor_places(ladder.currency) - 1)
        deepest = min((price - least_price + lift) * HUNDRED / price, HUNDRED)
        discount = (deepest / step).to_integral_value(ROUND_FLOOR) * step
        while discount > 0:
            lowered = price * (HUNDRED - discount) / HUNDRED
            reached = round_unit_price(lowered, ladder.rounding, ladder.currency)
            if not is_below_floor(reached, cost, floor_percent):
                return discount
            discount -= step
    return Decimal(0)
