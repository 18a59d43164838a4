"""The merge as a table a person can read: before, what the other side made of it, my change, what stands."""

from dataclasses import dataclass
from typing import Any

import pytest

from crm_desktop.errors import InvalidInput
from crm_desktop.model.operations import (
    Create,
    Delete,
    FieldChange,
    Operation,
    Outcome,
    Patch,
    Restore,
    SetAdd,
    SetRemove,
    Text,
    Transition,
)
from crm_desktop.model.wire import default_row, field_facts, text_hash
from crm_desktop.rules.apply import apply, replay
from crm_desktop.rules.merge import may_delete, merge
from crm_desktop.rules.merged import Context, RecordState, Refused

BASE_VERSION, REMOTE_VERSION, NOW = 10, 20, 30
CONTEXT = Context(epoch="e1", commit_seq=NOW, at="2026-11-22T10:00:00.000Z", received_at="2026-11-22T11:00:00.000Z")


def state(entity: str, base: dict[str, Any], remote: dict[str, Any]) -> RecordState:
    """A record that stood at `base` when seen and got `remote` since."""
    row = default_row(entity) | base | remote
    versions = dict.fromkeys(base, BASE_VERSION) | dict.fromkeys(remote, REMOTE_VERSION)
    return RecordState(row, versions, REMOTE_VERSION if remote else BASE_VERSION)


def patch(entity: str, base: dict[str, Any], new: dict[str, Any], version: int = BASE_VERSION) -> Patch:
    seen = default_row(entity) | base
    changes = {name: FieldChange(base_ver=version, old=seen[name], new=value) for name, value in new.items()}
    return Patch(op_id="o", e=entity, id="r", base_epoch="e1", set=changes)


@dataclass(frozen=True)
class Case:
    name: str
    entity: str
    base: dict[str, Any]
    remote: dict[str, Any]
    mine: dict[str, Any]
    outcome: Outcome
    stands: dict[str, Any]
    conflict: tuple[str, ...] = ()


