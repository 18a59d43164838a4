"""A new file takes the place of the one in use: what exists only here goes over, then one step makes it the store.

While it happens nobody writes: this process holds its writer's turn, and the old file is locked for every other. The
one step is a mark in the old file. Whoever finds it, at whatever moment the process was killed, puts the new file in
its place, which is whole and on the disk by then; without the mark the old file is the store.
"""

import os
from contextlib import suppress
from pathlib import Path

import orjson

from crm_desktop.failpoints import failpoint
from crm_desktop.store import fill_sql, meta
from crm_desktop.store.connection import Connection, DatabaseError, connect
from crm_desktop.store.repair import NAMED
from crm_desktop.store.schema import guard
from crm_desktop.store.tables import ENTITY_NAMES, UNKNOWN, quoted, table
from crm_desktop.store.visible import keep_mirror, load, replayed, write

NEXT, BEFORE = ".next", ".before"
EXCHANGED = 2**30  # PRAGMA user_version of a file whose successor is ready
# What the new file says better itself; all other values of `meta` go over.
_OWN_META = (
    "cursor_seq",
    "cursor_commit",
    "caught_up",
    "scopes",
    "search_signature",
    "fill",
    "fill_piece",
    "fill_to_come",
)
_NOT_LOCAL = frozenset({*ENTITY_NAMES, "meta", "mirror", "scope_sum", "alembic_version_entities"})
_LOCK_MS = 2000


def beside(path: Path, kind: str) -> Path:
    """The file's successor (NEXT) or predecessor (BEFORE)."""
    return path.with_name(f"{path.stem}{kind}{path.suffix}")


def exchange(path: Path, key: bytes, old: Connection) -> tuple[Connection, bool]:
    """Make the filled file beside `path` the store: (its writing connection, True). `old` is closed then.

    (a connection to the old file, False) where another program has it open, or holds fast to its name. No connection
    of this process to it may be open but `old`. StoreError or a database error where the new file cannot be written.
    """
    if not _alone(old):
        return old, False
    try:
        _carry_over(old, beside(path, NEXT), key)
        staged = connect(beside(path, NEXT), key)
        try:
            _replay(staged)
            staged.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            staged.execute("PRAGMA journal_mode = DELETE")
        finally:
            staged.close()
        _flush(beside(path, NEXT))
    except BaseException:
        _share(old)
        raise
    failpoint("C12-staged")
    steps = old.execute("PRAGMA user_version").fetchone()[0]
    old.execute(f"PRAGMA user_version = {EXCHANGED}")
    failpoint("C12-marked")
    old.close()
    try:
        _put_in_place(path)
    except OSError:
        beside(path, NEXT).unlink(missing_ok=True)
        kept = connect(path, key)
        kept.execute(f"PRAGMA user_version = {steps}")
        return kept, False
    return connect(path, key), True


def complete(path: Path, connection: Connection, key: bytes) -> Connection:
    """At opening: end an exchange that was cut off behind its mark. Returns the connection to be used."""
    if connection.execute("PRAGMA user_version").fetchone()[0] != EXCHANGED:
        return connection
    connection.close()
    with suppress(FileNotFoundError):  # another program of this profile was faster
        _put_in_place(path)
    return connect(path, key)


def forget_old(path: Path) -> None:
    """The new file has proven itself."""
    beside(path, BEFORE).unlink(missing_ok=True)


def _put_in_place(path: Path) -> None:
    """FileNotFoundError where it is in its place: then the log by its side is one that another program writes."""
    beside(path, NEXT).stat()
    forget_old(path)
    with suppress(OSError):  # a disk without links keeps no predecessor: there is always one whole file by the name
        os.link(path, beside(path, BEFORE))
    for tail in ("-wal", "-shm"):
        path.with_name(path.name + tail).unlink(missing_ok=True)
    beside(path, NEXT).replace(path)
    if os.name == "posix":
        _flush(path.parent)


