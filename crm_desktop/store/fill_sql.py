"""SQL by which a prepared part enters the file: rows, sort keys and search documents without Python row by row."""

from collections.abc import Iterable
from functools import cache
from operator import methodcaller

from crm_desktop.store.connection import Connection
from crm_desktop.store.schema import entity_indexes
from crm_desktop.store.search_index import AUTOMERGE
from crm_desktop.store.tables import ENTITY_BITS, ENTITY_NAMES, ENTITY_NUMBER, PHONE_KINDS, number_tails, quoted, table
from crm_desktop.store.writer import Writer

# FTS5 gathers this many bytes of words before it writes a segment, and writes segments without merging each few.
# They are merged later, a bit with each write of many: `crisismerge` stays high, or else the first save would merge
# all of them at once.
WORDS_BYTES = 64 * 1024 * 1024
_BULK = (("hashsize", WORDS_BYTES), ("automerge", 0), ("crisismerge", 1000))
_USUAL = (("hashsize", 1024 * 1024), ("automerge", AUTOMERGE))


def folding(value: str) -> str:
    """SQL that folds a text as `rules.folding` does: by SQLite's own functions where it is ASCII."""
    plain = f"replace(replace(replace(lower({value}), 'ae', 'a'), 'oe', 'o'), 'ue', 'u')"
    return f"CASE WHEN length({value}) <> octet_length({value}) THEN fold({value}) ELSE {plain} END"


@cache
def insert_rows(entity: str) -> str:
    """Parameters: rowid, id, the columns, version, hash, scopes, root."""
    spec = table(entity)
    names = ["id", *spec.names, "sync_ver", "sync_hash", "sync_scopes", "sync_root"]
    marks = ", ".join(f"?{place}" for place in range(1, len(names) + 2))
    titles = [f"nullif(?{at + 3}, '')" for at in spec.title]
    title = titles[0] if len(titles) == 1 else f"coalesce({', '.join(titles)})"
    key = f"ifnull({folding(title)}, '')" if titles else "''"
    return f"INSERT INTO {quoted(entity)} (rowid, {', '.join(map(quoted, names))}, sort_key) VALUES ({marks}, {key})"


@cache
def insert_documents(entity: str) -> str:
    """Search documents of the rows from one rowid to another; empty where nothing is searched."""
    spec = table(entity)
    if not spec.searched:
        return ""

    def joined(places: Iterable[int]) -> str:
        return " || ' ' || ".join(f"ifnull({quoted(spec.names[at])}, '')" for at in places)

    def folded(places: tuple[int, ...]) -> str:
        return folding(f"({joined(places)})") if places else "''"

    digits = "''"
    if spec.number is not None:
        kind, value = (quoted(spec.names[at]) for at in spec.number)
        kinds = ", ".join(f"'{name}'" for name in sorted(PHONE_KINDS))
        digits = f"CASE WHEN {kind} IN ({kinds}) THEN number_tails({value}) ELSE '' END"
    every = joined((*spec.in_title, *spec.in_names, *spec.in_body))
    return (
        "INSERT INTO search (rowid, title, names, body, digits) "
        f"SELECT (rowid << {ENTITY_BITS}) | {ENTITY_NUMBER[entity]}, {folded(spec.in_title)}, {folded(spec.in_names)}, "
        f"{folded(spec.in_body)}, {digits} FROM {quoted(entity)} "
        f"WHERE rowid BETWEEN ? AND ? AND trim({every}) <> '' ORDER BY rowid"
    )


def bulk_search(connection: Connection, *, on: bool) -> None:
    """Let the search index take many documents, or single ones as usual."""
    for name, value in _BULK if on else _USUAL:
        connection.execute("INSERT INTO search (search, rank) VALUES (?, ?)", (name, value))


def functions(connection: Connection) -> None:
    """What the statements need beside `fold`."""
    connection.create_function("number_tails", 1, lambda value: number_tails(str(value or "")), deterministic=True)


def drop_indexes(connection: Connection) -> None:
    """Take them off while rows arrive in bulk: kept up row by row in an order that is not theirs, they cost most."""
    marks = ", ".join("?" * len(ENTITY_NAMES))
    found = connection.execute(
        f"SELECT name FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name IN ({marks})",
        ENTITY_NAMES,
    )
    for (name,) in found.fetchall():
        connection.execute(f"DROP INDEX {quoted(name)}")


def build_indexes(writer: Writer) -> None:
    """Build those that are off, one transaction each: a save waits for one only."""
    for statement in entity_indexes():
        writer.call(methodcaller("execute", statement), durable=False)


class Unguarded:
    """Takes the insert guard off a table for one statement run: a call of Python for each row."""

    def __init__(self, connection: Connection, entity: str) -> None:
        self._connection = connection
        self._name = f"guard_{entity}_insert"
        self._sql = ""

    def __enter__(self) -> None:
        found = self._connection.execute("SELECT sql FROM sqlite_master WHERE name = ?", (self._name,)).fetchone()
        self._sql = str(found[0])
        self._connection.execute(f"DROP TRIGGER {quoted(self._name)}")

    def __exit__(self, *_error: object) -> None:
        if self._connection.in_transaction:
            self._connection.execute(self._sql)
