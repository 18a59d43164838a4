"""What people type, in both languages."""

import pytest

from crm_desktop.errors import InvalidInput
from crm_desktop.model.wire import field_facts
from ui.presenters.entry import read_entry, write_entry

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