def _flush(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


# -- the old file for us alone ----------------------------------------------------------------------------


def _alone(old: Connection) -> bool:
    """Lock the file for every other program until `old` is closed; leaving WAL needs that nobody has it open."""
    try:
        old.execute(f"PRAGMA busy_timeout = {_LOCK_MS}")
        old.execute("PRAGMA locking_mode = EXCLUSIVE")
        if old.execute("PRAGMA journal_mode = DELETE").fetchone()[0] != "delete":
            _share(old)
            return False
        old.execute("BEGIN EXCLUSIVE")
        old.execute("COMMIT")
    except DatabaseError:
        _share(old)
        return False
    return True


def _share(old: Connection) -> None:
    """As it was."""
    if old.in_transaction:
        old.execute("ROLLBACK")
    old.execute("PRAGMA locking_mode = NORMAL")
    old.execute("SELECT count(*) FROM sqlite_master").fetchone()  # the lock is given back with the next access
    old.execute("PRAGMA journal_mode = WAL")


# -- what exists only here ----------------------------------------------------------------------------------


def _carry_over(old: Connection, target: Path, key: bytes) -> None:
    """Everything that is not the server's, and rows the new file does not have, as they are."""
    old.execute("ATTACH ? AS next KEY ?", (str(target), f"x'{key.hex()}'"))
    guard(old, lambda: True)
    try:
        old.execute("BEGIN IMMEDIATE")
        for name in _local_tables(old):
            listed = _columns(old, name)
            old.execute(f"DELETE FROM next.{quoted(name)}")
            old.execute(f"INSERT INTO next.{quoted(name)} ({listed}) SELECT {listed} FROM main.{quoted(name)}")
        marks = ", ".join("?" * len(_OWN_META))
        old.execute(
            f"INSERT OR REPLACE INTO next.meta SELECT key, value FROM main.meta WHERE key NOT IN ({marks})", _OWN_META
        )
        _name_differences(old)
        old.execute("CREATE TABLE IF NOT EXISTS next.carried (entity TEXT PRIMARY KEY, after INTEGER NOT NULL)")
        for entity in ENTITY_NAMES:
            _carry_rows(old, entity)
        old.execute("COMMIT")
    except BaseException:
        if old.in_transaction:
            old.execute("ROLLBACK")
        raise
    finally:
        old.execute("DETACH next")


def _local_tables(old: Connection) -> list[str]:
    found = old.execute("SELECT name FROM main.sqlite_master WHERE type = 'table'").fetchall()
    return [name for (name,) in found if name not in _NOT_LOCAL and not name.startswith(("sqlite_", "search"))]


def _columns(old: Connection, name: str) -> str:
    """By name: a file that was migrated has them in another order than a new one."""
    return ", ".join(quoted(row[1]) for row in old.execute(f"PRAGMA main.table_info({quoted(name)})"))


def _carry_rows(old: Connection, entity: str) -> None:
    """Rows that are only here, with the mark of how they stand to the server, and what is known of them from it."""
    name = quoted(entity)
    names, marked = _columns(old, entity), _columns(old, "mirror")
    after = old.execute(f"SELECT ifnull(max(rowid), 0) FROM next.{name}").fetchone()[0]
    old.execute(
        f"INSERT INTO next.mirror ({marked}) SELECT {marked} FROM main.mirror m WHERE entity = ?1 "
        f"AND NOT EXISTS (SELECT 1 FROM next.{name} e WHERE e.id = m.id)",
        (entity,),
    )
    old.execute(
        f"INSERT INTO next.{name} ({names}) SELECT {names} FROM main.{name} e "
        f"WHERE NOT EXISTS (SELECT 1 FROM next.{name} n WHERE n.id = e.id) ORDER BY e.rowid"
    )
    old.execute("INSERT OR REPLACE INTO next.carried VALUES (?, ?)", (entity, after))


def _name_differences(old: Connection) -> None:
    """For a repair under way: rows that are not as the server has them, where they were said to be (see `repair`)."""
    upto = meta.number(old, "repair_upto")
    if not upto:
        return
    found = {(entity, record_id) for entity, record_id in orjson.loads(meta.get(old, "repair_found", "[]"))}
    for entity in ENTITY_NAMES:
        name = quoted(entity)
        unlike = " OR ".join(f"o.{quoted(column)} IS NOT n.{quoted(column)}" for column in table(entity).names)
        rows = old.execute(
            f"SELECT n.id FROM next.{name} n LEFT JOIN main.{name} o ON o.id = n.id WHERE n.sync_ver <= ?1 "
            f"AND (o.id IS NULL OR (o.sync_ver < {UNKNOWN} AND (o.sync_ver <> {UNKNOWN} - n.sync_ver OR {unlike}))) "
            "AND NOT EXISTS (SELECT 1 FROM main.mirror m WHERE m.entity = ?2 AND m.id = n.id) "
            "AND NOT EXISTS (SELECT 1 FROM main.outbox_op p WHERE p.entity = ?2 AND p.id = n.id AND p.live = 1) "
            "LIMIT ?3",
            (upto, entity, NAMED),
        )
        found |= {(entity, record_id) for (record_id,) in rows}
    text = orjson.dumps(sorted(found)[:NAMED]).decode()
    old.execute("INSERT OR REPLACE INTO next.meta VALUES ('repair_found', ?)", (text,))


def _replay(staged: Connection) -> None:
    """In the new file: search documents of the rows that went over, own work on top of the server's rows."""
    guard(staged, lambda: True)
    fill_sql.functions(staged)
    staged.execute("BEGIN IMMEDIATE")
    for entity, after in staged.execute("SELECT entity, after FROM carried").fetchall():
        if documents := fill_sql.insert_documents(entity):
            staged.execute(documents, (after + 1, 2**62))
    staged.execute("DROP TABLE carried")
    for entity, record_id in staged.execute("SELECT DISTINCT entity, id FROM outbox_op WHERE live = 1").fetchall():
        stored = load(staged, entity, record_id)
        if stored.values is not None and stored.server.ver > 0:
            keep_mirror(staged, stored)
            write(staged, stored, replayed(stored.row, stored.server.ver, stored.live), stored.server)
    staged.execute("COMMIT")
