"""Another history or another name of the device: what is read and sent again."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from crm_desktop.model.operations import Patch, SetRemove
from crm_desktop.store.client_store import ClientStore
from crm_desktop.store.intents import create, patch, set_add, set_remove
from tests.unit.crm_desktop.store.pulled import A, Acknowledge, held, name_held, name_of, stored

if TYPE_CHECKING:
    from tests.unit.crm_desktop.store.conftest import Pages


def give_copies(store: ClientStore, *keys: tuple[str, str]) -> None:
    """What the server does not know is told to it, and nothing else."""
    assert [(row["e"], row["id"]) for row in store.mending.left()] == list(keys)
    store.mending.let_go(keys)
    assert store.mending.left() == []


def test_new_epoch_reads_all_again_and_sends_all_again(
    store: ClientStore, pages: "Pages", acknowledge: Acknowledge
) -> None:
    store.commit([create("account", "a", {"name": "Adler"})])
    acknowledge(commit_seq=1)
    store.apply_page(pages.page({A: {"name": "Adler"}, ("account", "b"): {"name": "Verloren"}}, seq=1))
    store.commit([patch("account", "a", {"name": "Mein Adler"})])
    store.adopt_epoch("e2")
    state = store.sync_state()
    assert (state.epoch, state.cursor_seq, state.cursor_commit) == ("e2", 0, "")
    assert name_held(store) == "Mein Adler"
    assert [txn.client_seq for txn in store.pending(10)] == [1, 2]
    store.commit([patch("account", "b", {"industry": "Bau"})])
    fresh = store.pending(10)[-1].ops[0]
    assert fresh.k == "patch"
    assert (fresh.base_epoch, fresh.set["industry"].base_ver) == ("e2", 0)
    assert store.discard(3) is False
    # The restored server knows only what is sent again; 'b' is still waited for by an own change.
    acknowledge(commit_seq=1)
    restored = type(pages)()
    page = restored.page({A: {"name": "Mein Adler"}}, seq=1) | {"epoch": "e2"}
    done = store.apply_page(page)
    assert (done.applied, done.digest_ok) == (True, True)
    assert name_held(store) == "Mein Adler"
    give_copies(store, ("account", "b"))
    assert held(store, ("account", "b")) is None


def test_new_epoch_goes_on_behind_what_the_server_still_knows(store: ClientStore, acknowledge: Acknowledge) -> None:
    for n in range(3):
        store.commit([create("tag", f"t{n}", {"name": "x"})])
    first = store.pending(1)[0].txn_id
    acknowledge(commit_seq=1)
    store.adopt_epoch("e2", 1, first)
    assert [txn.client_seq for txn in store.pending(10)] == [2, 3]
    store.adopt_epoch("e3", 7, "nobody knows")
    assert [txn.client_seq for txn in store.pending(10)] == [8, 9, 10]
    assert store.sync_state().client_seq == 10


def test_history_of_sessions(store: ClientStore) -> None:
    store.log_session({"pushed": 1})
    store.log_session({"pushed": 2})
    assert store.read(lambda reader: reader.sync_history(1)) == [{"pushed": 2}]


def test_a_new_history_ends_with_nothing_left_of_the_old_one(
    store: ClientStore, pages: "Pages", acknowledge: Acknowledge
) -> None:
    b = ("account", "b")
    store.apply_page(pages.page({A: {"name": "Adler"}, b: {"name": "Bussard"}}))
    store.commit([patch("account", "b", {"industry": "Bau"})])
    store.adopt_epoch("e2")
    acknowledge(commit_seq=2, outcome="gone")  # the restored server has never heard of it
    next_page = type(pages)().page
    page = next_page({A: {"name": "Adler"}}, seq=2) | {"epoch": "e2"}
    done = store.apply_page(page)
    assert (done.digest_ok, done.evicted, name_of(store, "b")) == (True, 0, "Bussard")
    assert stored(store, "SELECT * FROM mirror") == []  # it would be drawn as waiting for ever
    give_copies(store, b)
    done = store.apply_page(next_page(seq=3) | {"epoch": "e2"})
    assert (done.digest_ok, done.evicted, held(store, b)) == (True, 0, None)
    assert stored(store, "SELECT value FROM meta WHERE key = 'rebuilding'") == [("0",)]


@pytest.mark.parametrize(("epoch", "name"), [("e1", None), ("e2", "Adler")])
def test_what_another_history_does_not_know_outlives_a_crash_right_behind_it(
    store: ClientStore, open_store: Callable[[], ClientStore], pages: "Pages", epoch: str, name: str | None
) -> None:
    """The same history read anew has deleted it; another one may have lost it, and nobody else may have it."""
    store.apply_page(pages.page({A: {"name": "Adler"}}))
    store.adopt_epoch(epoch)
    store.close()
    again = open_store()
    again.apply_page(type(pages)().page() | {"epoch": epoch})
    assert name_held(again) == name


def test_what_is_written_on_while_its_copy_is_told_stays_in_view(
    store: ClientStore, pages: "Pages", acknowledge: Acknowledge
) -> None:
    store.apply_page(pages.page({A: {"name": "Adler"}}))
    store.adopt_epoch("e2")
    next_page = type(pages)().page
    store.apply_page(next_page() | {"epoch": "e2"})
    assert len(store.mending.left()) == 1
    store.commit([patch("account", "a", {"industry": "Bau"})])
    store.mending.let_go([A])
    row = held(store)
    assert row is not None
    assert (row["name"], row["industry"]) == ("Adler", "Bau")
    acknowledge(commit_seq=2, outcome="quarantined")
    store.apply_page(next_page(seq=2) | {"epoch": "e2"})
    assert (held(store) or {})["industry"] == ""  # what was refused is no part of the copy
    give_copies(store, A)
    assert held(store) is None


def test_nothing_is_told_as_unknown_before_the_new_history_was_read(store: ClientStore, pages: "Pages") -> None:
    """Everything would be, and would leave the view."""
    store.apply_page(pages.page({A: {"name": "Adler"}}))
    store.adopt_epoch("e2")
    assert store.mending.left() == []
    store.apply_page(type(pages)().page(seq=1, more=True) | {"epoch": "e2"})
    assert store.mending.left() == []


def test_a_number_that_the_server_knows_with_another_content_sends_everything_again(
    store: ClientStore, acknowledge: Acknowledge
) -> None:
    for n in range(3):
        store.commit([create("tag", f"t{n}", {"name": "x"})])
    acknowledge(commit_seq=1)
    store.adopt_epoch("e2", 2, "of a copy")
    waiting = store.pending(10)
    assert [(txn.client_seq, txn.ops[0].id) for txn in waiting] == [(3, "t0"), (4, "t1"), (5, "t2")]


@pytest.mark.parametrize("new", ["history", "device"])
def test_what_was_answered_is_shown_on_top_until_it_comes_from_the_server_that_is_asked_again(
    store: ClientStore, pages: "Pages", acknowledge: Acknowledge, new: str
) -> None:
    """Its commit there may be of the number that a colleague's has by now: that one does not hold it."""
    store.apply_page(pages.page({A: {"name": "Adler"}}))
    store.commit([patch("account", "a", {"name": "Mein Adler"})])
    acknowledge(commit_seq=5)
    after = pages
    if new == "device":
        store.apply_page(pages.page({A: {"name": "Adler", "industry": "Bau"}}, seq=7, more=True))
        store.adopt_device("d2")
    else:
        store.adopt_epoch("e2")
        after = type(pages)()
        store.apply_page(after.page({A: {"name": "Adler", "industry": "Bau"}}, seq=7) | {"epoch": "e2"})
    assert name_held(store) == "Mein Adler"
    acknowledge(commit_seq=9)
    epoch = store.sync_state().epoch
    store.apply_page(after.page({A: {"name": "Mein Adler", "industry": "Bau"}}, seq=9) | {"epoch": epoch})
    assert stored(store, "SELECT * FROM mirror") == []


