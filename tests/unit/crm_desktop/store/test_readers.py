"""Queries side by side, one inside the other, and none while the file is exchanged."""

import threading
from pathlib import Path

import pytest

from crm_desktop.errors import BugError, StoreError
from crm_desktop.store import readers as module
from crm_desktop.store.client_store import ClientStore
from crm_desktop.store.connection import Connection
from crm_desktop.store.reader import Reader
from crm_desktop.store.readers import STEPS, Readers

KEY = bytes(range(32))


@pytest.fixture
def readers(store: ClientStore) -> Readers:
    """Readers of an empty store's file."""
    return Readers(store.path, KEY)


def one(connection: Connection) -> int:
    """A query."""
    return int(connection.execute("SELECT 1").fetchone()[0])


def test_a_query_may_run_another_inside_while_an_exchange_waits(readers: Readers) -> None:
    inside, go_on, told = threading.Event(), threading.Event(), []

    def outer(connection: Connection) -> int:
        inside.set()
        assert go_on.wait(60)
        return one(connection) + readers.run(one)

    reading = threading.Thread(target=lambda: told.append(readers.run(outer)))
    reading.start()
    assert inside.wait(60)

    def exchange() -> None:
        with readers.none_open() as free:
            told.append(free)

    exchanging = threading.Thread(target=exchange)
    exchanging.start()
    while not readers._paused:
        pass
    go_on.set()
    reading.join(60)
    exchanging.join(60)
    assert told == [2, True]
    readers.close()


def test_within_an_exchange_no_query_begins(readers: Readers) -> None:
    told: list[object] = []
    with readers.none_open() as free:
        assert free
        reading = threading.Thread(target=lambda: told.append(readers.run(one)))
        reading.start()
        reading.join(0.2)
        assert told == []
    reading.join(60)
    assert told == [1]
    readers.close()


def test_an_exchange_is_not_for_who_does_not_get_the_file(
    readers: Readers, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(module, "PATIENCE_S", 0.05)
    inside, go_on = threading.Event(), threading.Event()

    def long(connection: Connection) -> int:
        inside.set()
        assert go_on.wait(60)
        return one(connection)

    reading = threading.Thread(target=lambda: readers.run(long))
    reading.start()
    assert inside.wait(60)
    with readers.none_open() as free:
        assert not free
    go_on.set()
    reading.join(60)
    assert readers.run(one) == 1
    readers.close()
    with pytest.raises(BugError):
        readers.run(one)


def test_the_index_of_a_customer_is_walked_though_state_and_owner_are_named_too(readers: Readers) -> None:
    """One person may own all the visits there are."""

    def plan(connection: Connection) -> str:
        said: list[str] = []
        connection.set_trace_callback(said.append)
        Reader(connection, "2026-11-19").where("visit", account_id="a", owner_id="u", status="done")
        connection.set_trace_callback(None)
        return " ".join(str(row) for row in connection.execute(f"EXPLAIN QUERY PLAN {said[0]}"))

    walked = readers.run(plan)
    assert "account_id=?" in walked
    assert "owner_id=?" not in walked
    assert "status=?" not in walked


LONG = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 300000000) SELECT count(*) FROM n"


def test_a_long_statement_is_ended_and_the_connection_goes_on(readers: Readers) -> None:
    told: list[int] = []

    def go_on(steps: int) -> bool:
        told.append(steps)
        return len(told) < 3

    with pytest.raises(StoreError) as caught:
        readers.run(lambda connection: connection.execute(LONG).fetchone(), go_on)
    assert caught.value.code == "reading_stopped"
    assert told == [STEPS, 2 * STEPS, 3 * STEPS]
    assert readers.run(one) == 1
    count = readers.run(lambda connection: connection.execute(LONG.replace("300000000", "300000")).fetchone()[0])
    assert count == 300_000, "what comes after is not ended by it"
    assert len(told) == 3
    readers.close()
