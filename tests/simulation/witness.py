"""Watches the server: after every commit its rows must be what the rules say, and its sequence must be whole."""

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

import orjson

from crm_desktop.model import ENTITIES
from crm_desktop.model.columns import format_instant
from crm_desktop.model.wire import field_facts
from tests.simulation.central import Answer, Central, Request
from tests.simulation.chance import Violation
from tests.simulation.hands import check_hands
from tests.simulation.ledger import Ledger
from tests.simulation.model import Model
from tests.simulation.pushes import Pushes
from tests.simulation.repeated import came_back, check_words, stands
from tests.simulation.truth import Bell, Key, Truth

LEDGER = ("conflict", "quarantine")
SERVERS_OWN = {("quote_revision", "needs_review"), ("order", "number")}


class Witness:
    """Compares the server after each event with what it was before."""

    def __init__(self, central: Central, ledger: Ledger) -> None:
        self._central = central
        self._ledger = ledger
        self.premises: Counter[str] = ledger.premises
        self._bell = Bell(central.path)
        self.truth = Truth(central.path)
        self.model = Model(self.truth)
        self.pushes = Pushes(self.model, ledger, central.clock)
        self._views: dict[tuple[str, int, str], dict[Key, tuple[int, dict[str, Any]]]] = {}
        self._numbers: dict[str, str] = {}
        self._restored = 0, central.clock.now()
        self.on_rows: Callable[[Truth, Iterable[Key]], None] = lambda truth, changed: None
        self.on_cut: Callable[[int], None] = lambda floor: None
        self._keep_view()

    # what happens

    def heard(self, request: Request, answer: Answer) -> None:
        """The server has answered a request."""
        if request.path == "pull" and answer.status == 200:
            self.look()
            self._check_page(request, orjson.loads(answer.body))
            return
        self.look(request)

    def look(self, request: Request | None = None, desk: str = "") -> None:
        """Look at the server again; `request` is what it just worked on, `desk` what the office did."""
        if not self._bell.rang():
            return
        before, after = self.truth, Truth(self._central.path)
        if (before.last_seq, before.epoch, before.granted) == (after.last_seq, after.epoch, after.granted):
            if before.results != after.results or before.operations != after.operations:
                raise Violation("I6", "outcomes were stored without a commit")
            self.truth = after
            return
        self.truth = after
        self._check_sequence(before, after)
        for seq, _, device in after.commits:
            self.model.owners[seq] = device
        changed = {key for key, held in after.rows.items() if before.rows.get(key) != held}
        devices = {seq: device for seq, _, device in after.commits}
        for key in changed:
            self.pushes.log.setdefault(key, []).append((after.rows[key].ver, devices[after.rows[key].ver]))
        if request is not None and request.path == "push":
            self.pushes.follow(request, before, after, changed)
        elif not desk and changed:
            raise Violation("I6", f"rows changed although nobody wrote: {sorted(changed)[:3]}")
        else:
            self._follow_desk(before, after, changed)
        self._check_rows(before, after, changed)
        self.premises["I5 entries in the hand of an owner"] += check_hands(after)
        self.on_rows(after, changed)
        self._keep_view()

    def look_away(self) -> None:
        """The file is about to be replaced."""
        self._bell.close()

    def restored(self) -> None:
        """An older copy was put in place: what came after it never happened."""
        self._bell = Bell(self._central.path)
        self.truth = Truth(self._central.path)
        last = self.truth.last_seq
        self._restored = last, self._central.clock.now()
        self.model = Model(self.truth)
        self._learn_owners()
        self.pushes.rolled_back(self.model, self.truth)
        self._numbers = {number: i for number, i in self._numbers.items() if self.truth.rows.get(("order", i))}
        self._ledger.rolled_back(last)
        self._keep_view()

    def written_here(self) -> dict[Key, tuple[dict[str, Any], dict[str, Any]]]:
        """Live records the office wrote on: what it wrote last, and all that stood in them then."""
        newest: dict[Key, int] = {}
        for seq, key, _ in self._ledger.desk:
            newest[key] = max(seq, newest.get(key, 0))
        found = {}
        for key, last in newest.items():
            held = self.truth.rows[key]
            if not held.deleted and key[0] != "attachment":  # its bytes may be lost
                own = {n: held.row[n] for seq, k, n in self._ledger.desk if k == key and held.field_ver.get(n) == seq}
                whole = {n: value for n, value in held.row.items() if 0 < held.field_ver.get(n, 0) <= last}
                for values, upto in ((own, held.field_ver), (whole, dict.fromkeys(whole, last))):
                    for name in [n for n, value in values.items() if isinstance(value, list)]:
                        # Of a set not what a laptop has added since.
                        values[name] = [e for e in values[name] if held.field_ver.get(f"{name}/{e}", 0) <= upto[name]]
                if key[0] in ("conflict", "quarantine") and own.keys() <= {"owner_id"}:
                    continue  # it went to another hand with its record; it comes back with what its author sends again
                found[key] = (own, whole)
        return found

    def written_since(self) -> dict[Key, dict[str, Any]]:
        """Live records on which the office or a laptop has written since the server was restored, and what."""
        since, moment = self._restored
        made_by = {seq: device for seq, _, device in self.truth.commits}
        office = {(key, name, seq) for seq, key, name in self._ledger.desk if seq > since}
        found: dict[Key, dict[str, Any]] = {}
        for key, held in self.truth.rows.items():
            for name, seq in held.field_ver.items():
                by_laptop = made_by.get(seq) and held.field_at.get(name, "") > format_instant(moment)
                if not held.deleted and name in held.row and (by_laptop or (key, name, seq) in office):
                    found.setdefault(key, {})[name] = held.row[name]
        return found

    def repeated_late(self, newer: dict[Key, dict[str, Any]], told: list[dict[str, Any]]) -> None:
        """I14: the journal was repeated after people had gone on; what they wrote, `newer`, stands.

        `told`: the records of the journal. Of a text both stand, or the one that does not is kept.
        """
        self._look_at_the_journal(told)
        for key, values in newer.items():
            row = self.truth.live(key)
            if row is None or any(not stands(key, name, value, row[name]) for name, value in values.items()):
                raise Violation("I14", f"the journal wrote over what is newer on {key}: {values}")
        self.premises["I14 words of the office that came back late"] += check_words(told, self.truth)

    def repeated(self, written: dict[Key, tuple[dict[str, Any], dict[str, Any]]], told: list[dict[str, Any]]) -> None:
        """I21: a restored server has repeated its journal; `written` is what the office had written before."""
        backup = self.truth
        self._look_at_the_journal(told)
        for key, (own, whole) in written.items():
            expected = own if key in backup.rows else whole  # of a record made since all has to come back
            row = self.truth.live(key) or {}
            if not row and key in backup.rows and backup.rows[key].deleted:
                continue  # a laptop had brought it back, and will again
            lacking = {name: value for name, value in expected.items() if not came_back(value, row.get(name))}
            if not row or lacking:
                raise Violation("I21", f"what the office wrote on {key} did not come back: {lacking}")
            self.premises["I21 office records that came back"] += 1

    def _look_at_the_journal(self, told: list[dict[str, Any]]) -> None:
        for entry in told:
            for name, value in entry.get("was", {}).items():
                self._ledger.written_over.setdefault(((entry["e"], entry["id"]), name), []).append(value)
        before = len(self._ledger.desk)
        self.look(desk="the journal")
        self._ledger.repeated |= set(self._ledger.desk[before:])

    def collected(self) -> None:
        """The old part of the log was cut off; nothing else may be different."""
        before, after = self.truth, Truth(self._central.path)
        self.truth = after
        if {key: (held.ver, held.row) for key, held in before.rows.items() if not held.deleted} != {
            key: (held.ver, held.row) for key, held in after.rows.items() if not held.deleted
        }:
            raise Violation("I12", "cutting off the log changed a live record")
        for key, held in after.rows.items():
            self.model.records[key].deleted_op = held.deleted_op
        self._learn_owners()
        self.on_cut(after.floor)
        self.premises["log entries cut off"] += after.floor > before.floor

    def _learn_owners(self) -> None:
        """Whose a commit was is known as long as the log tells it; what is older counts as a stranger's."""
        self.model.owners = {seq: device for seq, _, device in self.truth.commits}

    def view(self, user_id: str, seq: int, commit_id: str) -> dict[Key, tuple[int, dict[str, Any]]] | None:
        """What a user was to hold when this commit was the newest."""
        return self._views.get((user_id, seq, commit_id))

    def _keep_view(self) -> None:
        seq, commit_id, _ = self.truth.commits[-1]
        for user_id in self.truth.roles:
            self._views[user_id, seq, commit_id] = self.truth.visible(user_id)

    def close(self) -> None:
        """End of the history."""
        self._bell.close()

    # the checks

    def _check_sequence(self, before: Truth, after: Truth) -> None:
        """I10: numbers 1 to the newest, none missing, none changed, every row's version is one of them."""
        numbers = [seq for seq, *_ in after.commits]
        if numbers != list(range(after.floor + 1, after.last_seq + 1)):
            raise Violation("I10", f"commits {numbers[-5:]} do not end at {after.last_seq} without a gap")
        if after.commits[: len(before.commits)] != before.commits:
            raise Violation("I10", "an earlier commit changed")
        if after.last_seq < before.last_seq:
            raise Violation("I10", "the sequence went back")
        drawn = {row["number"] for key, held in after.rows.items() if key[0] == "order" and (row := held.row)
                 and key not in before.rows}  # fmt: skip
        if after.epoch == before.epoch and drawn != {
            f"A-{number:06d}" for number in range(before.next_order, after.next_order)
        }:
            raise Violation("I15", f"orders got {sorted(drawn)}, drawn was {before.next_order} to {after.next_order}")
        if after.stray:
            raise Violation("I10", f"rows without meta: {after.stray[:3]}")
        self.premises["I10 commits"] += after.last_seq - before.last_seq

    def _follow_desk(self, before: Truth, after: Truth, changed: set[Key]) -> None:
        for key in changed:
            held, old = after.rows[key], before.rows.get(key)
            for name, value in held.row.items():
                if old is None or old.row.get(name) != value:
                    self._ledger.desk.append((after.last_seq, key, name))
            self.model.adopt(key, held)
        # What the office writes (again, from the journal) may be what refused work of laptops waits for.
        for op_id, (outcome, _) in after.operations.items():
            if before.operations.get(op_id, (outcome,))[0] == "quarantined" != outcome:
                self._ledger.carried_out_later(op_id, outcome, after.last_seq)

    def _check_rows(self, before: Truth, after: Truth, changed: set[Key]) -> None:
        for key, held in after.rows.items():
            record = self.model.records.get(key)
            old = before.rows.get(key)
            if key[0] in LEDGER and (old is None or (key in changed and held.row["status"] == old.row["status"])):
                self.model.adopt(key, held)
                continue
            if record is None and key[0] == "task" and held.row["subject"].startswith("Duplicate?"):
                self.model.adopt(key, held)  # the server asks somebody to look at two customers
                self.premises["duplicates asked about"] += 1
                continue
            if record is None:
                raise Violation("I13", f"{key} came to life without a create")
            if record.deleted != held.deleted:
                what = "came back without a restore" if record.deleted else "vanished without a delete"
                raise Violation("I12", f"{key} {what}")
            if key in changed:
                self._check_row(key, held.row, record.row, record)
        self._check_children(after, changed)

    def _check_row(self, key: Key, row: dict[str, Any], expected: dict[str, Any], record: Any) -> None:
        for name, value in row.items():
            if name in ("created_at", "created_by") or expected.get(name) == value:
                continue
            if (key[0], name) in SERVERS_OWN or key[0] in LEDGER:
                expected[name] = value
                continue
            facts = field_facts(key[0])[name]
            raise Violation("Model", f"{key} {name} is {value!r}, the rules say {expected.get(name)!r} ({facts.kind})")
        record.row = dict(row)
        if key[0] == "order" and row["number"]:
            self.premises["I15 orders"] += 1
            known = self._numbers.setdefault(row["number"], key[1])
            if known != key[1]:
                raise Violation("I15", f"number {row['number']} was given twice")

    def _check_children(self, after: Truth, changed: set[Key]) -> None:
        """I18: no live child of a dead parent."""
        died = any(after.rows[key].deleted for key in changed)
        for key in after.rows if died else changed:
            row = after.live(key)
            for name in ENTITIES[key[0]].FACTS.parents if row else ():
                above = (str(field_facts(key[0])[name].ref), row[name]) if row and row[name] else None
                if above and above in after.rows and after.rows[above].deleted:
                    raise Violation("I18", f"{key} lives, its {name} {above[1]} is deleted")

    def _check_page(self, request: Request, page: dict[str, Any]) -> None:
        """I5: nothing is told to a person who may not see it at the moment it is told."""
        if request.device_id == "":
            return
        user_id = self._user(request.device_id)
        allowed = self.truth.visible(user_id)
        mine = self.truth.user_scopes(user_id)
        told = page["digest"] if page.get("scopes") is None else page["scopes"]
        if set(told) != mine:
            raise Violation("I5", f"the page tells the scopes {sorted(told)}, the user has {sorted(mine)}")
        for commit in page["commits"]:
            for table in commit["put"]:
                for row in table["rows"]:
                    self.premises["I5 rows told"] += 1
                    held = allowed.get((table["e"], row[0]))
                    if held is None:
                        raise Violation("I5", f"{table['e']} {row[0]} was told to {user_id} out of his scope")
                    if held[0] != commit["seq"]:
                        raise Violation("I5", f"{table['e']} {row[0]} was told at {commit['seq']}, it is at {held[0]}")
                    values = dict(zip(table["cols"], row[3:], strict=True))
                    if any(held[1][name] != value for name, value in values.items()):
                        raise Violation("I5", f"{table['e']} {row[0]} was not told as it stands")
            for entity, record_id in commit["gone"]:
                self.premises["I12 departures told"] += 1
                if self.truth.live((entity, record_id)) is not None:
                    raise Violation("I12", f"{entity} {record_id} was told as deleted, it lives")
            for entity, record_id in commit["evict"]:
                self.premises["I4 evictions told"] += 1
                if (entity, record_id) in allowed:
                    raise Violation("I4", f"{entity} {record_id} was evicted though it is in scope")

    def _user(self, device_id: str) -> str:
        return self.truth.devices[device_id][0]