def test_what_is_written_on_in_a_new_history_is_based_on_nothing_of_the_old_one(
    store: ClientStore, pages: "Pages"
) -> None:
    """Versions of the two say nothing of each other: a colleague's later change would be overwritten unseen."""
    store.apply_page(pages.page({A: {"name": "Adler", "tags": ["alt"]}}, seq=500))
    store.commit([patch("account", "a", {"name": "Mein Adler"}), set_add("account", "a", "tags", ["vip"])])
    store.mark_attempted([1])
    store.adopt_epoch("e2")
    store.apply_page(type(pages)().page({A: {"name": "Bussard", "tags": ["alt"]}}, seq=30) | {"epoch": "e2"})
    store.commit([patch("account", "a", {"name": "Unser Adler"}), set_remove("account", "a", "tags", ["alt"])])
    changed, removed = store.pending(10)[-1].ops
    assert isinstance(changed, Patch)
    assert isinstance(removed, SetRemove)
    assert (changed.set["name"].base_ver, removed.base_ver) == (0, 0)


@pytest.mark.parametrize("answered", [False, True])
def test_what_the_same_history_names_no_more_leaves_when_work_on_it_is_through(
    store: ClientStore, pages: "Pages", acknowledge: Acknowledge, answered: bool
) -> None:
    store.apply_page(pages.page({A: {"name": "Adler"}}))
    store.commit([patch("account", "a", {"industry": "Bau"})])
    store.adopt_epoch("e1")
    if answered:
        acknowledge(commit_seq=5, outcome="gone")
    after = type(pages)()
    store.apply_page(after.page(seq=2))
    assert name_held(store) == "Adler"
    if not answered:
        acknowledge(commit_seq=5, outcome="gone")
    store.apply_page(after.page(seq=5))
    assert (name_held(store), stored(store, "SELECT * FROM mirror")) == (None, [])


def test_what_is_to_be_sent_again_is_not_told_as_unknown(
    store: ClientStore, pages: "Pages", acknowledge: Acknowledge
) -> None:
    """The server gets it by the log; told as a copy it would leave the view meanwhile."""
    store.commit([create("account", "a", {"name": "Adler"})])
    acknowledge(commit_seq=1)
    store.apply_page(pages.page({A: {"name": "Adler"}}, seq=1))
    store.adopt_epoch("e2")
    store.apply_page(type(pages)().page(seq=1) | {"epoch": "e2"})
    assert store.mending.left() == []
    assert name_held(store) == "Adler"


def test_what_comes_from_the_server_while_its_copy_is_told_stays(store: ClientStore, pages: "Pages") -> None:
    store.apply_page(pages.page({A: {"name": "Adler"}}))
    store.adopt_epoch("e2")
    after = type(pages)()
    store.apply_page(after.page() | {"epoch": "e2"})
    assert len(store.mending.left()) == 1
    store.apply_page(after.page({A: {"name": "Adler"}}) | {"epoch": "e2"})
    store.mending.let_go([A])
    assert name_held(store) == "Adler"
