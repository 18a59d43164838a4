"""Every kind of field and operation in one table: what I had seen, what others made of it, what I want, what stands.

Versions: what I saw is of commit 10, what others did of commit 20, my operation arrives as commit 30.
"""

from dataclasses import replace
from typing import Any

import pytest

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
from crm_desktop.model.wire import Row, default_row, field_facts, text_hash
from crm_desktop.rules.merge import merge
from crm_desktop.rules.merged import Context, RecordState, Refused

SEEN, THEIRS, NOW = 10, 20, 30
EARLY, MINE_AT, LATE = "2026-11-22T08:00:00.000Z", "2026-11-22T10:00:00.000Z", "2026-11-22T12:00:00.000Z"
HERE = Context("e1", NOW, MINE_AT, LATE, field_at=lambda name: EARLY)
ELSEWHERE = replace(HERE, epoch="e2")  # the server was restored: versions of the old history mean nothing
ALIAS = replace(HERE, through_alias=True)  # the record was merged into this one
OLDER = replace(HERE, field_at=lambda name: LATE)  # theirs was written after mine
NO_CLOCK = replace(HERE, clock_trusted=False)

A, M, C, D, G = Outcome.APPLIED, Outcome.MERGED, Outcome.CONFLICT, Outcome.DELETE_REQUEST, Outcome.GONE
COPY = Outcome.CONFLICT_COPY


def patch(**changes: tuple[Any, Any]) -> dict[str, Any]:
    """Scalar fields: what I saw, what I want."""
    return {"set": {n: FieldChange(base_ver=SEEN, old=old, new=new) for n, (old, new) in changes.items()}, "of": Patch}


def text(base: str, mine: str) -> dict[str, Any]:
    """A long text: what I saw, what I want."""
    return {"f": "notes", "base_sha": text_hash(base), "text": mine, "of": Text}


def add(*elements: str) -> dict[str, Any]:
    """Elements into a set."""
    return {"f": "tags", "v": list(elements), "base_ver": SEEN, "of": SetAdd}


def remove(*elements: str) -> dict[str, Any]:
    """Elements out of a set."""
    return {"f": "tags", "v": list(elements), "base_ver": SEEN, "of": SetRemove}


def move(before: str, after: str) -> dict[str, Any]:
    """A state."""
    return {"from_": before, "to": after, "of": Transition}


DELETE = {"seen_cursor": SEEN, "of": Delete}
RESTORE = {"of": Restore}
ADDRESS = {"street": "Obere Str. 57", "postal_code": "12209", "city": "Berlin"}
KEEP, ASK, NEW, TEXT, WOVEN, ADDED = "keep_server", "ask", "newest", "text", "merged_text", "newer_addition"

