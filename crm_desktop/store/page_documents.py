"""The search documents of a page: gathered while its rows come and go, written together."""

from typing import Any

from crm_desktop.store.connection import Connection
from crm_desktop.store.search_index import INSERT_DOCUMENT, Indexed, forget_documents, index_anew
from crm_desktop.store.tables import ENTITY_NAMES, quoted, table

# Where so many records leave together, and more than stay, the index is built anew of what stays: removing words one
# by one and merging the index costs twice as much. A save waits meanwhile, so what stays has a bound: half a second.
MANY, MOST_STAYING = 500, 10_000


class PageDocuments:
    """What one page puts into the search index and takes out of it, waiting for `flush`.

    Documents go in by rising number: FTS5 writes a segment each time a number falls or another statement opens a
    savepoint.
    """

    def __init__(self, connection: Connection) -> None:
        self.entering: list[tuple[Any, ...]] = []
        self.leaving: list[Indexed] = []
        self.anew = False
        """The index is built anew when the page ends: what it holds until then does not matter."""
        self._connection = connection

    def expect(self, departures: int) -> None:
        """So many records leave with this page."""
        if departures < MANY:
            return
        here = 0
        for entity in ENTITY_NAMES:
            if table(entity).searched:
                here += self._connection.execute(f"SELECT count(*) FROM {quoted(entity)}").fetchone()[0]
        self.anew = here - departures < min(departures, MOST_STAYING)

    def flush(self) -> None:
        """Put what waits into the index, take out what left; before anything that may undo it."""
        if self.entering and not self.anew:
            self._connection.executemany(INSERT_DOCUMENT, sorted(self.entering))
        self.entering.clear()
        if self.leaving and not self.anew:
            forget_documents(self._connection, sorted(self.leaving))
        self.leaving.clear()

    def finish(self) -> None:
        """The page is through."""
        self.flush()
        if self.anew:
            index_anew(self._connection)
            self.anew = False
