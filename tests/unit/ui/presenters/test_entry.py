"""What people type, in both languages."""

from datetime import date
from decimal import Decimal

import pytest

from crm_desktop.errors import InvalidInput
from crm_desktop.model.wire import field_facts
from ui.presenters.entry import differs, parse_figure, read_entry, write_entry

ACCOUNT = field_facts("account")
LIMIT = ACCOUNT["credit_limit"]
DUE = field_facts("task")["due_on"]
START = field_facts("visit")["starts_at"]


@pytest.mark.parametrize(
    ("typed", "language", "wire"),
    [
        ("1,234.50", "en", "1234.50"),
        ("1.234,50", "de", "1234.50"),
        ("1234.5", "de", "1234.50"),
        ("1.234", "de", "1234.00"),
        ("1,234", "en", "1234.00"),
        ("−5", "en", "-5.00"),
        ("1 000 000,25", "de", "1000000.25"),
        ("", "en", None),
    ],
)
def test_amounts(typed: str, language: str, wire: str | None) -> None:
    assert read_entry("credit_limit", LIMIT, typed, language) == wire


@pytest.mark.parametrize("typed", ["3.11.2026", "03/11/2026", "2026-11-03"])
def test_days(typed: str) -> None:
    assert read_entry("due_on", DUE, typed, "de") == "2026-11-03"


@pytest.mark.parametrize("typed", ["31.02.2026", "soon", "11/2026"])
def test_no_day_is_one_clear_error_that_names_its_field(typed: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        read_entry("due_on", DUE, typed, "en")
    assert caught.value.code == "not_a_day"
    assert caught.value.values["field"] == "due_on"


@pytest.mark.parametrize("typed", ["12x", "1e400000", "NaN", "--3"])
def test_no_number(typed: str) -> None:
    with pytest.raises(InvalidInput):
        read_entry("credit_limit", LIMIT, typed, "en")


def test_what_is_written_can_be_read_again() -> None:
    for language in ("en", "de"):
        for facts, name, wire in (
            (LIMIT, "credit_limit", "1234.50"),
            (DUE, "due_on", "2026-11-03"),
            (START, "starts_at", "2026-11-03T08:30:00.000Z"),
            (ACCOUNT["tags"], "tags", ["a b", "c"]),
            (ACCOUNT["employees"], "employees", 12000),
            (ACCOUNT["name"], "name", "Łódź"),
        ):
            assert read_entry(name, facts, write_entry(facts, wire, language), language) == wire


@pytest.mark.parametrize(("language", "shown"), [("en", "20,000.00"), ("de", "20.000,00")])
def test_money_stands_in_thousands_and_is_the_same_in_the_other_language(language: str, shown: str) -> None:
    assert write_entry(LIMIT, "20000.00", language) == shown
    assert {read_entry("credit_limit", LIMIT, shown, other) for other in ("en", "de")} == {"20000.00"}


@pytest.mark.parametrize(
    ("text", "german", "english"),
    [
        ("60", "60", "60"),
        (" 1,5 ", "1.5", "1.5"),
        ("1.5", "1.5", "1.5"),
        ("1.234,50", "1234.50", "1234.50"),
        ("1,234.50", "1234.50", "1234.50"),
        ("1.000", "1000", "1"),
        ("1,000", "1", "1000"),
        ("12.345.678", "12345678", None),
        ("0.125", "0.125", "0.125"),
        ("0,001", "0.001", "0.001"),
        ("12.5000", "12.5", "12.5"),
        ("−3", "-3", "-3"),
        ("1\u00a0000", "1000", "1000"),
        ("5,5 %", "5.5", "5.5"),
    ],
)
def test_both_ways_to_write_a_figure(text: str, german: str, english: str | None) -> None:
    assert parse_figure(text, "de") == Decimal(german)
    assert parse_figure(text, "en") == (None if english is None else Decimal(english))


@pytest.mark.parametrize("text", ["", "abc", "1,2,3x", "NaN", "Infinity", "--1"])
def test_what_is_no_figure(text: str) -> None:
    assert parse_figure(text, "en") is None


@pytest.mark.parametrize(
    ("before", "value", "expected"),
    [(None, "", False), ("", None, False), ("2026-11-03", date(2026, 11, 3), False), ("5.0", Decimal(5), False),
     (None, Decimal(1), True), ("a", "b", True), ("2026-11-03", date(2026, 11, 4), True)],
)  # fmt: skip
def test_only_what_says_something_else_differs(before: object, value: object, expected: bool) -> None:
    assert differs(before, value) is expected
