"""Opening: keys, versions, guards, migrations with their copy."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlcipher3 import dbapi2

from crm_desktop.clock import SystemClock
from crm_desktop.errors import BugError, StoreError
from crm_desktop.model.schema import MIGRATIONS, SCHEMA_VERSION
from crm_desktop.store import migrations
from crm_desktop.store.client_store import ClientStore
from crm_desktop.store.connection import Connection, check_sqlite, connect, known_error
from crm_desktop.store.intents import create, patch
from crm_desktop.store.tables import SYNC_NAMES

KEY = bytes(range(32))


def test_wrong_key_is_told_and_harms_nothing(folder: Path) -> None:
    with ClientStore.open(folder, KEY, SystemClock()) as store:
        store.commit([create("account", "a", {"name": "Adler"})])
    with pytest.raises(StoreError) as caught:
        ClientStore.open(folder, b"x" * 32, SystemClock())
    assert caught.value.code == "wrong_key"
    assert caught.value.advice
    with ClientStore.open(folder, KEY, SystemClock()) as store:
        assert store.read(lambda reader: reader.get("account", "a")) is not None


def test_file_is_encrypted(store: ClientStore) -> None:
    store.commit([create("account", "a", {"name": "Geheimrat"})])
    store.close()
    assert b"Geheimrat" not in store.path.read_bytes()
    assert not store.path.read_bytes().startswith(b"SQLite format 3")


@pytest.mark.parametrize(
    ("change", "value"), [("PRAGMA user_version = 99", None), ("entities", f"{SCHEMA_VERSION + 1:04d}")]
)
def test_newer_database_is_refused_kindly(folder: Path, change: str, value: str | None) -> None:
    ClientStore.open(folder, KEY, SystemClock()).close()
    connection = connect(folder / "crm.db", KEY)
    if value is None:
        connection.execute(change)
    else:
        connection.execute("UPDATE alembic_version_entities SET version_num = ?", (value,))
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    before = (folder / "crm.db").read_bytes()
    with pytest.raises(StoreError) as caught:
        ClientStore.open(folder, KEY, SystemClock())
    assert caught.value.code == "newer_database"
    assert (folder / "crm.db").read_bytes() == before


def test_both_ways_to_a_new_file_give_the_same_schema(tmp_path: Path) -> None:
    shapes = []
    for by_migrations in (False, True):
        path = tmp_path / f"{by_migrations}.db"
        connection = connect(path, KEY)
        migrations.prepare(connection, path, by_migrations=by_migrations)
        shapes.append(_shape(connection))
        connection.close()
    assert shapes[0] == shapes[1]
    assert ("sync_ver", "INTEGER", 1, 0) in shapes[0]["account"]


def _shape(connection: Connection) -> dict[str, set[tuple[object, ...]]]:
    """Columns by table, and the statements of everything else. Column order is free: no SQL of ours relies on it."""
    shape: dict[str, set[tuple[object, ...]]] = {}
    for name, kind, sql in connection.execute("SELECT name, type, sql FROM sqlite_master").fetchall():
        if kind == "table":
            listed = connection.execute(f'PRAGMA table_info("{name}")').fetchall()
            shape[name] = {(row[1], row[2], row[3], row[5]) for row in listed}
        else:
            shape[f"{kind} {name}"] = {(sql,)}
    shape["version"] = set(connection.execute("SELECT version_num FROM alembic_version_entities").fetchall())
    return shape


def test_migration_adds_a_field_after_a_copy(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with ClientStore.open(folder, KEY, SystemClock()) as store:
        store.commit([create("account", "a", {"name": "Adler"})])
    grown = tmp_path / "migrations"
    shutil.copytree(MIGRATIONS, grown, ignore=shutil.ignore_patterns("__pycache__"))
    number = SCHEMA_VERSION + 1
    (grown / "versions" / f"{number:04d}_shelf.py").write_text(
        "import sqlalchemy as sa\nfrom alembic import op\n"
        f"revision = '{number:04d}'\ndown_revision = '{SCHEMA_VERSION:04d}'\n"
        "def upgrade():\n"
        "    op.add_column('account', sa.Column('shelf', sa.Text(), nullable=False, server_default=''))\n"
        "    op.create_table('shelf_note', sa.Column('id', sa.Text(), primary_key=True))\n"
    )
    monkeypatch.setattr(migrations, "SCHEMA_VERSION", number)
    path = folder / "crm.db"
    connection = connect(path, KEY)
    assert migrations.prepare(connection, path, folder=grown)
    names = {row[1] for row in connection.execute("PRAGMA table_info(account)")}
    assert {"shelf", *SYNC_NAMES} <= names
    assert connection.execute("SELECT name, shelf FROM account").fetchall() == [("Adler", "")]
    with pytest.raises(dbapi2.Error, match="no such function"):
        connection.execute("UPDATE account SET shelf = 'x'")
    assert not migrations.prepare(connection, path, folder=grown)
    connection.close()
    (copy,) = folder.glob("*.backup")
    old = connect(copy, KEY)
    assert "shelf" not in {row[1] for row in old.execute("PRAGMA table_info(account)")}
    assert old.execute("SELECT name FROM account").fetchall() == [("Adler",)]
    old.close()


def test_failed_migration_leaves_the_old_state(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ClientStore.open(folder, KEY, SystemClock()).close()

    def broken(connection: Connection) -> None:
        connection.execute("DROP TABLE drafts")
        raise BugError("half way")

    path = folder / "crm.db"
    steps = len(migrations.STEPS)
    monkeypatch.setattr(migrations, "STEPS", (*migrations.STEPS, broken))
    connection = connect(path, KEY)
    with pytest.raises(BugError):
        migrations.prepare(connection, path)
    assert connection.execute("SELECT count(*) FROM drafts").fetchone() == (0,)
    assert connection.execute("PRAGMA user_version").fetchone() == (steps,)
    connection.close()


def test_changed_search_fields_build_the_index_again(open_store: Callable[[], ClientStore]) -> None:
    store = open_store()
    store.commit([create("account", "a", {"name": "Adler"})])
    store.close()
    connection = connect(store.path, KEY)
    connection.execute("UPDATE meta SET value = 'older' WHERE key = 'search_signature'")
    connection.execute("INSERT INTO search (search) VALUES ('delete-all')")
    connection.close()
    again = open_store()
    assert [hit.id for hit in again.read(lambda reader: reader.search("adl"))] == ["a"]


@pytest.mark.parametrize("statement", [
    "INSERT INTO account (id, kind, name, external_id, customer_class, key_account, industry, website, vat_id, "
    "language, currency, tags, notes) VALUES ('b', '', '', '', '', 0, '', '', '', '', '', '[]', '')",
    "UPDATE account SET name = 'x'",
    "DELETE FROM account",
])  # fmt: skip
def test_guard_stops_writes_beside_the_operations(store: ClientStore, statement: str) -> None:
    store.commit([create("account", "a", {"name": "Adler"})])
    other = connect(store.path, KEY)
    with pytest.raises(dbapi2.Error, match="no such function"):
        other.execute(statement)
    other.close()
    with pytest.raises(BugError, match="operations alone"):
        store._writer.call(lambda connection: connection.execute(statement))
    assert store.read(lambda reader: reader.where("account"))[0]["name"] == "Adler"


def test_readers_cannot_write(store: ClientStore) -> None:
    with pytest.raises(StoreError, match="may not be written"):
        store.read(lambda reader: reader._connection.execute("DELETE FROM drafts"))


@pytest.mark.parametrize("version", [(3, 40, 1), (3, 51, 2), (3, 50, 6), (3, 44, 5), (3, 45, 0)])
def test_sqlite_with_the_wal_fault_is_refused(version: tuple[int, int, int]) -> None:
    with pytest.raises(StoreError, match="known fault"):
        check_sqlite(version)


@pytest.mark.parametrize("version", [(3, 51, 3), (3, 53, 4), (3, 50, 7), (3, 44, 6)])
def test_sqlite_with_the_fix_is_taken(version: tuple[int, int, int]) -> None:
    check_sqlite(version)


def test_full_disk_says_so_and_keeps_what_was_saved(store: ClientStore) -> None:
    store.commit([create("account", "a", {"name": "Adler"})])
    pages = store._connection.execute("PRAGMA page_count").fetchone()[0]
    store._connection.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(StoreError) as caught:
        store.commit([create("visit", "v", {"note": "lang " * 20_000})])
    assert caught.value.code == "disk_full"
    assert store.read(lambda reader: reader.get("account", "a")) is not None
    assert len(store.pending(10)) == 1


def test_folder_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "profile").write_text("x")
    with pytest.raises(StoreError) as caught:
        ClientStore.open(tmp_path / "profile", KEY, SystemClock())
    assert caught.value.code == "read_only"


def test_unknown_database_error_is_our_mistake(store: ClientStore) -> None:
    with pytest.raises(BugError):
        store.read(lambda reader: reader._connection.execute("SELECT * FROM nowhere"))
    assert isinstance(known_error(dbapi2.OperationalError("what")), BugError)


def test_damaged_file(folder: Path) -> None:
    ClientStore.open(folder, KEY, SystemClock()).close()
    path = folder / "crm.db"
    data = bytearray(path.read_bytes())
    data[4096 * 2 : 4096 * 40] = os.urandom(4096 * 38)
    path.write_bytes(data)
    with pytest.raises(StoreError) as caught:
        ClientStore.open(folder, KEY, SystemClock())
    assert caught.value.code in {"damaged", "wrong_key", "disk_error"}


def test_a_file_of_the_first_version_is_brought_up_to_date(folder: Path) -> None:
    with ClientStore.open(folder, KEY, SystemClock()) as store:
        store.commit([create("account", "a", {"name": "Adler"})])
    path = folder / "crm.db"
    connection = connect(path, KEY)
    for statement in (
        "CREATE TABLE write_context (id INTEGER PRIMARY KEY CHECK (id = 1), mode TEXT)",
        "INSERT INTO write_context (id, mode) VALUES (1, NULL)",
        "DROP TABLE search",
        "CREATE VIRTUAL TABLE search USING fts5 (title, names, body, digits, content='')",
        "DROP TRIGGER guard_account_update",
        "CREATE TRIGGER guard_account_update BEFORE UPDATE ON account WHEN (SELECT mode FROM write_context) IS NULL "
        "BEGIN SELECT RAISE(ABORT, 'synced tables change through operations alone'); END",
        "DROP TABLE file_blob",
        "DROP TABLE file_pending",
        "PRAGMA user_version = 1",
    ):
        connection.execute(statement)
    connection.close()
    with ClientStore.open(folder, KEY, SystemClock()) as store:
        assert [hit.id for hit in store.read(lambda reader: reader.search("adl"))] == ["a"]
        store.commit([patch("account", "a", {"name": "Bussard"})])
        assert [hit.id for hit in store.read(lambda reader: reader.search("buss"))] == ["a"]
    assert list(folder.glob("*.backup"))
    connection = connect(path, KEY)
    assert not connection.execute("SELECT 1 FROM sqlite_master WHERE sql LIKE '%write_context%'").fetchall()
    assert connection.execute("PRAGMA user_version").fetchone()[0] == len(migrations.STEPS)
    connection.close()
