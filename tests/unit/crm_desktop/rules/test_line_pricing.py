"""What a kept line may cost: by list, scale and customer; and what it gives away in truth."""

from dataclasses import replace
from decimal import Decimal

import pytest

from crm_desktop.model.wire import Row
from crm_desktop.rules.discount_ceiling import lines_above
from crm_desktop.rules.line_pricing import PriceBasis, figures_hold, granted_percent, price_at, tax_holds

PRODUCT: Row = {"id": "chai", "category": "drinks", "is_charge": False}
LIST: Row = {
    "id": "list", "name": "List", "currency": "EUR", "rounding": "unit", "valid_from": None, "valid_until": None
}  # fmt: skip
PRICES: list[Row] = [{"min_quantity": None, "price": "18.00"}, {"min_quantity": "50.000", "price": "15.00"}]
TEN_OFF: Row = {
    "kind": "percent", "value": "10", "product_id": None, "category": "drinks", "valid_from": None,
    "valid_until": "2026-06-30", "name": "Drinks",
}  # fmt: skip
BASIS = PriceBasis(PRODUCT, LIST, PRICES, [])
AGREED = PriceBasis(PRODUCT, LIST, PRICES, [TEN_OFF])
REVISION: Row = {"quote_date": "2026-05-01", "currency": "EUR"}


def line(net: str, quantity: str = "10", discount: str = "0", total: str = "0") -> Row:
    return {"net_price": net, "quantity": quantity, "discount_percent": discount, "line_total": total}


@pytest.mark.parametrize(
    ("basis", "revision", "quantity", "own", "price"),
    [
        (BASIS, {}, "10", "0", "18.00"),
        (BASIS, {}, "10", "10", "16.20"),
        (BASIS, {}, "50", "10", "13.50"),  # the scale price first
        (AGREED, {}, "10", "10", "14.58"),  # then what is agreed
        (AGREED, {"quote_date": "2026-07-01"}, "10", "10", "16.20"),  # as long as it is agreed
        (BASIS, {"currency": ""}, "10", "0", "18.00"),  # of papers from before there was a choice
        (BASIS, {"currency": "USD"}, "10", "0", None),
        (BASIS, {"quote_date": None}, "10", "0", None),
        (PriceBasis(PRODUCT, LIST, [], []), {}, "10", "0", None),
        (PriceBasis(PRODUCT, LIST, PRICES[1:], []), {}, "10", "0", None),  # sold from 50 on
        (None, {}, "10", "0", None),
    ],
)
def test_the_price_the_rules_give(
    basis: PriceBasis | None, revision: Row, quantity: str, own: str, price: str | None
) -> None:
    found = price_at(basis, REVISION | revision, line("1", quantity), Decimal(own))
    assert found == (None if price is None else Decimal(price))


@pytest.mark.parametrize(
    ("basis", "kept", "above", "granted"),
    [
        (BASIS, line("18.00"), False, "0"),
        (BASIS, line("16.20", discount="10"), False, "10"),
        (BASIS, line("16.02", discount="11"), True, "11"),
        (BASIS, line("16.19"), True, "10.1"),  # says nothing of it
        (BASIS, line("9.00", discount="10"), True, "50.0"),  # says less than it is
        (BASIS, line("16.20"), False, "10.0"),  # within the ceiling, whatever it says
        (BASIS, line("15.00"), True, "16.7"),  # the price of fifty for ten
        (BASIS, line("15.00", quantity="50"), False, "0"),
        (AGREED, line("14.58", discount="10"), False, "10"),
        (AGREED, line("14.57", discount="10"), True, "10.1"),
        (BASIS, line("20.00"), False, "0"),  # dearer than the list harms nobody
        (None, line("18.00"), True, "0"),
        (BASIS, {"net_price": None, "quantity": "10", "discount_percent": None}, True, "100.0"),
    ],
)
def test_above_the_ceiling_is_what_gives_away_more_than_ten_percent(
    basis: PriceBasis | None, kept: Row, above: bool, granted: str
) -> None:
    found = lines_above([kept], Decimal(10), lambda row, own: price_at(basis, REVISION, row, own))
    assert bool(found) == above
    assert granted_percent(basis, REVISION, kept) == Decimal(granted)


def test_a_cent_that_is_rounded_away_is_no_discount() -> None:
    cheap = PriceBasis(PRODUCT, LIST, [{"min_quantity": None, "price": "0.07"}], [])
    kept = line("0.06", discount="10")  # 0.063: 14.3 % off in figures, and still ten
    assert lines_above([kept], Decimal(10), lambda row, own: price_at(cheap, REVISION, row, own)) == []


@pytest.mark.parametrize(
    ("net", "quantity", "total", "currency", "holds"),
    [
        ("16.20", "10", "162.00", "EUR", True),
        ("16.20", "10", "161.99", "EUR", False),
        ("0.12345678", "3.000", "0.37", "EUR", True),
        ("0.125", "1", "0.13", "EUR", True),
        ("0.125", "1", "0.12", "EUR", False),
        ("16.20", "10", "162", "JPY", True),
        ("16.25", "10", "162.50", "JPY", False),
        ("16.20", "10", "162.00", "", True),
    ],
)
def test_a_total_is_quantity_times_price(net: str, quantity: str, total: str, currency: str, holds: bool) -> None:
    assert figures_hold(line(net, quantity, total=total), currency) == holds


@pytest.mark.parametrize(
    ("agreed_in", "currency", "price"),
    [("", "EUR", "9.00"), ("EUR", "EUR", "9.00"), (" eur", "EUR", "9.00"), ("USD", "EUR", "18.00"),
     ("EUR", "USD", "18.00")],
)  # fmt: skip
def test_a_net_price_of_another_currency_is_no_price_of_the_list(agreed_in: str, currency: str, price: str) -> None:
    net = TEN_OFF | {"kind": "net_price", "value": "9"}
    basis = PriceBasis(PRODUCT, LIST | {"currency": currency}, PRICES, [net], agreed_in)
    assert price_at(basis, REVISION | {"currency": currency}, line("1"), Decimal(0)) == Decimal(price)
    percent = replace(basis, conditions=[TEN_OFF])
    assert price_at(percent, REVISION | {"currency": currency}, line("1"), Decimal(0)) == Decimal("16.20")


@pytest.mark.parametrize(
    ("tax_percent", "tax_class", "quote_date", "holds"),
    [
        ("7", "food", "2026-05-01", True),
        ("7.00", "food", "2025-12-31", False),
        ("5", "food", "2025-12-31", True),
        ("5", "food", "2024-12-31", False),  # there was no rate then
        ("9", "food", None, True),  # the newest: leaving the day out opens no door
        ("7", "food", None, False),
        (None, "food", "2026-05-01", False),
        (None, "", "2026-05-01", True),
        ("0", "", "2026-05-01", True),
        ("7", "", "2026-05-01", False),
        ("7", "unheard of", "2026-05-01", False),
    ],
)
def test_a_line_bears_the_tax_of_its_product_on_the_day(
    tax_percent: str | None, tax_class: str, quote_date: str | None, holds: bool
) -> None:
    rates = [
        {"tax_class": "food", "percent": percent, "valid_from": day}
        for percent, day in (("5.00", "2025-01-01"), ("7.00", "2026-01-01"), ("9.00", "2027-01-01"))
    ]
    assert tax_holds({"tax_percent": tax_percent}, PRODUCT | {"tax_class": tax_class}, rates, quote_date) == holds
