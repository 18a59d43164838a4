"""Carries out the transactions of a device: each all or nothing, each with one stored outcome."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import insert, select

from crm_desktop.errors import InvalidInput
from crm_desktop.failpoints import failpoint
from crm_desktop.model.facts import Merge
from crm_desktop.model.operations import (
    Create,
    Delete,
    Operation,
    Outcome,
    Restore,
    SetRemove,
    Text,
    Transaction,
    Transition,
)
from crm_desktop.model.wire import field_facts, text_hash
from crm_desktop.rules.merge import Context, FieldConflict, Merged, RecordState, Refused, may_delete, merge
from server.settings import Settings
from server.storage import ledger
from server.storage.blobs import Blobs
from server.storage.change_log import Commit, Record
from server.storage.devices import Device, advance
from server.storage.guards import Guards, references, written_values
from server.storage.records import Key, batches, references_to
from server.storage.tables import change_log, op_result, tombstone, txn_failure, txn_result
from server.storage.tables import commit as commit_table
from sync.protocol import OpResult, TxnResult


@dataclass
class SequenceError(Exception):
    """The device's sequence does not fit: `fork` (another txn_id under a known number) or a gap."""

    fork: bool
    expected: int


def stored_results(commit: Commit, device: Device, txns: Sequence[Transaction]) -> dict[int, TxnResult]:
    """Outcomes of those transactions that were carried out before. SequenceError where the sequence breaks."""
    expected = device.last_client_seq + 1
    found: dict[int, TxnResult] = {}
    c = txn_result.c
    for txn in txns:
        if txn.client_seq < expected and txn.client_seq <= device.last_client_seq:
            stored = commit.connection.execute(
                select(c.txn_id, c.outcome).where(c.device_id == device.device_id, c.client_seq == txn.client_seq)
            ).one_or_none()
            if stored is None or stored.txn_id != txn.txn_id:
                raise SequenceError(fork=True, expected=device.last_client_seq + 1)
            found[txn.client_seq] = TxnResult.model_validate_json(stored.outcome)
        elif txn.client_seq == expected:
            expected += 1
        else:
            raise SequenceError(fork=False, expected=device.last_client_seq + 1)
    return found


