"""Pricing against Northwind's exact totals, the worked example of the quote editor, and its laws."""

import csv
import io
from collections import defaultdict
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from functools import cache
from importlib.resources import files
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_desktop.errors import BugError, InvalidInput, KnownError
from crm_desktop.rules.price_ladder import PriceLadder, ladder_from_text, ladder_to_text
from crm_desktop.rules.price_lists import PriceListTerms, home_currency, select_price_list
from crm_desktop.rules.pricing import (
    Condition,
    ScalePrice,
    TotalLine,
    bonus_of,
    explain_price,
    line_total,
    totals,
)
from crm_desktop.rules.rounding import minor_places

D = Decimal
TODAY = date(2026, 11, 19)
TRADE = PriceListTerms("48", "EUR Trade", "EUR", "unit", date(2026, 11, 16), None, "v48")
EXACT = PriceListTerms("x", "Exact", "EUR", "line")
CHAI = (ScalePrice("1", D(1), D("18.00")), ScalePrice("1", D(50), D("17.10")))
CONTRACT = Condition("percent", D(8), category="Beverages", valid_until=date(2026, 12, 31), label="Contract 2026")


def chai(price_list: PriceListTerms = TRADE, **changes: Any) -> PriceLadder:
    fields: dict[str, Any] = {
        "product_id": "1",
        "category": "Beverages",
        "quantity": D(60),
        "on": TODAY,
        "price_list": price_list,
        "prices": CHAI,
        "conditions": (CONTRACT,),
        "own_discount_percent": D(2),
    }
    return explain_price(**(fields | changes))


def rows_of(table: str) -> list[dict[str, str]]:
    source = files("resources") / "sample" / "northwind" / f"{table}.csv"
    return list(csv.DictReader(io.StringIO(source.read_bytes().decode(), newline="")))


@cache
def northwind() -> tuple[tuple[dict[str, str], dict[str, str]], ...]:
    """Every order line with its order."""
    orders = {order["OrderID"]: order for order in rows_of("orders")}
    return tuple((line, orders[line["OrderID"]]) for line in rows_of("order_details"))


def northwind_ladder(line: dict[str, str], rounding: Literal["line", "unit"]) -> PriceLadder:
    return explain_price(
        product_id=line["ProductID"],
        category="",
        quantity=D(line["Quantity"]),
        on=TODAY,
        price_list=PriceListTerms("n", "Northwind", "USD", rounding),
        prices=[ScalePrice(line["ProductID"], D(0), D(line["UnitPrice"]))],
        own_discount_percent=D(line["Discount"]) * 100,
    )


def northwind_total(rounding: Literal["line", "unit"]) -> Decimal:
    return sum(
        (line_total(D(line["Quantity"]), northwind_ladder(line, rounding).unit_net, "USD") for line, _ in northwind()),
        D(0),
    )


def test_northwind_lines_rounded_once() -> None:
    assert northwind_total("line") == D("1265793.29")


def test_northwind_with_every_step_of_the_unit_price_rounded() -> None:
    assert northwind_total("unit") == D("1265811.86")


def test_northwind_would_differ_with_half_even() -> None:
    exact = (D(line["Quantity"]) * northwind_ladder(line, "line").unit_net for line, _ in northwind())
    even = sum(net.quantize(D("0.01"), ROUND_HALF_EVEN) for net in exact)
    assert even == D("1265793.02")


def test_northwind_unrounded_sums_by_year_and_by_rep() -> None:
    units = sum(D(line["Quantity"]) for line, _ in northwind())
    gross = sum(D(line["Quantity"]) * northwind_ladder(line, "line").list_price for line, _ in northwind())
    by_year: dict[str, Decimal] = defaultdict(Decimal)
    by_rep: dict[str, Decimal] = defaultdict(Decimal)
    for line, order in northwind():
        net = D(line["Quantity"]) * northwind_ladder(line, "line").unit_net
        by_year[order["OrderDate"][:4]] += net
        by_rep[order["EmployeeID"]] += net
    assert len(northwind()) == 2155
    assert units == 51_317
    assert gross == D("1354458.59")
    assert sum(by_year.values()) == D("1265793.0395")
    assert by_year == {"1996": D("208083.97"), "1997": D("617085.2035"), "1998": D("440623.866")}
    assert by_rep == {
        "1": D("192107.6045"),
        "2": D("166537.7550"),
        "3": D("202812.8430"),
        "4": D("232890.8460"),
        "5": D("68792.2825"),
        "6": D("73913.1295"),
        "7": D("124568.2350"),
        "8": D("126862.2775"),
        "9": D("77308.0665"),
    }


