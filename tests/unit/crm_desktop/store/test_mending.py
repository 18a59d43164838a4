"""What a difference of the sums leads to, and what a server may take away without a question."""

from typing import TYPE_CHECKING, Any

from crm_desktop.model.wire import bucket_of
from crm_desktop.store.client_store import ClientStore
from tests.unit.crm_desktop.store.pulled import A, held, name_held

if TYPE_CHECKING:
    from tests.unit.crm_desktop.store.conftest import Pages

B = ("account", "b")


def test_a_row_in_a_scope_of_which_the_server_tells_nothing_is_a_difference(store: ClientStore, pages: "Pages") -> None:
    assert store.apply_page(pages.page({A: {"name": "Adler"}})).digest_ok
    pages.rows.clear()  # it has lost the row, and with it the scope
    assert pages.digest() == {}
    assert store.apply_page(pages.page()).digest_ok is False


def _refetched(page: dict[str, Any], *ids: str) -> dict[str, Any]:
    return page | {"buckets": {"territory:t1": [bucket_of(record_id) for record_id in ids]}}


def test_an_answer_to_a_question_from_before_the_last_page_mends_nothing(store: ClientStore, pages: "Pages") -> None:
    """It does not name what has come since, which would be taken for a row too many."""
    store.apply_page(pages.page({A: {"name": "Adler"}}))
    asked = {"seq": 1, "commit_id": "c1"}
    told = type(pages)().page({A: {"name": "Bussard"}})
    store.apply_page(pages.page({B: {"name": "Bo"}}))
    assert store.mending.mend(_refetched(told | {"asked": asked}, "a", "b")) == ()
    assert store.mending.mend(_refetched(told | {"asked": asked | {"seq": 2}}, "a", "b")) == ()
    now = {"seq": 2, "commit_id": "c2"}
    assert store.mending.mend(_refetched(told | {"asked": now, "epoch": "e2"}, "a", "b")) == ()
    assert (name_held(store), held(store, B) is not None) == ("Adler", True)
    assert store.mending.mend(_refetched(told | {"asked": now}, "a", "b")) == (A, B)
    assert (name_held(store), held(store, B)) == ("Bussard", None)


def test_what_a_person_allows_holds_for_one_reading_with_all_its_pages(store: ClientStore, pages: "Pages") -> None:
    many = tuple(("account", f"{number:04d}") for number in range(240))
    store.apply_page(pages.page({key: {"name": "Adler"} for key in many}))
    first = pages.page(evict=many[:80], more=True)
    assert len(store.mending.removals(first)) == 80
    store.mending.allow_removals()
    assert store.mending.removals(first) == []
    store.apply_page(first)
    last = pages.page(evict=many[80:160])
    assert store.mending.removals(last) == []
    store.apply_page(last)
    assert len(store.mending.removals(pages.page(evict=many[160:]))) == 80
