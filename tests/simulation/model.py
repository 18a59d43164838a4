"""What the server should hold: the merge rules as the design writes them, in a dictionary, one operation after another.

It shares no code with the product's merge but the declaration of the fields. After every commit its rows are
compared with the server's.
"""

import re
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from crm_desktop.model.facts import Kind, Merge
from crm_desktop.model.wire import field_facts
from tests.simulation.chance import Violation
from tests.simulation.forks import FIGURES, Forks
from tests.simulation.truth import Held, Key, Row, Truth

_TOKEN = re.compile(r"\[[^\]]*\]")


def tokens(text: str) -> set[str]:
    """The marks that our writers put into texts, each used once."""
    return set(_TOKEN.findall(text))


@dataclass
class Record:
    """One record as the model sees it. `times`: field -> written at, for the fields where the newest stands."""

    row: Row
    ver: dict[str, int]
    times: dict[str, str] = field(default_factory=dict)
    deleted: bool = False
    deleted_op: str = ""
    unclear: dict[str, int] = field(default_factory=dict)
    """Text -> commit of the push that merged it and wrote over it then: what was in between nobody can see."""


@dataclass(frozen=True, slots=True)
class Loss:
    """A value that did not stand and must be in the ledger. `device` wrote it; empty: not known here."""

    device: str
    key: Key
    field: str
    mine: Row
    theirs: Row


class Model:
    """All records, by the rules alone."""

    def __init__(self, truth: Truth) -> None:
        self.records: dict[Key, Record] = {}
        self.owners: dict[int, str] = {}  # commit -> device
        self.forks = Forks(self.records, lambda row, ver: Record(row, ver))
        self.merged_texts = 0
        self.papers_sent = 0
        for key, held in truth.rows.items():
            self.adopt(key, held)

    def adopt(self, key: Key, held: Held) -> None:
        """Take a record over as the server has it (desk edits, numbers, ledger records)."""
        times = {n: at for n, at in held.field_at.items() if field_facts(key[0])[n].merge is Merge.NEWEST}
        self.records[key] = Record(dict(held.row), dict(held.field_ver), times, held.deleted, held.deleted_op)

    def sent_again(self, txn_id: str, scene: "Scene") -> None:
        """What comes instead of a refused transaction closes its entry, even where it is refused itself."""
        for (entity, _), record in self.records.items():
            if entity == "quarantine" and record.row["txn_id"] == txn_id and record.row["status"] == "open":
                self._set(record, {"status": "resolved"}, scene.seq)
                return

    def close_quotes(self, ops: list[dict[str, Any]], outcomes: dict[str, str], scene: "Scene") -> None:
        """Who ends a quote and does not say the day has ended it on the day he wrote that."""
        told = {op["id"] for op in ops if op["e"] == "quote" and "closed_on" in op.get("set", op.get("v", ()))}
        for op in ops:
            ends = op["k"] == "transition" and op["e"] == "quote_revision" and op["to"] in ("accepted", "lost")
            if not ends or outcomes[op["op_id"]] not in ("applied", "merged"):
                continue
            revision = self.records[op["e"], op["id"]]
            quote = self.records.get(("quote", revision.row["quote_id"] or ""))
            if quote is not None and not quote.deleted and revision.row["quote_id"] not in told:
                self._set(quote, {"closed_on": min(scene.at, scene.received)[:10]}, scene.seq)

    def run(self, op: dict[str, Any], outcome: str, scene: "Scene") -> list[Loss]:
        """Carry out one operation that the server answered with `outcome`; returns what it displaced.

        Raises Violation where the rules give another outcome.
        """
        key = (op["e"], op["id"])
        record = self.records.get(key)
        expected, losses = self._run(key, record, op, outcome, scene)
        if expected != outcome:
            raise Violation("Model", f"{op['k']} on {key[0]} {key[1]} was {outcome}, the rules say {expected}: {op}")
        return losses

    def _run(
        self, key: Key, record: Record | None, op: dict[str, Any], outcome: str, scene: "Scene"
    ) -> tuple[str, list[Loss]]:
        kind = op["k"]
        if kind == "create":
            return self._create(key, record, op, scene), []
        if record is None and kind == "delete":
            empty: Row = {n: [] if f.kind is Kind.SET else f.default for n, f in field_facts(key[0]).items()}
            self.records[key] = Record(empty, {}, deleted=True)  # it shall not come to life later
            return "applied", []
        if record is None:
            raise Violation("I13", f"{kind} on {key} was {outcome}, but nobody ever created it")
        if kind == "delete":
            return ("merged" if record.deleted else outcome if outcome in ("applied", "delete_request") else "?"), []
        if kind == "restore":
            return self._restore(record, scene), []
        if record.deleted:
            return "gone", []
        if kind == "patch":
            return self._patch(key, record, op, scene)
        if kind == "text":
            return self._text(key, record, op, outcome, scene)
        if kind == "transition":
            here = record.row[op["f"]]
            if key[0] in ("conflict", "quarantine") and here == op["to"]:
                return "merged", []  # decided alike on another device
            if key[0] == "quarantine" and here != op["from"]:
                return "merged", []  # sent again or given up on another device
            if key[0] == "conflict" and here in ("open", "settled"):
                op = {**op, "from": here}  # the server lost the decision this one follows
            if (op["from"], op["to"]) not in field_facts(key[0])[op["f"]].transitions:
                raise Violation("I17", f"{key} went from {op['from']} to {op['to']}, there is no such step")
            if op["expected_total"] is not None and key[0] == "quote_revision" and op["to"] == "sent":
                self._check_total(key, op["expected_total"])
            if (key[0], op["to"]) == ("quote_revision", "sent"):
                self._check_not_ordered(key, record.row)
            if (key[0], op["to"]) == ("quote_revision", "superseded") and here != op["from"]:
                return "merged", []  # another paper replaced it before, or it was decided: the new one goes out
            if record.row[op["f"]] != op["from"]:
                raise Violation("I17", f"{key} went from {record.row[op['f']]} by a step from {op['from']}")
            self._set(record, {op["f"]: op["to"]}, scene.seq)
            return "applied", []
        return self._elements(record, op, scene), []

    def _create(self, key: Key, record: Record | None, op: dict[str, Any], scene: "Scene") -> str:
        if record is not None:
            return "gone" if record.deleted else "duplicate"
        facts = field_facts(key[0])
        row = {name: [] if f.kind is Kind.SET else f.default for name, f in facts.items()} | op["v"]
        if "created_by" in row:
            row["created_by"] = scene.user_id
        if key[0] == "order":
            self._check_only_order(key, row)
        versions = dict.fromkeys(op["v"], scene.seq)
        for name, f in facts.items():
            if f.kind is Kind.SET:
                versions |= {f"{name}/{element}": scene.seq for element in row[name]}
        times = {n: min(scene.at, scene.received) for n in op["v"] if facts[n].merge is Merge.NEWEST}
        self.records[key] = Record(row, versions, times)
        return "applied"

    def _restore(self, record: Record, scene: "Scene") -> str:
        if not record.deleted:
            return "merged"
        if not record.deleted_op:
            return "gone"  # nothing is kept of it
        deleted_op = record.deleted_op
        for (entity, _), other in self.records.items():
            if not other.deleted or other.deleted_op != deleted_op:
                continue
            other.deleted, other.deleted_op = False, ""
            for name, facts in field_facts(entity).items():  # what it hangs on was merged into another meanwhile
                kept = scene.after.aliases.get((str(facts.ref), other.row.get(name) or "")) if facts.ref else None
                if kept:
                    self._set(other, {name: kept}, scene.seq)
        return "applied"

    def _patch(self, key: Key, record: Record, op: dict[str, Any], scene: "Scene") -> tuple[str, list[Loss]]:
        facts = field_facts(key[0])
        units: dict[str, list[str]] = {}
        for name in op["set"]:
            units.setdefault(facts[name].group or name, []).append(name)
        losses: list[Loss] = []
        row, ver = dict(record.row), dict(record.ver)
        wrote = equal = False
        for name, given in units.items():
            members = [n for n, f in facts.items() if f.group == name] or given
            given = [n for n in members if n in op["set"]]
            new = {n: op["set"][n]["new"] for n in given}
            now = {n: record.row[n] for n in given}
            if now == new:
                equal = True
                continue
            base = min(op["set"][n]["base_ver"] for n in given) if op["base_epoch"] == scene.epoch else 0
            untouched = {n: record.ver.get(n, 0) <= base for n in members}
            as_seen = all(now[n] == op["set"][n]["old"] for n in given)
            if all(untouched.values()) or (as_seen and all(untouched[n] for n in members if n not in given)):
                wrote = True
            else:
                stands = facts[given[0]].merge is Merge.NEWEST and scene.trusted and self._newer(record, given, scene)
                losses.append(
                    Loss("" if stands else scene.device, key, given[0], now if stands else new, new if stands else now)
                )
                if not stands:
                    continue
            for n in given:
                if facts[n].merge is Merge.NEWEST and now[n] != new[n]:
                    record.times[n] = min(scene.at, scene.received)
            self._set(record, new, scene.seq)
        lost = {n for loss in losses if loss.device for n in loss.mine}
        if key[0] == "quote_line" and FIGURES & lost:
            mine = self.forks.take(key, row, ver, op, scene.user_id, scene.seen(op), lambda seq: self._own(seq, scene))
            if mine is not None:
                record.row, record.ver = row, ver
                return "conflict", [Loss(scene.device, key, next(iter(mine)), mine, {n: row[n] for n in mine})]
        if losses:
            return "conflict", losses
        return ("applied" if wrote or not equal else "merged"), []

    def _check_total(self, key: Key, expected: str) -> None:
        """I16: a paper is sent with the sum of its lines, exactly."""
        lines = [
            record.row
            for (entity, _), record in self.records.items()
            if entity == "quote_line" and not record.deleted and record.row["revision_id"] == key[1]
        ]
        total = sum((Decimal(row["line_total"] or 0) for row in lines if not row["optional"]), Decimal(0))
        if total != Decimal(expected):
            raise Violation("I16", f"{key} was sent with {expected}, its lines make {total}")
        self.papers_sent += 1

    def _check_only_order(self, key: Key, row: Row) -> None:
        """F31: a quote is ordered once, whichever of its revisions it was."""
        for (entity, record_id), record in self.records.items():
            if entity != "order" or record.deleted or record_id == key[1] or record.row["status"] == "cancelled":
                continue
            if row["quote_id"] and record.row["quote_id"] == row["quote_id"]:
                raise Violation("I2", f"the quote of {key} was ordered before, as {record_id}")

    def _check_not_ordered(self, key: Key, revision: Row) -> None:
        """F20: who has ordered a quote is sent no other revision of it."""
        for (entity, record_id), record in self.records.items():
            if entity != "order" or record.deleted or record.row["status"] == "cancelled":
                continue
            if revision["quote_id"] and record.row["quote_id"] == revision["quote_id"]:
                raise Violation("I2", f"{key} was sent after its quote was ordered, as {record_id}")

    @staticmethod
    def _newer(record: Record, names: list[str], scene: "Scene") -> bool:
        return min(scene.at, scene.received) > max(record.times.get(n, "") for n in names)

    def _text(
        self, key: Key, record: Record, op: dict[str, Any], outcome: str, scene: "Scene"
    ) -> tuple[str, list[Loss]]:
        name, mine, theirs = op["f"], op["text"], record.row[op["f"]]
        after = scene.after.live(key)
        result = after[name] if after is not None else None
        if mine == theirs and not (outcome == "applied" and record.unclear.get(name) == scene.seq):
            return "merged", []
        if outcome == "conflict_copy":
            return outcome, [Loss(scene.device, key, name, {name: mine}, {name: theirs})]
        base = scene.base_of(op)
        if outcome == "applied":
            if base is not None and tokens(theirs) - tokens(base) - tokens(mine):
                raise Violation("I14", f"the text of {key} lost {tokens(theirs) - tokens(base) - tokens(mine)}")
            self._set(record, {name: mine}, scene.seq)
            return "applied", []
        if not scene.last_word(op) or result is None:  # a later operation of the same push wrote on it
            self._set(record, {name: result if result is not None else mine}, scene.seq)
            record.unclear[name] = scene.seq
            return "merged", []
        self.merged_texts += 1
        known = tokens(base or "")
        lost = ((tokens(mine) | tokens(theirs)) - known) - tokens(result)
        if lost:
            raise Violation("I14", f"merging the text of {key} lost {lost}")
        self._set(record, {name: result}, scene.seq)
        return "merged", []

    def _elements(self, record: Record, op: dict[str, Any], scene: "Scene") -> str:
        name, now = op["f"], set(record.row[op["f"]])
        if op["k"] == "set_add":
            self._set(record, {name: sorted(now | set(op["v"]))}, scene.seq)
            record.ver |= {f"{name}/{element}": scene.seq for element in op["v"]}
            del record.ver[name]
            return "applied" if set(op["v"]) - now else "merged"
        base = op["base_ver"] if op["base_epoch"] == scene.epoch else 0
        taken = set()
        for element in now & set(op["v"]):
            ver = record.ver.get(f"{name}/{element}", 0)
            if ver <= base or self._own(ver, scene):
                taken.add(element)
        if not taken:
            return "merged"
        record.row[name] = sorted(now - taken)
        record.ver |= {f"{name}/{element}": scene.seq for element in taken}
        return "applied" if taken == set(op["v"]) else "merged"

    def _own(self, seq: int, scene: "Scene") -> bool:
        """Whether the device of the scene wrote a commit."""
        return self.owners.get(seq) == scene.device if seq != scene.seq else not scene.foreign

    @staticmethod
    def _set(record: Record, values: Row, seq: int) -> None:
        record.row |= values
        record.ver |= dict.fromkeys(values, seq)


@dataclass
class Scene:
    """Under which circumstances the server carried an operation out."""

    seq: int
    epoch: str
    device: str
    user_id: str
    at: str
    received: str
    trusted: bool
    after: Truth
    bases: dict[str, str]  # op_id -> text it was written on
    later: set[tuple[str, str, str]] = field(default_factory=set)
    foreign: bool = False  # work of another device was carried out in the same commit
    seen_cursor: int = 0

    def seen(self, op: dict[str, Any]) -> int:
        """The newest commit the author knew; of another history only what it shares with this one."""
        return self.seen_cursor if op["base_epoch"] == self.epoch else min(self.seen_cursor, self.after.epoch_seq)

    def base_of(self, op: dict[str, Any]) -> str | None:
        """The text an operation was written on, as its laptop kept it."""
        return self.bases.get(op["op_id"])

    def last_word(self, op: dict[str, Any]) -> bool:
        """Whether no later operation of the same push touches the field."""
        return (op["e"], op["id"], op["f"]) not in self.later
