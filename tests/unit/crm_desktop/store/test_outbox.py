"""Local writes: operations with what the user saw, one transaction a user action."""

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from crm_desktop.errors import BugError, InvalidInput, NotFound
from crm_desktop.model.wire import text_hash
from crm_desktop.store.changes import ChangeSet
from crm_desktop.store.client_store import ClientStore
from crm_desktop.store.intents import (
    create,
    delete,
    patch,
    set_add,
    set_remove,
    text,
    transition,
    update,
)

if TYPE_CHECKING:
    from tests.unit.crm_desktop.store.conftest import Pages


def _ops(store: ClientStore) -> list[dict[str, Any]]:
    return [op.operation for entry in store.read(lambda reader: reader.outbox()) for op in entry.ops]


def _account(store: ClientStore, record_id: str = "a") -> dict[str, Any]:
    row = store.read(lambda reader: reader.get("account", record_id))
    assert row is not None
    return row


def test_create_fills_who_and_when(store: ClientStore) -> None:
    change = store.commit([create("account", "a", {"name": "Adler"})], "form")
    assert change == ChangeSet(frozenset({"account", "outbox"}), frozenset({("account", "a")}), "form", "local", 1)
    row = _account(store)
    assert (row["created_by"], row["created_at"]) == ("u1", "2026-03-02T09:30:00.000Z")
    assert _ops(store)[0]["v"].keys() == {"name", "created_by", "created_at"}
    assert store.read(lambda reader: reader.record_state("account", "a")) == "local"


def test_patch_carries_version_and_value_seen(store: ClientStore, pages: "Pages") -> None:
    store.apply_page(pages.page({("account", "a"): {"name": "Adler", "credit_limit": "10.00"}}, seq=7))
    store.commit([patch("account", "a", {"credit_limit": "12.50", "name": "Adler"})])
    (op,) = _ops(store)
    assert op["set"] == {
        "credit_limit": {"base_ver": 7, "old": "10.00", "new": "12.50"},
        "currency": {"base_ver": 7, "old": "", "new": ""},  # of the same coupled group
    }
    assert op["base_epoch"] == "e1"
    assert _account(store)["credit_limit"] == "12.50"
    assert store.read(lambda reader: reader.record_state("account", "a")) == "waiting"


def test_base_of_a_chain_is_the_base_of_its_first_operation(store: ClientStore, pages: "Pages") -> None:
    store.apply_page(pages.page({("account", "a"): {"name": "Adler"}}, seq=7))
    store.commit([patch("account", "a", {"name": "Adler AG"})])
    store.apply_page(pages.page({("account", "a"): {"name": "Bussard", "industry": "Bau"}}, seq=9))
    assert _account(store)["name"] == "Adler AG"
    store.commit([patch("account", "a", {"name": "Adler SE", "industry": "Holz"})])
    changes = _ops(store)[1]["set"]
    assert changes["name"] == {"base_ver": 7, "old": "Adler AG", "new": "Adler SE"}
    assert changes["industry"] == {"base_ver": 9, "old": "Bau", "new": "Holz"}


def test_form_opened_before_a_pull_keeps_what_its_user_saw(store: ClientStore, pages: "Pages") -> None:
    store.apply_page(pages.page({("account", "a"): {"name": "Adler"}}, seq=7))
    seen, version = _account(store), store.read(lambda reader: reader.version("account", "a"))
    store.apply_page(pages.page({("account", "a"): {"name": "Bussard", "industry": "Bau"}}, seq=9))
    store.commit([update("account", "a", {"name": "Adler AG", "industry": ""}, seen_ver=version, seen=seen)])
    assert _ops(store)[0]["set"] == {"name": {"base_ver": 7, "old": "Adler", "new": "Adler AG"}}


def test_what_changes_nothing_writes_nothing(store: ClientStore) -> None:
    store.commit([create("account", "a", {"name": "Adler", "tags": ["vip"]})])
    heard: list[ChangeSet] = []
    store.on_change(heard.append)
    change = store.commit(
        [
            patch("account", "a", {"name": "Adler"}),
            text("account", "a", "notes", ""),
            set_add("account", "a", "tags", ["vip"]),
            set_remove("account", "a", "tags", ["old"]),
        ]
    )
    assert not change
    assert len(_ops(store)) == 1
    assert heard == []


def test_update_splits_by_kind(store: ClientStore, pages: "Pages") -> None:
    store.apply_page(pages.page({("account", "a"): {"name": "Adler", "tags": ["alt", "bleibt"], "notes": "eins"}}))
    store.commit([update("account", "a", {"name": "B", "tags": ["bleibt", "neu"], "notes": "zwei"})])
    kinds = {op["k"]: op for op in _ops(store)}
    assert kinds.keys() == {"patch", "text", "set_add", "set_remove"}
    assert kinds["set_add"]["v"] == ["neu"]
    assert kinds["set_remove"]["v"] == ["alt"]
    assert kinds["text"]["base_sha"] == text_hash("eins")
    assert _account(store)["tags"] == ["bleibt", "neu"]


