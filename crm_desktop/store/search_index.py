"""Writing the search index. An edit is quick; what leaves the device leaves no word behind.

FTS5 can remove words at once ('secure-delete'), which rewrites a page of the index for each word: 15 ms for a note of
forty. So an edit only marks its old words as removed. What leaves is removed at once, and as earlier wordings of it
may still lie in the file, marked, the index is then merged, some pages with each session, until they are gone. Where
much leaves together, all is marked, and merged to the end after the session; where more leaves than stays, the index
is built anew of what stays.
"""

import re
from collections.abc import Sequence

from crm_desktop.store import meta
from crm_desktop.store.connection import Connection
from crm_desktop.store.page_rows import document_of, searched_columns
from crm_desktop.store.tables import ENTITY_NAMES, document_id, quoted, table

# Segments on one level before they are merged: with FTS5's own 4 a first sync writes a sixth more pages, and a search
# takes as long.
AUTOMERGE = 16
PREFIXES = (2, 3)  # beginnings of words with an index of their own
# No content is kept twice. contentless_delete=1 leaves removed words in the index until a merge, also
# with secure-delete (tried with SQLite 3.53.4); the plain form removes what it is told exactly.
SEARCH_TABLE = (
    f"""CREATE VIRTUAL TABLE search USING fts5 (
        title, names, body, digits, content='', columnsize=0, prefix='{" ".join(map(str, PREFIXES))}',
        tokenize='unicode61 remove_diacritics 2')""",
    f"INSERT INTO search (search, rank) VALUES ('automerge', {AUTOMERGE})",
)
INSERT_DOCUMENT = "INSERT INTO search (rowid, title, names, body, digits) VALUES (?, ?, ?, ?, ?)"
DELETE_DOCUMENT = "INSERT INTO search (search, rowid, title, names, body, digits) VALUES ('delete', ?, ?, ?, ?, ?)"

Indexed = tuple[int, str, str, str, str]  # number, title, names, body, digits

_WORD = re.compile(r"[^\W_]+")  # as `unicode61` parts words
WORDS_ASKED = 100  # in one query
_SECURE = "INSERT INTO search (search, rank) VALUES ('secure-delete', ?)"
_MERGE = "INSERT INTO search (search, rank) VALUES ('merge', ?)"
MERGE_PAGES = 200  # at a time: some ten milliseconds
MANY = 50  # documents that leave together: merging everything is cheaper than removing word by word
ROWS_READ = 2000
_STAGE = "search_merge"  # '': nothing to do; 'begin' and 'go on' of a merge of everything
_ALL = "search_merge_all"  # '1': to be done at once, as words of what left lie in the file until then


def forget_documents(connection: Connection, documents: Sequence[Indexed]) -> None:
    """Delete documents whose records leave: no word stays in the file, at once or, of many, after `merge_on`."""
    if len(documents) > MANY:
        meta.put(connection, _ALL, "1")
    meta.put(connection, _STAGE, "begin")
    if not meta.get(connection, _ALL):
        connection.execute(_SECURE, (1,))
        connection.executemany(DELETE_DOCUMENT, documents)
        connection.execute(_SECURE, (0,))  # writes what waits, still securely
        documents = [document for document in documents if _found(connection, document)]
        if not documents:
            return
        # A word that was edited away and came back, or a number used again: merging some segments drops the mark that
        # an older one is void, and what is removed at once uncovers it (FTS5 of SQLite 3.53.4). Marked as removed it
        # stays hidden; the merge of everything takes it away.
        meta.put(connection, _ALL, "1")
        connection.executemany(INSERT_DOCUMENT, documents)
    connection.executemany(DELETE_DOCUMENT, documents)


def _found(connection: Connection, document: Indexed) -> bool:
    """Whether a word of the document, or the beginning of one, still leads to its number."""
    words = {word for text in document[1:] for word in _WORD.findall(text)}
    asked = sorted({f'"{word}"' for word in words} | {f'"{word[:size]}"*' for word in words for size in PREFIXES})
    for at in range(0, len(asked), WORDS_ASKED):
        match = " OR ".join(asked[at : at + WORDS_ASKED])
        found = connection.execute("SELECT 1 FROM search WHERE search MATCH ? AND rowid = ?", (match, document[0]))
        if found.fetchone():
            return True
    return False


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
