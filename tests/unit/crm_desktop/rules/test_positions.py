"""Fractional keys keep the order people made."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_desktop.rules.positions import between


@given(st.lists(st.integers(min_value=0, max_value=30), max_size=60))
def test_inserting_anywhere_keeps_the_order(places: list[int]) -> None:
    keys: list[str] = []
    for place in places:
        index = min(place, len(keys))
        before = keys[index - 1] if index else ""
        after = keys[index] if index < len(keys) else ""
        keys.insert(index, between(before, after))
    assert keys == sorted(keys)
    assert len(set(keys)) == len(keys)


def test_wrong_order_is_refused() -> None:
    with pytest.raises(ValueError, match="before"):
        between("b", "a")
