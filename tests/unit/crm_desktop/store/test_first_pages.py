"""A first filling by pages: indexes are off until the last page, whatever comes between."""

from typing import TYPE_CHECKING, Any

import pytest

from crm_desktop.store import first_pages
from crm_desktop.store.client_store import ClientStore
from crm_desktop.store.connection import Connection
from crm_desktop.store.intents import create
from crm_desktop.store.pull_apply import PageApply
from crm_desktop.store.reader import Reader

if TYPE_CHECKING:
    from tests.unit.crm_desktop.store.conftest import Pages

INDEXES = "SELECT name FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL ORDER BY name"
SEARCH = "SELECT k, v FROM search_config WHERE k IN ('automerge', 'crisismerge') ORDER BY k"


def stored(store: ClientStore, sql: str) -> list[Any]:
    return store.read(lambda reader: reader._connection.execute(sql).fetchall())


def accounts(first: int, count: int = first_pages.LEAST) -> dict[tuple[str, str], dict[str, Any]]:
    return {("account", f"acc-{number:05}"): {"name": f"Wort{number}"} for number in range(first, first + count)}


def found(reader: Reader) -> list[str]:
    return [hit.id for hit in reader.search("Wort7")]


def test_indexes_are_built_behind_the_last_page(store: ClientStore, pages: "Pages") -> None:
    before = stored(store, INDEXES)
    searching = stored(store, SEARCH)
    store.apply_page(pages.page(accounts(0), more=True))
    assert len(stored(store, INDEXES)) < len(before) - 20
    assert "acc-00007" in store.read(found)  # found long before the last page
    store.commit([create("account", "acc", {"name": "Adler"})])
    store.apply_page(pages.page(accounts(500), more=True))
    assert len(stored(store, INDEXES)) < len(before) - 20
    done = store.apply_page(pages.page(accounts(1000)))
    assert (done.digest_ok, done.rows) == (True, 500)
    assert stored(store, INDEXES) == before
    assert dict(stored(store, SEARCH))["automerge"] == dict(searching)["automerge"]
    assert store.read(lambda reader: reader.get("account", "acc")) is not None


def test_a_stop_before_the_indexes_is_made_good_by_the_next_session(store: ClientStore, pages: "Pages") -> None:
    before = stored(store, INDEXES)
    store.apply_page(pages.page(accounts(0), more=True))
    last = pages.page(accounts(500))

    def killed_after_the_commit(connection: Connection) -> None:
        assert PageApply.apply(connection, last).filled

    store._writer.call(killed_after_the_commit, mode="apply")
    assert stored(store, INDEXES) != before
    assert store.apply_page(pages.page()).filled
    assert stored(store, INDEXES) == before
    assert not store.apply_page(pages.page()).filled


@pytest.mark.parametrize("rows", [1, first_pages.LEAST - 1])
def test_few_rows_keep_the_indexes(store: ClientStore, pages: "Pages", rows: int) -> None:
    before = stored(store, INDEXES)
    store.apply_page(pages.page(accounts(0, rows), more=True))
    assert stored(store, INDEXES) == before


def test_a_server_may_begin_with_a_small_page(store: ClientStore, pages: "Pages") -> None:
    before = stored(store, INDEXES)
    store.apply_page(pages.page(accounts(0, 2), more=True))
    assert stored(store, INDEXES) == before
    store.apply_page(pages.page(accounts(2), more=True))
    assert len(stored(store, INDEXES)) < len(before) - 20
    store.apply_page(pages.page(accounts(600, 1)))
    assert stored(store, INDEXES) == before


def test_a_copy_that_has_rows_keeps_its_indexes(store: ClientStore, pages: "Pages") -> None:
    """A long absence, or a new history that is read from its start while the user works with what is here."""
    store.apply_page(pages.page(accounts(0)))
    before = stored(store, INDEXES)
    store.apply_page(pages.page(accounts(500), more=True))
    assert stored(store, INDEXES) == before
    store.adopt_epoch("e2")
    page = pages.page(accounts(0), more=True) | {"epoch": "e2", "asked": {"seq": 0, "commit_id": ""}}
    assert store.apply_page(page).applied
    assert stored(store, INDEXES) == before
