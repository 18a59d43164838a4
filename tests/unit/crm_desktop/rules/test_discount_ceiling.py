"""The newest ceiling of a role on the day of the quote counts; a line at the ceiling is allowed, above it is not."""

from decimal import Decimal

import pytest

from crm_desktop.model.wire import Row
from crm_desktop.rules.discount_ceiling import ceiling_of, lines_above

CEILINGS: list[Row] = [
    {"id": "a", "role": "rep", "percent": "10.00", "valid_from": None},
    {"id": "b", "role": "rep", "percent": "12.00", "valid_from": "2026-03-01"},
    {"id": "c", "role": "rep", "percent": "8.00", "valid_from": "2026-06-01"},
    {"id": "d", "role": "inside_sales", "percent": "20.00", "valid_from": "2026-03-01"},
    {"id": "e", "role": "admin", "percent": None, "valid_from": None},
]


@pytest.mark.parametrize(
    ("role", "on", "percent"),
    [
        ("rep", "2026-02-28", "10"),
        ("rep", "2026-03-01", "12"),
        ("rep", "2026-07-01", "8"),
        ("rep", None, "8"),
        ("inside_sales", "2026-02-28", None),
        ("inside_sales", "2026-03-01", "20"),
        ("admin", "2026-03-01", None),
        ("", "2026-03-01", None),
    ],
)
def test_the_ceiling_of_a_role_on_a_day(role: str, on: str | None, percent: str | None) -> None:
    found = ceiling_of(CEILINGS, role, on)
    assert found == (Decimal(percent) if percent is not None else None)


def test_only_what_goes_beyond_is_named() -> None:
    lines: list[Row] = [
        {"name": "at it", "discount_percent": "10.0000", "net_price": "1"},
        {"name": "above", "discount_percent": "10.0001", "net_price": "1"},
        {"name": "none", "discount_percent": None, "net_price": "1"},
    ]
    assert [line["name"] for line in lines_above(lines, Decimal(10), lambda _line, _own: Decimal(0))] == ["above"]
    assert lines_above(lines, None, lambda _line, _own: None) == []
