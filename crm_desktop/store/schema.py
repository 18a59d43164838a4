"""What the client's file holds beside the entity tables: sync columns, guards, outbox, mirror, search."""

from collections.abc import Callable

from crm_desktop.model.schema import index_statements, table_statements
from crm_desktop.store.connection import Connection
from crm_desktop.store.search_index import INSERT_DOCUMENT, SEARCH_TABLE
from crm_desktop.store.tables import (
    ENTITY_NAMES,
    SYNC_COLUMNS,
    document_id,
    quoted,
    search_signature,
    table,
)

FILE_TABLES = (
    # local: only here. here: here and on the server. wanted: a person waits for it. missing: the server has not got it.
    """CREATE TABLE file_blob (
        sha256 TEXT PRIMARY KEY, size INTEGER NOT NULL, sent INTEGER NOT NULL DEFAULT 0, epoch TEXT NOT NULL DEFAULT '',
        state TEXT NOT NULL CHECK (state IN ('local', 'here', 'wanted', 'missing', 'damaged'))) WITHOUT ROWID""",
    # A file whose record waits for its bytes to be on the server.
    """CREATE TABLE file_pending (
        id TEXT PRIMARY KEY, sha256 TEXT NOT NULL, parent_entity TEXT NOT NULL, parent_id TEXT NOT NULL,
        json TEXT NOT NULL, removed INTEGER NOT NULL DEFAULT 0, refused TEXT NOT NULL DEFAULT '') WITHOUT ROWID""",
)
CLIENT_TABLES = (
    "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
    # n orders the transactions for ever; client_seq counts anew with each device id.
    """CREATE TABLE outbox_txn (
        n INTEGER PRIMARY KEY, device_id TEXT NOT NULL, client_seq INTEGER NOT NULL, txn_id TEXT NOT NULL,
        seen_cursor INTEGER NOT NULL, at TEXT NOT NULL, resolves TEXT, attempted_at TEXT,
        state TEXT NOT NULL CHECK (state IN ('pending', 'acked', 'covered')), void INTEGER NOT NULL DEFAULT 0,
        commit_seq INTEGER, acked_at TEXT, UNIQUE (device_id, client_seq))""",
    "CREATE INDEX outbox_txn_state ON outbox_txn (state, n) WHERE state <> 'covered'",
    # live: still replayed on top of the server's row. Few indexes: a save writes a page of each.
    """CREATE TABLE outbox_op (
        txn INTEGER NOT NULL, n INTEGER NOT NULL, op_id TEXT NOT NULL, entity TEXT NOT NULL, id TEXT NOT NULL,
        k TEXT NOT NULL, live INTEGER NOT NULL, json TEXT NOT NULL, sha256 TEXT NOT NULL, outcome TEXT, detail TEXT,
        PRIMARY KEY (txn, n)) WITHOUT ROWID""",
    "CREATE INDEX outbox_op_live ON outbox_op (entity, id) WHERE live = 1",
    # The server's row under operations not yet covered; json NULL: it left this device or was deleted.
    """CREATE TABLE mirror (
        entity TEXT NOT NULL, id TEXT NOT NULL, row_ver INTEGER NOT NULL, json TEXT, hash INTEGER NOT NULL,
        scopes TEXT NOT NULL, root TEXT NOT NULL, PRIMARY KEY (entity, id)) WITHOUT ROWID""",
    """CREATE TABLE quarantine_local (
        txn INTEGER PRIMARY KEY, code TEXT NOT NULL, message TEXT NOT NULL, at TEXT NOT NULL, closed_at TEXT)""",
    "CREATE TABLE drafts (key TEXT PRIMARY KEY, json TEXT NOT NULL, at TEXT NOT NULL) WITHOUT ROWID",
    "CREATE TABLE sync_log (n INTEGER PRIMARY KEY, json TEXT NOT NULL)",
    "CREATE TABLE scope_sum (scope TEXT PRIMARY KEY, sum INTEGER NOT NULL) WITHOUT ROWID",
    *SEARCH_TABLE,
    *FILE_TABLES,
)
MAY_WRITE = "crm_may_write"


