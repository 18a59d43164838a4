"""One operation of a transaction: what guards and merge say of it, what is written, what is kept for a person."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from crm_desktop.model.facts import Merge
from crm_desktop.model.operations import (
    Create,
    Delete,
    Operation,
    Outcome,
    Patch,
    Restore,
    SetAdd,
    SetRemove,
    Text,
    Transaction,
    Transition,
)
from crm_desktop.model.wire import Row, field_facts, text_hash
from crm_desktop.rules.merge import merge
from crm_desktop.rules.merged import Context, FieldConflict, Merged, RecordState, Refused
from server.storage import aliases, ledger
from server.storage.commit import Commit
from server.storage.deletion import Deletion
from server.storage.devices import Device
from server.storage.erasure import ERASED
from server.storage.guards import LEDGER, Guards
from server.storage.handed_over import by_server
from server.storage.quote_forks import QuoteForks
from server.storage.records_in_work import Record
from server.storage.second_decision import UNDECIDED
from server.storage.written import written_values
from sync.protocol import OpResult


class OperationPush:
    """Carries out operations of one device in the open layer of a commit."""

    def __init__(self, commit: Commit, device: Device, guards: Guards) -> None:
        self._commit = commit
        self._device = device
        self._guards = guards
        self._deletion = Deletion(commit, device)
        self.forks = QuoteForks(commit, device, self.is_own)

    def begin_transaction(self) -> None:
        """What is gathered over the operations of one transaction begins anew."""
        self.forks = QuoteForks(self._commit, self._device, self.is_own)

    def carry_out(self, txn: Transaction, op: Operation, through_alias: bool) -> OpResult:
        """Merge it into the record and keep what does not stand. Refused, InvalidInput where a guard says no."""
        commit = self._commit
        record = commit.get(op.e, op.id)
        self._guards.check(op, record, self.seen(txn, op))
        if isinstance(op, Create):
            if record is not None and record.deleted and self._made_before(op, record):
                return OpResult(op_id=op.op_id, outcome=Outcome.DUPLICATE)
            if record is not None and not record.deleted and record.created_op != op.op_id:
                raise Refused("id_taken", f"{op.e} {op.id}")
            op = self._prepared(op) if record is None else op  # what is not made takes no number
        state = None if record is None else RecordState(record.row, record.field_ver, record.row_ver, record.deleted)
        if isinstance(op, Delete) and record is None:
            self._deletion.bury_unseen(op.e, op.id)
            return OpResult(op_id=op.op_id, outcome=Outcome.APPLIED)
        if isinstance(op, Delete) and not through_alias and record and state and not record.deleted:
            return self._delete(op, record, state, txn)
        if isinstance(op, Transition) and record is not None and not record.deleted:
            if op.e in LEDGER:
                now = str(record.row[op.f])
                # Decided alike on another device; or a refused change that was sent again or given up elsewhere.
                if now == op.to or (op.e == "quarantine" and now != op.from_):
                    return OpResult(op_id=op.op_id, outcome=Outcome.MERGED)
                if now in UNDECIDED:  # the decision it follows was lost with the server's later history
                    op = op.model_copy(update={"from_": now})
            self._guards.quotes.check_total(op, self.seen(txn, op))
        if isinstance(op, SetRemove) and state is not None:
            state = self._own_elements_seen(op, state)
        merged = merge(op.e, state, op, self._context(txn, op, record, through_alias))
        merged = self.forks.take(op, state, merged, self.seen(txn, op))
        if isinstance(op, Restore) and record is not None and merged.changed:
            if record.deleted_op in ("", ERASED):  # nothing is kept of it: deleted long ago, or merged into another
                merged = Merged(state, Outcome.GONE)
            else:
                self._deletion.bring_back(record.deleted_op)
        elif merged.changed and merged.state is not None:
            self._write(txn, op, record, merged.state)
        if isinstance(op, Text) and record is not None and not record.deleted:
            before, sent = str(record.row[op.f]), op.text
            commit.keep_text(op.e, op.id, op.f, text_hash(before), before)
            commit.keep_text(op.e, op.id, op.f, text_hash(sent), sent)
        return self._result(txn, op, record, merged)

    def _made_before(self, op: Create, record: Record) -> bool:
        """Whether the record that is gone was made by this operation: after a restore a laptop sends it again.

        It is known by its operation, or by the record it was merged into where the journal alone told of it.
        """
        return record.created_op == op.op_id or aliases.is_merged(self._commit, op.e, op.id)

    def seen(self, txn: Transaction, op: Operation) -> int:
        """The newest commit its author had seen; of another history only what it shares with this one."""
        if op.base_epoch == self._commit.epoch:
            return txn.seen_cursor
        return min(txn.seen_cursor, self._commit.epoch_seq)

    def is_own(self, seq: int) -> bool:
        """Whether a commit is work of this device alone."""
        return self._commit.is_by(self._device.device_id, seq)

    def _own_elements_seen(self, op: SetRemove, state: RecordState) -> RecordState:
        """What the same device added last its author has seen, also where no answer had told him the version."""
        names = [f"{op.f}/{element}" for element in op.v if f"{op.f}/{element}" in state.field_ver]
        own = {name for name in names if self.is_own(state.field_ver[name])}
        return replace(state, field_ver={**state.field_ver, **dict.fromkeys(own, 0)}) if own else state

    def _context(self, txn: Transaction, op: Operation, record: Record | None, through_alias: bool) -> Context:
        commit = self._commit
        standing = {} if record is None else record.field_at
        return Context(
            epoch=commit.epoch,
            commit_seq=commit.seq,
            at=txn.at,
            received_at=commit.at,
            clock_trusted=self._device.clock_trusted,
            through_alias=through_alias,
            text_base=self._text_base(op, record) if isinstance(op, Text) else lambda _sha: None,
            field_at=standing.get,
        )

    def _text_base(self, op: Text, record: Record | None) -> Callable[[str], str | None]:
        """Finds the text an operation was written on: the standing one or an earlier one."""
        stored = self._commit.text_base(op.e, op.id, op.f)
        current = str(record.row.get(op.f, "")) if record is not None else ""
        return lambda sha: current if text_hash(current) == sha else stored(sha)

    def _prepared(self, op: Create) -> Create:
        """The create with what the server alone may say."""
        values = dict(op.v)
        if "created_by" in field_facts(op.e):
            values["created_by"] = self._device.user_id
        if op.e == "order":
            values["number"] = self._commit.next_number("order")
        if op.e == "quarantine":
            values |= by_server(op, self._device)
        return op.model_copy(update={"v": values})

    def _write(self, txn: Transaction, op: Operation, record: Record | None, state: RecordState) -> None:
        before = {} if record is None else record.field_at
        at = min(txn.at, self._commit.at)
        times = {
            name: at
            for name in written_values(op)
            if name in field_facts(op.e)
            and (record is not None or field_facts(op.e)[name].merge is Merge.NEWEST)
            and (record is None or state.row[name] != record.row[name])
        }
        row = state.row
        if isinstance(op, Transition) and op.e in LEDGER:
            row = row | ledger.decided(self._device, at)
        self._commit.put(
            op.e,
            op.id,
            row,
            state.field_ver,
            field_at={**before, **times},
            created_op=op.op_id if isinstance(op, Create) else None,
        )

    def _result(self, txn: Transaction, op: Operation, record: Record | None, merged: Merged) -> OpResult:
        detail: dict[str, Any] = dict(merged.detail or {})
        for conflict in merged.conflicts:
            conflict_id = ledger.record_conflict(self._commit, self._author(txn), (op.e, op.id), record, conflict)
            detail.setdefault("conflicts", []).append(conflict_id)
        if merged.outcome is Outcome.GONE and (record is None or record.deleted_op != ERASED):
            seen, wanted = self._intent(op, record)
            detail["conflicts"] = [self._keep(txn, op, "gone", seen, wanted)]
        return OpResult(op_id=op.op_id, outcome=merged.outcome, detail=detail or None)

    def _keep(self, txn: Transaction, op: Operation, rule: str, before: Row, mine: Row) -> str:
        """A ledger entry for an intent that has no field to conflict with."""
        names = tuple(mine)
        conflict = FieldConflict(names[0] if len(names) == 1 else "", names, before, mine, {}, rule)
        record = self._commit.get(op.e, op.id)
        return ledger.record_conflict(self._commit, self._author(txn), (op.e, op.id), record, conflict)

    def _author(self, txn: Transaction) -> ledger.Author:
        return ledger.Author(self._device.user_id, self._device.device_id, txn.at)

    def _intent(self, op: Operation, record: Record | None) -> tuple[Row, Row]:
        """What the author of an operation saw and what he made of it, enough to do the same again later.

        Of a set only the elements he added or took away: the others are none of his doing.
        """
        if isinstance(op, Patch):
            return {name: change.old for name, change in op.set.items()}, written_values(op)
        if isinstance(op, Text):
            return {op.f: self._text_base(op, record)(op.base_sha) or ""}, {op.f: op.text}
        if isinstance(op, SetAdd):
            return {op.f: []}, {op.f: list(op.v)}
        if isinstance(op, SetRemove):
            return {op.f: list(op.v)}, {op.f: []}
        if isinstance(op, Transition):
            return {op.f: op.from_}, {op.f: op.to}
        return {}, written_values(op)

    def _delete(self, op: Delete, record: Record, state: RecordState, txn: Transaction) -> OpResult:
        keys, newest = self._deletion.reach(op)
        merged = merge(op.e, replace(state, row_ver=newest), op, self._context(txn, op, record, False))
        if merged.outcome is Outcome.DELETE_REQUEST:
            kept = self._keep(txn, op, "delete_request", {}, {"deleted": True})
            return OpResult(op_id=op.op_id, outcome=merged.outcome, detail={"conflicts": [kept]})
        if merged.changed:
            self._deletion.bury(keys, op.op_id)
        return OpResult(op_id=op.op_id, outcome=merged.outcome)