# what, kind of record, as I saw it, what others changed, what I did, where -> outcome, what stands, kept for me as
TABLE: list[tuple[str, str, Row, Row, dict[str, Any], Context, Outcome, Row, str]] = [
    # scalars
    ("nobody else", "account", {"website": "a"}, {}, patch(website=("a", "b")), HERE, A, {"website": "b"}, ""),
    ("another field", "account", {"website": "a"}, {"vat_id": "x"}, patch(website=("a", "b")), HERE, A,
     {"website": "b", "vat_id": "x"}, ""),
    ("same value", "account", {"website": "a"}, {"website": "b"}, patch(website=("a", "b")), HERE, M,
     {"website": "b"}, ""),
    ("other value", "account", {"website": "a"}, {"website": "c"}, patch(website=("a", "b")), HERE, C,
     {"website": "c"}, KEEP),
    ("changed and back", "account", {"website": "a"}, {"website": "a"}, patch(website=("a", "b")), HERE, A,
     {"website": "b"}, ""),
    ("emptied here", "account", {"website": "a"}, {}, patch(website=("a", "")), HERE, A, {"website": ""}, ""),
    ("emptied there", "account", {"website": "a"}, {"website": ""}, patch(website=("a", "b")), HERE, C,
     {"website": ""}, KEEP),
    # a decision is asked for
    ("asked", "account", {"payment_terms_days": 14}, {"payment_terms_days": 30}, patch(payment_terms_days=(14, 21)),
     HERE, C, {"payment_terms_days": 30}, ASK),
    # the newest stands
    ("mine later", "task", {"status": "open"}, {"status": "done"}, patch(status=("open", "open")), HERE, C,
     {"status": "open"}, NEW),
    ("theirs later", "task", {"due_on": "2026-12-01"}, {"due_on": "2026-12-24"},
     patch(due_on=("2026-12-01", "2026-12-06")), OLDER, C, {"due_on": "2026-12-24"}, NEW),
    ("the same moment", "task", {"due_on": "2026-12-01"}, {"due_on": "2026-12-24"},
     patch(due_on=("2026-12-01", "2026-12-06")), replace(HERE, field_at=lambda name: MINE_AT), C,
     {"due_on": "2026-12-24"}, NEW),
    ("clock not trusted", "task", {"due_on": "2026-12-01"}, {"due_on": "2026-12-24"},
     patch(due_on=("2026-12-01", "2026-12-06")), NO_CLOCK, C, {"due_on": "2026-12-24"}, ASK),
    # coupled fields are one decision
    ("group, other member", "address", ADDRESS, {"city": "Bonn"}, patch(street=("Obere Str. 57", "X 1")), HERE, C,
     {**ADDRESS, "city": "Bonn"}, KEEP),
    ("group untouched", "address", ADDRESS, {"kind": "billing"}, patch(street=("Obere Str. 57", "X 1")), HERE, A,
     {**ADDRESS, "street": "X 1"}, ""),
    ("group as I saw it", "address", ADDRESS, {"city": "Berlin"},
     patch(street=("Obere Str. 57", "X 1"), city=("Berlin", "Bonn")), HERE, A, {"street": "X 1", "city": "Bonn"}, ""),
    # money and decimals are compared as canonical text
    ("money", "account", {"credit_limit": "100.00"}, {}, patch(credit_limit=("100.00", "250.5")), HERE, A,
     {"credit_limit": "250.50"}, ""),
    ("money, same amount", "account", {"credit_limit": "100.00"}, {"credit_limit": "250.50"},
     patch(credit_limit=("100.00", "250.5")), HERE, M, {"credit_limit": "250.50"}, ""),
    # references
    ("reference", "account", {"owner_id": "u1"}, {"owner_id": "u2"}, patch(owner_id=("u1", "u3")), HERE, C,
     {"owner_id": "u2"}, KEEP),
    # long texts
    ("text, other lines", "account", {"notes": "a\nb\nc\n"}, {"notes": "a!\nb\nc\n"}, text("a\nb\nc\n", "a\nb\nc?\n"),
     HERE, M, {"notes": "a!\nb\nc?\n"}, WOVEN),
    ("text, other words", "account", {"notes": "one two three"}, {"notes": "1 two three"},
     text("one two three", "one two 3"), HERE, M, {"notes": "1 two 3"}, WOVEN),
    ("text, same words", "account", {"notes": "price 10"}, {"notes": "price 11"}, text("price 10", "price 12"),
     HERE, COPY, {"notes": "price 11"}, TEXT),
    ("text, same result", "account", {"notes": "a"}, {"notes": "b"}, text("a", "b"), HERE, M, {"notes": "b"}, ""),
    ("text, nobody else", "account", {"notes": "a"}, {}, text("a", "b"), HERE, A, {"notes": "b"}, ""),
    ("text, base unknown", "account", {"notes": "b"}, {}, text("never seen", "c"), HERE, COPY, {"notes": "b"}, TEXT),
    # sets: each element for itself
    ("added by both", "account", {"tags": ["a"]}, {"tags": ["a", "b"]}, add("b"), HERE, M, {"tags": ["a", "b"]}, ""),
    ("added beside", "account", {"tags": ["a"]}, {"tags": ["a", "b"]}, add("c"), HERE, A,
     {"tags": ["a", "b", "c"]}, ""),
    ("taken away", "account", {"tags": ["a", "b"]}, {}, remove("b"), HERE, A, {"tags": ["a"]}, ""),
    ("taken away, added anew", "account", {"tags": ["a"]}, {"tags": ["a", "b"]}, remove("b"), HERE, M,
     {"tags": ["a", "b"]}, ADDED),
    ("taken away by both", "account", {"tags": ["a", "b"]}, {"tags": ["a"]}, remove("b"), HERE, M,
     {"tags": ["a"]}, ""),
    # states
    ("state", "quote_revision", {"status": "draft"}, {}, move("draft", "sent"), HERE, A, {"status": "sent"}, ""),
    ("state, replaced by both", "quote_revision", {"status": "sent"}, {"status": "superseded"},
     move("sent", "superseded"), HERE, M, {"status": "superseded"}, ""),
    ("state, replaced here, accepted there", "quote_revision", {"status": "sent"}, {"status": "accepted"},
     move("sent", "superseded"), HERE, M, {"status": "accepted"}, ""),
    # deletion
    ("deleted, all seen", "account", {"name": "A"}, {}, DELETE, HERE, A, {}, ""),
    ("deleted, changed since", "account", {"name": "A"}, {"name": "B"}, DELETE, HERE, D, {"name": "B"}, ""),
    ("restored though there", "account", {"name": "A"}, {}, RESTORE, HERE, M, {"name": "A"}, ""),
    # another history: only what still holds the old value
    ("restored server, old value", "account", {"website": "a"}, {}, patch(website=("a", "b")), ELSEWHERE, A,
     {"website": "b"}, ""),
    ("restored server, other value", "account", {"website": "c"}, {}, patch(website=("a", "b")), ELSEWHERE, C,
     {"website": "c"}, KEEP),
    ("restored server, text", "account", {"notes": "a"}, {}, text("a", "b"), ELSEWHERE, A, {"notes": "b"}, ""),
    ("restored server, element", "account", {"tags": ["a"]}, {}, remove("a"), ELSEWHERE, M, {"tags": ["a"]},
     ADDED),
    ("restored server, deletion", "account", {"name": "A"}, {}, DELETE, ELSEWHERE, D, {"name": "A"}, ""),
    # a record merged into this one
    ("merged, old value", "account", {"website": "a"}, {}, patch(website=("a", "b")), ALIAS, A, {"website": "b"}, ""),
    ("merged, other value", "account", {"website": "c"}, {}, patch(website=("a", "b")), ALIAS, C,
     {"website": "c"}, KEEP),
    ("merged, moved", "account", {"owner_id": "u1"}, {}, patch(owner_id=("u1", "u2")), ALIAS, M,
     {"owner_id": "u1"}, ""),
    ("merged, deleted", "account", {"name": "A"}, {}, DELETE, ALIAS, M, {"name": "A"}, ""),
    ("merged, element", "account", {"tags": []}, {}, add("x"), ALIAS, A, {"tags": ["x"]}, ""),
]  # fmt: skip


