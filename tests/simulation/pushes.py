"""What a push did, carried out again by the model, operation after operation, from the outcomes the server stored."""

import json
from dataclasses import replace
from typing import Any

import orjson

from crm_desktop.clock import Clock, stamp
from crm_desktop.model import ENTITIES
from crm_desktop.model.columns import parse_instant
from crm_desktop.model.facts import Kind
from crm_desktop.model.wire import field_facts
from tests.simulation.central import Request
from tests.simulation.chance import Violation
from tests.simulation.ledger import Ledger
from tests.simulation.merged import followed, without_moves
from tests.simulation.model import Loss, Model, Scene
from tests.simulation.truth import Key, Row, Truth

Txn = dict[str, Any]


class Pushes:
    """Follows every push. `log`: the commits that changed a record, with their devices."""

    def __init__(self, model: Model, ledger: Ledger, clock: Clock) -> None:
        self.log: dict[Key, list[tuple[int, str]]] = {}
        self._model = model
        self._ledger = ledger
        self._clock = clock
        self._refused: dict[str, tuple[str, Txn]] = {}
        self._awaited: dict[str, str] = {}

    def rolled_back(self, model: Model, truth: Truth) -> None:
        """An older copy of the server was put in place."""
        self._model = model
        last = truth.last_seq
        self.log = {key: [entry for entry in log if entry[0] <= last] for key, log in self.log.items()}
        self._refused = {
            txn_id: (device, txn)
            for txn_id, (device, txn) in self._refused.items()
            if any(op["op_id"] in truth.operations for op in txn["ops"])
        }

    def follow(self, request: Request, before: Truth, after: Truth, changed: set[Key]) -> None:
        """The server went from `before` to `after` while it worked on this push."""
        told = orjson.loads(request.body)
        txns = {txn["txn_id"]: followed(txn, after) for txn in told["txns"]}
        fresh = sorted(
            (number, txn_id, json.loads(text)["ops"])
            for (device, number), (txn_id, text, _) in after.results.items()
            if (device, number) not in before.results
        )
        if not fresh and changed:
            raise Violation("I6", f"a push changed {sorted(changed)[:3]} and left no outcome")
        asked = {r["op_id"]: r["outcome"] for *_, results in fresh for r in results}
        self._awaited = self._revised(before, after, asked)
        ops = [op for _, txn_id, _ in fresh for op in txns[txn_id]["ops"]]
        written = [op for op in ops if asked[op["op_id"]] in ("applied", "merged", "conflict_copy")]
        device = request.device_id
        scene = Scene(
            seq=before.last_seq + 1,
            epoch=after.epoch,
            device=device,
            user_id=after.devices[device][0],
            at="",
            received=stamp(self._clock),
            trusted=self._trusted(told, after.devices[device][1]),
            after=after,
            bases=self._bases(ops),
        )
        losses: list[Loss] = []
        for _, txn_id, results in fresh:
            txn = txns[txn_id]
            scene.at, scene.seen_cursor = txn["at"], txn["seen_cursor"]
            self._ledger.answered(device, txn, results, scene.seq)
            answers = {r["op_id"]: r["outcome"] for r in results}
            if "quarantined" in answers.values() and set(answers.values()) - {"quarantined", "duplicate"}:
                raise Violation("I6", f"a part of {txn_id} was refused, the rest not: {answers}")
            if txn.get("resolves") and set(answers.values()) != {"duplicate"}:
                self._model.sent_again(txn["resolves"], scene)
            late = self._late(txn["ops"])
            for op in txn["ops"]:
                outcome = answers[op["op_id"]]
                if outcome in ("conflict", "merged") and op["op_id"] in late:
                    losses += self._asked_again(*late[op["op_id"]], outcome, device)
                elif outcome not in ("quarantined", "duplicate", "void"):
                    later = written[written.index(op) + 1 :] if op in written else []
                    scene.later = {(o["e"], o["id"], o["f"]) for o in later if "f" in o}
                    losses += self._carry_out(op, outcome, txn, scene, before)
            self._model.close_quotes(txn["ops"], answers, scene)
            self._model.forks.finish(scene.seq, after.rows)
            if "quarantined" in answers.values():
                self._refused[txn_id] = (device, txn)
                why = {(r.get("detail") or {}).get("code") for r in results}
                self._ledger.premises["second orders of a quote refused"] += "ordered_already" in why
            losses += self._what_waited(scene, before)
        if self._awaited:
            raise Violation("I2", f"{sorted(self._awaited)} changed their outcome without a reason")
        self._check_losses(losses, after)

    def _trusted(self, told: dict[str, Any], at_hello: bool) -> bool:
        """Whether the laptop's clock is within five minutes of the server's, as this push tells it."""
        if not told.get("clock"):
            return at_hello
        return abs((parse_instant(told["clock"]) - self._clock.now()).total_seconds()) <= 300

    def _late(self, ops: list[dict[str, Any]]) -> dict[str, tuple[Row, str]]:
        """Operations of a decision that another laptop has taken otherwise: the entry, and the side chosen now."""
        found: dict[str, tuple[Row, str]] = {}
        for op in ops:
            entry = self._model.records.get((op["e"], op["id"])) if op["e"] == "conflict" else None
            if entry is None or op["k"] != "transition" or entry.deleted:
                continue
            if entry.row["status"] not in (op["from"], op["to"], "open", "settled"):
                key = (entry.row["entity"], entry.row["record_id"])
                found |= {o["op_id"]: (entry.row, op["to"]) for o in ops if o is op or (o["e"], o["id"]) == key}
        return found

    def _asked_again(self, entry: Row, side: str, outcome: str, device: str) -> list[Loss]:
        """The first decision stands; what the second wanted is in an entry of its own, unless it stands already."""
        self._ledger.premises["I14 decided twice"] += 1
        key = (entry["entity"], entry["record_id"])
        wanted = json.loads(entry[side] or "{}")
        if entry["rule"] in ("gone", "delete_request") or not wanted:
            return []
        record = self._model.records[key]
        if outcome == "conflict":
            return [Loss(device, key, entry["field"], wanted, {})]
        kinds = field_facts(key[0])
        scalars = [name for name in wanted if kinds[name].kind is not Kind.SET]
        if record.deleted or any(record.row[name] != wanted[name] for name in scalars):
            raise Violation("I14", f"{wanted} on {key} was decided too late and nobody is told")
        return []

    def _carry_out(self, op: dict[str, Any], outcome: str, txn: Txn, scene: Scene, before: Truth) -> list[Loss]:
        known = (op["e"], op["id"]) in self._model.records and not op.get("merged")
        if op["k"] == "delete" and outcome == "applied" and known:
            self._delete(op, txn, scene.device, before)
            return []
        if op.get("merged"):
            self._ledger.premises["work on a customer that was merged"] += 1
            if op["k"] == "delete":
                if outcome != "merged":
                    raise Violation("I12", f"deleting what was merged into {op['id']} was {outcome}")
                return []
            if (record := self._model.records.get((op["e"], op["id"]))) is not None:
                op = without_moves(op, record.row)
        return self._model.run(op, outcome, scene)

    def _delete(self, op: dict[str, Any], txn: Txn, device: str, before: Truth) -> None:
        """A deletion that was carried out must have seen everything it took along."""
        keys = [key for key in self._model.records if self._below(key, (op["e"], op["id"]))]
        for key in keys:
            for seq, author in self.log.get(key, ()):
                if txn["seen_cursor"] < seq <= before.last_seq and author != device:
                    raise Violation("I14", f"{op['e']} {op['id']} was deleted over a change of {key} not seen")
        self._ledger.premises["I12 deletions"] += 1
        for key in keys:
            self._model.records[key].deleted, self._model.records[key].deleted_op = True, op["op_id"]

    def _below(self, key: Key, top: Key) -> bool:
        record = self._model.records[key]
        if record.deleted:
            return False
        if key == top:
            return True
        for name in ENTITIES[key[0]].FACTS.parents:
            above = (str(field_facts(key[0])[name].ref), record.row[name])
            if above in self._model.records:
                return self._below(above, top)
        return False

    # refused work whose record came later

    def _revised(self, before: Truth, after: Truth, asked: dict[str, str]) -> dict[str, str]:
        """Operations refused before, or in this push, that have another outcome now.

        What a twin sends again is told as a duplicate, and may be carried out in the same push, which brings what it
        lacked.
        """
        fresh = {op_id: outcome for op_id, outcome in asked.items() if outcome != "duplicate"}
        known = {op_id: outcome for op_id, (outcome, _) in before.operations.items()} | fresh
        return {
            op_id: outcome
            for op_id, (outcome, _) in after.operations.items()
            if outcome != "quarantined" and known.get(op_id) == "quarantined"
        }

    def _what_waited(self, scene: Scene, before: Truth) -> list[Loss]:
        """Refused work whose records are there now is carried out, in the order it was written.

        None is struck off the list: a restored server may have to do it again.
        """
        losses: list[Loss] = []
        for device, txn in self._refused.values():
            txn = followed(txn, scene.after)
            ops = txn["ops"]
            if not any(op["op_id"] in self._awaited for op in ops) or not self._complete(ops):
                continue
            user_id, trusted = scene.after.devices[device]
            own = replace(
                scene, device=device, user_id=user_id, trusted=trusted, at=txn["at"], later=set(),
                foreign=scene.foreign or device != scene.device,
                seen_cursor=txn["seen_cursor"],
                bases=self._bases(ops),
            )  # fmt: skip
            scene.foreign = True
            revised = {op["op_id"]: self._awaited.get(op["op_id"], "") for op in ops}
            for op in ops:
                outcome = self._awaited.pop(op["op_id"])
                losses += self._carry_out(op, outcome, txn, own, before)
                self._ledger.carried_out_later(op["op_id"], outcome, scene.seq)
            self._model.close_quotes(ops, revised, own)
            self._model.forks.finish(scene.seq, scene.after.rows)
        return losses

    def _complete(self, ops: list[dict[str, Any]]) -> bool:
        made = {(op["e"], op["id"]) for op in ops if op["k"] == "create"}
        return all((op["e"], op["id"]) in self._model.records or (op["e"], op["id"]) in made for op in ops)

    # what did not stand

    def _bases(self, ops: list[dict[str, Any]]) -> dict[str, str]:
        intents = self._ledger.intents
        return {
            op["op_id"]: intents[op["op_id"]].op.get("base") or ""
            for op in ops
            if op["k"] == "text" and op["op_id"] in intents
        }

    def _check_losses(self, losses: list[Loss], after: Truth) -> None:
        """N2: what did not stand is in the ledger, with both values."""
        last = {(loss.device, loss.key, loss.field): loss for loss in losses}
        for loss in last.values():
            self._ledger.premises["I14 values displaced"] += 1
            for key, held in after.rows.items():
                row = held.row
                if key[0] != "conflict" or (row["entity"], row["record_id"], row["field"]) != (*loss.key, loss.field):
                    continue
                if loss.device in ("", row["mine_device"]) and json.loads(row["mine"]) == loss.mine:
                    break
            else:
                raise Violation("I14", f"{loss.mine} on {loss.key} did not stand and no conflict keeps it")
