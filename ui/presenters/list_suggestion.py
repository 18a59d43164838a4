"""What a list without a hit suggests: the nearest condition to loosen or leave out, and what that would show."""

from dataclasses import dataclass, replace
from datetime import date

from crm_desktop.model.columns import parse_instant
from crm_desktop.store.lists import Filter, ListQuery
from crm_desktop.store.reader import Reader
from ui.presenters.list_filters import without
from ui.presenters.titles import title_of

_DAYS = (365, 180, 90, 60, 30, 14, 7)  # the usual waits, longest first


@dataclass(frozen=True, slots=True)
class Suggestion:
    """The list `query` holds `count` records.

    It leaves out the condition `former` (None: the typed search), or takes `instead` for it; then `title` is the
    record nearest to the former condition, which waits for `days`.
    """

    query: ListQuery
    count: int
    former: Filter | None
    instead: Filter | None = None
    title: str = ""
    days: int = 0


def suggest(reader: Reader, query: ListQuery, today: date) -> Suggestion | None:
    """The nearest list that holds something; None where only the whole list does."""
    found: list[Suggestion] = []
    for number, item in enumerate(query.filters):
        rest = replace(query, filters=without(query.filters, number))
        count = reader.count(rest)
        if not count:
            continue
        loosened = _loosened(reader, query, number, rest, today) if item.op == "older" else None
        if loosened is not None:
            return loosened
        found.append(Suggestion(rest, count, item))
    if query.search:
        rest = replace(query, search="")
        found.append(Suggestion(rest, reader.count(rest), None))
    # With one condition, leaving it out is the whole list: the page offers that by itself.
    found = [item for item in found if item.count and (item.query.filters or item.query.search)]
    return min(found, key=lambda item: item.count, default=None)


def _loosened(reader: Reader, query: ListQuery, number: int, rest: ListQuery, today: date) -> Suggestion | None:
    """A shorter wait, where the records of the other conditions have waited at all."""
    item = query.filters[number]
    oldest = reader.rows(query.entity, reader.row_ids(replace(rest, sort=item.field, descending=False))[:1])
    value = oldest[0].get(item.field) if oldest else None
    if not value:
        return None
    days = (today - _day(str(value))).days
    step = next((step for step in _DAYS if step < min(days, item.value)), None)
    if step is None:
        return None
    instead = Filter(item.field, "older", step)
    loosened = replace(query, filters=tuple(instead if at == number else f for at, f in enumerate(query.filters)))
    count = reader.count(loosened)
    return Suggestion(loosened, count, item, instead, title_of(query.entity, oldest[0]), days) if count else None


def _day(text: str) -> date:
    return parse_instant(text).astimezone().date() if "T" in text else date.fromisoformat(text)