def record(entity: str, base: Row, theirs: Row) -> RecordState:
    """The record as the server holds it; set elements have versions of their own."""
    row = default_row(entity) | base | theirs
    versions = dict.fromkeys(base, SEEN) | dict.fromkeys(theirs, THEIRS)
    for name, facts in field_facts(entity).items():
        if facts.kind == "set":
            new = set(theirs.get(name, ())) - set(base.get(name, ()))
            versions |= {f"{name}/{e}": THEIRS if e in new else SEEN for e in row[name]}
    return RecordState(row, versions, THEIRS if theirs else SEEN)


def operation(entity: str, told: dict[str, Any]) -> Operation:
    """My operation, written in history e1."""
    values = {name: value for name, value in told.items() if name != "of"}
    made: Operation = told["of"](op_id="o", e=entity, id="r", base_epoch="e1", **values)
    return made


@pytest.mark.parametrize(
    ("entity", "base", "theirs", "mine", "context", "outcome", "stands", "kept"),
    [row[1:] for row in TABLE],
    ids=[row[0] for row in TABLE],
)
def test_merge(
    entity: str,
    base: Row,
    theirs: Row,
    mine: dict[str, Any],
    context: Context,
    outcome: Outcome,
    stands: Row,
    kept: str,
) -> None:
    state, op = record(entity, base, theirs), operation(entity, mine)
    known = {text_hash(str(row["notes"])): str(row["notes"]) for row in (base, theirs) if "notes" in row}
    context = replace(context, text_base=known.get)
    result = merge(entity, state, op, context)
    assert result.outcome is outcome
    assert result.state is not None
    assert {name: result.state.row[name] for name in stands} == stands
    assert result.state.deleted is (outcome is A and isinstance(op, Delete))
    assert [conflict.rule for conflict in result.conflicts] == ([kept] if kept else [])
    for conflict in result.conflicts:  # nothing is lost: what does not stand is in the ledger
        lost = conflict.theirs if conflict.mine_stands else conflict.mine
        assert lost != {name: result.state.row[name] for name in lost}
    if outcome in (A, M) and not isinstance(op, (Delete, Restore, Transition)):
        again = merge(entity, result.state, op, context)
        assert again.outcome in (A, M)
        assert again.state is not None
        assert again.state.row == result.state.row  # once more changes nothing


