"""What a day asks of a large store: steps of the database are counted, never seconds."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from crm_desktop.store import lists
from crm_desktop.store.client_store import ClientStore
from crm_desktop.store.computed import computed
from crm_desktop.store.lists import Filter, ListQuery
from crm_desktop.store.news import made_by_others
from crm_desktop.store.reader import Reader

if TYPE_CHECKING:
    from tests.unit.crm_desktop.store.conftest import Pages

SINCE = "2026-11-20T00:00:00.000Z"
OLD_ID, NEW_ID = "01800000-0000-7000-8000-{:012}", "01a1f9f0-0000-7000-8000-{:012}"


def steps(store: ClientStore, work: Callable[[Reader], object]) -> int:
    """How many instructions the database ran for a reading."""
    taken = 0

    def tick() -> int:
        nonlocal taken
        taken += 1
        return 0

    def read(reader: Reader) -> None:
        reader._connection.set_progress_handler(tick, 1)
        try:
            work(reader)
        finally:
            reader._connection.set_progress_handler(None, 0)

    store.read(read)
    return taken


def put(store: ClientStore, pages: "Pages", ids: list[str], at: str, by: str | None = "bea") -> None:
    store.apply_page(
        pages.page({("visit", each): {"subject": each, "created_at": at, "created_by": by} for each in ids})
    )


def test_what_a_colleague_made_is_found_without_a_look_at_what_is_old(store: ClientStore, pages: "Pages") -> None:
    def found(reader: Reader, latest: int = 4) -> list[str]:
        rowids = made_by_others(reader._connection, "visit", "me", SINCE, 200, latest)
        return [row["id"] for row in reader.rows("visit", rowids)]

    put(store, pages, [NEW_ID.format(1)], "2026-11-21T08:00:00.000Z")  # of a first sync: any row may come first
    put(store, pages, [OLD_ID.format(n) for n in range(20)], "2026-01-05T08:00:00.000Z")
    put(store, pages, ["imported"], "2026-11-21T09:00:00.000Z")
    put(store, pages, ["mine"], "2026-11-21T10:00:00.000Z", "me")
    put(store, pages, ["nobody's"], "2026-11-21T10:00:00.000Z", None)
    assert store.read(found) == ["imported", NEW_ID.format(1)]
    few = steps(store, found)
    assert steps(store, lambda reader: found(reader, 1000)) > few + 20
    assert store.read(found) == [row["id"] for row in store.read(lambda r: r.made_by_others("visit", "me", SINCE, 200))]
    for page in range(4):
        put(store, pages, [OLD_ID.format(100 + 100 * page + n) for n in range(100)], "2026-01-05T08:00:00.000Z")
    put(store, pages, ["newest"], "2026-11-21T11:00:00.000Z")
    put(store, pages, [f"last-{n}" for n in range(3)], "2026-01-05T08:00:00.000Z")
    assert store.read(found) == ["newest", NEW_ID.format(1)]
    assert steps(store, found) < few + 20


@pytest.mark.parametrize(("entity", "name"), [("account", "visit_due_on"), ("quote", "attention_on")])
def test_a_column_that_is_filtered_and_sorted_by_is_made_once(store: ClientStore, entity: str, name: str) -> None:
    query = ListQuery(entity, (Filter("owner_id", "=", "me"), Filter(name, "<", "2026-11-22")), name)
    sql, parameters = store.read(lambda reader: lists.statement(reader._connection, query, "2026-11-22"))
    assert sql.count(computed(entity)[name].sql) == 1
    assert parameters == ["me", "2026-11-22"]
    plan = store.read(lambda reader: reader._connection.execute(f"EXPLAIN QUERY PLAN {sql}", parameters).fetchall())
    assert "MATERIALIZE made" in [row[3] for row in plan]
