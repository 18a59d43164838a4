"""One's own changes under the pages that bring their results: seen until covered, never twice."""

from functools import partial
from typing import TYPE_CHECKING, Any

from crm_desktop.store.client_store import ClientStore
from crm_desktop.store.intents import create, delete, patch, set_add, text
from crm_desktop.store.reader import Reader
from tests.unit.crm_desktop.store.pulled import A, Acknowledge, held, name_held, stored

if TYPE_CHECKING:
    from tests.unit.crm_desktop.store.conftest import Pages


def test_own_change_stays_visible_until_the_cursor_covers_it(
    store: ClientStore, pages: "Pages", acknowledge: Acknowledge
) -> None:
    store.apply_page(pages.page({A: {"name": "Adler", "industry": "Bau"}}))
    store.commit([patch("account", "a", {"name": "Mein Adler"})])
    assert store.apply_page(pages.page({A: {"name": "Adler", "industry": "Holz"}})).digest_ok
    row = held(store)
    assert row is not None
    assert (row["name"], row["industry"]) == ("Mein Adler", "Holz")
    acknowledge(commit_seq=5, outcome="conflict")
    assert name_held(store) == "Mein Adler"
    assert store.read(lambda reader: reader.record_state("account", "a")) == "waiting"
    store.apply_page(pages.page(seq=4))
    assert name_held(store) == "Mein Adler"
    store.apply_page(pages.page(seq=5, more=True))
    assert name_held(store) == "Mein Adler"
    store.apply_page(pages.page(seq=6))
    assert name_held(store) == "Adler"
    assert store.read(lambda reader: reader.record_state("account", "a")) == "synced"
    assert stored(store, "SELECT * FROM mirror") == []


def test_applied_change_is_not_replayed_on_its_own_result(
    store: ClientStore, pages: "Pages", acknowledge: Acknowledge
) -> None:
    store.apply_page(pages.page({A: {"name": "Adler"}}))
    store.commit([patch("account", "a", {"name": "Mein Adler"})])
    acknowledge(commit_seq=2)
    # Somebody changed it again in the same page range: the newer server row wins over our replay.
    store.apply_page(pages.page({A: {"name": "Deren Adler"}}, seq=3, more=True))
    assert name_held(store) == "Deren Adler"


def test_own_create_comes_back_confirmed(store: ClientStore, pages: "Pages", acknowledge: Acknowledge) -> None:
    store.commit([create("account", "a", {"name": "Adler"})])
    store.commit([set_add("account", "a", "tags", ["vip"])])
    acknowledge(commit_seq=1)
    done = store.apply_page(pages.page({A: {"name": "Adler", "tags": ["vip"]}}))
    assert done.digest_ok
    assert store.read(lambda reader: reader.record_state("account", "a")) == "synced"
    assert store.pending(10) == []


def test_result_of_a_lost_answer_covers_at_once(store: ClientStore, pages: "Pages", acknowledge: Acknowledge) -> None:
    store.commit([create("account", "a", {"name": "Adler"})])
    store.apply_page(pages.page({A: {"name": "Adler"}}, seq=3))
    acknowledge(commit_seq=2)
    assert store.read(lambda reader: reader.record_state("account", "a")) == "synced"


def test_refused_create_disappears_when_covered(store: ClientStore, pages: "Pages", acknowledge: Acknowledge) -> None:
    store.commit([create("account", "a", {"name": "Adler"})])
    acknowledge(commit_seq=1, outcome="quarantined")
    assert name_held(store) == "Adler"
    store.apply_page(pages.page(seq=1))
    assert held(store) is None
    assert store.read(lambda reader: reader.search("adler")) == []


def test_refused_delete_comes_back(store: ClientStore, pages: "Pages", acknowledge: Acknowledge) -> None:
    store.apply_page(pages.page({A: {"name": "Adler"}}))
    store.commit([delete("account", "a")])
    assert held(store) is None
    acknowledge(commit_seq=2, outcome="delete_request")
    done = store.apply_page(pages.page(seq=2))
    assert done.digest_ok
    assert name_held(store) == "Adler"
    assert [hit.id for hit in store.read(lambda reader: reader.search("adler"))] == ["a"]


def test_server_text_is_merged_under_own_edit(store: ClientStore, pages: "Pages") -> None:
    store.apply_page(pages.page({("visit", "v"): {"note": "eins\nzwei\ndrei\n"}}))
    store.commit([text("visit", "v", "note", "eins\nzwei\ndrei\nvier\n")])
    store.apply_page(pages.page({("visit", "v"): {"note": "null\nzwei\ndrei\n"}}))
    row = held(store, ("visit", "v"))
    assert row is not None
    assert row["note"] == "null\nzwei\ndrei\nvier\n"


