"""Two devices decided one ledger entry differently: the first decision stands, the second is asked again.

The second came from a device that did not know of the first. What it wanted of the record is not carried out: it
becomes an entry of its own, shown to its author, with what the first one made of the record as theirs.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import orjson

from crm_desktop.model import ENTITIES
from crm_desktop.model.facts import Kind, Merge
from crm_desktop.model.operations import Operation, Outcome, Transition
from crm_desktop.model.wire import Row, field_facts
from crm_desktop.rules.merged import FieldConflict
from server.storage import ledger
from server.storage.commit import Commit
from server.storage.devices import Device
from server.storage.records import Key
from server.storage.records_in_work import Record
from sync.protocol import OpResult

UNDECIDED = ("open", "settled")  # states of a conflict


@dataclass(frozen=True, slots=True)
class SecondDecision:
    """An entry as it stands, decided, and the other side that was chosen now."""

    entry: Row
    side: str

    @property
    def key(self) -> Key:
        """The record the entry is about."""
        return self.entry["entity"], self.entry["record_id"]


def late_decisions(commit: Commit, ops: Sequence[Operation]) -> dict[str, SecondDecision]:
    """By operation: those that belong to a decision which another device took otherwise."""
    found: dict[str, SecondDecision] = {}
    for op in ops:
        if not isinstance(op, Transition) or op.e != "conflict":
            continue
        entry = commit.live(op.e, op.id)
        if entry is None or entry.row["status"] in (op.from_, op.to, *UNDECIDED):
            continue
        late = SecondDecision(entry.row, op.to)
        found |= {other.op_id: late for other in ops if other is op or (other.e, other.id) == late.key}
    return found


def keep(commit: Commit, device: Device, late: SecondDecision, written_at: str) -> str | None:
    """Make an entry of what the second decision wanted; None where that stands already."""
    record = commit.get(*late.key)
    conflict = _wanted(late, record)
    if conflict is None:
        return None
    author = ledger.Author(device.user_id, device.device_id, written_at)
    return ledger.record_conflict(commit, author, late.key, record, conflict)


def _wanted(late: SecondDecision, record: Record | None) -> FieldConflict | None:
    entry, side = late.entry, late.side
    if entry["entity"] not in ENTITIES:
        return None
    rule = entry["rule"]
    here = record is not None and not record.deleted
    if rule in ("gone", "delete_request"):
        if (side == "mine") != (rule == "gone"):  # he wants it deleted
            return FieldConflict("deleted", ("deleted",), {}, {"deleted": True}, {}, "delete_request") if here else None
        mine = _object(entry["mine"]) if rule == "gone" else {}
        if record is not None and here and all(record.row.get(name) == value for name, value in mine.items()):
            return None
        return FieldConflict(entry["field"] if mine else "", tuple(mine), _object(entry["before"]), mine, {}, "gone")
    wanted, other = _object(entry[side]), _object(entry["theirs" if side == "mine" else "mine"])
    if not wanted:  # it was out of its author's sight: nothing is known that could be written
        return None
    if record is None or not here:
        return FieldConflict(entry["field"], tuple(wanted), other, wanted, {}, "gone")
    return _fields(entry, wanted, other, record)


def _fields(entry: Row, wanted: Row, other: Row, record: Record) -> FieldConflict | None:
    """Of a set an entry tells only the elements it is about: the others are none of its business."""
    facts = {name: field_facts(entry["entity"])[name] for name in wanted}
    sets = {name for name, declared in facts.items() if declared.kind is Kind.SET}
    standing = {name: record.row[name] for name in wanted}
    for name in sets:
        standing[name] = [item for item in record.row[name] if item in {*wanted[name], *other.get(name, ())}]
    if standing == wanted:
        return None
    texts = any(declared.kind is Kind.LONG_TEXT for declared in facts.values())
    rule = "newer_addition" if sets else "text" if texts else Merge.ASK.value
    before = other if sets else _object(entry["before"])
    return FieldConflict(entry["field"], tuple(wanted), before, wanted, standing, rule)


def _object(text: str) -> Row:
    return dict(orjson.loads(text)) if text else {}


def answer(op: Operation, conflict_id: str | None) -> OpResult:
    """What an operation of a second decision is answered."""
    if conflict_id is None:
        return OpResult(op_id=op.op_id, outcome=Outcome.MERGED)
    return OpResult(op_id=op.op_id, outcome=Outcome.CONFLICT, detail={"conflicts": [conflict_id]})
