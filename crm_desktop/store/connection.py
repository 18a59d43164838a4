"""Connections to the encrypted file: opening, the pragmas we rely on, and what its errors mean."""

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from crm_desktop.errors import BugError, CrmError, StoreError
from crm_desktop.sqlite_driver import CACHED_STATEMENTS, dbapi2
from crm_desktop.store.tables import folded

if TYPE_CHECKING:
    from sqlite3 import Connection as Connection
else:
    Connection = dbapi2.Connection

DatabaseError = dbapi2.Error
IntegrityError = dbapi2.IntegrityError
# A value no column takes: of a type SQLite has not, or none where one has to be.
ValueRefused = (dbapi2.ProgrammingError, dbapi2.InterfaceError, dbapi2.IntegrityError)

KEY_BYTES = 32
BUSY_SECONDS = 10.0
CACHE_KIB = 32 * 1024
CHECKPOINT_PAGES = 4000  # a page of a first sync dirties thousands: fewer checkpoints copy each of them less often
ROOM_BYTES = 1024 * 1024  # what opening takes on the disk, and a bit more

# Result codes of SQLite (primary codes) that a user can do something about.
_KNOWN: dict[int, tuple[str, str, str]] = {
    3: ("read_only", "The database may not be written.", "Check the permissions of the profile folder."),
    5: ("locked", "The database is in use by another program.", "Close other windows of this profile."),
    6: ("locked", "The database is in use by another program.", "Close other windows of this profile."),
    8: ("read_only", "The database may not be written.", "Check the permissions of the profile folder."),
    10: ("disk_error", "The disk reported an error.", "Check the disk, then start the program again."),
    11: ("damaged", "The database is damaged.", "Keep the folder and restore the newest backup copy."),
    13: ("disk_full", "The disk is full, so nothing was saved.", "Free some space, then save again."),
    14: ("read_only", "The database cannot be opened.", "Check that the profile folder exists and is yours."),
    26: (
        "wrong_key",
        "The key does not open this database.",
        "Use the key this profile was made with; the data itself is untouched.",
    ),
}


def known_error(error: Exception) -> CrmError:
    """The error of ours for one of the database: something the user can act on, else a mistake of ours."""
    code = getattr(error, "sqlite_errorcode", None)
    if code is None:
        if "file is not a database" in str(error):
            code = 26
        elif "database is locked" in str(error):
            code = 5
    known = _KNOWN.get((code or 0) & 0xFF)
    if known is None:
        return BugError(f"database: {error}")
    return StoreError(*known)


def fixed_sqlite(version: tuple[int, int, int]) -> bool:
    """Whether this SQLite carries the fix of the WAL-reset corruption (3.51.3, 3.50.7, 3.44.6)."""
    return (
        version >= (3, 51, 3)
        or (version[:2] == (3, 50) and version[2] >= 7)
        or (version[:2] == (3, 44) and version[2] >= 6)
    )


def sqlite_version() -> str:
    """Version of the SQLite inside; StoreError where it could lose committed data."""
    check_sqlite(dbapi2.sqlite_version_info)
    return str(dbapi2.sqlite_version)


def check_sqlite(version: tuple[int, int, int]) -> None:
    """StoreError where the SQLite inside could lose committed data."""
    if not fixed_sqlite(version):
        number = ".".join(map(str, version))
        raise StoreError(
            "old_sqlite",
            f"The database library {number} has a known fault that can lose data.",
            "Install the program again with its own libraries.",
            version=number,
        )


def connect(path: Path, key: bytes, *, read_only: bool = False) -> Connection:
    """An open connection in autocommit mode; transactions are begun by hand.

    `key` is the raw 32-byte key: SQLCipher would stretch a passphrase on each connection (0.6 s).
    Raises StoreError (see `known_error`).
    """
    if len(key) != KEY_BYTES:
        raise BugError("the key has 32 bytes")
    check_sqlite(dbapi2.sqlite_version_info)
    connection: Connection | None = None
    try:
        connection = dbapi2.connect(
            str(path),
            timeout=BUSY_SECONDS,
            isolation_level=None,
            check_same_thread=False,
            cached_statements=CACHED_STATEMENTS,
        )
        connection.execute("PRAGMA cipher_log_level = NONE")  # it would write to standard error beside our message
        connection.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        if read_only:
            connection.execute("PRAGMA query_only = ON")
        else:
            connection.execute("PRAGMA journal_mode = WAL")
            # A commit reported is a commit on the disk: WAL alone may lose the last ones in a power cut.
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA secure_delete = ON")
            connection.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}")
        connection.execute("PRAGMA temp_store = MEMORY")
        connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
        connection.create_function("fold", 1, _fold, deterministic=True)
    except dbapi2.Error as error:
        if connection is not None:
            connection.close()
        raise _at_opening(known_error(error), path) from error
    return connection


def _at_opening(error: CrmError, path: Path) -> CrmError:
    """A disk without room for the working files is a full disk, though SQLite calls it an I/O error."""
    if getattr(error, "code", "") == "disk_error" and shutil.disk_usage(path.parent).free < ROOM_BYTES:
        return StoreError(*_KNOWN[13])
    return error


def _fold(value: object) -> str:
    return folded(str(value)) if value else ""