def test_northwind_freight_is_summed_as_charges() -> None:
    freight = [TotalLine(D(order["Freight"]), D(0), charge=True) for order in rows_of("orders")]
    sums = totals(freight, "USD")
    assert (sums.charges, sums.goods, sums.gross) == (D("64942.69"), D(0), D("64942.69"))


def test_ladder_of_the_worked_example() -> None:
    ladder = chai()
    assert [(step.kind, step.amount_delta, step.percent) for step in ladder.steps] == [
        ("list", D("18.00"), None),
        ("scale", D("-0.90"), D("-5.0")),
        ("condition", D("-1.37"), D(-8)),
        ("discount", D("-0.31"), D(-2)),
    ]
    assert (ladder.list_price, ladder.unit_net) == (D("18.00"), D("15.42"))
    assert ladder.discount_percent == D("14.3")
    assert ladder.before_own_discount == D("15.73")
    assert line_total(D(60), ladder.unit_net, "EUR") == D("925.20")
    assert ladder.steps[0].source == "EUR Trade v48"
    assert ladder.steps[1].min_quantity == 50
    assert (ladder.steps[2].source, ladder.steps[2].valid_until) == ("Contract 2026", date(2026, 12, 31))


def test_line_rounding_keeps_the_unit_price() -> None:
    ladder = chai(EXACT)
    assert ladder.unit_net == D("15.41736")
    assert line_total(D(60), ladder.unit_net, "EUR") == D("925.04")


def test_price_after_the_step_is_rounded_not_the_delta() -> None:
    # 18.50 less 5 % is 17.575: 17.58 half-up; rounding the 0.925 first would give 17.57.
    ladder = chai(prices=[ScalePrice("1", D(0), D("18.50"))], conditions=(), own_discount_percent=D(5))
    assert ladder.unit_net == D("17.58")


@pytest.mark.parametrize(("quantity", "kinds"), [("49", ["list"]), ("50", ["list", "scale"]), ("0", ["list"])])
def test_scale_begins_at_its_quantity(quantity: str, kinds: list[str]) -> None:
    ladder = chai(quantity=D(quantity), conditions=(), own_discount_percent=D(0))
    assert [step.kind for step in ladder.steps] == kinds


@pytest.mark.parametrize(
    ("condition", "net"),
    [
        (Condition("percent", D(10)), "16.20"),
        (Condition("net_price", D("15.00"), product_id="1"), "15.00"),
        (Condition("percent", D(10), product_id="2"), "18.00"),
        (Condition("percent", D(10), category="Produce"), "18.00"),
        (Condition("percent", D(10), valid_from=date(2026, 11, 20)), "18.00"),
        (Condition("percent", D(10), valid_until=date(2026, 11, 18)), "18.00"),
        (Condition("percent", D(10), valid_from=TODAY, valid_until=TODAY), "16.20"),
    ],
)
def test_condition_applies_within_its_reach(condition: Condition, net: str) -> None:
    ladder = chai(quantity=D(1), conditions=(condition,), own_discount_percent=D(0))
    assert ladder.unit_net == D(net)


def test_one_condition_applies_the_most_specific_then_the_latest() -> None:
    conditions = (
        Condition("percent", D(50), label="everything"),
        Condition("percent", D(40), category="Beverages", label="category"),
        Condition("percent", D(1), product_id="1", valid_from=date(2026, 1, 1), label="newer"),
        Condition("percent", D(30), product_id="1", valid_from=date(2025, 1, 1), label="older"),
    )
    for ordered in (conditions, conditions[::-1]):
        steps = chai(conditions=ordered).steps
        assert [step.source for step in steps if step.kind == "condition"] == ["newer"]


