"""Pulled pages: cursor, mirror, replay, departures, sums."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

import orjson
import pytest

from crm_desktop.errors import SessionError
from crm_desktop.model import ENTITIES
from crm_desktop.model.facts import Kind
from crm_desktop.model.wire import clean_row, columns, field_facts, row_hash
from crm_desktop.store import sums
from crm_desktop.store.client_store import ClientStore
from crm_desktop.store.intents import create, delete, patch, set_add, text
from crm_desktop.store.page_rows import hash_values
from crm_desktop.store.reader import Reader
from crm_desktop.store.tables import table

if TYPE_CHECKING:
    from tests.unit.crm_desktop.store.conftest import Pages

A = ("account", "a")
Acknowledge = Callable[..., None]


def _get(store: ClientStore, key: tuple[str, str] = A) -> dict[str, Any] | None:
    return store.read(lambda reader: reader.get(*key))


def _name(store: ClientStore) -> str | None:
    row = _get(store)
    return None if row is None else row["name"]


def _stored(store: ClientStore, sql: str) -> list[Any]:
    return store.read(lambda reader: reader._connection.execute(sql).fetchall())


def _found(store: ClientStore, word: str) -> list[str]:
    return [hit.id for hit in store.read(lambda reader: reader.search(word))]


def test_page_and_cursor_go_in_together(store: ClientStore, pages: "Pages") -> None:
    done = store.apply_page(pages.page({A: {"name": "Adler", "credit_limit": "1.50", "tags": ["x"]}}))
    assert (done.applied, done.rows, done.digest_ok) == (True, 1, True)
    state = store.sync_state()
    assert (state.cursor_seq, state.cursor_commit, state.scopes) == (1, "c1", ("catalogue", "territory:t1"))
    row = _get(store)
    assert row is not None
    assert (row["credit_limit"], row["tags"]) == ("1.50", ["x"])
    assert store.read(lambda reader: reader.digest()) == pages.digest()


@pytest.mark.parametrize(
    ("more", "backfill", "caught_up"), [(False, False, "1"), (True, False, "0"), (False, True, "0")]
)
def test_all_is_here_after_the_last_page_alone(
    store: ClientStore, pages: "Pages", more: bool, backfill: bool, caught_up: str
) -> None:
    store.apply_page(pages.page({A: {"name": "Adler"}}, more=more) | ({"backfill": True} if backfill else {}))
    assert _stored(store, "SELECT value FROM meta WHERE key = 'caught_up'") == [(caught_up,)]


def test_page_that_no_longer_fits_is_dropped(store: ClientStore, pages: "Pages") -> None:
    first = pages.page({A: {"name": "Adler"}})
    assert store.apply_page(first).applied
    again = store.apply_page(first)
    assert not again.applied
    other = pages.page({A: {"name": "Bussard"}})
    other["asked"]["commit_id"] = "another history"
    assert not store.apply_page(other).applied
    assert (_name(store), store.sync_state().cursor_seq) == ("Adler", 1)


def test_page_of_another_epoch_is_dropped(store: ClientStore, pages: "Pages") -> None:
    assert not store.apply_page(pages.page({A: {"name": "Adler"}}) | {"epoch": "e2"}).applied


def test_row_is_updated_and_found_anew(store: ClientStore, pages: "Pages") -> None:
    store.apply_page(pages.page({A: {"name": "Adler"}, ("visit", "v"): {"account_id": "a", "note": "alt"}}))
    done = store.apply_page(pages.page({A: {"name": "Bussard"}, ("visit", "v"): {"account_id": "a", "note": "neu"}}))
    assert (done.digest_ok, done.changed) == (True, frozenset({A, ("visit", "v")}))  # open pages show it at once
    assert _name(store) == "Bussard"
    found = {word: _found(store, word) for word in ("adler", "bussard", "alt", "neu")}
    assert found == {"adler": [], "bussard": ["a"], "alt": [], "neu": ["v"]}


@pytest.mark.parametrize("work", [False, True])
def test_older_row_is_skipped_but_its_scopes_are_taken(store: ClientStore, pages: "Pages", work: bool) -> None:
    store.apply_page(pages.page({A: {"name": "Adler"}}, seq=9))
    if work:
        store.commit([patch("account", "a", {"industry": "Bau"})])
    (amount, _), late = pages.rows[A], pages.page({A: {"name": "Alt"}}, seq=10, scopes=["catalogue"])
    late["commits"][0]["seq"] = 9
    pages.rows[A] = (amount, ["catalogue"])
    assert store.apply_page(late | {"digest": pages.digest()}).digest_ok
    assert _name(store) == "Adler"
    where = "SELECT scopes FROM mirror" if work else "SELECT sync_scopes FROM account"
    assert _stored(store, where) == [('["catalogue"]',)]


def test_own_change_stays_visible_until_the_cursor_covers_it(
    store: ClientStore, pages: "Pages", acknowledge: Acknowledge
) -> None:
    store.apply_page(pages.page({A: {"name": "Adler", "industry": "Bau"}}))
    store.commit([patch("account", "a", {"name": "Mein Adler"})])
    assert store.apply_page(pages.page({A: {"name": "Adler", "industry": "Holz"}})).digest_ok
    row = _get(store)
    assert row is not None
    assert (row["name"], row["industry"]) == ("Mein Adler", "Holz")
    acknowledge(commit_seq=5, outcome="conflict")
    assert _name(store) == "Mein Adler"
    assert store.read(lambda reader: reader.record_state("account", "a")) == "waiting"
    store.apply_page(pages.page(seq=4))
    assert _name(store) == "Mein Adler"
    store.apply_page(pages.page(seq=5, more=True))
    assert _name(store) == "Mein Adler"
    store.apply_page(pages.page(seq=6))
    assert _name(store) == "Adler"
    assert store.read(lambda reader: reader.record_state("account", "a")) == "synced"
    assert _stored(store, "SELECT * FROM mirror") == []


def test_applied_change_is_not_replayed_on_its_own_result(
    store: ClientStore, pages: "Pages", acknowledge: Acknowledge
) -> None:
    store.apply_page(pages.page({A: {"name": "Adler"}}))
    store.commit([patch("account", "a", {"name": "Mein Adler"})])
    acknowledge(commit_seq=2)
    # Somebody changed it again in the same page range: the newer server row wins over our replay.
    store.apply_page(pages.page({A: {"name": "Deren Adler"}}, seq=3, more=True))
    assert _name(store) == "Deren Adler"


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
    assert _name(store) == "Adler"
    store.apply_page(pages.page(seq=1))
    assert _get(store) is None
    assert store.read(lambda reader: reader.search("adler")) == []


def test_refused_delete_comes_back(store: ClientStore, pages: "Pages", acknowledge: Acknowledge) -> None:
    store.apply_page(pages.page({A: {"name": "Adler"}}))
    store.commit([delete("account", "a")])
    assert _get(store) is None
    acknowledge(commit_seq=2, outcome="delete_request")
    done = store.apply_page(pages.page(seq=2))
    assert done.digest_ok
    assert _name(store) == "Adler"
    assert [hit.id for hit in store.read(lambda reader: reader.search("adler"))] == ["a"]


def test_server_text_is_merged_under_own_edit(store: ClientStore, pages: "Pages") -> None:
    store.apply_page(pages.page({("visit", "v"): {"note": "eins\nzwei\ndrei\n"}}))
    store.commit([text("visit", "v", "note", "eins\nzwei\ndrei\nvier\n")])
    store.apply_page(pages.page({("visit", "v"): {"note": "null\nzwei\ndrei\n"}}))
    row = _get(store, ("visit", "v"))
    assert row is not None
    assert row["note"] == "null\nzwei\ndrei\nvier\n"


@pytest.mark.parametrize("kind", ["gone", "evict"])
def test_departure(store: ClientStore, pages: "Pages", kind: str) -> None:
    store.apply_page(pages.page({A: {"name": "Adler"}, ("account", "b"): {"name": "Bussard"}}))
    done = store.apply_page(pages.page(gone=(A,)) if kind == "gone" else pages.page(evict=(A,)))
    assert (done.deleted, done.evicted) == ((1, 0) if kind == "gone" else (0, 1))
    assert (done.digest_ok, done.changed) == (True, frozenset({A}))  # whoever shows it looks again
    assert _get(store) is None
    assert store.read(lambda reader: reader.search("adler")) == []
    assert _name_of(store, "b") == "Bussard"


def _name_of(store: ClientStore, record_id: str) -> str:
    row = _get(store, ("account", record_id))
    assert row is not None
    return str(row["name"])


def test_evicted_row_with_waiting_work_leaves_and_the_work_stays(
    store: ClientStore, pages: "Pages", acknowledge: Acknowledge
) -> None:
    store.apply_page(pages.page({A: {"name": "Adler"}}))
    store.commit([patch("account", "a", {"name": "Mein Adler"})])
    done = store.apply_page(pages.page(evict=(A,)))
    assert (done.evicted, done.digest_ok) == (1, True)
    assert _get(store) is None
    assert len(store.pending(10)) == 1
    acknowledge(commit_seq=3)
    store.apply_page(pages.page(seq=3))
    assert _get(store) is None
    assert _stored(store, "SELECT * FROM mirror") == []


def test_created_then_moved_away_does_not_come_back(
    store: ClientStore, pages: "Pages", acknowledge: Acknowledge
) -> None:
    store.commit([create("account", "a", {"name": "Adler"})])
    acknowledge(commit_seq=1)
    store.apply_page(pages.page(evict=(A,), seq=2, more=True))
    assert _get(store) is None
    # and returns with its scope
    store.apply_page(pages.page({A: {"name": "Adler"}}, seq=3))
    assert _name(store) == "Adler"


def test_row_granted_again_comes_back_with_its_old_version(store: ClientStore, pages: "Pages") -> None:
    store.apply_page(pages.page({A: {"name": "Adler"}}, seq=5))
    store.commit([patch("account", "a", {"industry": "Bau"})])
    store.apply_page(pages.page(evict=(A,), seq=9))
    assert _get(store) is None
    page = pages.page({A: {"name": "Adler"}}, seq=5)
    page["cursor"] = {"seq": 12, "commit_id": "c12"}
    page["asked"] = {"seq": 9, "commit_id": "c9"}
    assert store.apply_page(page).digest_ok
    row = _get(store)
    assert row is not None
    assert (row["name"], row["industry"]) == ("Adler", "Bau")


def test_digest_finds_a_row_that_is_missing_or_differs(store: ClientStore, pages: "Pages") -> None:
    page = pages.page({A: {"name": "Adler"}, ("account", "b"): {"name": "Bussard"}})
    page["commits"][0]["put"].pop()
    assert store.apply_page(page).digest_ok is False
    store.apply_page(pages.page({("account", "b"): {"name": "Bussard"}}))
    assert store.read(lambda reader: reader.digest()) == pages.digest()
    assert store.recompute_digest() == pages.digest()


def test_a_repair_that_did_not_help_rests_for_a_day(
    store: ClientStore, pages: "Pages", monkeypatch: pytest.MonkeyPatch
) -> None:
    row, other = {"name": "Adler"}, ("account", "b")
    store.apply_page(pages.page({A: row, other: row}))
    store.commit([delete("account", "b"), patch("account", "a", {"industry": "Bau"})])
    assert store.begin_repair()
    state = store.sync_state()
    assert (state.cursor_seq, state.cursor_commit) == (0, "")
    assert _name(store) == "Adler"
    told = type(pages)().page({A: row}) | {"digest": {"territory:t1": "0" * 16}}
    done = store.apply_page(told)
    # The server does not name 'b' any more; work of ours still waits on it, so its fate is not decided here.
    assert (done.applied, done.digest_ok, done.differed) == (True, False, ())
    assert not store.begin_repair()
    monkeypatch.setattr(type(store._clock), "now", lambda _: datetime(2026, 3, 3, 9, 31, tzinfo=UTC))
    assert store.begin_repair()
    assert store.apply_page(type(pages)().page({A: row})).digest_ok
    assert store.begin_repair()  # that one helped: the next difference is another one
    assert store.apply_page(type(pages)().page({A: {"name": "Anders"}})).differed == (A,)
    assert (_name(store), (_get(store) or {})["industry"]) == ("Anders", "Bau")
    assert [op.k for txn in store.pending(10) for op in txn.ops] == ["delete", "patch"]


def test_sums_are_counted_anew_after_a_crash(
    open_store: Callable[[], ClientStore], store: ClientStore, pages: "Pages"
) -> None:
    now = "2026-03-01T08:00:00.000Z"
    store.apply_page(pages.page({A: {"name": "Adler"}}))
    store.commit([patch("account", "a", {"name": "Mein Adler"})])
    _killed(store, damage="UPDATE scope_sum SET sum = 1")
    _killed(open_store())  # twice, before it came to count
    again = open_store()
    assert again.read(lambda reader: reader.digest()) != pages.digest()  # the window does not wait for it
    assert not again.mending.look_over(now)  # that is: not by content
    assert again.read(lambda reader: reader.digest()) == pages.digest()
    again._writer.call(lambda connection: connection.execute("UPDATE scope_sum SET sum = 1"))
    again.mending.look_over(now)
    assert again.read(lambda reader: reader.digest()) != pages.digest()  # once is enough
    again.close()


def test_a_page_that_comes_while_sums_are_counted_is_counted_once(store: ClientStore, pages: "Pages") -> None:
    store.apply_page(pages.page({A: {"name": "Adler"}, ("account", "b"): {"name": "Bussard"}}))
    store._writer.call(lambda connection: connection.execute("UPDATE scope_sum SET sum = sum + 77"))
    lacking = store._readers.run(sums.missing)
    store.apply_page(pages.page({A: {"name": "Adlerhorst"}}))
    store._writer.call(lambda connection: sums.supply(connection, lacking))
    assert store.read(lambda reader: reader.digest()) == pages.digest()


def _killed(store: ClientStore, damage: str = "") -> None:
    if damage:
        store._writer.call(lambda connection: connection.execute(damage))
    store._writer.close()  # nothing says that it ended well
    store._closed = True
    store._connection.close()


def test_fast_hash_equals_the_wire_hash() -> None:
    samples: dict[Kind, list[Any]] = {
        Kind.TEXT: ["", "Müller", "0"],
        Kind.LONG_TEXT: ["", "lang\nÜ"],
        Kind.INTEGER: [None, 0, -7],
        Kind.DECIMAL: [None, "0", "-15"],
        Kind.BOOLEAN: [False, True],
        Kind.DATE: [None, "2026-01-02"],
        Kind.INSTANT: [None, "2026-01-02T03:04:05.678Z"],
        Kind.CHOICE: [""],
        Kind.SET: [[], ["b", "a"]],
        Kind.REFERENCE: [None, "x"],
    }
    for entity in ENTITIES:
        for turn in range(3):
            values = {
                name: samples[facts.kind][turn % len(samples[facts.kind])]
                for name, facts in field_facts(entity).items()
                if facts.kind is not Kind.STATE
            }
            row = clean_row(entity, values)
            listed = [row[name] for name in columns(entity)]
            assert hash_values(table(entity), "id", 5, listed) == row_hash(entity, "id", 5, row)


def test_column_order_of_the_page_is_its_own(store: ClientStore, pages: "Pages") -> None:
    page = pages.page({A: {"name": "Adler", "industry": "Bau"}})
    rows = page["commits"][0]["put"][0]
    packed = rows["rows"][0]
    rows["cols"] = [*reversed(rows["cols"]), "of_a_newer_server"]
    rows["rows"] = [[*packed[:3], *reversed(packed[3:]), "x"]]
    page["commits"][0]["put"].append({"e": "newer_entity", "cols": ["a"], "rows": [["n", "n", 0, 1]]})
    assert store.apply_page(page).digest_ok
    row = _get(store)
    assert row is not None
    assert (row["name"], row["industry"]) == ("Adler", "Bau")


def test_local_quarantine_goes_as_void_and_keeps_everything(store: ClientStore, pages: "Pages", tmp_path: Any) -> None:
    store.apply_page(pages.page({A: {"name": "Adler"}}))
    store.commit([patch("account", "a", {"name": "Mein Adler"})])
    store.quarantine_locally(1, "malformed", "The server cannot read this change.")
    assert _name(store) == "Adler"
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


def test_new_device_id_numbers_what_waits_from_one(store: ClientStore, acknowledge: Acknowledge) -> None:
    store.commit([create("tag", "t1", {"name": "x"})])
    acknowledge(commit_seq=1)
    store.commit([create("tag", "t2", {"name": "y"})])
    store.commit([create("tag", "t3", {"name": "z"})])
    before = [op.op_id for txn in store.pending(10) for op in txn.ops]
    store.adopt_device("d2")
    waiting = store.pending(10)
    assert [txn.client_seq for txn in waiting] == [1, 2]
    assert [op.op_id for txn in waiting for op in txn.ops] == before
    state = store.sync_state()
    assert (state.device_id, state.client_seq, state.txn_id) == ("d2", 2, waiting[-1].txn_id)


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
    assert _name(store) == "Mein Adler"
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
    assert _name(store) == "Mein Adler"
    assert _get(store, ("account", "b")) is None


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


def test_pending_is_bounded_by_operations(store: ClientStore) -> None:
    for n in range(4):
        store.commit([create("tag", f"{n}-{m}", {"name": "x"}) for m in range(3)])
    assert [txn.client_seq for txn in store.pending(7)] == [1, 2]
    assert [txn.client_seq for txn in store.pending(1)] == [1]


def test_history_of_sessions(store: ClientStore) -> None:
    store.log_session({"pushed": 1})
    store.log_session({"pushed": 2})
    assert store.read(lambda reader: reader.sync_history(1)) == [{"pushed": 2}]


def _break(page: dict[str, Any], *path: Any, to: Any) -> None:
    for step in path[:-1]:
        page = page[step]
    page[path[-1]] = to


_ROW = ("commits", 0, "put", 0, "rows", 0)


@pytest.mark.parametrize(
    ("path", "to"),
    [
        (("commits",), 7),
        (("commits", 0), {"seq": 3}),
        (("commits", 0, "seq"), "three"),
        (("commits", 0, "put", 0, "cols"), None),
        (("commits", 0, "gone"), [["account"]]),
        (("commits", 0, "evict"), "x"),
        (_ROW, []),
        ((*_ROW, 0), {"id": 1}),
        ((*_ROW, 2), 9),
        ((*_ROW, 3), {"a": 1}),
        (("cursor",), None),
        (("asked",), "c0"),
        (("scopes",), 5),
        (("scope_sets",), [None]),
        (("digest",), ["0"]),
    ],
)
def test_a_page_that_is_broken_inside_changes_nothing_and_says_so(
    store: ClientStore, pages: "Pages", path: tuple[Any, ...], to: Any, caplog: pytest.LogCaptureFixture
) -> None:
    good = pages.page({A: {"name": "Adler"}})
    broken = orjson.loads(orjson.dumps(good))
    _break(broken, *path, to=to)
    with pytest.raises(SessionError) as caught:
        store.apply_page(broken)
    assert caught.value.code == "bad_answer"
    assert "Adler" not in caplog.text
    assert " in apply:" not in caplog.text  # where it broke, not where it was caught
    assert (_get(store), store.sync_state().cursor_seq) == (None, 0)
    assert store.apply_page(good).applied
    assert (_name(store), store.read(lambda reader: reader.digest())) == ("Adler", pages.digest())


@pytest.mark.parametrize("answer", [[], "page", {}, {"cursor": {"seq": 1, "commit_id": "c1"}, "more": False}])
def test_an_answer_that_is_no_page_is_told_as_such(store: ClientStore, answer: Any) -> None:
    with pytest.raises(SessionError, match="an answer this program does not know"):
        store.apply_page(answer)


def test_a_record_of_ours_that_comes_back_beside_a_new_one(store: ClientStore, pages: "Pages") -> None:
    """Both need a row of the table in the same page."""
    store.apply_page(pages.page({("account", "a1"): {"name": "Ada"}}))
    store.commit([patch("account", "a1", {"name": "Ada & Co"})])
    store.apply_page(pages.page(evict=(("account", "a1"),)))
    done = store.apply_page(pages.page({("account", "a1"): {"name": "Ada"}, ("account", "a2"): {"name": "Bo"}}))
    assert done.digest_ok
    shown = store.read(lambda reader: {row["id"]: row["name"] for row in reader.where("account")})
    assert shown == {"a1": "Ada & Co", "a2": "Bo"}


def test_what_leaves_by_pages_after_the_scopes_have_changed_is_no_question(store: ClientStore, pages: "Pages") -> None:
    many = tuple(("account", f"{number:04d}") for number in range(240))
    store.apply_page(pages.page({key: {"name": "Adler"} for key in many}))
    pages.scopes = ["catalogue"]
    first = pages.page(evict=many[:80], more=True)
    assert store.mending.removals(first) == []
    store.apply_page(first)
    last = pages.page(evict=many[80:160])
    assert store.mending.removals(last) == []
    store.apply_page(last)
    assert len(store.mending.removals(pages.page(evict=many[160:]))) == 80


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
    seen = {i: (row["name"], row["employees"]) for i in told if (row := _get(store, ("account", i)))}
    assert seen == told | {"d": ("Bussard", 9)}
    found = {
        word: {hit.id for hit in store.read(partial(Reader.search, text=word))}
        for word in ("adler", "bussard", "condor")
    }
    assert found == {"adler": set(), "bussard": {"a", "b", "d"}, "condor": {"c"}}
    left = store.read(lambda reader: reader._connection.execute("SELECT id FROM mirror").fetchall())
    assert left == [("d",)]
    assert store.recompute_digest() == pages.digest()


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
    assert _name(store) == ("Adler & Co" if work else "Adler")
    assert _found(store, "adler") == ["a"]


def test_a_repair_names_what_was_not_as_the_server_has_it_and_nothing_else(store: ClientStore, pages: "Pages") -> None:
    keys = {name: ("account", name) for name in ("equal", "lost", "other", "stale", "unknown")}
    told = {keys[name]: {"name": name} for name in ("equal", "other", "stale", "unknown")}
    store.apply_page(pages.page(told))
    assert store.begin_repair()
    # The server has one more, one with other words, one that left long ago and one it does not know at all.
    server = type(pages)()
    page = server.page({keys["equal"]: {"name": "equal"}, keys["other"]: {"name": "changed"}, keys["lost"]: {}})
    for rows in page["commits"][0]["put"]:
        rows["rows"][0][1] = "a root of its own"
    page["commits"][0]["gone"] = [list(keys["stale"])]
    page["cursor"] = {"seq": 7, "commit_id": "c7"}
    done = store.apply_page(page)
    assert done.differed == tuple(keys[name] for name in ("lost", "other", "stale", "unknown"))
    assert (done.digest_ok, done.deleted, done.evicted) == (True, 1, 1)
    assert {row["id"] for row in store.read(lambda reader: reader.where("account"))} == {"equal", "lost", "other"}
    server.seq = 7
    assert store.apply_page(server.page(gone=(keys["equal"],))).differed == ()  # the repair is over


def test_a_repair_keeps_quiet_about_what_has_changed_since(store: ClientStore, pages: "Pages") -> None:
    b = ("account", "b")
    store.apply_page(pages.page({A: {"name": "Adler"}, b: {"name": "Bussard"}}))
    assert store.begin_repair()
    page = type(pages)().page({A: {"name": "Adlerhorst"}}, gone=(b,), seq=4)
    assert store.apply_page(page).differed == ()


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
    assert {word: _found(store, word) for word in ("adler", "süd")} == {"adler": ["a"], "süd": []}


def test_a_new_history_ends_with_nothing_left_of_the_old_one(
    store: ClientStore, pages: "Pages", acknowledge: Acknowledge
) -> None:
    b = ("account", "b")
    store.apply_page(pages.page({A: {"name": "Adler"}, b: {"name": "Bussard"}}))
    store.commit([patch("account", "b", {"industry": "Bau"})])
    store.adopt_epoch("e2")
    acknowledge(commit_seq=2, outcome="gone")  # the restored server has never heard of it
    page = type(pages)().page({A: {"name": "Adler"}}, seq=2) | {"epoch": "e2"}
    done = store.apply_page(page)
    assert (done.digest_ok, done.evicted, _get(store, b)) == (True, 1, None)
    assert _stored(store, "SELECT * FROM mirror") == []  # it would be drawn as waiting for ever
    assert _stored(store, "SELECT value FROM meta WHERE key = 'rebuilding'") == [("0",)]


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
