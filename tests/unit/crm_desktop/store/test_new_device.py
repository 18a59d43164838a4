"""Another name of the device (a copied laptop, one that connects anew): what it counts from one and what it keeps."""

from typing import TYPE_CHECKING

from crm_desktop.store import meta
from crm_desktop.store.client_store import ClientStore
from crm_desktop.store.intents import create
from tests.unit.crm_desktop.store.pulled import A, Acknowledge

if TYPE_CHECKING:
    from tests.unit.crm_desktop.store.conftest import Pages


def test_new_device_id_numbers_from_one_what_has_not_come_by_pull(
    store: ClientStore, pages: "Pages", acknowledge: Acknowledge
) -> None:
    store.commit([create("tag", "t1", {"name": "x"})])
    acknowledge(commit_seq=1)
    store.apply_page(pages.page({("tag", "t1"): {"name": "x"}}, seq=1))
    store.commit([create("tag", "t2", {"name": "y"})])
    store.commit([create("tag", "t3", {"name": "z"})])
    before = [op.op_id for txn in store.pending(10) for op in txn.ops]
    acknowledge(commit_seq=2)  # a restored server may have forgotten it again
    store.adopt_device("d2")
    waiting = store.pending(10)
    assert [txn.client_seq for txn in waiting] == [1, 2]
    assert [op.op_id for txn in waiting for op in txn.ops] == before
    state = store.sync_state()
    assert (state.device_id, state.client_seq, state.txn_id) == ("d2", 2, waiting[-1].txn_id)


def test_what_went_out_under_an_earlier_device_id_goes_out_under_the_present_one(
    store: ClientStore, acknowledge: Acknowledge
) -> None:
    store.commit([create("tag", "t1", {"name": "x"})])
    acknowledge(commit_seq=1)
    store.adopt_device("d2")
    store.adopt_epoch("e2", 0, "")
    assert [txn.client_seq for txn in store.pending(10)] == [1]
    assert (store.sync_state().client_seq, store.sync_state().txn_id) == (1, store.pending(10)[0].txn_id)
    acknowledge(commit_seq=1)
    assert store.pending(10) == []


def test_what_was_set_aside_under_an_earlier_device_id_is_decided_by_itself(
    store: ClientStore, pages: "Pages", acknowledge: Acknowledge
) -> None:
    """Its number is given again: the decision about one must not end the other, which nobody has looked at."""

    def set_aside(tag: str) -> None:
        store.commit([create("tag", tag, {"name": tag})])
        store.quarantine_locally(1, "malformed", "")
        acknowledge(commit_seq=pages.seq + 1, outcome="void")
        store.apply_page(pages.page())

    def left() -> list[str]:
        refused = store.read(lambda reader: reader.local_quarantine())
        return [op["id"] for entry in refused for op in entry.transaction["ops"]]

    set_aside("before")
    store.adopt_device("d2")
    set_aside("after")
    before, after = store.read(lambda reader: reader.local_quarantine())
    assert [entry.client_seq for entry in store.read(lambda reader: reader.outbox())] == [
        before.client_seq,
        after.client_seq,
    ]
    store.commit([create("tag", "again", {"name": "again"})], closes=before.client_seq)
    assert left() == ["after"]
    store.close_quarantine(after.client_seq)
    assert left() == []


def test_what_went_out_under_both_device_ids_is_numbered_in_its_order(
    store: ClientStore, pages: "Pages", acknowledge: Acknowledge
) -> None:
    store.commit([create("tag", "t1", {"name": "x"})])
    acknowledge(commit_seq=1)
    store.apply_page(pages.page(seq=1))
    store.adopt_device("d2")
    store.commit([create("tag", "t2", {"name": "y"})])
    acknowledge(commit_seq=2)
    store.adopt_epoch("e2", None)
    waiting = store.pending(10)
    assert [(txn.client_seq, txn.ops[0].id) for txn in waiting] == [(1, "t1"), (2, "t2")]
    assert store.commit([create("tag", "t3", {"name": "z"})]).client_seq == 3


def test_a_new_device_id_counts_from_one_where_the_log_of_the_last_one_is_gone(
    store: ClientStore, pages: "Pages", acknowledge: Acknowledge
) -> None:
    """Its counter was written down; the server expects the first number of the new one."""
    for n in range(3):
        store.commit([create("tag", f"t{n}", {"name": "x"})])
    acknowledge(commit_seq=1)
    store.apply_page(pages.page(seq=1))
    store._writer.call(meta.keep_counter)
    store.adopt_device("d2")
    assert store.sync_state().client_seq == 0
    assert store.commit([create("tag", "new", {"name": "x"})]).client_seq == 1


def test_who_connects_anew_stays_in_the_history_he_has_read(store: ClientStore, pages: "Pages") -> None:
    """His position is one of it: the server finds the other one, and everything is read anew."""
    store.apply_page(pages.page({A: {"name": "Adler"}}))
    store.enrol("d2", "D8G", "u1", "e2")
    state = store.sync_state()
    assert (state.device_id, state.epoch, state.cursor_seq) == ("d2", "e1", 1)
