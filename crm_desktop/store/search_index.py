"""Writing the search index. An edit is quick; what leaves the device leaves no word behind.

FTS5 can remove words at once ('secure-delete'), which rewrites a page of the index for each word: 15 ms for a note of
forty. So an edit only marks its old words as removed. What leaves is removed at once, and as earlier wordings of it
may still lie in the file, marked, the index is then merged, some pages with each session, until they are gone. Where
much leaves together, all is marked, and merged to the end after the session; where more leaves than stays, the index
is built anew of what stays.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from crm_desktop.store import meta
from crm_desktop.store.connection import Connection
from crm_desktop.store.page_rows import document_of, searched_columns
from crm_desktop.store.tables import ENTITY_NAMES, document_id, quoted, table

# Segments on one level before they are merged: with FTS5's own 4 a first sync writes a sixth more pages, and a search
# takes as long.
AUTOMERGE = 16
# No content is kept twice. contentless_delete=1 leaves removed words in the index until a merge, also
# with secure-delete (tried with SQLite 3.53.4); the plain form removes what it is told exactly.
SEARCH_TABLE = (
    """CREATE VIRTUAL TABLE search USING fts5 (
        title, names, body, digits, content='', columnsize=0, prefix='2 3',
        tokenize='unicode61 remove_diacritics 2')""",
    f"INSERT INTO search (search, rank) VALUES ('automerge', {AUTOMERGE})",
)
INSERT_DOCUMENT = "INSERT INTO search (rowid, title, names, body, digits) VALUES (?, ?, ?, ?, ?)"
DELETE_DOCUMENT = "INSERT INTO search (search, rowid, title, names, body, digits) VALUES ('delete', ?, ?, ?, ?, ?)"

_SECURE = "INSERT INTO search (search, rank) VALUES ('secure-delete', ?)"
_MERGE = "INSERT INTO search (search, rank) VALUES ('merge', ?)"
MERGE_PAGES = 200  # at a time: some ten milliseconds
MANY = 50  # documents that leave together: merging everything is cheaper than removing word by word
ROWS_READ = 2000
_STAGE = "search_merge"  # '': nothing to do; 'begin' and 'go on' of a merge of everything
_ALL = "search_merge_all"  # '1': to be done at once, as words of what left lie in the file until then


@contextmanager
def forgetting(connection: Connection, documents: int = 1) -> Iterator[None]:
    """Documents deleted inside leave no word in the file: at once, or if they are many after `merge_on`. May be nested.

    `documents`: about how many.
    """
    if documents > MANY:
        meta.put(connection, _ALL, "1")
    if meta.get(connection, _ALL):
        meta.put(connection, _STAGE, "begin")
        yield
        return
    found = connection.execute("SELECT v FROM search_config WHERE k = 'secure-delete'").fetchone()
    if found is not None and found[0]:
        yield
        return
    connection.execute(_SECURE, (1,))
    yield
    connection.execute(_SECURE, (0,))  # writes what waits, still securely
    meta.put(connection, _STAGE, "begin")


def merge_on(connection: Connection) -> bool:
    """Merge some pages where something left. True: there is more that should not wait for the next session."""
    stage = meta.get(connection, _STAGE)
    if not stage:
        return False
    before = connection.total_changes
    # A negative number puts all segments on one level first: the merge then goes through everything.
    connection.execute(_MERGE, (-MERGE_PAGES if stage == "begin" else MERGE_PAGES,))
    if stage == "begin" or connection.total_changes - before >= 2:
        meta.put(connection, _STAGE, "go on")
        return bool(meta.get(connection, _ALL))
    meta.put(connection, _STAGE, "")
    meta.put(connection, _ALL, "")
    return False


def index_anew(connection: Connection) -> None:
    """The index of the rows that are here, in place of the present one; no word of any other is left in it."""
    connection.execute("INSERT INTO search (search) VALUES ('delete-all')")
    for entity in ENTITY_NAMES:
        spec = table(entity)
        if not spec.searched:
            continue
        texts = ", ".join(quoted(spec.names[index]) for index in searched_columns(entity))
        cursor = connection.execute(f"SELECT rowid, {texts} FROM {quoted(entity)} ORDER BY rowid")
        while rows := cursor.fetchmany(ROWS_READ):
            documents = ((document_id(entity, row[0]), document_of(spec, row[1:])) for row in rows)
            connection.executemany(INSERT_DOCUMENT, [(at, *found) for at, found in documents if found is not None])
    meta.put(connection, _STAGE, "")
    meta.put(connection, _ALL, "")
