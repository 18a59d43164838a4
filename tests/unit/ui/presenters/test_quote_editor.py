"""Figures as people type them."""

from decimal import Decimal

import pytest

from ui.presenters.quote_editor import parse_figure


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("60", "60"),
        (" 1,5 ", "1.5"),
        ("1.5", "1.5"),
        ("1.234,50", "1234.50"),
        ("1,234.50", "1234.50"),
        ("−3", "-3"),
        ("1\u00a0000", "1000"),
    ],
)
def test_both_ways_to_write_a_figure(text: str, value: str) -> None:
    assert parse_figure(text) == Decimal(value)


@pytest.mark.parametrize("text", ["", "abc", "1,2,3x", "NaN", "Infinity", "--1"])
def test_what_is_no_figure(text: str) -> None:
    assert parse_figure(text) is None