def test_autosave_is_one_operation(store: ClientStore, pages: "Pages") -> None:
    store.apply_page(pages.page({("visit", "v"): {"note": "a"}}))
    for note in ("ab", "abc", "abcd"):
        store.commit([text("visit", "v", "note", note)])
    (op,) = _ops(store)
    assert (op["base"], op["text"]) == ("a", "abcd")
    row = store.read(lambda reader: reader.get("visit", "v"))
    assert row is not None
    assert row["note"] == "abcd"
    assert [hit.id for hit in store.read(lambda reader: reader.search("abcd"))] == ["v"]


@pytest.mark.parametrize("handed", [True, False])
def test_text_on_its_way_is_not_folded(store: ClientStore, handed: bool) -> None:
    store.commit([create("visit", "v", {"note": "a"})])
    store.commit([text("visit", "v", "note", "ab")])
    if handed:
        store.pending(100)
    else:
        store.mark_attempted([2])
    store.commit([text("visit", "v", "note", "abc")])
    assert [op["k"] for op in _ops(store)] == ["create", "text", "text"]


@pytest.mark.parametrize("marked", [True, False])
def test_what_was_handed_out_and_not_sent_may_be_changed(store: ClientStore, marked: bool) -> None:
    store.commit([create("visit", "v", {"note": "a"})])
    store.commit([text("visit", "v", "note", "ab")])
    store.pending(100)
    if marked:
        store.mark_attempted([1])  # a push of the first alone
    else:
        store.release()
    store.commit([text("visit", "v", "note", "abc")])
    assert [op["k"] for op in _ops(store)] == ["create", "text"]
    assert store.discard(2)
    assert store.discard(1) is not marked


def test_text_after_another_change_is_not_folded(store: ClientStore) -> None:
    store.commit([create("visit", "v", {"note": "a"})])
    store.commit([text("visit", "v", "note", "ab")])
    store.commit([patch("visit", "v", {"subject": "x"})])
    store.commit([text("visit", "v", "note", "abc")])
    assert [op["k"] for op in _ops(store)] == ["create", "text", "patch", "text"]


def test_own_tag_is_taken_back(store: ClientStore, pages: "Pages", acknowledge: Callable[..., None]) -> None:
    store.apply_page(pages.page({("account", "a"): {"name": "Adler"}}, seq=5))
    store.commit([set_add("account", "a", "tags", ["vip", "neu"])])
    store.commit([set_remove("account", "a", "tags", ["vip"])])
    assert [op["v"] for op in _ops(store)] == [["neu"]]
    acknowledge(commit_seq=20)
    store.commit([set_remove("account", "a", "tags", ["neu"])])
    # Our own addition became version 20: a removal based on less would not touch it.
    assert [(op["k"], op["base_ver"]) for op in _ops(store)][1:] == [("set_remove", 20)]
    assert _account(store)["tags"] == []


def test_transition_is_checked(store: ClientStore) -> None:
    store.commit([create("quote_revision", "r", {"quote_id": "q"})])
    store.commit([transition("quote_revision", "r", "sent", expected_total="10.00")])
    assert _ops(store)[1]["from"] == "draft"
    with pytest.raises(InvalidInput, match="cannot go"):
        store.commit([transition("quote_revision", "r", "draft")])
    with pytest.raises(InvalidInput):
        store.commit([update("quote_revision", "r", {"status": "lost"})])


def test_failed_action_leaves_nothing(store: ClientStore) -> None:
    with pytest.raises(NotFound):
        store.commit([create("account", "a", {"name": "Adler"}), patch("account", "nobody", {"name": "x"})])
    assert store.read(lambda reader: reader.where("account")) == []
    assert _ops(store) == []
    assert store.sync_state().client_seq == 0


def test_no_second_create(store: ClientStore) -> None:
    store.commit([create("account", "a", {"name": "Adler"})])
    with pytest.raises(InvalidInput):
        store.commit([create("account", "a", {"name": "Adler"})])


def test_a_name_no_index_takes_is_refused_and_an_older_one_can_be_shortened(store: ClientStore, pages: "Pages") -> None:
    store.apply_page(pages.page({("account", "a"): {"name": "x" * 600}}))
    for intent in (create("account", "b", {"name": "x" * 501}), patch("account", "a", {"name": "y" * 501})):
        with pytest.raises(InvalidInput) as caught:
            store.commit([intent])
        assert (caught.value.code, caught.value.values["field"]) == ("text_too_long", "name")
    store.commit([patch("account", "a", {"industry": "Bau"})])
    store.commit([patch("account", "a", {"name": "Kurz"}, seen={"name": "x" * 600})])
    assert _account(store)["name"] == "Kurz"