def test_local_quarantine_goes_as_void_and_keeps_everything(store: ClientStore, pages: "Pages", tmp_path: Any) -> None:
    store.apply_page(pages.page({A: {"name": "Adler"}}))
    store.commit([patch("account", "a", {"name": "Mein Adler"})])
    store.quarantine_locally(1, "malformed", "The server cannot read this change.")
    assert name_held(store) == "Adler"
    (txn,) = store.pending(10)
    assert (txn.void, txn.ops) == (True, [])
    (refusal,) = store.read(lambda reader: reader.local_quarantine())
    assert refusal.transaction["ops"][0]["set"]["name"]["new"] == "Mein Adler"
    assert store.read(lambda reader: reader.record_state("account", "a")) == "refused"
    assert store.read(lambda reader: reader.outbox())[0].state == "refused"
    assert store.export_outbox(tmp_path / "outbox.jsonl") == 1
    assert "Mein Adler" in (tmp_path / "outbox.jsonl").read_text()
    store.record_results([{"client_seq": 1, "txn_id": txn.txn_id, "commit_seq": 2, "ops": []}])
    assert store.pending(10) == []
    assert len(store.read(lambda reader: reader.local_quarantine())) == 1
    store.close_quarantine(1)
    assert store.read(lambda reader: reader.local_quarantine()) == []


def test_pending_is_bounded_by_operations(store: ClientStore) -> None:
    for n in range(4):
        store.commit([create("tag", f"{n}-{m}", {"name": "x"}) for m in range(3)])
    assert [txn.client_seq for txn in store.pending(7)] == [1, 2]
    assert [txn.client_seq for txn in store.pending(1)] == [1]


def test_a_record_of_ours_that_comes_back_beside_a_new_one(store: ClientStore, pages: "Pages") -> None:
    """Both need a row of the table in the same page."""
    store.apply_page(pages.page({("account", "a1"): {"name": "Ada"}}))
    store.commit([patch("account", "a1", {"name": "Ada & Co"})])
    store.apply_page(pages.page(evict=(("account", "a1"),)))
    done = store.apply_page(pages.page({("account", "a1"): {"name": "Ada"}, ("account", "a2"): {"name": "Bo"}}))
    assert done.digest_ok
    shown = store.read(lambda reader: {row["id"]: row["name"] for row in reader.where("account")})
    assert shown == {"a1": "Ada & Co", "a2": "Bo"}


def test_rows_under_work_that_ends_with_their_page_are_as_told(
    store: ClientStore, pages: "Pages", acknowledge: Acknowledge
) -> None:
    keys = [("account", name) for name in "abcd"]
    store.apply_page(pages.page({key: {"name": "Adler", "employees": 1} for key in keys}))
    for key in keys:
        store.commit([patch(*key, {"name": "Bussard"})])
    acknowledge(2)
    store.commit([patch("account", "d", {"employees": 9})])  # not sent yet
    # One as it was written, one with what a colleague wrote, one whose change did not stand; of d work still waits.
    told = {"a": ("Bussard", 1), "b": ("Bussard", 7), "c": ("Condor", 1), "d": ("Bussard", 1)}
    page = pages.page({("account", i): {"name": name, "employees": n} for i, (name, n) in told.items()})
    done = store.apply_page(page)
    assert (done.rows, done.digest_ok, done.changed) == (4, True, frozenset(keys))
    seen = {i: (row["name"], row["employees"]) for i in told if (row := held(store, ("account", i)))}
    assert seen == told | {"d": ("Bussard", 9)}
    found = {
        word: {hit.id for hit in store.read(partial(Reader.search, text=word))}
        for word in ("adler", "bussard", "condor")
    }
    assert found == {"adler": set(), "bussard": {"a", "b", "d"}, "condor": {"c"}}
    left = store.read(lambda reader: reader._connection.execute("SELECT id FROM mirror").fetchall())
    assert left == [("d",)]
    assert store.recompute_digest() == pages.digest()


def test_what_was_carried_out_after_all_goes_whole_to_a_restored_server_and_is_listed_when_refused_again(
    store: ClientStore, pages: "Pages"
) -> None:
    store.apply_page(pages.page({A: {"name": "Adler"}}))
    store.commit([patch("account", "a", {"name": "Mein Adler"})])
    (done,) = store.pending(10)
    store.quarantine_locally(1, "too_large", "Too many changes in one request.")
    answer = [{"op_id": op.op_id, "outcome": "applied", "detail": None} for op in done.ops]  # a courier had brought it
    store.record_results([{"client_seq": 1, "txn_id": done.txn_id, "commit_seq": 2, "ops": answer}])
    assert store.read(lambda reader: reader.local_quarantine()) == []
    store.adopt_epoch("e2", 0, "")
    (txn,) = store.pending(10)
    assert (txn.void, [op.id for op in txn.ops]) == (False, ["a"])
    store.quarantine_locally(1, "too_large", "Too many changes in one request.")
    assert [one.code for one in store.read(lambda reader: reader.local_quarantine())] == ["too_large"]


