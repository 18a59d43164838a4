"""Records, notes, tasks, conflicts and outbox on a real store: one call is one transaction."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from crm_desktop.errors import InvalidInput, NotFound
from crm_desktop.model.wire import clean_row, columns
from crm_desktop.services.conflicts import ConflictService
from crm_desktop.services.notes import FollowUp, NoteService
from crm_desktop.services.outbox import OutboxService
from crm_desktop.services.records import RecordService
from crm_desktop.services.refusals import RefusalService
from crm_desktop.services.tasks import TaskService
from crm_desktop.store.client_store import ClientStore
from tests.standing_clock import StandingClock
from tests.unit.crm_desktop.conftest import USER


def operations(store: ClientStore) -> list[list[tuple[str, str]]]:
    """(kind, entity) of the operations of each waiting transaction."""
    return [[(op.k, op.e) for op in txn.ops] for txn in store.pending(1000)]


def pulled(store: ClientStore, entity: str, record_id: str, values: dict[str, Any], seq: int) -> None:
    """As if the server had sent this row."""
    state = store.sync_state()
    row = clean_row(entity, values)
    cols = list(columns(entity))
    done = store.apply_page(
        {
            "epoch": state.epoch,
            "asked": {"seq": state.cursor_seq, "commit_id": state.cursor_commit},
            "cursor": {"seq": seq, "commit_id": f"c{seq}"},
            "more": True,
            "scopes": ["catalogue"],
            "scope_sets": [["catalogue"]],
            "digest": None,
            "commits": [
                {
                    "seq": seq,
                    "gone": [],
                    "evict": [],
                    "put": [
                        {"e": entity, "cols": cols, "rows": [[record_id, record_id, 0, *(row[name] for name in cols)]]},
                    ],
                }
            ],
        }
    )
    assert done.applied


def test_update_splits_changes_by_kind_into_one_transaction(store: ClientStore, records: RecordService) -> None:
    account = records.create("account", {"name": "A", "tags": ["old"], "notes": "one"})
    assert len(operations(store)) == 1  # asked for by the sync: from now on it is left as it is
    changes = records.update("account", account, {"name": "B", "tags": ["new"], "notes": "two", "industry": ""})
    assert ("account", account) in changes.ids
    (_, ops) = operations(store)
    assert sorted(ops) == [
        ("patch", "account"),
        ("set_add", "account"),
        ("set_remove", "account"),
        ("text", "account"),
    ]
    row = store.read(lambda reader: reader.get("account", account))
    assert row is not None
    assert (row["name"], row["tags"], row["notes"], row["owner_id"]) == ("B", ["new"], "two", USER)


def test_nothing_changed_is_no_transaction(store: ClientStore, records: RecordService) -> None:
    account = records.create("account", {"name": "A"})
    assert not records.update("account", account, {"name": "A"})
    assert len(operations(store)) == 1


def test_a_batch_is_all_or_nothing(store: ClientStore, records: RecordService) -> None:
    def leave_early() -> None:
        with records.batch() as batch:
            batch.create("account", {"name": "A"})
            raise RuntimeError

    def one_bad_value() -> None:
        with records.batch() as batch:
            batch.create("account", {"name": "A"})
            batch.create("account", {"customer_class": "Z"})

    with pytest.raises(RuntimeError):
        leave_early()
    with pytest.raises(InvalidInput):
        one_bad_value()
    assert operations(store) == []
    with records.batch() as batch:
        account = batch.create("account", {"name": "A"})
        batch.create("contact", {"name": "C", "account_id": account})
    assert operations(store) == [[("create", "account"), ("create", "contact")]]
    assert len(batch.changes.ids) == 2


def test_a_note_and_its_follow_up_are_one_transaction(
    store: ClientStore, records: RecordService, clock: StandingClock
) -> None:
    notes = NoteService(store, clock, USER)
    account = records.create("account", {"name": "A"})
    visit = notes.start_visit(account, note="Hello", follow_up=FollowUp("Call", date(2026, 4, 1)))
    assert operations(store)[1] == [("create", "visit"), ("create", "task")]
    row = store.read(lambda reader: reader.get("visit", visit))
    assert row is not None
    assert (row["starts_at"], row["owner_id"], row["status"]) == ("2026-03-04T12:00:00.000Z", USER, "done")
    (task,) = TaskService(store, clock, USER).due()
    assert (task["visit_id"], task["account_id"], task["due_on"]) == (visit, account, "2026-04-01")
    notes.save_note(visit, "Hello again", base="Hello")
    with pytest.raises(NotFound):
        notes.start_visit("01900000-0000-7000-8000-00000000ffff")
    with pytest.raises(InvalidInput):
        notes.follow_up(visit, FollowUp("  "))


def test_tasks_are_due_in_order_and_ticked_off(store: ClientStore, clock: StandingClock) -> None:
    tasks = TaskService(store, clock, USER)
    late = tasks.add("late", due_on=date(2026, 5, 1))
    soon = tasks.add("soon", due_on=date(2026, 4, 1))
    never = tasks.add("some day")
    tasks.add("somebody else's", owner_id="01900000-0000-7000-8000-000000000002")
    assert [row["id"] for row in tasks.due()] == [soon, late, never]
    assert [row["id"] for row in tasks.due(date(2026, 4, 30))] == [soon]
    tasks.done(soon)
    assert [row["id"] for row in tasks.due()] == [late, never]
    tasks.reopen(soon)
    assert tasks.due()[0]["id"] == soon


@pytest.fixture
def conflict(store: ClientStore) -> str:
    """An open conflict on an account whose name stands as 'Theirs'."""
    pulled(store, "account", "acc", {"name": "Theirs", "industry": "Food"}, 1)
    pulled(
        store,
        "conflict",
        "con",
        {
            "entity": "account",
            "record_id": "acc",
            "field": "name",
            "before": json.dumps({"name": "Before"}),
            "mine": json.dumps({"name": "Mine"}),
            "theirs": json.dumps({"name": "Theirs"}),
            "mine_by": USER,
        },
        2,
    )
    return "con"


def name_of(store: ClientStore) -> str:
    row = store.read(lambda reader: reader.get("account", "acc"))
    assert row is not None
    return str(row["name"])


def test_a_conflict_is_shown_with_three_sides_and_labels(store: ClientStore, conflict: str) -> None:
    (view,) = ConflictService(store).open()
    (field,) = view.fields
    assert (field.before, field.mine, field.theirs) == ("Before", "Mine", "Theirs")
    assert (view.title("en"), view.title("de")) == ("Account Theirs: Name", "Kunde Theirs: Name")
    assert (view.record_here, view.status) == (True, "open")


def test_mine_is_the_state_and_a_patch_with_a_fresh_base_in_one_transaction(store: ClientStore, conflict: str) -> None:
    service = ConflictService(store)
    service.resolve(conflict, "mine")
    (txn,) = store.pending(10)
    assert [(op.k, op.e) for op in txn.ops] == [("transition", "conflict"), ("patch", "account")]
    patch = txn.wire()["ops"][1]["set"]["name"]
    assert (patch["old"], patch["new"], patch["base_ver"]) == ("Theirs", "Mine", 1)
    assert (name_of(store), service.open()) == ("Mine", [])
    with pytest.raises(InvalidInput):
        service.resolve(conflict, "mine")
    service.resolve(conflict, "theirs")
    assert name_of(store) == "Theirs"


def test_theirs_only_closes_the_conflict(store: ClientStore, conflict: str) -> None:
    ConflictService(store).resolve(conflict, "theirs")
    assert operations(store) == [[("transition", "conflict")]]
    assert name_of(store) == "Theirs"


def test_mine_needs_the_record(store: ClientStore) -> None:
    pulled(
        store,
        "conflict",
        "con",
        {
            "entity": "account",
            "record_id": "gone",
            "field": "name",
            "mine": json.dumps({"name": "Mine"}),
        },
        1,
    )
    service = ConflictService(store)
    with pytest.raises(NotFound):
        service.resolve("con", "mine")
    assert operations(store) == []
    service.resolve("con", "theirs")
    with pytest.raises(NotFound):
        service.get("nothing")


def test_the_outbox_shows_fields_and_takes_back_what_never_left(store: ClientStore, records: RecordService) -> None:
    outbox = OutboxService(store)
    account = records.create("account", {"name": "A"})
    records.update("account", account, {"name": "B", "notes": "text", "tags": ["t"]})
    first, second = outbox.entries()
    assert [(diff.name, diff.new) for diff in first.changes[0].fields if diff.name == "name"] == [("name", "A")]
    diffs = {diff.name: (diff.old, diff.new) for change in second.changes for diff in change.fields}
    assert diffs == {"name": ("A", "B"), "notes": ("", "text"), "tags": (None, ["t"])}
    assert (second.can_discard, outbox.discard(second.client_seq)) == (True, True)
    row = store.read(lambda reader: reader.get("account", account))
    assert row is not None
    assert row["name"] == "A"


def account_of(store: ClientStore, record_id: str) -> dict[str, Any]:
    row = store.read(lambda reader: reader.get("account", record_id))
    assert row is not None
    return row


def test_what_was_taken_back_is_put_back_whole(store: ClientStore, records: RecordService) -> None:
    outbox = OutboxService(store)
    account = records.create("account", {"name": "A", "tags": ["t"]})
    taken = outbox.take_back(outbox.entries()[0].client_seq)
    assert taken
    assert store.read(lambda reader: reader.get("account", account)) is None
    outbox.put_back(taken)
    assert account_of(store, account)["tags"] == ["t"]
    records.update("account", account, {"name": "B", "notes": "text", "tags": ["t", "u"]})
    before = account_of(store, account)
    taken = outbox.take_back(outbox.entries()[-1].client_seq)
    assert taken
    assert account_of(store, account)["name"] == "A"
    outbox.put_back(taken)
    assert account_of(store, account) == before
    assert len(outbox.entries()) == 2


def test_what_builds_on_a_record_is_taken_back_and_put_back_with_it(store: ClientStore, records: RecordService) -> None:
    outbox = OutboxService(store)
    account = records.create("account", {"name": "A"})
    records.create("account", {"name": "another"})
    contact = records.create("contact", {"account_id": account, "name": "Maria"})
    records.update("contact", contact, {"name": "Ana"})
    records.update("account", account, {"name": "B"})
    taken = outbox.take_back(outbox.entries()[0].client_seq)
    assert [entry.client_seq for entry in taken] == [1, 3, 4, 5]
    assert [change.title for entry in outbox.entries() if entry.changes for change in entry.changes] == ["another"]
    outbox.put_back(taken)
    assert account_of(store, account)["name"] == "B"
    row = store.read(lambda reader: reader.get("contact", contact))
    assert row is not None
    assert (row["name"], row["account_id"]) == ("Ana", account)
    assert outbox.take_back(6)[0].client_seq == 6  # a record made anew: all that came after it goes too
    assert store.read(lambda reader: reader.get("contact", contact)) is None


def test_putting_back_keeps_what_was_written_after_it(store: ClientStore, records: RecordService) -> None:
    outbox = OutboxService(store)
    pulled(store, "account", "acc", {"name": "A", "industry": "Food", "notes": "one"}, 1)
    records.update("account", "acc", {"name": "B", "industry": "Wine", "notes": "two"})
    records.update("account", "acc", {"name": "C"})
    taken = outbox.take_back(outbox.entries()[0].client_seq)
    assert taken
    outbox.put_back(taken)
    row = account_of(store, "acc")
    assert (row["name"], row["industry"], row["notes"]) == ("C", "Wine", "two")


def test_putting_back_is_based_on_what_its_author_had_seen(store: ClientStore, records: RecordService) -> None:
    outbox = OutboxService(store)
    pulled(store, "account", "acc", {"name": "A"}, 1)
    records.update("account", "acc", {"name": "B"})
    taken = outbox.take_back(outbox.entries()[0].client_seq)
    assert taken
    pulled(store, "account", "acc", {"name": "by a colleague"}, 2)
    outbox.put_back(taken)
    (op,) = store.pending(10)[-1].ops
    assert op.model_dump()["set"]["name"] == {"base_ver": 1, "old": "A", "new": "B"}
    sent = records.create("account", {"name": "D"})
    seq = outbox.entries()[-1].client_seq
    store.mark_attempted([seq])
    assert outbox.take_back(seq) == []
    assert account_of(store, sent)["name"] == "D"


def test_what_was_set_aside_here_is_sent_again_on_a_fresh_base(
    store: ClientStore, records: RecordService, tmp_path: Path, clock: StandingClock
) -> None:
    outbox, refusals = OutboxService(store), RefusalService(store, clock)
    pulled(store, "account", "acc", {"name": "A"}, 1)
    records.update("account", "acc", {"name": "B"})
    (txn,) = store.pending(10)
    store.quarantine_locally(txn.client_seq, "malformed", "The server could not read it.")
    assert name_of(store) == "A"
    (refused,) = refusals.open()
    assert (refused.local, refused.reason, refused.changes[0].title) == (True, "malformed", "A")
    assert outbox.export(tmp_path / "outbox.jsonl") >= 1
    refusals.retry(refused.id)
    assert (name_of(store), refusals.open()) == ("B", [])
    again = store.pending(10)[-1]
    assert again.txn_id != txn.txn_id
    assert [op.op_id for op in again.ops] != [op.op_id for op in txn.ops]
    with pytest.raises(NotFound):
        refusals.retry(refused.id)


def test_what_the_server_refused_is_sent_again_naming_the_old_transaction(
    store: ClientStore, tmp_path: Path, clock: StandingClock
) -> None:
    pulled(store, "account", "acc", {"name": "A"}, 1)
    change = {"name": {"base_ver": 0, "old": "", "new": "Z"}}
    payload = {"txn_id": "t-old", "ops": [{"k": "patch", "op_id": "o", "e": "account", "id": "acc", "set": change}]}
    pulled(store, "quarantine", "q1", {"txn_id": "t-old", "reason": "unknown_row", "payload": json.dumps(payload)}, 2)
    pulled(store, "quarantine", "q2", {"txn_id": "t-2", "reason": "unknown_row", "payload": json.dumps(payload)}, 3)
    refusals = RefusalService(store, clock)
    assert {view.id for view in refusals.open()} == {"q1", "q2"}
    assert OutboxService(store).export(tmp_path / "all.jsonl") == 2
    lines = [json.loads(line) for line in (tmp_path / "all.jsonl").read_text().splitlines()]
    assert [(line["state"], line["code"], line["ops"][0]["id"]) for line in lines] == [
        ("refused", "unknown_row", "acc")
    ] * 2
    refusals.retry("q1")
    (txn,) = store.pending(10)
    assert (txn.resolves, name_of(store)) == ("t-old", "Z")
    assert {view.id for view in refusals.open()} == {"q2"}  # what is being sent again needs nobody
    assert store.read(lambda reader: reader.counts()["quarantine"]) == 1
    with pytest.raises(InvalidInput):
        refusals.drop("q2", " ")
    refusals.drop("q2", "not needed")
    assert operations(store)[-1] == [("patch", "quarantine"), ("transition", "quarantine")]


def test_a_removed_part_waits_below_its_root(store: ClientStore, records: RecordService) -> None:
    state = store.sync_state()
    row = clean_row("quote_line", {"quote_id": "quo", "name": "Chai"})
    cols = columns("quote_line")
    put = [{"e": "quote_line", "cols": list(cols), "rows": [["line", "quo", 0, *(row[name] for name in cols)]]}]
    page = {
        "epoch": state.epoch,
        "asked": {"seq": state.cursor_seq, "commit_id": state.cursor_commit},
        "cursor": {"seq": 1, "commit_id": "c1"},
        "more": True,
        "scopes": ["catalogue"],
        "scope_sets": [["catalogue"]],
        "commits": [{"seq": 1, "put": put, "gone": [], "evict": []}],
        "digest": None,
    }
    assert store.apply_page(page).applied
    assert not store.read(lambda reader: reader.waits_below("quo"))
    records.delete("quote_line", "line")
    assert store.read(lambda reader: reader.waits_below("quo"))
    assert not store.read(lambda reader: reader.waits_below("another"))
