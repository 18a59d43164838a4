"""The first filling by pages, where a server has no parts prepared: indexes are built once, behind the last page.

Kept up while rows arrive in an order that is not theirs they cost most of it, as do the merges of the search index.
A session that breaks off leaves them off until another one has come to the end: lists are slower, nothing is wrong.
"""

from crm_desktop.store import fill_sql, fill_state, meta
from crm_desktop.store.connection import Connection
from crm_desktop.store.tables import ENTITY_NAMES, quoted
from crm_desktop.store.writer import Writer

LEAST = 500  # rows of a page: for fewer, taking the indexes off and on costs more than keeping them
_UNDER_WAY = "first_pages"


def begin(connection: Connection, rows: int) -> None:
    """Before a page of so many rows with more behind it: a copy that holds few goes on without its indexes.

    Not only the first page: a server may begin with a small one.
    """
    if rows < LEAST or under_way(connection) or fill_state.stored_fill(connection) or not _holds_few(connection):
        return
    fill_sql.drop_indexes(connection)
    fill_sql.bulk_search(connection, on=True)
    meta.put(connection, _UNDER_WAY, 1)


def _holds_few(connection: Connection) -> bool:
    held = 0
    for entity in ENTITY_NAMES:
        found = connection.execute(f"SELECT count(*) FROM (SELECT 1 FROM {quoted(entity)} LIMIT {LEAST})").fetchone()
        held += found[0]
        if held >= LEAST:
            return False
    return True


def under_way(connection: Connection) -> bool:
    """Whether the indexes are off."""
    return bool(meta.number(connection, _UNDER_WAY))


def end(writer: Writer) -> None:
    """Behind the last page: build the indexes; searches and saves go on as usual."""
    fill_sql.build_indexes(writer)
    writer.call(_usual)


def _usual(connection: Connection) -> None:
    fill_sql.bulk_search(connection, on=False)
    meta.put(connection, _UNDER_WAY, 0)
