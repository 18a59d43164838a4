"""What leaves by a page: gone or moved away, with work on it, and back again."""

from functools import partial
from typing import TYPE_CHECKING

import pytest

from crm_desktop.store.client_store import ClientStore
from crm_desktop.store.intents import create, delete, patch
from crm_desktop.store.reader import Reader
from tests.unit.crm_desktop.store.pulled import A, Acknowledge, found_by, held, name_held, name_of, stored

if TYPE_CHECKING:
    from tests.unit.crm_desktop.store.conftest import Pages


@pytest.mark.parametrize("kind", ["gone", "evict"])
def test_departure(store: ClientStore, pages: "Pages", kind: str) -> None:
    store.apply_page(pages.page({A: {"name": "Adler"}, ("account", "b"): {"name": "Bussard"}}))
    done = store.apply_page(pages.page(gone=(A,)) if kind == "gone" else pages.page(evict=(A,)))
    assert (done.deleted, done.evicted) == ((1, 0) if kind == "gone" else (0, 1))
    assert (done.digest_ok, done.changed) == (True, frozenset({A}))  # whoever shows it looks again
    assert held(store) is None
    assert store.read(lambda reader: reader.search("adler")) == []
    assert name_of(store, "b") == "Bussard"


def test_evicted_row_with_waiting_work_leaves_and_the_work_stays(
    store: ClientStore, pages: "Pages", acknowledge: Acknowledge
) -> None:
    store.apply_page(pages.page({A: {"name": "Adler"}}))
    store.commit([patch("account", "a", {"name": "Mein Adler"})])
    done = store.apply_page(pages.page(evict=(A,)))
    assert (done.evicted, done.digest_ok, done.changed) == (1, True, frozenset({A}))  # open pages show it at once
    assert held(store) is None
    assert len(store.pending(10)) == 1
    acknowledge(commit_seq=3)
    store.apply_page(pages.page(seq=3))
    assert held(store) is None
    assert stored(store, "SELECT * FROM mirror") == []


def test_created_then_moved_away_does_not_come_back(
    store: ClientStore, pages: "Pages", acknowledge: Acknowledge
) -> None:
    store.commit([create("account", "a", {"name": "Adler"})])
    acknowledge(commit_seq=1)
    store.apply_page(pages.page(evict=(A,), seq=2, more=True))
    assert held(store) is None
    # and returns with its scope
    store.apply_page(pages.page({A: {"name": "Adler"}}, seq=3))
    assert name_held(store) == "Adler"


def test_row_granted_again_comes_back_with_its_old_version(store: ClientStore, pages: "Pages") -> None:
    store.apply_page(pages.page({A: {"name": "Adler"}}, seq=5))
    store.commit([patch("account", "a", {"industry": "Bau"})])
    store.apply_page(pages.page(evict=(A,), seq=9))
    assert held(store) is None
    page = pages.page({A: {"name": "Adler"}}, seq=5)
    page["cursor"] = {"seq": 12, "commit_id": "c12"}
    page["asked"] = {"seq": 9, "commit_id": "c9"}
    assert store.apply_page(page).digest_ok
    row = held(store)
    assert row is not None
    assert (row["name"], row["industry"]) == ("Adler", "Bau")


def test_what_leaves_by_pages_after_the_scopes_have_changed_is_no_question(store: ClientStore, pages: "Pages") -> None:
    many = tuple(("account", f"{number:04d}") for number in range(240))
    store.apply_page(pages.page({key: {"name": "Adler"} for key in many}))
    pages.scopes = ["catalogue"]
    first = pages.page(evict=many[:80], more=True)
    assert store.mending.removals(first) == []
    store.apply_page(first)
    second = pages.page(evict=many[80:100], more=True)
    store.apply_page(second)
    last = pages.page(evict=many[100:160])
    assert store.mending.removals(last) == []
    store.apply_page(last)
    assert len(store.mending.removals(pages.page(evict=many[160:]))) == 80


@pytest.mark.parametrize("work", [False, True])
@pytest.mark.parametrize("kind", ["gone", "evict"])
def test_a_departure_older_than_the_row_takes_nothing_away(
    store: ClientStore, pages: "Pages", kind: str, work: bool
) -> None:
    store.apply_page(pages.page({A: {"name": "Adler"}}, seq=9))
    if work:
        store.commit([patch("account", "a", {"name": "Adler & Co"})])
    late = pages.page(seq=12) | {"commits": [{"seq": 9, "put": [], "gone": [], "evict": []}]}
    late["commits"][0][kind] = [list(A)]
    done = store.apply_page(late)
    assert (done.deleted, done.evicted, done.digest_ok, done.changed) == (0, 0, True, frozenset())
    assert name_held(store) == ("Adler & Co" if work else "Adler")
    assert found_by(store, "adler") == ["a"]


def test_what_comes_back_in_the_place_of_what_leaves_is_found_by_its_own_words(
    store: ClientStore, pages: "Pages", acknowledge: Acknowledge
) -> None:
    """The page that ends a delete of ours which did not stand takes a territory away, down to the end of the table."""
    other, leaving = ("account", "b"), tuple(("account", f"z{number}") for number in range(60))
    told = {other: {"name": "Bussard"}} | {key: {"name": "Adler Süd"} for key in leaving}
    store.apply_page(pages.page(told | {A: {"name": "Adler"}}))
    store.commit([delete("account", "a")])
    acknowledge(commit_seq=2, outcome="delete_request")
    assert store.apply_page(pages.page(evict=leaving, seq=2)).digest_ok
    assert {word: found_by(store, word) for word in ("adler", "süd")} == {"adler": ["a"], "süd": []}


@pytest.mark.parametrize("before", ["nothing", "another root", "another root, with work"])
def test_a_part_that_was_removed_waits_below_the_root_it_was_told_with(
    store: ClientStore, pages: "Pages", before: str
) -> None:
    part = ("contact", "c")
    if before != "nothing":
        store.apply_page(pages.page({part: {"name": "Carla"}}))
    if before == "another root, with work":
        store.commit([patch(*part, {"name": "Carla B."})])
    page = pages.page({part: {"name": "Carla"}})
    page["commits"][0]["put"][0]["rows"][0][1] = "a"
    store.apply_page(page)
    store.commit([delete(*part)])
    waits = {root for root in ("a", "c") if store.read(partial(Reader.waits_below, root_id=root))}
    assert waits == {"a"}


def test_a_record_of_ours_that_moved_away_is_not_shown_again_by_what_is_taken_back(
    store: ClientStore, pages: "Pages"
) -> None:
    """Its creation is not answered yet: without a mark of the departure it would be made again from it."""
    store.commit([create("account", "a", {"name": "Adler"})])
    store.mark_attempted([1])
    store.commit([patch("account", "a", {"industry": "Bau"})])
    store.apply_page(pages.page(evict=(A,), seq=2))
    assert store.discard(2)
    assert held(store) is None
    assert found_by(store, "adler") == []
