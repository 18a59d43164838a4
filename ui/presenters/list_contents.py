"""What a list page shows beside its rows: which rows, how they stand, what to do where there is none."""

from array import array
from dataclasses import dataclass
from datetime import date
from threading import Event

from crm_desktop.store.lists import Filter, ListQuery
from crm_desktop.store.reader import Reader
from ui.presenters.list_suggestion import Suggestion, suggest


class ListReading:
    """One reading of a list on a worker thread, to be ended by `stop`."""

    def __init__(self) -> None:
        self.stop = Event()

    def go_on(self, _steps: int) -> bool:
        """Whether somebody still waits for it."""
        return not self.stop.is_set()


@dataclass(frozen=True, slots=True)
class ListContents:
    """Row numbers in order, all records of the kind, rows by state, the way out of an empty list.

    `sought` is the row number of a record that was asked for, None where the list does not hold it.
    """

    ids: "array[int]"
    total: int
    states: dict[str, int]
    suggestion: Suggestion | None
    sought: int | None = None


def load_contents(reader: Reader, query: ListQuery, today: date, sought: str = "") -> ListContents:
    """Read a list without its rows; `sought` is the id of a record to be found in it."""
    ids = reader.row_ids(query)
    number = next(iter(reader.row_ids(ListQuery(query.entity, (Filter("id", "=", sought),)))), None) if sought else None
    narrowed = bool(query.filters or query.search)
    return ListContents(
        ids,
        reader.count(ListQuery(query.entity)) if narrowed else len(ids),
        reader.state_counts(query.entity, ids),
        suggest(reader, query, today) if narrowed and not ids else None,
        number if number in ids else None,
    )
