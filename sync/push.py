"""The sending half of a session: what waits in the outbox goes out in order."""

from functools import partial
from typing import Any

import orjson

from crm_desktop.errors import SessionError
from crm_desktop.model.operations import Transaction
from sync.effects import Push, Steps, bad_answer
from sync.handshake import Handshake
from sync.ports import Body, SyncStore
from sync.protocol.messages import Code
from sync.session_report import SessionReport

IDLE_ROUNDS = 3  # pushes without progress before it gives up
# Bytes of several transactions: so much passes a proxy nobody set up for it (nginx: client_max_body_size, 1 MB).
PASSES = 1_000_000


class PushHalf:
    """Sends what waits. What the server cannot take is set aside, so that it never stops the rest."""

    def __init__(self, store: SyncStore, handshake: Handshake, report: SessionReport) -> None:
        self._store = store
        self._handshake = handshake
        self._report = report
        self._wires: dict[int, dict[str, Any]] = {}  # of the present batch: made once, to be measured and sent

    def run(self) -> Steps:
        """Send everything that waits, in order, until the outbox is empty or the server refuses to go on."""
        try:
            yield from self._send_all()
        finally:
            self._store.release()

    def _send_all(self) -> Steps:
        most: int | None = None  # transactions a push may carry while a refused one is searched
        idle = 0
        answered = ""  # the transaction with which the batch began that was answered last
        while batch := self._batch()[:most]:
            idle = idle + 1 if batch[0].txn_id == answered else 0
            if idle == IDLE_ROUNDS:
                raise SessionError("no_progress", "The server took no change.", "It is tried again later.")
            state = self._store.sync_state()
            wires = [self._wires[txn.client_seq] for txn in batch]
            body: Body = {"epoch": state.epoch, "clock": self._handshake.now(), "txns": wires}
            if state.cursor_seq:
                body["cursor"] = {"seq": state.cursor_seq, "commit_id": state.cursor_commit}
            mark = partial(self._store.mark_attempted, [txn.client_seq for txn in batch])
            try:
                answer = yield Push(body, mark)
            except SessionError as error:
                if error.code in (Code.TOO_LARGE, Code.MALFORMED):
                    most = self._set_aside(batch, error)
                elif error.code == Code.SEQ_GAP:
                    yield from self._handshake.close_gap(error)
                else:
                    yield from self._handshake.heal(error)
                continue
            results = answer.get("results")
            if not isinstance(results, list):
                raise bad_answer()
            try:
                self._store.record_results(results)
                self._report.count(results)
            except (LookupError, TypeError, ValueError) as error:
                raise bad_answer() from error
            answered = batch[0].txn_id
            most = None

    def _batch(self) -> list[Transaction]:
        """Transactions of the next push within the limits of operations and bytes, but at least one."""
        most_ops = self._handshake.limits.push_ops
        most_bytes = min(self._handshake.limits.body_bytes, PASSES)
        size = 0
        batch: list[Transaction] = []
        ops = 0
        self._wires = {}
        for txn in self._store.pending(most_ops):
            ops += len(txn.ops)
            wire = self._wires[txn.client_seq] = txn.wire()
            size += len(orjson.dumps(wire))
            if batch and (ops > most_ops or size > most_bytes):
                break
            batch.append(txn)
        return batch

    def _set_aside(self, batch: list[Transaction], error: SessionError) -> int | None:
        """Quarantine the transaction the server cannot take, or halve the batch to find it.

        Returns how many transactions the next push may carry, None for the usual limits.
        """
        op_id = error.values.get("op_id")
        named = next((txn for txn in batch for op in txn.ops if op.op_id == op_id), None) if op_id else None
        if named is None and len(batch) > 1:
            return len(batch) // 2
        culprit = named or batch[0]
        if culprit.void:  # an empty transaction refused: nothing is left to set aside
            raise error
        self._store.quarantine_locally(culprit.client_seq, error.code, error.message)
        self._report.refused += 1
        return None