@pytest.mark.parametrize("mine", [patch(website=("", "b")), text("", "b"), add("x"), remove("x"), RESTORE, DELETE])
def test_on_a_deleted_record(mine: dict[str, Any]) -> None:
    deleted = replace(record("account", {"name": "A"}, {}), deleted=True)
    result = merge("account", deleted, operation("account", mine), HERE)
    expected = {Restore: A, Delete: M}.get(mine["of"], G)
    assert result.outcome is expected
    assert result.state is not None
    assert result.state.deleted is (expected is not A)


@pytest.mark.parametrize("mine", [patch(website=("", "b")), text("", "b"), add("x"), remove("x"), RESTORE, DELETE])
def test_on_a_record_never_seen(mine: dict[str, Any]) -> None:
    with pytest.raises(Refused, match="unknown_row"):
        merge("account", None, operation("account", mine), HERE)


@pytest.mark.parametrize(
    ("mine", "reason"),
    [
        (move("sent", "accepted"), "state_changed"),
        (move("draft", "superseded"), "no_such_transition"),
        (move("draft", "accepted"), "no_such_transition"),
        (patch(status=("draft", "sent")), "wrong_operation"),
        (patch(nowhere=("", "b")), "unknown_field"),
    ],
)
def test_guards_refuse_the_whole(mine: dict[str, Any], reason: str) -> None:
    with pytest.raises(Refused, match=reason):
        merge(
            "quote_revision", record("quote_revision", {"status": "draft"}, {}), operation("quote_revision", mine), HERE
        )


@pytest.mark.parametrize(("deleted", "outcome"), [(False, Outcome.DUPLICATE), (True, G)])
def test_a_create_of_an_id_in_use(deleted: bool, outcome: Outcome) -> None:
    there = replace(record("account", {"name": "A"}, {}), deleted=deleted)
    create = Create(op_id="o", e="account", id="r", base_epoch="e1", v={"name": "B"})
    result = merge("account", there, create, HERE)
    assert result.outcome is outcome
    assert result.state == there


@pytest.mark.parametrize("first", [patch(website=("", "x")), text("", "n"), add("x")])
@pytest.mark.parametrize("second", [patch(vat_id=("", "y")), add("y")])
def test_independent_operations_commute(first: dict[str, Any], second: dict[str, Any]) -> None:
    context = replace(HERE, text_base={text_hash(""): ""}.get)

    def after(*steps: dict[str, Any]) -> Row:
        state = record("account", {"name": "A"}, {})
        for mine in steps:
            result = merge("account", state, operation("account", mine), context)
            assert result.state is not None
            state = result.state
        return state.row

    assert after(first, second) == after(second, first)


def test_every_kind_of_field_is_in_the_table() -> None:
    covered = {field_facts(row[1])[name].kind for row in TABLE for name in {*row[2], *row[3]}}
    assert covered >= {"text", "long_text", "set", "state", "decimal", "integer", "date", "reference", "choice"}
