"""The commit sequence: dense, bounded, repeatable."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, inspect, select

from crm_desktop.errors import StoreError
from crm_desktop.ids import new_id
from server.settings import Settings
from server.storage.check import problems
from server.storage.commit import Commit
from server.storage.record_writing import write_chunk
from server.storage.storage import Storage
from server.storage.tables import METADATA, change_log, commit


@pytest.fixture
def storage(tmp_path: Path) -> Iterator[Storage]:
    """A database whose commits hold at most ten rows."""
    opened = Storage.create(str(tmp_path / "s.db"), settings=Settings(commit_rows=10))
    yield opened
    opened.close()


def test_the_migrations_lead_to_the_tables(storage: Storage) -> None:
    with storage.read() as connection:
        found = inspect(connection)
        for table in METADATA.sorted_tables:
            assert {c["name"] for c in found.get_columns(table.name)} == {c.name for c in table.columns}
            assert {i["name"] for i in found.get_indexes(table.name)} >= {i.name for i in table.indexes}
            assert found.get_pk_constraint(table.name)["constrained_columns"] == [c.name for c in table.primary_key]


def test_a_missing_database_is_told_kindly(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="crm-server init"):
        Storage.open(str(tmp_path / "none.db"))


def test_a_commit_is_bounded_and_an_account_moves_with_all_it_has(storage: Storage) -> None:
    account = new_id()
    visits = [("visit", new_id(), {"account_id": account, "subject": f"V{n}"}) for n in range(35)]
    assert storage.write_records([("account", account, {"name": "A"}), *visits], "test") == 36
    assert storage.write_records([("account", account, {"name": "A"}), *visits], "test") == 0
    before = storage.state()[1]
    storage.write_records([("account", account, {"owner_id": new_id()})], "test")
    assert storage.state()[1] - before == 4
    with storage.read() as connection:
        largest = connection.scalar(
            select(func.count().label("n"))
            .select_from(change_log)
            .group_by(change_log.c.seq)
            .order_by(func.count().desc())
            .limit(1)
        )
        assert largest == 10
        assert connection.scalar(select(func.count()).select_from(commit)) == storage.state()[1]
        assert problems(connection) == []


def test_what_raises_leaves_no_trace_and_no_gap(storage: Storage) -> None:
    before = storage.state()

    def fail(commit: Commit) -> None:
        write_chunk(commit, [("account", new_id(), {"name": "A"})])
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), storage.write() as commit:
        fail(commit)
    assert storage.state() == before


def test_a_dropped_layer_leaves_no_trace(storage: Storage) -> None:
    kept, dropped = new_id(), new_id()
    with storage.write() as commit:
        write_chunk(commit, [("account", kept, {"name": "A"})])
        commit.open_layer()
        write_chunk(commit, [("account", dropped, {"name": "B"}), ("account", kept, {"name": "C"})])
        assert commit.next_number("order") == "A-000001"
        commit.drop_layer()
        assert commit.next_number("order") == "A-000001"
    with storage.write() as commit:
        assert commit.get("account", dropped) is None
        found = commit.get("account", kept)
        assert found is not None
        assert found.row["name"] == "A"
