"""Opening a database of any age: client steps by number, entity migrations by Alembic, a copy before both."""

import logging
import os
import shutil
from collections.abc import Callable
from pathlib import Path

from crm_desktop.errors import BugError, StoreError
from crm_desktop.failpoints import failpoint
from crm_desktop.model.schema import (
    MIGRATIONS,
    SCHEMA_VERSION,
    VERSION_TABLE,
    migrate_entities,
    stamp_statements,
)
from crm_desktop.model.wire import columns
from crm_desktop.store.connection import Connection
from crm_desktop.store.schema import (
    CLIENT_TABLES,
    FILE_TABLES,
    drop_guards,
    new_tables,
    refresh_search,
    shape_entities,
)
from crm_desktop.store.search_index import AUTOMERGE, SEARCH_TABLE
from crm_desktop.store.tables import ENTITY_NAMES

log = logging.getLogger("crm.store")


def _first(connection: Connection) -> None:
    for statement in CLIENT_TABLES:
        connection.execute(statement)


def _leaner_saves(connection: Connection) -> None:
    """The guard asks a function of the connection, and the search index keeps no sizes nobody reads."""
    connection.execute("DROP TABLE write_context")
    connection.execute("DROP TABLE search")
    for statement in SEARCH_TABLE:
        connection.execute(statement)
    connection.execute("DELETE FROM meta WHERE key = 'search_signature'")  # filled again at the end of opening


def _files(connection: Connection) -> None:
    for statement in FILE_TABLES:
        connection.execute(statement)


def _fewer_pages(connection: Connection) -> None:
    """Indexes on a title alone go with `shape_entities`; the search index merges less often and deletes quickly."""
    connection.execute(f"INSERT INTO search (search, rank) VALUES ('automerge', {AUTOMERGE})")
    connection.execute("INSERT INTO search (search, rank) VALUES ('secure-delete', 0)")


# Forward only; PRAGMA user_version holds how many of them a file has seen. The first makes what a new file has
# today, so a new file takes none of the others.
STEPS: tuple[Callable[[Connection], None], ...] = (_first, _leaner_saves, _files, _fewer_pages)


def _entity_version(connection: Connection) -> int:
    """Schema version of the entity tables; 0 for a new file. Plain SQL: Alembic costs most of a second."""
    found = connection.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (VERSION_TABLE,)).fetchone()
    if found is None:
        return 0
    row = connection.execute(f"SELECT version_num FROM {VERSION_TABLE}").fetchone()
    return int(row[0]) if row else 0


def prepare(connection: Connection, path: Path, *, by_migrations: bool = False, folder: Path = MIGRATIONS) -> bool:
    """Bring an open database up to date; True where something had to be done.

    One transaction: a crash leaves the old state. Raises StoreError('newer_database') and changes nothing
    where a newer program has written the file. `by_migrations` builds a new file the long way too (tests).
    """
    steps_done = connection.execute("PRAGMA user_version").fetchone()[0]
    version = _entity_version(connection)
    if steps_done > len(STEPS) or version > SCHEMA_VERSION:
        raise StoreError(
            "newer_database",
            "This data was written by a newer version of the program.",
            "Install the newest version; the data is unchanged.",
        )
    fresh = version == 0 and steps_done == 0
    migrating = steps_done < len(STEPS) or version < SCHEMA_VERSION
    if migrating and not fresh:
        backup = back_up(connection, path, f"{steps_done}-{version}")
        log.info("schema %s.%s to %s.%s, copy kept as %s", steps_done, version, len(STEPS), SCHEMA_VERSION,
                 backup.name)  # fmt: skip
        failpoint("C14-copied")
    connection.execute("BEGIN IMMEDIATE")
    try:
        if migrating:
            _migrate(connection, steps_done, version, fresh and not by_migrations, folder)
            failpoint("C14-before")
        _check_columns(connection)
        rebuilt = refresh_search(connection)
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    return migrating or rebuilt


def _check_columns(connection: Connection) -> None:
    """BugError for a declared field without a column: SQLite would read its quoted name as a text."""
    found = connection.execute(
        "SELECT t.name, c.name FROM sqlite_master t JOIN pragma_table_info(t.name) c WHERE t.type = 'table'"
    )
    present = {(entity, column) for entity, column in found.fetchall()}
    for entity in ENTITY_NAMES:
        missing = [column for column in columns(entity) if (entity, column) not in present]
        if missing:
            raise BugError(f"{entity}: declared without a migration: {', '.join(missing)}")


def _migrate(connection: Connection, steps_done: int, version: int, at_head: bool, folder: Path) -> None:
    drop_guards(connection)
    if at_head:
        for statement in (*new_tables(), *stamp_statements()):
            connection.execute(statement)
    elif version < SCHEMA_VERSION:
        _run_alembic(connection, folder)
    for step in STEPS[steps_done:] if steps_done else STEPS[:1]:
        step(connection)
    shape_entities(connection)
    connection.execute(f"PRAGMA user_version = {len(STEPS)}")


def _run_alembic(connection: Connection, folder: Path) -> None:
    """Alembic on our own connection, inside our own transaction."""
    from sqlalchemy import create_engine
    from sqlalchemy.pool import StaticPool
    from sqlcipher3 import dbapi2

    engine = create_engine("sqlite://", module=dbapi2, creator=lambda: _Borrowed(connection), poolclass=StaticPool)
    with engine.connect() as borrowed:
        migrate_entities(borrowed, folder)


class _Borrowed:
    """The connection as SQLAlchemy sees it: ending the transaction and closing stay with the owner."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def __getattr__(self, name: str) -> object:
        return getattr(self._connection, name)

    def commit(self) -> None:
        """The owner commits."""

    def rollback(self) -> None:
        """The owner rolls back."""

    def close(self) -> None:
        """The owner closes."""


def back_up(connection: Connection, path: Path, label: str) -> Path:
    """Copy of the encrypted file beside it, made before its schema changes."""
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    target = path.with_name(f"{path.stem}.before-{label}.backup")
    partial = target.with_suffix(".partial")
    try:
        with path.open("rb") as source, partial.open("wb") as copy:
            shutil.copyfileobj(source, copy, 1024 * 1024)
            copy.flush()
            os.fsync(copy.fileno())
        partial.replace(target)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise StoreError(
            "no_backup",
            "The data could not be copied before its update.",
            "Free some space in the profile folder, then start again.",
        ) from error
    return target
