"""Wire form: exact, canonical, refused where it is not."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_desktop.errors import InvalidInput
from crm_desktop.model import ENTITIES
from crm_desktop.model.facts import Kind
from crm_desktop.model.wire import (
    canonical_row,
    clean_row,
    default_row,
    field_facts,
    from_columns,
    row_hash,
    to_columns,
)


@pytest.mark.parametrize("entity", ENTITIES)
def test_every_entity_round_trips_through_its_columns(entity: str) -> None:
    row = default_row(entity)
    assert from_columns(entity, to_columns(entity, row)) == row


@pytest.mark.parametrize("entity", ENTITIES)
def test_every_field_is_labelled_in_both_languages(entity: str) -> None:
    for name, facts in field_facts(entity).items():
        assert facts.en, name
        assert facts.de, name
        if facts.kind is Kind.REFERENCE:
            assert facts.ref in ENTITIES


@given(st.decimals(min_value=-(10**9), max_value=10**9, places=2))
def test_money_is_exact(amount: Any) -> None:
    row = clean_row("account", {"credit_limit": amount})
    assert from_columns("account", to_columns("account", row)) == row


BAD = [
    ("account", "credit_limit", "1.234"),
    ("account", "credit_limit", 1.5),
    ("account", "credit_limit", "NaN"),
    ("account", "name", "a\x00b"),
    ("account", "customer_class", "Z"),
    ("account", "employees", True),
    ("task", "due_on", "22.11.2026"),
    ("visit", "starts_at", "gestern"),
]


@pytest.mark.parametrize(("entity", "name", "value"), BAD)
def test_bad_values_are_refused_with_one_sentence(entity: str, name: str, value: Any) -> None:
    with pytest.raises(InvalidInput) as caught:
        clean_row(entity, {name: value})
    assert caught.value.values["field"] == name
    assert caught.value.advice


def test_canonical_forms() -> None:
    row = clean_row("account", {"name": "Mu\u0308ller", "credit_limit": "-0", "tags": ["b", "a", "b"]})
    assert (row["name"], row["credit_limit"], row["tags"]) == ("Müller", "0.00", ["a", "b"])
    visit = clean_row("visit", {"starts_at": datetime(2026, 11, 22, 9, tzinfo=UTC)})
    assert visit["starts_at"] == "2026-11-22T09:00:00.000Z"
    assert clean_row("task", {"due_on": date(2026, 11, 22)})["due_on"] == "2026-11-22"


def test_hash_depends_on_id_version_and_content_alone() -> None:
    row = clean_row("account", {"name": "A"})
    assert canonical_row("account", row) == b'{"name":"A"}'
    assert canonical_row("account", {"name": "A"}) == b'{"name":"A"}'  # an absent field is its default
    hashes = {row_hash("account", "x", 1, row), row_hash("account", "x", 2, row), row_hash("account", "y", 1, row)}
    assert len(hashes) == 3