def guard(connection: Connection, may_write: Callable[[], bool]) -> None:
    """Tell the triggers of the synced tables whether this connection may write now.

    A program without this function cannot write them at all: SQLite refuses the statement.
    """
    connection.create_function(MAY_WRITE, 0, may_write)


def new_tables() -> list[str]:
    """DDL of the entity tables of a new file with their sync columns in it.

    `shape_entities` would add those that are missing, but SQLite reads the whole schema again for each column:
    three quarters of the time that a new file took.
    """
    added = "".join(f"\t{name} {declared}, \n" for name, declared in SYNC_COLUMNS)
    return [text.replace("\tPRIMARY KEY (", f"{added}\tPRIMARY KEY (", 1) for text in table_statements()]


def shape_entities(connection: Connection) -> None:
    """Give every entity table its sync columns, indexes and guards; call in the migrating transaction."""
    for entity in ENTITY_NAMES:
        present = {row[1] for row in connection.execute(f"PRAGMA table_info({quoted(entity)})")}
        for name, declared in SYNC_COLUMNS:
            if name not in present:
                connection.execute(f"ALTER TABLE {quoted(entity)} ADD COLUMN {name} {declared}")
        for event in ("insert", "update", "delete"):
            connection.execute(
                f"CREATE TRIGGER IF NOT EXISTS {quoted(f'guard_{entity}_{event}')} BEFORE {event.upper()} ON "
                f"{quoted(entity)} WHEN NOT {MAY_WRITE}() "
                "BEGIN SELECT RAISE(ABORT, 'synced tables change through operations alone'); END"
            )
        connection.execute(f"DROP INDEX IF EXISTS {quoted(_title_index(entity))}")
    for statement in entity_indexes():
        connection.execute(statement)


def entity_indexes() -> list[str]:
    """Statements of all secondary indexes of the entity tables.

    The title alone has none: lists sort by its folded form, and an index more is two pages more in a save.
    """
    by_title = {_title_index(entity) for entity in ENTITY_NAMES}
    sorting = [
        f"CREATE INDEX IF NOT EXISTS {quoted(f'ix_{entity}_sort_key')} ON {quoted(entity)} (sort_key)"
        for entity in ENTITY_NAMES
    ]
    every = [*sorting, *(text for text in index_statements() if text.split('"')[1] not in by_title)]
    # Table after table: what fits into memory is read once for all of its indexes.
    return sorted(every, key=lambda text: text.split('"')[3])


def _title_index(entity: str) -> str:
    spec = table(entity)
    return f"ix_{entity}_{spec.names[spec.title[0]]}" if spec.title else ""


def drop_guards(connection: Connection) -> None:
    """Take the guards off while migrations reshape tables; `shape_entities` puts them back."""
    names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'guard_%'")
    for (name,) in names.fetchall():
        connection.execute(f"DROP TRIGGER {quoted(name)}")


def refresh_search(connection: Connection) -> bool:
    """Build search index and sort keys again where the declaration says something else than they hold."""
    signature = search_signature()
    stored = connection.execute("SELECT value FROM meta WHERE key = 'search_signature'").fetchone()
    if stored is not None and stored[0] == signature:
        return False
    connection.execute("INSERT INTO search (search) VALUES ('delete-all')")
    guard(connection, lambda: True)
    for entity in ENTITY_NAMES:
        _index_entity(connection, entity)
    connection.execute(
        "INSERT INTO meta (key, value) VALUES ('search_signature', ?) "
        "ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        (signature,),
    )
    return True


def _index_entity(connection: Connection, entity: str) -> None:
    spec = table(entity)
    cursor = connection.execute(f"SELECT rowid, id, {spec.select} FROM {quoted(entity)}")
    while rows := cursor.fetchmany(2000):
        documents = []
        keys = []
        for rowid, record_id, *stored in rows:
            values = spec.values(spec.row(record_id, stored))
            keys.append((spec.sort_key(values), rowid))
            document = spec.document(values) if spec.searched else None
            if document is not None:
                documents.append((document_id(entity, rowid), *document))
        connection.executemany(INSERT_DOCUMENT, documents)
        connection.executemany(f"UPDATE {quoted(entity)} SET sort_key = ? WHERE rowid = ? AND sort_key <> ?1", keys)
