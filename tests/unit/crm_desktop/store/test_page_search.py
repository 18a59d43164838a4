"""Search documents of a page wait for its end: what the same page changes or takes away again must not stay found."""

from typing import TYPE_CHECKING, Any

from crm_desktop.store.client_store import ClientStore
from crm_desktop.store.intents import create, patch

if TYPE_CHECKING:
    from tests.unit.crm_desktop.store.conftest import Pages

A, B, C = ("account", "a"), ("account", "b"), ("contact", "c")


def _found(store: ClientStore, word: str) -> list[str]:
    return [hit.id for hit in store.read(lambda reader: reader.search(word))]


def _documents(store: ClientStore, word: str) -> int:
    """How many documents of the index hold a word, whether or not there is still a row for them."""
    sql = "SELECT count(*) FROM search WHERE search MATCH ?"
    return int(store.read(lambda reader: reader._connection.execute(sql, (word,)).fetchone()[0]))


def _joined(first: dict[str, Any], second: dict[str, Any]) -> dict[str, Any]:
    return second | {"asked": first["asked"], "commits": first["commits"] + second["commits"]}


def test_a_row_told_twice_is_found_by_its_last_words(store: ClientStore, pages: "Pages") -> None:
    first = pages.page({C: {"name": "Anna", "account_id": "a"}, A: {"name": "Adler"}})
    done = store.apply_page(_joined(first, pages.page({A: {"name": "Bussard"}})))
    assert (done.applied, done.digest_ok) == (True, True)
    assert (_documents(store, "adler"), _found(store, "bussard"), _found(store, "anna")) == (0, ["a"], ["c"])


def test_a_row_that_comes_and_leaves_is_not_found(store: ClientStore, pages: "Pages") -> None:
    first = pages.page({A: {"name": "Adler"}, B: {"name": "Bussard"}})
    done = store.apply_page(_joined(first, pages.page(gone=(A,), evict=(B,))))
    assert (done.applied, done.digest_ok) == (True, True)
    assert (_documents(store, "adler"), _documents(store, "bussard")) == (0, 0)


def test_a_row_under_own_work_between_others_is_found(store: ClientStore, pages: "Pages") -> None:
    store.commit([create("account", "b", {"name": "Bussard"})])
    store.apply_page(pages.page({A: {"name": "Adler"}, B: {"name": "Bussard"}, C: {"name": "Anna"}}))
    assert (_found(store, "adler"), _found(store, "bussard"), _found(store, "anna")) == (["a"], ["b"], ["c"])


def test_a_row_under_own_work_leaves_with_its_words(store: ClientStore, pages: "Pages") -> None:
    store.apply_page(pages.page({A: {"name": "Adler"}}))
    store.commit([patch("account", "a", {"name": "Adler Nord"})])
    store.apply_page(pages.page(evict=(A,)))
    assert (_documents(store, "adler"), _documents(store, "nord")) == (0, 0)
