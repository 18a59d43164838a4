"""The versions of a note: read from the outbox, also after the server has it; a text that only grew is none."""

from typing import TYPE_CHECKING

import pytest

from crm_desktop.store.client_store import ClientStore
from crm_desktop.store.intents import create, text
from crm_desktop.store.written_texts import goes_on
from tests.unit.crm_desktop.store.pulled import Acknowledge

if TYPE_CHECKING:
    from tests.unit.crm_desktop.store.conftest import Pages

V = ("visit", "v")
LONG = "They want forty boxes of Chai in spring and a price that holds."
OTHER = "Nothing was agreed, the buyer is ill and the kitchen had no time."


def versions(store: ClientStore) -> list[tuple[str, bool]]:
    """Texts and whether they were written here."""
    found = store.read(lambda reader: reader.written_texts("visit", "v", "note"))
    return [(version.text, bool(version.at)) for version in found]


def test_what_was_replaced_before_it_was_sent_stays_a_version(store: ClientStore) -> None:
    store.commit([create("visit", "v", {"note": "First"})])
    for note in (LONG, LONG + " Ask again.", OTHER):
        store.commit([text("visit", "v", "note", note)])
    assert versions(store) == [("First", True), (LONG + " Ask again.", True), (OTHER, True)]
    assert len(store.pending(10)) == 3  # what only grew went into the operation that waits


def test_what_came_from_elsewhere_stays_a_version_once_it_is_written_over(
    store: ClientStore, pages: "Pages", acknowledge: Acknowledge
) -> None:
    store.apply_page(pages.page({V: {"note": LONG}}))
    assert versions(store) == []
    store.commit([text("visit", "v", "note", OTHER)])
    acknowledge(commit_seq=2)
    store.apply_page(pages.page({V: {"note": OTHER}}))
    assert store.pending(10) == []
    assert versions(store) == [(LONG, False), (OTHER, True)]
    assert store.read(lambda reader: reader.written_texts("visit", "other", "note")) == []
    assert store.read(lambda reader: reader.written_texts("visit", "v", "next_step")) == []


@pytest.mark.parametrize(
    ("before", "after", "grew"),
    [
        ("", "a", True),
        ("a note", "a longer note", True),
        ("Nobody was there. " * 4, "Somebody was there. " * 4, False),
        ("recieved " + LONG, "received " + LONG, True),
        (LONG, "", False),
        (LONG + OTHER, LONG, False),
    ],
    ids=["typing", "put between", "written anew", "a slip", "emptied", "cut off"],
)
def test_a_slip_put_right_is_no_version(before: str, after: str, grew: bool) -> None:
    assert goes_on(before, after) is grew