class Pusher:
    """Executes new transactions inside one commit."""

    def __init__(self, commit: Commit, device: Device, settings: Settings, blobs: Blobs) -> None:
        self._commit = commit
        self._device = device
        self._settings = settings
        self._guards = Guards(commit, device, settings, blobs)
        self._done: list[tuple[Transaction, list[OpResult]]] = []
        self._operations: dict[str, Outcome] = {}
        self.current: Transaction | None = None

    def execute(self, txn: Transaction) -> None:
        """Carry out one transaction; a refused one becomes a quarantine record."""
        self.current = txn
        if txn.void:
            results = [OpResult(op_id=op.op_id, outcome=Outcome.VOID) for op in txn.ops]
        else:
            results = self._attempt(txn)
        # What was answered once under an op_id is never carried out a second time.
        self._operations |= {r.op_id: r.outcome for r in results if r.outcome not in (Outcome.DUPLICATE, Outcome.VOID)}
        self._done.append((txn, results))
        self.current = None

    def finish(self) -> list[TxnResult]:
        """Store the outcomes, after the commit's rows are written."""
        connection, seq = self._commit.connection, self._commit.last_seq
        results = [
            TxnResult(client_seq=txn.client_seq, txn_id=txn.txn_id, commit_seq=seq, ops=ops) for txn, ops in self._done
        ]
        connection.execute(
            insert(txn_result),
            [
                {
                    "device_id": self._device.device_id,
                    "client_seq": result.client_seq,
                    "txn_id": result.txn_id,
                    "outcome": result.model_dump_json(),
                    "commit_seq": seq,
                }
                for result in results
            ],
        )
        if self._operations:
            connection.execute(
                insert(op_result),
                [{"op_id": i, "outcome": o.value, "commit_seq": seq} for i, o in self._operations.items()],
            )
        failpoint("C8-server")
        last = results[-1]
        advance(connection, self._device.device_id, last.client_seq, last.txn_id)
        return results

    # -- one transaction ------------------------------------------------------------------------------

    def _attempt(self, txn: Transaction) -> list[OpResult]:
        known = self._known(op.op_id for op in txn.ops)
        fresh = [op for op in txn.ops if op.op_id not in known]
        if not fresh:
            return [self._duplicate(op, known) for op in txn.ops]
        if txn.resolves and not ledger.close_quarantine(self._commit, self._device, txn.resolves):
            return [OpResult(op_id=op.op_id, outcome=Outcome.DUPLICATE) for op in txn.ops]
        if self._failed_too_often(txn):
            return self._quarantine(txn, "server_error", "")
        self._commit.open_layer()
        try:
            results = {op.op_id: self._operation(txn, op) for op in fresh}
            self._guards.check_references(reference for op in fresh for reference in self._lasting(op))
            self._guards.check_created((op.e, op.id) for op in fresh if isinstance(op, Create))
        except Refused as refused:
            self._commit.drop_layer()
            if refused.reason == "total_differs":
                self._ask_for_review(txn)
            return self._quarantine(txn, refused.reason, refused.detail)
        except InvalidInput as error:
            self._commit.drop_layer()
            return self._quarantine(txn, error.code, error.message)
        self._commit.keep_layer()
        return [results.get(op.op_id) or self._duplicate(op, known) for op in txn.ops]

    def _operation(self, txn: Transaction, op: Operation) -> OpResult:
        commit = self._commit
        record = commit.get(op.e, op.id)
        self._guards.check(op, record, txn.seen_cursor)
        if isinstance(op, Create):
            if record is not None and not record.deleted and record.created_op != op.op_id:
                raise Refused("id_taken", f"{op.e} {op.id}")
            op = self._prepared(op)
        state = None if record is None else RecordState(record.row, record.field_ver, record.row_ver, record.deleted)
        if isinstance(op, Delete) and record is not None and state is not None and not record.deleted:
            return self._delete(op, record, state, txn)
        if isinstance(op, Transition) and record is not None and not record.deleted:
            self._guards.check_total(op, record)
        if isinstance(op, SetRemove) and state is not None:
            state = self._own_elements_seen(op, state)
        merged = merge(op.e, state, op, self._context(txn, op, record))
        if isinstance(op, Restore) and record is not None and merged.changed:
            self._restore(record.deleted_op)
        elif merged.changed and merged.state is not None:
            self._write(txn, op, record, merged.state)
        if isinstance(op, Text) and record is not None and not record.deleted:
            before, sent = str(record.row[op.f]), op.text
            commit.keep_text(op.e, op.id, op.f, text_hash(before), before)
            commit.keep_text(op.e, op.id, op.f, text_hash(sent), sent)
        return self._result(txn, op, record, merged)

    def _own_elements_seen(self, op: SetRemove, state: RecordState) -> RecordState:
        """What the same device added last its author has seen, also where no answer had told him the version."""
        names = [f"{op.f}/{element}" for element in op.v if f"{op.f}/{element}" in state.field_ver]
        own = {name for name in names if self._is_own(state.field_ver[name])}
        return replace(state, field_ver={**state.field_ver, **dict.fromkeys(own, 0)}) if own else state

    def _is_own(self, seq: int) -> bool:
        if seq == self._commit.seq:
            return True
        made = commit_table.c
        maker = self._commit.connection.scalar(select(made.device_id).where(made.seq == seq))
        return maker == self._device.device_id

    def _context(self, txn: Transaction, op: Operation, record: Record | None) -> Context:
        commit = self._commit
        name = op.f if isinstance(op, Text) else ""
        stored = commit.text_base(op.e, op.id, name)
        current = str(record.row.get(name, "")) if record is not None else ""

        def text_base(sha: str) -> str | None:
            return current if text_hash(current) == sha else stored(sha)

        standing = {} if record is None else record.field_at
        return Context(
            epoch=commit.epoch,
            commit_seq=commit.seq,
            at=txn.at,
            received_at=commit.at,
            clock_trusted=self._device.clock_trusted,
            text_base=text_base,
            field_at=standing.get,
        )

    def _prepared(self, op: Create) -> Create:
        """The create with what the server alone may say."""
        values = dict(op.v)
        if "created_by" in field_facts(op.e):
            values["created_by"] = self._device.user_id
        if op.e == "order":
            values["number"] = self._commit.next_number("order")
        return op.model_copy(update={"v": values})

    def _write(self, txn: Transaction, op: Operation, record: Record | None, state: RecordState) -> None:
        before = {} if record is None else record.field_at
        at = min(txn.at, self._commit.at)
        times = {
            name: at
            for name in written_values(op)
            if name in field_facts(op.e)
            and field_facts(op.e)[name].merge is Merge.NEWEST
            and (record is None or state.row[name] != record.row[name])
        }
        self._commit.put(
            op.e,
            op.id,
            state.row,
            state.field_ver,
            field_at={**before, **times},
            created_op=op.op_id if isinstance(op, Create) else None,
        )

    def _result(self, txn: Transaction, op: Operation, record: Record | None, merged: Merged) -> OpResult:
        detail: dict[str, Any] = dict(merged.detail or {})
        for conflict in merged.conflicts:
            conflict_id = ledger.record_conflict(self._commit, self._device, op.e, op.id, conflict, txn.at)
            detail.setdefault("conflicts", []).append(conflict_id)
            if record is not None and self._guards.visible(record):
                detail.setdefault("theirs", {}).update(conflict.theirs)
        if merged.outcome is Outcome.GONE:
            detail["conflicts"] = [self._keep(txn, op, "gone", {})]
        return OpResult(op_id=op.op_id, outcome=merged.outcome, detail=detail or None)

    def _keep(self, txn: Transaction, op: Operation, rule: str, mine: dict[str, Any]) -> str:
        """A ledger entry for an intent that has no field to conflict with."""
        values = written_values(op) | mine
        names = tuple(values)
        before = {n: c.old for n, c in op.set.items()} if op.k == "patch" else {}
        conflict = FieldConflict(names[0] if len(names) == 1 else "", names, before, values, {}, rule)
        return ledger.record_conflict(self._commit, self._device, op.e, op.id, conflict, txn.at)

    # -- delete and restore ---------------------------------------------------------------------------

    def _delete(self, op: Delete, record: Record, state: RecordState, txn: Transaction) -> OpResult:
        commit = self._commit
        keys: list[Key] = [(op.e, op.id), *commit.descendants(op.e, op.id)]
        members = set(keys)
        foreign: set[Key] = set()
        for entity, record_id in keys:
            for other, name in references_to(entity):
                foreign |= {(other, i) for i in commit.where(other, name, record_id)} - members
        newest = max(self._version_by_others(key, op.seen_cursor) for key in (*keys, *sorted(foreign)))
        if not may_delete(newest, len(foreign), op.seen_cursor):
            newest = max(newest, op.seen_cursor + 1)
        merged = merge(op.e, replace(state, row_ver=newest), op, self._context(txn, op, record))
        if merged.outcome is Outcome.DELETE_REQUEST:
            kept = self._keep(txn, op, "delete_request", {"deleted": True})
            return OpResult(op_id=op.op_id, outcome=merged.outcome, detail={"conflicts": [kept]})
        if merged.changed:
            for entity, record_id in keys:
                found = commit.get(entity, record_id)
                if found is not None:
                    commit.put(entity, record_id, found.row, found.field_ver, deleted=True, deleted_op=op.op_id)
        return OpResult(op_id=op.op_id, outcome=merged.outcome)

    def _version_by_others(self, key: Key, seen_cursor: int) -> int:
        """Newest version of a row that this device did not make itself, as far as it is past `seen_cursor`."""
        record = self._commit.get(*key)
        if record is None or record.row_ver <= seen_cursor:
            return 0
        log, made = change_log.c, commit_table.c
        return (
            self._commit.connection.scalar(
                select(log.seq)
                .join(commit_table, made.seq == log.seq)
                .where(
                    log.entity == key[0],
                    log.id == key[1],
                    log.seq > seen_cursor,
                    made.device_id != self._device.device_id,
                )
                .order_by(log.seq.desc())
                .limit(1)
            )
            or 0
        )

    def _restore(self, deleted_op: str) -> None:
        """Bring back what the deletion took along."""
        commit = self._commit
        c = tombstone.c
        rows = commit.connection.execute(select(c.entity, c.id).where(c.deleted_op == deleted_op)).all()
        keys = [(row.entity, row.id) for row in rows] or commit.deleted_by(deleted_op)
        for entity, record_id in keys:
            found = commit.get(entity, record_id)
            if found is not None and found.deleted and found.deleted_op == deleted_op:
                commit.put(entity, record_id, found.row, found.field_ver)

    # -- refusals -------------------------------------------------------------------------------------

    def _quarantine(self, txn: Transaction, reason: str, detail: str) -> list[OpResult]:
        entry = ledger.quarantine(self._commit, self._device, txn, reason, detail, txn.wire())
        told = {"code": reason, "message": detail, "quarantine": entry}
        return [OpResult(op_id=op.op_id, outcome=Outcome.QUARANTINED, detail=told) for op in txn.ops]

    def _ask_for_review(self, txn: Transaction) -> None:
        for op in txn.ops:
            found = self._commit.live(op.e, op.id) if isinstance(op, Transition) else None
            if found is not None and op.e == "quote_revision" and not found.row["needs_review"]:
                row = found.row | {"needs_review": True}
                self._commit.put(op.e, op.id, row, {**found.field_ver, "needs_review": self._commit.seq})

    def _failed_too_often(self, txn: Transaction) -> bool:
        c = txn_failure.c
        failures = self._commit.connection.scalar(
            select(c.failures).where(
                c.device_id == self._device.device_id, c.client_seq == txn.client_seq, c.txn_id == txn.txn_id
            )
        )
        return (failures or 0) >= self._settings.failures_before_quarantine - 1

    def _known(self, op_ids: Iterable[str]) -> dict[str, Outcome]:
        ids = list(op_ids)
        found = {op_id: self._operations[op_id] for op_id in ids if op_id in self._operations}
        c = op_result.c
        for batch in batches(ids):
            for row in self._commit.connection.execute(select(c.op_id, c.outcome).where(c.op_id.in_(batch))):
                found[row.op_id] = Outcome(row.outcome)
        return found

    @staticmethod
    def _duplicate(op: Operation, known: dict[str, Outcome]) -> OpResult:
        return OpResult(op_id=op.op_id, outcome=Outcome.DUPLICATE, detail={"first": known[op.op_id].value})

    def _lasting(self, op: Operation) -> list[tuple[str, str, str]]:
        """References of an operation that stand after the transaction."""
        record = self._commit.live(op.e, op.id)
        if record is None:
            return []
        return [(name, entity, i) for name, entity, i in references(op) if record.row.get(name) == i]
