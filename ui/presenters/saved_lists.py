"""The user's own lists: filters, order and columns under a name, kept inside the encrypted file."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from crm_desktop.ids import new_id
from crm_desktop.store.lists import Filter, ListQuery
from ui.presenters.kept_settings import SettingsStore

_KEY = "saved_lists"


@dataclass(frozen=True, slots=True)
class SavedList:
    """One list of the navigation. `page` is the list page it belongs to; no `columns`: those of the page."""

    id: str
    name: str
    page: str
    entity: str
    filters: tuple[Filter, ...] = ()
    sort: str = ""
    descending: bool = False
    columns: tuple[str, ...] = field(default=())

    def query(self) -> ListQuery:
        """The list as the store reads it."""
        return ListQuery(self.entity, self.filters, self.sort, self.descending)


def load(store: SettingsStore) -> list[SavedList]:
    """All lists in the order they were saved; an unreadable one is left out."""
    found: list[SavedList] = []
    for item in orjson.loads(store.get_setting(_KEY) or "[]"):
        filters = tuple(Filter(part["field"], part["op"], part["value"]) for part in item["filters"])
        found.append(
            SavedList(
                item["id"],
                item["name"],
                item["page"],
                item["entity"],
                filters,
                item["sort"],
                item["descending"],
                tuple(item.get("columns", ())),
            )
        )
    return found


def find(store: SettingsStore, list_id: str) -> SavedList | None:
    """One list, None where it was removed."""
    return next((saved for saved in load(store) if saved.id == list_id), None)


def save(store: SettingsStore, name: str, page: str, query: ListQuery, columns: Sequence[str] = ()) -> SavedList:
    """Keep a list under a name; a list of the same page and name is replaced."""
    lists = load(store)
    former = next((saved for saved in lists if saved.name == name and saved.page == page), None)
    fresh = SavedList(
        former.id if former else new_id(),
        name,
        page,
        query.entity,
        query.filters,
        query.sort,
        query.descending,
        tuple(columns),
    )
    if former is None:
        lists.append(fresh)
    else:
        lists[lists.index(former)] = fresh
    _write(store, lists)
    return fresh


def remove(store: SettingsStore, list_id: str) -> SavedList | None:
    """Take a list out of the navigation; returns it, so that it can be put back."""
    lists = load(store)
    gone = next((saved for saved in lists if saved.id == list_id), None)
    if gone is not None:
        lists.remove(gone)
        _write(store, lists)
    return gone


def put_back(store: SettingsStore, saved: SavedList) -> None:
    """Undo of `remove`."""
    _write(store, [*load(store), saved])


def _write(store: SettingsStore, lists: Sequence[SavedList]) -> None:
    plain: list[dict[str, Any]] = [
        {
            "id": saved.id,
            "name": saved.name,
            "page": saved.page,
            "entity": saved.entity,
            "filters": [{"field": f.field, "op": f.op, "value": f.value} for f in saved.filters],
            "sort": saved.sort,
            "descending": saved.descending,
            "columns": list(saved.columns),
        }
        for saved in lists
    ]
    store.set_setting(_KEY, orjson.dumps(plain).decode())