def test_a_late_refusal_does_not_undo_what_was_carried_out(
    store: ClientStore, pages: "Pages", acknowledge: Acknowledge
) -> None:
    """A courier brings the word of an older server: this one has answered, and a restored one is to get it again."""
    store.apply_page(pages.page({A: {"name": "Adler"}}))
    store.commit([patch("account", "a", {"name": "Mein Adler"})])
    acknowledge(commit_seq=2)
    store.quarantine_locally(1, "malformed", "The server cannot read this change.")
    assert name_held(store) == "Mein Adler"
    assert store.read(lambda reader: reader.local_quarantine()) == []
    store.adopt_epoch("e2")
    (txn,) = store.pending(10)
    assert (txn.void, [op.id for op in txn.ops]) == (False, ["a"])


def test_a_field_that_came_with_an_update_is_written_under_work_from_before(
    store: ClientStore, pages: "Pages", acknowledge: Acknowledge
) -> None:
    """What was kept of the server's row has no such field yet."""
    store.apply_page(pages.page({A: {"name": "Adler", "notes": "", "tags": []}}))
    store.commit([patch("account", "a", {"name": "Mein Adler"})])
    before = "UPDATE mirror SET json = json_remove(json, '$.notes', '$.tags')"
    store._writer.call(lambda connection: connection.execute(before))
    acknowledge(commit_seq=2)
    store.commit([text("account", "a", "notes", "Hallo"), set_add("account", "a", "tags", ["vip"])])
    store.apply_page(pages.page(seq=2))
    row = held(store)
    assert row is not None
    assert (row["name"], row["notes"], row["tags"]) == ("Adler", "Hallo", ["vip"])
    acknowledge(commit_seq=3)
    assert store.apply_page(pages.page({A: {"name": "Mein Adler", "notes": "Hallo", "tags": ["vip"]}}, seq=3)).digest_ok


def test_an_answer_between_two_pages_ends_nothing_yet(
    store: ClientStore, pages: "Pages", acknowledge: Acknowledge
) -> None:
    """A page names a record at its newest version: one that was changed after ours comes with a later page."""
    store.apply_page(pages.page({A: {"name": "Adler"}}))
    store.commit([patch("account", "a", {"name": "Mein Adler"})])
    store.apply_page(pages.page(seq=5, more=True))
    acknowledge(commit_seq=3)
    assert name_held(store) == "Mein Adler"
    store.apply_page(pages.page({A: {"name": "Unser Adler"}}))
    assert name_held(store) == "Unser Adler"


def test_an_answer_about_another_content_is_none(store: ClientStore) -> None:
    """A copy of this profile sent under the number what was written over here."""
    store.commit([create("tag", "t", {"name": "x"})])
    (txn,) = store.pending(10)
    answer = {"client_seq": 1, "txn_id": "of a copy", "commit_seq": 3, "ops": []}
    store.record_results([answer])
    assert [one.txn_id for one in store.pending(10)] == [txn.txn_id]


def test_what_did_not_stand_is_not_shown_on_a_row_that_its_own_commit_wrote(
    store: ClientStore, pages: "Pages", acknowledge: Acknowledge
) -> None:
    store.apply_page(pages.page({A: {"name": "Adler"}}))
    store.commit([patch("account", "a", {"name": "Mein Adler", "industry": "Bau"})])
    acknowledge(commit_seq=5, outcome="conflict")
    store.apply_page(pages.page({A: {"name": "Adler", "industry": "Bau"}}, seq=5, more=True))
    assert name_held(store) == "Adler"


def test_actions_are_shown_in_their_order_whatever_their_places_within(store: ClientStore, pages: "Pages") -> None:
    store.apply_page(pages.page({A: {"name": "Adler"}}))
    store.commit([create("tag", "t", {"name": "x"}), patch("account", "a", {"name": "Mein Adler"})])
    store.commit([patch("account", "a", {"name": "Unser Adler"})])
    store.apply_page(pages.page({A: {"name": "Adler", "industry": "Bau"}}))
    assert name_held(store) == "Unser Adler"


def test_scopes_told_under_work_are_those_of_the_row_when_it_is_through(
    store: ClientStore, pages: "Pages", acknowledge: Acknowledge
) -> None:
    """They say from which sums the row is taken when it leaves."""
    store.apply_page(pages.page({A: {"name": "Adler"}}, seq=5))
    store.commit([patch("account", "a", {"industry": "Bau"})])
    told = type(pages)()
    again = told.page({A: {"name": "Adler"}}, seq=5, scopes=["catalogue"]) | {"asked": {"seq": 5, "commit_id": "c5"}}
    assert store.apply_page(again).digest_ok
    acknowledge(commit_seq=6, outcome="merged")
    assert store.apply_page(told.page(seq=6)).digest_ok
    assert store.recompute_digest() == told.digest()
    assert store.apply_page(told.page(evict=(A,), seq=7)).digest_ok