def test_price_list_of_the_day() -> None:
    old = PriceListTerms("o", "Old", "USD", "line", None, date(1997, 4, 4))
    new = PriceListTerms("n", "New", "USD", "line", date(1997, 4, 5))
    assert select_price_list([new, old], date(1997, 4, 4)) is old
    assert select_price_list([old, new], date(1997, 4, 5)) is new
    with pytest.raises(KnownError) as refusal:
        select_price_list([new], date(1997, 4, 4))
    assert refusal.value.code == "no_price_list"
    assert refusal.value.advice


def test_a_list_in_another_currency_is_for_those_who_pay_in_it() -> None:
    euro = PriceListTerms("e", "Home", "EUR", "line", date(2026, 1, 1))
    swiss = PriceListTerms("s", "Swiss", "CHF", "line", date(2026, 3, 1))
    both, today = [swiss, euro], date(2026, 4, 1)
    assert select_price_list(both, today) is euro
    assert select_price_list(both, today, "USD") is euro
    assert select_price_list(both, today, " chf") is swiss
    assert select_price_list(both, date(2026, 2, 1), "CHF") is euro  # not released yet
    assert (home_currency(reversed(both)), home_currency([])) == ("EUR", "")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"prices": ()}, "no_price"),
        ({"prices": [ScalePrice("1", D(10), D(5))], "quantity": D(9)}, "no_price_for_quantity"),
        ({"quantity": D(-1)}, "quantity_negative"),
        ({"quantity": D("NaN")}, "number_not_finite"),
        ({"own_discount_percent": D("100.1")}, "discount_out_of_range"),
        ({"own_discount_percent": D(-1)}, "discount_out_of_range"),
        ({"price_list": PriceListTerms("q", "Q", "QQQ", "unit")}, "unknown_currency"),
    ],
)
def test_bad_input_says_what_to_do(changes: dict[str, Any], code: str) -> None:
    with pytest.raises(KnownError) as refusal:
        chai(**changes)
    assert refusal.value.code == code
    assert refusal.value.advice


def test_unknown_rounding_is_refused() -> None:
    rounding: Any = "half"
    with pytest.raises(InvalidInput):
        PriceListTerms("1", "x", "EUR", rounding)


@pytest.mark.parametrize("currency_places", [("EUR", 2), ("JPY", 0), ("KWD", 3)])
def test_minor_unit_follows_the_currency(currency_places: tuple[str, int]) -> None:
    currency, places = currency_places
    assert minor_places(currency) == places
    ladder = chai(PriceListTerms("1", "x", currency, "unit"), own_discount_percent=D("3.7"))
    assert -int(ladder.unit_net.as_tuple().exponent) == places


def test_floats_are_refused() -> None:
    half: Any = 0.5
    for call in (
        lambda: chai(quantity=half),
        lambda: chai(own_discount_percent=half),
        lambda: ScalePrice("1", D(0), half),
        lambda: Condition("percent", half),
        lambda: line_total(half, D(1), "EUR"),
        lambda: line_total(D(1), half, "EUR"),
        lambda: totals([TotalLine(half, D(0))], "EUR"),
        lambda: totals([TotalLine(D(1), half)], "EUR"),
    ):
        with pytest.raises(TypeError):
            call()


def test_totals_of_the_worked_example() -> None:
    goods = [("60", "15.42"), ("30", "22.55"), ("20", "20.37"), ("24", "25.08"), ("8", "43.90")]
    lines = [TotalLine(line_total(D(n), D(price), "EUR"), D(7)) for n, price in goods]
    lines.append(TotalLine(D("49.00"), D(19), charge=True))
    lines.append(TotalLine(D("1000.00"), D(19), optional=True))
    sums = totals(lines, "EUR")
    assert (sums.goods, sums.charges, sums.net) == (D("2962.22"), D("49.00"), D("3011.22"))
    assert [(tax.rate, tax.base, tax.tax) for tax in sums.taxes] == [
        (D(7), D("2962.22"), D("207.36")),
        (D(19), D("49.00"), D("9.31")),
    ]
    assert (sums.gross, sums.optional_net) == (D("3227.89"), D("1000.00"))