ADDRESS = {"street": "Obere Str. 57", "postal_code": "12209", "city": "Berlin"}
CASES = [
    Case("nobody else", "account", {"name": "Alt"}, {}, {"name": "Neu"}, Outcome.APPLIED, {"name": "Neu"}),
    Case(
        "different fields merge silently",
        "account",
        {"name": "Alt"},
        {"website": "x.example"},
        {"name": "Neu"},
        Outcome.APPLIED,
        {"name": "Neu", "website": "x.example"},
    ),
    Case(
        "same field, same value",
        "account",
        {"name": "Alt"},
        {"name": "Neu"},
        {"name": "Neu"},
        Outcome.MERGED,
        {"name": "Neu"},
    ),
    Case(
        "same field: the server's value stays and mine is kept",
        "account",
        {"payment_terms_days": 14},
        {"payment_terms_days": 30},
        {"payment_terms_days": 21},
        Outcome.CONFLICT,
        {"payment_terms_days": 30},
        ("payment_terms_days",),
    ),
    Case(
        "changed and changed back is no conflict",
        "account",
        {"name": "Alt"},
        {"name": "Alt"},
        {"name": "Neu"},
        Outcome.APPLIED,
        {"name": "Neu"},
    ),
    Case(
        "coupled fields conflict as one",
        "address",
        ADDRESS,
        {"postal_code": "10963"},
        {"street": "Hallesche Str. 8"},
        Outcome.CONFLICT,
        ADDRESS | {"postal_code": "10963"},
        ("street",),
    ),
    Case(
        "one field in conflict, the other applied",
        "account",
        {"name": "Alt", "industry": ""},
        {"name": "Fremd"},
        {"name": "Neu", "industry": "Food"},
        Outcome.CONFLICT,
        {"name": "Fremd", "industry": "Food"},
        ("name",),
    ),
    Case(
        "newest: mine was written later",
        "task",
        {"due_on": "2026-11-20"},
        {"due_on": "2026-11-25"},
        {"due_on": "2026-11-23"},
        Outcome.CONFLICT,
        {"due_on": "2026-11-23"},
        ("due_on",),
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_patch(case: Case) -> None:
    before = state(case.entity, case.base, case.remote)
    result = merge(case.entity, before, patch(case.entity, case.base, case.mine), CONTEXT)
    assert result.outcome is case.outcome
    assert result.state is not None
    assert {name: result.state.row[name] for name in case.stands} == case.stands
    assert tuple(conflict.field for conflict in result.conflicts) == case.conflict


def test_conflict_names_all_three_values() -> None:
    before = state("account", {"payment_terms_days": 14}, {"payment_terms_days": 30})
    op = patch("account", {"payment_terms_days": 14}, {"payment_terms_days": 21})
    (conflict,) = merge("account", before, op, CONTEXT).conflicts
    assert (conflict.before, conflict.mine, conflict.theirs) == (
        {"payment_terms_days": 14},
        {"payment_terms_days": 21},
        {"payment_terms_days": 30},
    )
    assert conflict.rule == "ask"


def test_newest_asks_when_the_clock_cannot_be_trusted() -> None:
    before = state("task", {"due_on": "2026-11-20"}, {"due_on": "2026-11-25"})
    op = patch("task", {"due_on": "2026-11-20"}, {"due_on": "2026-11-23"})
    wild = Context("e1", NOW, "2036-01-01T00:00:00.000Z", CONTEXT.received_at, clock_trusted=False)
    result = merge("task", before, op, wild)
    assert result.state is not None
    assert result.state.row["due_on"] == "2026-11-25"
    assert result.conflicts[0].rule == "ask"


def test_newest_clamps_a_clock_that_runs_ahead() -> None:
    before = state("task", {"due_on": "2026-11-20"}, {"due_on": "2026-11-25"})
    op = patch("task", {"due_on": "2026-11-20"}, {"due_on": "2026-11-23"})
    ahead = Context(
        "e1",
        NOW,
        "2036-01-01T00:00:00.000Z",
        "2026-11-22T11:00:00.000Z",
        field_at=lambda name: "2026-11-22T12:00:00.000Z",
    )
    result = merge("task", before, op, ahead)
    assert result.state is not None
    assert result.state.row["due_on"] == "2026-11-25"


def test_another_epoch_trusts_only_the_old_value() -> None:
    before = state("account", {"name": "Alt"}, {})
    stale = patch("account", {"name": "Gesehen"}, {"name": "Neu"}).model_copy(update={"base_epoch": "e0"})
    assert merge("account", before, stale, CONTEXT).outcome is Outcome.CONFLICT
    equal = patch("account", {"name": "Alt"}, {"name": "Neu"}).model_copy(update={"base_epoch": "e0"})
    assert merge("account", before, equal, CONTEXT).outcome is Outcome.APPLIED


def test_patch_never_creates() -> None:
    with pytest.raises(Refused) as refused:
        merge("account", None, patch("account", {}, {"name": "x"}), CONTEXT)
    assert refused.value.reason == "unknown_row"


def test_patch_on_a_deleted_record_is_gone() -> None:
    deleted = RecordState(default_row("account"), {}, 12, deleted=True)
    assert merge("account", deleted, patch("account", {}, {"name": "x"}), CONTEXT).outcome is Outcome.GONE


def test_create_twice_is_a_duplicate_and_on_a_tombstone_gone() -> None:
    op = Create(op_id="o", e="account", id="r", v={"name": "Neu", "tags": ["b", "a"]})
    created = merge("account", None, op, CONTEXT)
    assert created.state is not None
    assert created.state.row["tags"] == ["a", "b"]
    assert merge("account", created.state, op, CONTEXT).outcome is Outcome.DUPLICATE
    tombstone = RecordState(created.state.row, {}, 12, deleted=True)
    assert merge("account", tombstone, op, CONTEXT).outcome is Outcome.GONE


def test_bad_value_is_refused() -> None:
    with pytest.raises(InvalidInput):
        merge("account", state("account", {}, {}), patch("account", {}, {"credit_limit": "1.234"}), CONTEXT)


TEXT_CASES = [
    ("a\nb\nc\n", "a\nb\nc!\n", "a?\nb\nc\n", Outcome.MERGED, "a?\nb\nc!\n"),
    ("one two three", "one two 3", "1 two three", Outcome.MERGED, "1 two 3"),
    ("note", "note mine", "note", Outcome.APPLIED, "note mine"),
    ("note", "note", "note theirs", Outcome.MERGED, "note theirs"),
    ("price 10", "price 12", "price 11", Outcome.CONFLICT_COPY, "price 11"),
]


@pytest.mark.parametrize(("base", "mine", "theirs", "outcome", "stands"), TEXT_CASES)
def test_text(base: str, mine: str, theirs: str, outcome: Outcome, stands: str) -> None:
    texts = {text_hash(base): base}
    context = Context("e1", NOW, CONTEXT.at, CONTEXT.received_at, text_base=texts.get)
    op = Text(op_id="o", e="visit", id="r", f="note", base_sha=text_hash(base), text=mine)
    result = merge("visit", state("visit", {"note": base}, {"note": theirs}), op, context)
    assert result.outcome is outcome
    assert result.state is not None
    assert result.state.row["note"] == stands
    assert "<<<" not in result.state.row["note"]
    if outcome is Outcome.CONFLICT_COPY:
        assert result.conflicts[0].before == {"note": base}


def test_text_with_unknown_base_keeps_both() -> None:
    op = Text(op_id="o", e="visit", id="r", f="note", base_sha="unknown", text="mine")
    result = merge("visit", state("visit", {"note": "theirs"}, {}), op, CONTEXT)
    assert result.outcome is Outcome.CONFLICT_COPY
    assert (result.conflicts[0].mine, result.conflicts[0].before) == ({"note": "mine"}, {"note": ""})


def test_set_elements_have_their_own_version() -> None:
    tags = RecordState(default_row("account") | {"tags": ["fair", "vip"]}, {"tags/fair": 5, "tags/vip": 20}, 20)
    remove = SetRemove(op_id="o", e="account", id="r", base_epoch="e1", f="tags", v=["fair", "vip"], base_ver=10)
    result = merge("account", tags, remove, CONTEXT)
    assert result.state is not None
    assert result.state.row["tags"] == ["vip"]  # vip was added again after the remove's author looked
    add = SetAdd(op_id="o", e="account", id="r", f="tags", v=["new"], base_ver=10)
    added = merge("account", result.state, add, CONTEXT)
    assert added.state is not None
    assert added.state.row["tags"] == ["new", "vip"]
    assert added.state.field_ver["tags/new"] == NOW


def test_an_element_that_nobody_has_touched_since_its_record_began_can_be_taken_away() -> None:
    tags = RecordState(default_row("account") | {"tags": ["fair", "vip"]}, {"tags/vip": 1}, 20)
    remove = SetRemove(op_id="o", e="account", id="r", base_epoch="e1", f="tags", v=["fair", "vip"], base_ver=0)
    result = merge("account", tags, remove, CONTEXT)
    assert result.state is not None
    assert result.state.row["tags"] == ["vip"]
    assert result.state.field_ver["tags/fair"] == NOW


def test_transition_is_a_guard() -> None:
    draft = state("quote_revision", {"status": "draft"}, {})
    send = Transition.model_validate({"op_id": "o", "e": "quote_revision", "id": "r", "from": "draft", "to": "sent"})
    sent = merge("quote_revision", draft, send, CONTEXT)
    assert sent.state is not None
    assert sent.state.row["status"] == "sent"
    with pytest.raises(Refused, match="state_changed"):
        merge("quote_revision", sent.state, send, CONTEXT)
    with pytest.raises(Refused, match="no_such_transition"):
        merge("quote_revision", draft, send.model_copy(update={"to": "accepted"}), CONTEXT)


def test_a_state_cannot_be_patched() -> None:
    with pytest.raises(Refused, match="wrong_operation"):
        merge(
            "quote_revision", state("quote_revision", {}, {}), patch("quote_revision", {}, {"status": "sent"}), CONTEXT
        )


def test_elements_go_out_of_sets_alone() -> None:
    remove = SetRemove(op_id="o", e="account", id="r", base_epoch="e1", f="name", v=["Alt"], base_ver=10)
    with pytest.raises(Refused, match="wrong_operation"):
        merge("account", state("account", {"name": "Alt"}, {}), remove, CONTEXT)


def test_delete_needs_a_fresh_base_and_restore_brings_back() -> None:
    record = state("account", {"name": "Alt"}, {"name": "Neu"})
    stale = Delete(op_id="o", e="account", id="r", base_epoch="e1", seen_cursor=BASE_VERSION)
    assert merge("account", record, stale, CONTEXT).outcome is Outcome.DELETE_REQUEST
    fresh = stale.model_copy(update={"seen_cursor": REMOTE_VERSION})
    deleted = merge("account", record, fresh, CONTEXT)
    assert deleted.state is not None
    assert deleted.state.deleted
    restored = merge("account", deleted.state, Restore(op_id="o", e="account", id="r"), CONTEXT)
    assert restored.state is not None
    assert not restored.state.deleted
    assert restored.state.row["name"] == "Neu"


@pytest.mark.parametrize(
    ("newest", "foreign", "seen", "allowed"), [(5, 0, 5, True), (6, 0, 5, False), (5, 1, 9, False)]
)
def test_may_delete(newest: int, foreign: int, seen: int, allowed: bool) -> None:
    assert may_delete(newest, foreign, seen) is allowed


def test_merging_an_operation_twice_changes_nothing_more() -> None:
    op = patch("account", {"name": "Alt"}, {"name": "Neu"})
    once = merge("account", state("account", {"name": "Alt"}, {}), op, CONTEXT)
    twice = merge("account", once.state, op, CONTEXT)
    assert twice.outcome is Outcome.MERGED
    assert twice.state == once.state


def test_replay_shows_what_the_user_did() -> None:
    ops: list[Operation] = [
        Create(op_id="1", e="account", id="r", v={"name": "Neu"}),
        patch("account", {"name": "Neu"}, {"name": "Neuer"}),
        SetAdd(op_id="2", e="account", id="r", f="tags", v=["vip"], base_ver=0),
        Text(op_id="3", e="account", id="r", f="notes", base_sha=text_hash(""), text="Hallo", base=""),
    ]
    row = replay(None, ops)
    assert row is not None
    assert (row["name"], row["tags"], row["notes"]) == ("Neuer", ["vip"], "Hallo")
    assert apply(row, Delete(op_id="4", e="account", id="r", seen_cursor=0)) is None
    assert apply(None, ops[1]) is None


def test_replay_merges_a_pending_text_into_a_server_text_that_moved_on() -> None:
    op = Text(op_id="1", e="visit", id="r", f="note", base_sha=text_hash("a\nb\n"), text="a\nb!\n", base="a\nb\n")
    row = apply(default_row("visit") | {"note": "a?\nb\n"}, op)
    assert row is not None
    assert row["note"] == "a?\nb!\n"


def test_a_chain_of_own_edits_in_one_group_is_no_conflict() -> None:
    """Offline: create, then edit two fields of one group one after the other. The base of each is the first one's."""
    created = merge("quote_line", None, Create(op_id="1", e="quote_line", id="r", v={"list_price": "10.0000"}), CONTEXT)
    assert created.state is not None
    members = [name for name, facts in field_facts("quote_line").items() if facts.group == "price"]
    row = dict(created.state.row)
    state_now = created.state
    for name, value in (("line_total", "120.00"), ("discount_percent", "5.0000")):
        changes = {
            member: FieldChange(base_ver=0, old=row[member], new=value if member == name else row[member])
            for member in members
        }
        result = merge(
            "quote_line", state_now, Patch(op_id="2", e="quote_line", id="r", base_epoch="e1", set=changes), CONTEXT
        )
        assert result.outcome is Outcome.APPLIED
        assert result.state is not None
        state_now, row = result.state, dict(result.state.row)
    assert (row["line_total"], row["discount_percent"]) == ("120.00", "5.0000")