@pytest.mark.parametrize("intents", [
    [create("tag", f"t{n}", {"name": "x"}) for n in range(501)],
    [create("visit", "v", {"note": "x" * (1024 * 1024)})],
])  # fmt: skip
def test_too_large_is_refused_before_the_commit(store: ClientStore, intents: list[Any]) -> None:
    with pytest.raises(InvalidInput) as caught:
        store.commit(intents)
    assert caught.value.code == "transaction_too_large"
    assert store.sync_state().client_seq == 0


def test_delete_leaves_views_and_search(store: ClientStore, pages: "Pages") -> None:
    store.apply_page(pages.page({("account", "a"): {"name": "Adler"}}, seq=4))
    store.commit([delete("account", "a")])
    assert store.read(lambda reader: reader.get("account", "a")) is None
    assert store.read(lambda reader: reader.search("adler")) == []
    assert _ops(store)[0]["seen_cursor"] == 4


def test_discard_before_sending(store: ClientStore, pages: "Pages") -> None:
    store.apply_page(pages.page({("account", "a"): {"name": "Adler"}}))
    store.commit([patch("account", "a", {"name": "Bussard"})])
    store.commit([patch("account", "a", {"industry": "Bau"})])
    assert store.discard(1)
    row = _account(store)
    assert (row["name"], row["industry"]) == ("Adler", "Bau")
    waiting = store.pending(10)
    assert [(txn.client_seq, txn.void, len(txn.ops)) for txn in waiting] == [(1, True, 0), (2, False, 1)]
    assert not store.discard(2)


def test_listener_hears_and_may_not_write(store: ClientStore) -> None:
    heard: list[str] = []

    def listen(change: ChangeSet) -> None:
        try:
            store.set_setting("x", "y")
        except BugError:
            heard.append(change.initiator)

    stop = store.on_change(listen)
    store.commit([create("tag", "t", {"name": "x"})], "me")
    stop()
    store.commit([create("tag", "u", {"name": "x"})], "you")
    assert heard == ["me"]


