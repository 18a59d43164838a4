"""The numbers of a device's transactions: dense, and none is given twice, whatever became of the transactions."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from crm_desktop.errors import BugError
from crm_desktop.store import acknowledge
from crm_desktop.store.client_store import ClientStore
from crm_desktop.store.connection import Connection
from crm_desktop.store.intents import create, patch


def _acknowledge_all(store: ClientStore) -> None:
    results = [
        {"client_seq": txn.client_seq, "txn_id": txn.txn_id, "commit_seq": 1,
         "ops": [{"op_id": op.op_id, "outcome": "applied"} for op in txn.ops]}
        for txn in store.pending(100)
    ]  # fmt: skip
    store.record_results(results)


def test_numbers_go_on_after_the_outbox_was_emptied(
    open_store: Callable[[], ClientStore], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(acknowledge, "KEEP_NEWEST", 0)
    store = open_store()
    for turn in range(3):
        store.commit([create("tag", f"t{turn}", {"name": "x"})])
    before = store.sync_state()
    _acknowledge_all(store)

    def empty(connection: Connection) -> int:
        acknowledge.cover(connection, 1)
        return acknowledge.forget(connection, (datetime.now(UTC) + timedelta(days=9999)).isoformat())

    assert store._writer.call(empty, mode="apply") == 3
    assert (store.sync_state().client_seq, store.sync_state().txn_id) == (3, before.txn_id)
    store.close()
    again = open_store()
    assert again.commit([create("tag", "u", {"name": "x"})]).client_seq == 4


def test_a_new_identity_counts_from_one_and_takes_what_waits_along(store: ClientStore) -> None:
    store.enrol("d1", "A", "user", "epoch")
    store.commit([create("tag", "t", {"name": "x"})])
    _acknowledge_all(store)
    store._writer.call(lambda connection: acknowledge.cover(connection, 1), mode="apply")  # it came by pull
    store.commit([create("tag", "u", {"name": "y"})])
    store.adopt_device("d2")
    assert [(txn.client_seq, len(txn.ops)) for txn in store.pending(10)] == [(1, 1)]
    assert store.commit([patch("tag", "u", {"name": "z"})]).client_seq == 2


def test_a_save_after_other_writing_sees_who_writes_now(store: ClientStore) -> None:
    store.commit([create("tag", "t", {"name": "x"})])
    store.enrol("d1", "A", "user", "epoch")
    store.adopt_epoch("another")
    store.commit([create("tag", "u", {"name": "x"})])
    rows = store.read(lambda reader: {row["id"]: row["created_by"] for row in reader.where("tag")})
    assert rows == {"t": "u1", "u": "user"}
    assert store.pending(10)[-1].ops[0].base_epoch == "another"


def test_a_failed_save_takes_no_number(store: ClientStore) -> None:
    store.commit([create("tag", "t", {"name": "x"})])

    def write(sql: str) -> None:
        store._writer.call(lambda connection: connection.execute(sql))

    write("CREATE TRIGGER stop BEFORE UPDATE ON tag BEGIN SELECT RAISE(ABORT, 'stopped'); END")
    with pytest.raises(BugError, match="stopped"):
        store.commit([patch("tag", "t", {"name": "y"})])
    with pytest.raises(BugError, match="stopped"):
        store.commit([patch("tag", "t", {"name": "y"})])
    write("DROP TRIGGER stop")
    assert store.commit([patch("tag", "t", {"name": "z"})]).client_seq == 2
