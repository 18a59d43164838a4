"""Engines for SQLite and PostgreSQL. A write transaction is told apart by an execution option.

SQLite comes from the sqlcipher3 module (without a key) because the interpreter's own library may carry the
WAL-reset bug; its driver must not open transactions by itself, so that DDL and savepoints roll back.
"""

import logging
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, OperationalError
from sqlalchemy.pool import QueuePool

from crm_desktop.errors import StoreError
from crm_desktop.sqlite_driver import CACHED_STATEMENTS
from crm_desktop.sqlite_driver import dbapi2 as sqlite
from server.settings import Settings

_log = logging.getLogger("crm.server")
WRITES = "crm_write"
_FIXED_SQLITE = (3, 51, 3)
_DISK_STATES = frozenset({"53100", "58030"})  # PostgreSQL: disk_full, io_error
_LIMIT_STATES = "54"  # PostgreSQL: program_limit_exceeded, as of a text too long for its index
_DISK_WORDS = ("database or disk is full", "disk i/o error", "unable to open database file")


def open_engine(database: str, settings: Settings) -> Engine:
    """Engine for a PostgreSQL address or the path of an SQLite file."""
    path = sqlite_path(database)
    return _postgres(database, settings) if path is None else _sqlite(path, settings)


def sqlite_path(database: str) -> Path | None:
    """The file of an SQLite database; None for another kind."""
    if "://" in database and not database.startswith("sqlite"):
        return None
    return Path((make_url(database).database if database.startswith("sqlite://") else database) or "")


def is_sqlite(bind: Engine | Connection) -> bool:
    """Whether the bind speaks SQLite."""
    return bind.dialect.name == "sqlite"


def write_anew(engine: Engine) -> None:
    """Clear the free room of an SQLite file, where what was deleted stays readable. PostgreSQL clears up by itself.

    Where the file is in use for too long or the disk is full, that is logged: the erasure holds all the same.
    """
    if not is_sqlite(engine):
        return
    raw = engine.raw_connection()
    try:
        cursor = raw.cursor()
        cursor.execute("VACUUM")
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        cursor.close()
    except sqlite.OperationalError as error:
        _log.warning("what was erased may stay in free room of the file until the next erasure: %s", error)
    finally:
        raw.close()


def psycopg_address(database: str) -> str:
    """The address in the form psycopg itself takes (without a driver name)."""
    url: URL = make_url(database).set(drivername="postgresql")
    return url.render_as_string(hide_password=False)


def passes(error: DBAPIError) -> bool:
    """Whether the same may succeed later: the database is locked by another, or PostgreSQL went away."""
    text = str(error.orig).lower()
    if "locked" in text or "lock timeout" in text or "deadlock" in text:
        return True
    away = error.connection_invalidated or (
        isinstance(error, OperationalError)
        and type(error.orig).__module__.startswith("psycopg")
        and not refuses_content(error)
    )
    if away:
        _log.warning("the database cannot be reached: %s", type(error.orig).__name__)
    return away


def refuses_content(error: DBAPIError) -> bool:
    """Whether the database cannot take the values, however often they come."""
    state = str(getattr(error.orig, "sqlstate", None) or "")
    return isinstance(error, (DataError, IntegrityError)) or state.startswith(_LIMIT_STATES)


def disk_failed(error: DBAPIError) -> bool:
    """Whether the database's disk is full or broken: nothing can be written until somebody has seen to it."""
    state = getattr(error.orig, "sqlstate", None)
    if state is not None:
        return state in _DISK_STATES
    text = str(error.orig).lower()
    return any(words in text for words in _DISK_WORDS)


def disk_error() -> StoreError:
    """What is said then."""
    return StoreError(
        "server_disk",
        "The server's disk is full or broken.",
        "Tell your administrator. What you wrote stays on this laptop and is sent later.",
    )


def _postgres(database: str, settings: Settings) -> Engine:
    url = make_url(database)
    if url.get_backend_name() != "postgresql":
        raise StoreError(
            "unknown_database",
            f"There is no support for {url.get_backend_name()!r} databases.",
            "Give the path of an SQLite file or a postgresql:// address.",
        )
    engine = create_engine(
        url.set(drivername="postgresql+psycopg"),
        isolation_level="READ COMMITTED",
        pool_size=20,
        max_overflow=20,
        pool_pre_ping=True,
        hide_parameters=True,  # an error that is logged names no customer
        connect_args={"options": f"-c lock_timeout={int(settings.lock_wait_s * 1000)} -c timezone=UTC"},
    )
    return engine


def _sqlite(path: Path, settings: Settings) -> Engine:
    if sqlite.sqlite_version_info < _FIXED_SQLITE:
        raise StoreError(
            "old_sqlite",
            f"SQLite {sqlite.sqlite_version} may lose committed changes.",
            "Install a newer sqlcipher3 package.",
        )

    def connect() -> Any:
        raw = sqlite.connect(
            str(path),
            timeout=settings.sqlite_wait_s,
            isolation_level=None,
            check_same_thread=False,
            cached_statements=CACHED_STATEMENTS,
        )
        cursor = raw.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA cache_size=-16384")
        cursor.execute("PRAGMA temp_store=MEMORY")
        cursor.close()
        return raw

    engine = create_engine(
        "sqlite://",
        module=sqlite,
        creator=connect,
        pool_size=20,
        max_overflow=20,
        pool_use_lifo=True,  # each keeps pages of the file: one that is warm serves, the others stay small
        poolclass=QueuePool,
        hide_parameters=True,
    )

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get(WRITES, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine
