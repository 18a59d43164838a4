"""Everything people wrote, what the server said to it, and what must therefore be true."""

import json
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import Any

from crm_desktop.model.wire import field_facts
from tests.simulation import seen
from tests.simulation.chance import Violation
from tests.simulation.laptop import Laptop
from tests.simulation.model import tokens
from tests.simulation.truth import Key, Truth


@dataclass
class Intent:
    """One operation as its laptop keeps it. `dropped`: a person took it back before it left."""

    op_id: str
    who: str
    txn_id: str
    client_seq: int
    op: dict[str, Any]
    resolves: bool = False

    @property
    def key(self) -> Key:
        """The record it is about."""
        return self.op["e"], self.op["id"]


@dataclass(frozen=True, slots=True)
class Done:
    """How the server carried an operation out, in the history that stands."""

    outcome: str
    seq: int
    order: int
    device: str
    client_seq: int
    detail: dict[str, Any]
    seen_cursor: int
    op: dict[str, Any]
    refused: "Done | None" = None  # how it stood before what it lacked had come


@dataclass
class Ledger:
    """Intents by op_id, answers by op_id; `lost` by a restore until they are healed."""

    intents: dict[str, Intent] = field(default_factory=dict)
    done: dict[str, Done] = field(default_factory=dict)
    dropped: set[str] = field(default_factory=set)
    forgotten: set[str] = field(default_factory=set)
    desk: list[tuple[int, Key, str]] = field(default_factory=list)
    repeated: set[tuple[int, Key, str]] = field(default_factory=set)  # of `desk` what the journal wrote
    written_over: dict[tuple[Key, str], list[Any]] = field(default_factory=dict)  # what the office saw when it wrote
    premises: Counter[str] = field(default_factory=Counter)
    order: int = 0

    def wrote(self, laptop: Laptop) -> list[Intent]:
        """After a local action: what is new in the outbox. A write that is not there was lost at once."""
        fresh = []
        here = set()
        bases: dict[tuple[str, str, str], int] = {}
        contained = seen.contained(laptop)
        for number, txn_id, state, void, _seen, op_id, op in seen.outbox(laptop):
            here.add(op_id)
            known = self.intents.get(op_id)
            if state != "covered" and not void and op["k"] == "patch" and op_id not in contained:
                self._check_base(laptop, op, bases, fresh=known is None)
            if known is None:
                known = self.intents[op_id] = Intent(op_id, laptop.name, txn_id, number, op)
                fresh.append(known)
            elif state == "pending" and not void:
                known.op = op
        for intent in fresh:
            self._folded(laptop, intent, here)
        return fresh

    def _folded(self, laptop: Laptop, newer: Intent, here: set[str]) -> None:
        """A text or set that waited took a newer content: it goes out under the newer name, the older one never."""
        if newer.op["k"] not in ("text", "set_add"):
            return
        for older in self.intents.values():
            same = (older.who, older.key, older.op["k"], older.op.get("f")) == (
                laptop.name, newer.key, newer.op["k"], newer.op["f"],
            )  # fmt: skip
            if same and older.op_id not in here and older.op_id not in self.done and older.op_id not in self.dropped:
                self.dropped.add(older.op_id)
                self.premises["I20 texts changed while they wait"] += 1

    def _check_base(
        self, laptop: Laptop, op: dict[str, Any], bases: dict[tuple[str, str, str], int], *, fresh: bool
    ) -> None:
        """I14 where it begins: what a person sees under his own waiting change is as old as that change's base."""
        for name, change in op["set"].items():
            place = (op["e"], op["id"], name)
            self.premises["I14 changes on waiting changes"] += fresh and place in bases
            oldest = bases.setdefault(place, change["base_ver"])
            if fresh and oldest < change["base_ver"]:
                raise Violation("I14", f"{laptop.name} based {name} on {change['base_ver']} over a change on {oldest}")

    def survived(self, laptop: Laptop) -> None:
        """I1 on the laptop: after any death, everything that was reported as saved is in the file."""
        known = {op_id for *_, op_id, _op in seen.outbox(laptop)} | self.forgotten | self.dropped
        for intent in self.intents.values():
            if intent.who != laptop.name or intent.op_id in known:
                continue
            if intent.op_id in self.done:  # confirmed, and older than ninety days by the laptop's own clock
                self.forgotten.add(intent.op_id)
                self.premises["acknowledged work forgotten after ninety days"] += 1
            else:
                raise Violation("I1", f"{laptop.name} lost {intent.op['k']} on {intent.key} after it was saved")
        self.premises["I1 laptop came back"] += 1

    def answered(self, device: str, txn: dict[str, Any], results: list[dict[str, Any]], seq: int) -> None:
        """A transaction was carried out for the first time."""
        ops = {op["op_id"]: op for op in txn["ops"]}
        for answer in results:
            self.order += 1
            op_id, outcome = answer["op_id"], answer["outcome"]
            self.premises[f"outcome {outcome}"] += 1
            if outcome == "duplicate" and op_id in self.done:
                continue
            if op_id in self.done and outcome != "void":
                raise Violation("I2", f"{op_id} was carried out twice: {self.done[op_id].outcome}, then {outcome}")
            self.done[op_id] = Done(
                outcome, seq, self.order, device, txn["client_seq"], answer.get("detail") or {},
                txn["seen_cursor"], ops[op_id],
            )  # fmt: skip

    def carried_out_later(self, op_id: str, outcome: str, seq: int) -> None:
        """A refused operation was carried out after all, because what it lacked has come."""
        self.order += 1
        before = self.done[op_id]
        self.done[op_id] = replace(before, outcome=outcome, seq=seq, order=self.order, refused=before)
        self.premises["refused work carried out later"] += 1

    def rolled_back(self, last_seq: int) -> None:
        """The server was restored to an earlier commit: what came later has not happened."""
        lost = [op_id for op_id, done in self.done.items() if done.seq > last_seq]
        for op_id in lost:
            before = self.done.pop(op_id).refused
            if before is not None and before.seq <= last_seq:
                self.done[op_id] = before
        self.desk = [entry for entry in self.desk if entry[0] <= last_seq]
        self.premises["I21 operations lost by a restore"] += len(lost)

    # at the end

    def check_nothing_lost(self, truth: Truth, laptops: list[Laptop]) -> None:
        """I1: every operation has one outcome on the server, or stands in its laptop's refusals."""
        refused = {
            op["op_id"]
            for laptop in laptops
            for entry in laptop.store.read(lambda reader: reader.local_quarantine())
            for op in entry.transaction["ops"]
        }
        for op_id, intent in self.intents.items():
            self.premises["I1 operations"] += 1
            twins = any(laptop.name.startswith(f"{intent.who}-twin") for laptop in laptops)
            if (
                op_id in self.dropped
                and not twins
                and truth.operations.get(op_id, ("void", 0))[0] not in ("void", "duplicate")
            ):
                raise Violation("I1", f"{intent.who} took back {op_id}, the server carried it out")
            if op_id in refused or op_id in self.dropped:
                continue
            sent = self.done.get(op_id)
            if sent is not None and intent.op["k"] == "text" and intent.op["text"] != sent.op.get("text"):
                raise Violation("I1", f"{intent.who} keeps another text of {op_id} than the server got")
            if op_id not in truth.operations:
                done = self.done.get(op_id)
                if done is not None and done.outcome in ("duplicate", "void"):
                    continue
                if op_id in self.forgotten:  # I21 asks for devices that still keep what they sent
                    self.premises["I21 lost by a restore after its laptop had forgotten it"] += 1
                    continue
                raise Violation("I1", f"{intent.who}'s {intent.op['k']} on {intent.key} ({op_id}) has no outcome")
            outcome, _ = truth.operations[op_id]
            if op_id in self.done and self.done[op_id].outcome != outcome:
                raise Violation("I2", f"{op_id} was {self.done[op_id].outcome}, now it is {outcome}")
            self._check_kept(op_id, outcome, truth)

    def _check_kept(self, op_id: str, outcome: str, truth: Truth) -> None:
        """What did not stand is in a record a person can find."""
        done = self.done.get(op_id)
        if done is None or done.refused is not None:
            return  # of what was carried out later no answer names the record; it was looked for at the time
        named = [done.detail["quarantine"]] if outcome == "quarantined" else done.detail.get("conflicts", [])
        entity = "quarantine" if outcome == "quarantined" else "conflict"
        if outcome in ("conflict", "conflict_copy", "gone", "delete_request", "quarantined") and not named:
            raise Violation("I1", f"{op_id} was {outcome} and no record says so")
        for record_id in named:
            if truth.live((entity, record_id)) is None:
                raise Violation("I1", f"{op_id} was {outcome}, its {entity} {record_id} is not there")

    def check_overwrites(self, truth: Truth) -> None:
        """I14: a value that is not in the final row was replaced by somebody who had seen it, or is in the ledger."""
        kept = [row for key, held in truth.rows.items() if key[0] == "conflict" and (row := held.row)]
        for op_id, done in self.done.items():
            if done.op["k"] == "patch" and done.outcome in ("applied", "merged", "conflict"):
                for name, change in done.op["set"].items():
                    if change["new"] != change["old"]:
                        self._check_value(op_id, done, name, change["new"], truth, kept)
            if done.op["k"] == "text" and done.outcome in ("applied", "merged", "conflict_copy"):
                self._check_text(op_id, done, truth, kept)

    def _check_value(
        self, op_id: str, done: Done, name: str, value: Any, truth: Truth, kept: list[dict[str, Any]]
    ) -> None:
        key = (done.op["e"], done.op["id"])
        row = truth.live(key)
        if row is None or row[name] == value:
            return  # deletions have a checker of their own
        self.premises["I14 values replaced"] += 1
        for conflict in kept:
            if (conflict["entity"], conflict["record_id"]) == key and name in json.loads(conflict["mine"]):
                return
        knowing = value in self.written_over.get((key, name), ())
        for entry in self.desk:
            if entry[0] >= done.seq and entry[1:] == (key, name) and (knowing or entry not in self.repeated):
                return
        for other in self.done.values():
            op = other.op
            if (op["e"], op["id"]) != key or op["k"] != "patch" or other.order <= done.order:
                continue
            group = field_facts(key[0])[name].group
            for written, change in op["set"].items():
                if written != name and (group is None or field_facts(key[0])[written].group != group):
                    continue
                if change["base_ver"] >= done.seq or change["old"] == value or other.device == done.device:
                    return
        raise Violation(
            "I14", f"{name} = {value!r} of {key} by {self._who(op_id)} was overwritten by somebody who had not seen it"
        )

    def _check_text(self, op_id: str, done: Done, truth: Truth, kept: list[dict[str, Any]]) -> None:
        key, name = (done.op["e"], done.op["id"]), done.op["f"]
        row = truth.live(key)
        if row is None:
            return
        intent = self.intents.get(op_id)
        base = (intent.op.get("base") or "") if intent else ""
        missing = tokens(done.op["text"]) - tokens(base) - tokens(row[name])
        if not missing:
            return
        self.premises["I14 words replaced"] += 1
        for conflict in kept:
            if (conflict["entity"], conflict["record_id"]) == key:
                missing -= tokens(conflict["mine"])
        for other_id, other in self.done.items():
            known = self.intents.get(other_id)
            if known and other.op["k"] == "text" and (other.op["e"], other.op["id"]) == key and other.op["f"] == name:
                missing -= tokens(known.op.get("base") or "") - tokens(known.op["text"])
        if missing:
            raise Violation("I14", f"the words {missing} of {self._who(op_id)} in {key} are gone without a trace")

    def _who(self, op_id: str) -> str:
        intent = self.intents.get(op_id)
        return intent.who if intent else "?"