def test_many_threads_write_one_after_another(store: ClientStore) -> None:
    def work(name: int) -> None:
        for n in range(10):
            store.commit([create("tag", f"{name}-{n}", {"name": "x"})])
            assert store.read(lambda reader, n=n: reader.get("tag", f"{name}-{n}"))  # type: ignore[misc]

    threads = [threading.Thread(target=work, args=(name,)) for name in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [txn.client_seq for txn in store.pending(1000)] == list(range(1, 41))


def test_nested_reads_and_drafts_and_counters(open_store: Callable[[], ClientStore]) -> None:
    store = open_store()
    assert store.read(lambda _: store.read(lambda reader: reader.counts()))["account"] == 0
    store.save_draft("visit:v", {"note": "halb"})
    assert [store.next_counter("quote") for _ in range(2)] == [1, 2]
    store.set_setting("language", "de")
    store.close()
    again = open_store()
    assert again.load_draft("visit:v") == {"note": "halb"}
    assert again.next_counter("quote") == 3
    assert again.get_setting("language") == "de"
    again.clear_draft("visit:v")
    assert again.load_draft("visit:v") is None


FAMILY = {
    ("account", "a"): {"name": "Adler"},
    ("contact", "c"): {"account_id": "a", "name": "Weiß"},
    ("address", "s"): {"account_id": "a", "city": "Ulm"},
    ("channel", "n"): {"contact_id": "c", "kind": "phone", "value": "0731 5550"},
    ("visit", "v"): {"account_id": "a", "subject": "Erstbesuch"},
    ("account", "b"): {"name": "Bussard"},
    ("contact", "d"): {"account_id": "b", "name": "Weißer"},
}


def _here(store: ClientStore) -> set[tuple[str, str]]:
    keys = [*FAMILY, ("contact", "new")]
    return {key for key in keys if store.read(lambda reader, key=key: reader.get(*key))}  # type: ignore[misc]


def _found(store: ClientStore, word: str) -> set[str]:
    return {hit.id for hit in store.read(lambda reader: reader.search(word))}


def test_children_leave_with_their_root_and_come_back_with_it(
    store: ClientStore, pages: "Pages", acknowledge: Callable[..., None]
) -> None:
    store.apply_page(pages.page(dict(FAMILY)))
    store.commit([create("contact", "new", {"account_id": "a", "name": "Weiß junior"})])
    gone = {("account", "a"), ("contact", "c"), ("address", "s"), ("channel", "n"), ("contact", "new")}
    assert _found(store, "weiss") == {"c", "new", "d"}
    told = store.commit([delete("account", "a")])
    assert told.ids == gone
    assert _here(store) == set(FAMILY) - gone
    assert (_found(store, "weiss"), _found(store, "5550"), _found(store, "ulm")) == ({"d"}, set(), set())
    assert store.read(lambda reader: reader.where("contact", account_id="a")) == []
    # The server is asked for one deletion: it takes the children along, or keeps them with the root.
    assert [op["k"] for op in _ops(store)] == ["create", "delete"]
    assert [len(entry.ops) for entry in store.read(lambda reader: reader.outbox())] == [1, 1]
    assert [[op.k for op in txn.ops] for txn in store.pending(10)] == [["create"], ["delete"]]
    store.release()
    # A page under it does not bring a child back.
    store.apply_page(pages.page({("contact", "c"): {"account_id": "a", "name": "Weiß", "job_title": "CEO"}}))
    assert ("contact", "c") not in _here(store)
    assert store.discard(2)
    assert _here(store) == {*FAMILY, ("contact", "new")}
    assert _found(store, "weiss") == {"c", "new", "d"}
    store.commit([delete("account", "a")])
    acknowledge(commit_seq=3, outcome="delete_request")
    store.apply_page(pages.page({("contact", "new"): {"account_id": "a", "name": "Weiß junior"}}, seq=3))
    assert _here(store) == {*FAMILY, ("contact", "new")}
    store.commit([delete("account", "a")])
    acknowledge(commit_seq=4)
    done = store.apply_page(pages.page(gone=tuple(gone), seq=4))
    assert done.digest_ok
    assert _here(store) == set(FAMILY) - gone


def test_a_child_made_or_moved_in_the_same_action_counts(store: ClientStore, pages: "Pages") -> None:
    store.apply_page(pages.page(dict(FAMILY)))
    store.commit(
        [
            create("contact", "new", {"account_id": "a", "name": "N"}),
            patch("contact", "c", {"account_id": "b"}),
            delete("account", "a"),
        ]
    )
    assert _here(store) == set(FAMILY) - {("account", "a"), ("address", "s")}


def test_a_waiting_tag_of_a_record_that_is_gone_is_listed(store: ClientStore, pages: "Pages") -> None:
    store.apply_page(pages.page({("account", "a1"): {"name": "Leaves"}}))
    store.commit([set_add("account", "a1", "tags", ["fair"])])
    store.apply_page(pages.page(gone=(("account", "a1"),)))
    (entry,) = store.read(lambda reader: reader.outbox())
    assert [(op.k, op.id) for op in entry.ops] == [("set_add", "a1")]


def test_a_tag_that_a_colleague_has_added_too_is_removed_there(store: ClientStore, pages: "Pages") -> None:
    """Taking back one's own addition would show it as removed until the next page."""
    store.apply_page(pages.page({("account", "a"): {"name": "Adler"}}))
    store.commit([set_add("account", "a", "tags", ["vip", "mine"])])
    store.apply_page(pages.page({("account", "a"): {"name": "Adler", "tags": ["vip"]}}))
    store.commit([set_remove("account", "a", "tags", ["vip", "mine"])])
    assert _account(store)["tags"] == []
    store.apply_page(pages.page({("account", "a"): {"name": "Adler AG", "tags": ["vip"]}}))
    assert _account(store)["tags"] == []
    added, removed = _ops(store)
    assert (added["k"], added["v"], removed["k"], removed["v"]) == ("set_add", ["vip"], "set_remove", ["vip"])


def test_a_tag_removed_while_all_is_read_anew_was_seen(store: ClientStore, pages: "Pages") -> None:
    store.apply_page(pages.page({("account", "a"): {"name": "Adler", "tags": ["vip"]}}, seq=7))
    assert store.begin_repair()
    store.commit([set_remove("account", "a", "tags", ["vip"])])
    assert _ops(store)[0]["base_ver"] == 7


@pytest.mark.parametrize("group", [False, True])
def test_a_form_opened_in_a_history_that_is_gone_overwrites_nothing(
    store: ClientStore, pages: "Pages", group: bool
) -> None:
    """Its versions are higher than those of today, and say nothing of what stands now."""
    store.apply_page(pages.page({("account", "a"): {"name": "Adler", "credit_limit": "10.00"}}, seq=500))
    seen = _account(store)
    store.adopt_epoch("e2")
    now = {"name": "Bussard", "credit_limit": "10.00", "currency": "CHF"}
    store.apply_page(type(pages)().page({("account", "a"): now}, seq=30) | {"epoch": "e2"})
    wanted = {"credit_limit": "12.00"} if group else {"name": "Condor"}
    store.commit([patch("account", "a", wanted, seen_ver=500, seen=seen)])
    bases = {name: change["base_ver"] for name, change in _ops(store)[0]["set"].items()}
    assert bases == ({"credit_limit": 30, "currency": 0} if group else {"name": 0})
