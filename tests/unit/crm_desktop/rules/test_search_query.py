"""What was typed, taken apart."""

from datetime import date

import pytest

from crm_desktop.rules.search_query import SearchQuery, day_of, kinds_named, number_variants, parse

TODAY = date(2026, 11, 19)


@pytest.mark.parametrize(
    ("typed", "query"),
    [
        ("müller sohn", SearchQuery("müller sohn")),
        ("name:Müller", SearchQuery(name="Müller")),
        ('city:"New York" pump', SearchQuery("pump", city="New York")),
        ("Ort:Berlin Schlagwort:Messe", SearchQuery(city="Berlin", tag="Messe")),
        ("pump since:7d", SearchQuery("pump", since=date(2026, 11, 12))),
        ("type:quote type:order", SearchQuery(types=("quote", "order"))),
        ("city:", SearchQuery()),
        ("9:30 https://firm.example", SearchQuery("9:30 https://firm.example")),
        ("Chai: late", SearchQuery("Chai late")),
        ("colour:red", SearchQuery("colour red", unknown=("colour",))),
        ("since:soon", SearchQuery(not_a_day="soon")),
        ("since:soon since:2026-11", SearchQuery(since=date(2026, 11, 1), not_a_day="soon")),
    ],
)
def test_taken_apart(typed: str, query: SearchQuery) -> None:
    assert parse(typed, TODAY) == query


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("2026-11-01", date(2026, 11, 1)),
        ("1.11.2026", date(2026, 11, 1)),
        ("1.11.26", date(2026, 11, 1)),
        ("1.11.", date(2026, 11, 1)),
        ("24.12.", date(2025, 12, 24)),
        ("today", TODAY),
        ("gestern", date(2026, 11, 18)),
        ("2w", date(2026, 11, 5)),
        ("31.2.", None),
        ("2026-13", None),
        ("x", None),
    ],
)
def test_days_as_people_type_them(typed: str, day: date | None) -> None:
    assert day_of(typed, TODAY) == day


def test_kinds_by_the_beginning_of_any_of_their_names() -> None:
    names = {"quote": ("Quote", "Angebot"), "order": ("Order", "Auftrag"), "case": ("Case", "Fall")}
    assert kinds_named(("an",), names) == {"quote"}
    assert kinds_named(("quo", "auf"), names) == {"quote", "order"}
    assert kinds_named(("zzz",), names) == frozenset()


@pytest.mark.parametrize(
    ("typed", "variants"),
    [
        ("030/555", ("30555",)),
        ("+49 30 555", ("4930555", "30555")),
        ("0049 (0)30 555", ("4930555", "30555")),
        ("+1 212 555", ("1212555", "212555")),
        ("+423 555 12", ("42355512", "55512")),
        ("030", ()),
        ("Chai 5555", ()),
    ],
)
def test_a_number_with_and_without_its_country(typed: str, variants: tuple[str, ...]) -> None:
    assert number_variants(typed) == variants
