"""Margins, the floor, and the discount that still reaches it."""

from datetime import date
from decimal import Decimal
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_desktop.rules.margin import discount_for_floor, is_below_floor, margin, paper_margin
from crm_desktop.rules.price_ladder import PriceLadder
from crm_desktop.rules.price_lists import PriceListTerms
from crm_desktop.rules.pricing import ScalePrice, explain_price

D = Decimal
ZERO = D(0)


def priced(price: Decimal, own: Decimal = ZERO, rounding: Literal["line", "unit"] = "unit") -> PriceLadder:
    return explain_price(
        product_id="61",
        category="",
        quantity=D(24),
        on=date(2026, 11, 19),
        price_list=PriceListTerms("1", "Trade", "EUR", rounding),
        prices=[ScalePrice("61", D(0), price)],
        own_discount_percent=own,
    )


def test_worked_example_offers_9_7_percent() -> None:
    ladder, cost, floor = priced(D("28.50"), D(12)), D("20.06"), D(22)
    assert ladder.unit_net == D("25.08")
    assert margin(ladder.unit_net, cost) == D("20.0")
    assert is_below_floor(ladder.unit_net, cost, floor)
    assert discount_for_floor(ladder, cost, floor) == D("9.7")


def test_unknown_cost_has_no_margin() -> None:
    assert margin(D(10), None) is None
    assert margin(D(0), D(5)) is None
    assert not is_below_floor(D(10), None, D(22))
    assert not is_below_floor(D(10), D(9), None)
    assert paper_margin([(D(49), None)]) is None


def test_margin_of_a_paper_leaves_unknown_costs_out() -> None:
    assert paper_margin([(D(100), D(60)), (D(300), D(240)), (D(49), None)]) == D("25.0")


def test_floor_is_compared_exactly() -> None:
    # 21.96 % shows as 22.0 % and is still below 22 %.
    assert margin(D("100.00"), D("78.04")) == D("22.0")
    assert is_below_floor(D("100.00"), D("78.04"), D(22))
    assert not is_below_floor(D("100.00"), D("78.00"), D(22))


def test_no_discount_reaches_a_floor_above_the_list_margin() -> None:
    assert discount_for_floor(priced(D(10)), D(9), D(22)) is None


@pytest.mark.parametrize("rounding", ["unit", "line"])
@given(
    price=st.decimals(D("0.05"), D(9999), places=2),
    cost=st.decimals(D(0), D(9999), places=2),
    floor=st.decimals(D(0), D(100), places=1),
)
def test_offered_discount_reaches_the_floor_and_the_next_one_does_not(
    rounding: Literal["line", "unit"], price: Decimal, cost: Decimal, floor: Decimal
) -> None:
    discount = discount_for_floor(priced(price, rounding=rounding), cost, floor)
    if discount is None:
        assert is_below_floor(price, cost, floor)
        return
    assert not is_below_floor(priced(price, discount, rounding).unit_net, cost, floor)
    if discount + D("0.1") <= 100:
        following = priced(price, discount + D("0.1"), rounding).unit_net
        assert is_below_floor(following, cost, floor)
