"""What is typed on goes into the operation that waits, as long as that one is nobody else's yet."""

from typing import TYPE_CHECKING

import pytest

from crm_desktop.model.operations import Text
from crm_desktop.store.client_store import ClientStore
from crm_desktop.store.intents import Intent, delete, restore, text, transition

if TYPE_CHECKING:
    from tests.unit.crm_desktop.store.conftest import Pages


def _texts(store: ClientStore) -> list[tuple[str, str]]:
    waiting = store.pending(10)
    store.release()
    return [(op.f, op.text) for txn in waiting for op in txn.ops if isinstance(op, Text)]


def test_another_text_of_the_record_is_an_operation_of_its_own(store: ClientStore, pages: "Pages") -> None:
    store.apply_page(pages.page({("contract", "c"): {"note": "a", "price_commitment": "b"}}))
    store.commit([text("contract", "c", "note", "a!")])
    store.commit([text("contract", "c", "price_commitment", "b!")])
    assert _texts(store) == [("note", "a!"), ("price_commitment", "b!")]


@pytest.mark.parametrize("guard", [
    transition("quote_revision", "r", "sent"),
    delete("task", "t"),
    restore("task", "gone"),
])  # fmt: skip
def test_nothing_is_folded_into_an_action_that_may_be_refused_whole(
    store: ClientStore, pages: "Pages", guard: Intent
) -> None:
    """With what was saved before, what is typed later would be refused too."""
    told = {("visit", "v"): {"note": "a"}, ("task", "t"): {"subject": "x"}, ("quote_revision", "r"): {"quote_id": "q"}}
    store.apply_page(pages.page(told))
    store.commit([text("visit", "v", "note", "ab"), guard])
    store.commit([text("visit", "v", "note", "abc")])
    assert _texts(store) == [("note", "ab"), ("note", "abc")]


def test_a_text_that_was_answered_is_not_folded(store: ClientStore, pages: "Pages") -> None:
    """Though nobody noted that it went out: another program of this profile may have."""
    store.apply_page(pages.page({("visit", "v"): {"note": "a"}}))
    store.commit([text("visit", "v", "note", "ab")])
    (txn,) = store.pending(10)
    store.release()
    store.record_results([{"client_seq": 1, "txn_id": txn.txn_id, "commit_seq": 3, "ops": []}])
    store.commit([text("visit", "v", "note", "abc")])
    assert _texts(store) == [("note", "abc")]


def test_what_is_folded_is_another_operation_in_another_transaction(store: ClientStore, pages: "Pages") -> None:
    """A copy of this profile may send what stood there before: the server must not take the one for the other."""
    store.apply_page(pages.page({("visit", "v"): {"note": "a"}}))
    store.commit([text("visit", "v", "note", "ab")])
    (before,) = store.pending(10)
    store.release()
    store.commit([text("visit", "v", "note", "abc")])
    (after,) = store.pending(10)
    assert (after.client_seq, after.txn_id != before.txn_id) == (1, True)
    assert after.ops[0].op_id != before.ops[0].op_id


def test_a_text_written_from_an_older_one_takes_nothing_off_what_waits(store: ClientStore, pages: "Pages") -> None:
    """Two windows were opened on it: the server merges both, and keeps what it cannot."""
    store.apply_page(pages.page({("visit", "v"): {"note": "a\n"}}))
    store.commit([text("visit", "v", "note", "a\nfrom one\n", base="a\n")])
    store.commit([text("visit", "v", "note", "a\nfrom the other\n", base="a\n")])
    assert _texts(store) == [("note", "a\nfrom one\n"), ("note", "a\nfrom the other\n")]