def test_totals_refuse_lines_that_were_never_rounded() -> None:
    with pytest.raises(BugError):
        totals([TotalLine(D("1.005"), D(7))], "EUR")


def test_ladder_text_is_exact_and_stable() -> None:
    for ladder in (chai(), chai(EXACT)):
        text = ladder_to_text(ladder)
        assert ladder_from_text(text) == ladder
        assert ladder_to_text(ladder_from_text(text)) == text
    with pytest.raises(BugError):
        ladder_from_text("{}")


cents = st.decimals(D("0.01"), D("99999.99"), places=2)
tax_rates = st.sampled_from([D(0), D(7), D("7.00"), D(19)])
percents = st.decimals(D(0), D(100), places=2)
quantities = st.decimals(D("0.001"), D("99999.999"), places=3)


@given(price=cents, scale=cents, condition=percents, own=percents, quantity=quantities, exact=st.booleans())
def test_steps_add_up_to_the_net_price(
    price: Decimal, scale: Decimal, condition: Decimal, own: Decimal, quantity: Decimal, exact: bool
) -> None:
    ladder = chai(
        EXACT if exact else TRADE,
        prices=[ScalePrice("1", D(0), price), ScalePrice("1", D(10), scale)],
        conditions=[Condition("percent", condition)],
        own_discount_percent=own,
        quantity=quantity,
    )
    assert sum(step.amount_delta for step in ladder.steps) == ladder.unit_net
    assert 0 <= ladder.unit_net <= max(price, scale)
    assert ladder_from_text(ladder_to_text(ladder)) == ladder


@given(st.lists(st.builds(TotalLine, cents, tax_rates, st.booleans(), st.booleans())))
def test_totals_add_up(lines: list[TotalLine]) -> None:
    sums = totals(lines, "EUR")
    assert sums.net == sum(line.net for line in lines if not line.optional) == sums.goods + sums.charges
    assert sum(tax.base for tax in sums.taxes) == sums.net
    assert sums.gross == sums.net + sum(tax.tax for tax in sums.taxes)
    assert len({tax.rate for tax in sums.taxes}) == len(sums.taxes)
    assert totals(lines[::-1], "EUR") == sums


def test_a_bonus_is_told_and_not_taken_off() -> None:
    bonus = Condition("bonus", D(2), valid_until=date(2026, 12, 31), label="Yearly bonus")
    with_it, without = chai(conditions=(CONTRACT, bonus)), chai()
    assert with_it.unit_net == without.unit_net == D("15.42")
    assert with_it.steps[:-1] == without.steps
    step = with_it.bonus
    assert step is not None
    assert (step.amount_delta, step.percent, step.source) == (D(0), D(2), "Yearly bonus")
    assert sum(part.amount_delta for part in with_it.steps) == with_it.unit_net
    assert ladder_from_text(ladder_to_text(with_it)) == with_it
    assert with_it.discount_percent == without.discount_percent


def test_of_several_bonuses_the_closest_counts_and_each_line_is_rounded() -> None:
    bonuses = (Condition("bonus", D(2), label="all"), Condition("bonus", D(3), product_id="1", label="Chai"),
               Condition("bonus", D(9), product_id="1", valid_until=date(2026, 11, 18), label="over"))  # fmt: skip
    ladder = chai(conditions=bonuses)
    assert ladder.bonus is not None
    assert ladder.bonus.source == "Chai"
    assert bonus_of([(D("100.17"), ladder), (D("0.17"), ladder), (D("50.00"), chai())], "EUR") == D("3.02")
    with pytest.raises(InvalidInput):
        Condition("bonus", D(101))
