"""Carries out the transactions of a device: each all or nothing, each with one stored outcome."""

from collections.abc import Iterable, Sequence, Set

from sqlalchemy import select, update

from crm_desktop.errors import InvalidInput
from crm_desktop.failpoints import failpoint
from crm_desktop.model import ENTITIES
from crm_desktop.model.operations import (
    Create,
    Operation,
    Outcome,
    Restore,
    Transaction,
    Transition,
)
from crm_desktop.model.wire import entity_facts, field_facts
from crm_desktop.rules.merged import Refused
from server.settings import Settings
from server.storage import aliases, awaited, ledger
from server.storage.blobs import Blobs
from server.storage.closing_day import note_closing_days
from server.storage.commit import Commit
from server.storage.devices import Device, advance, by_id
from server.storage.duplicates import note_duplicate
from server.storage.guards import Guards
from server.storage.many import insert_many
from server.storage.push_operation import OperationPush
from server.storage.quote_review import QuoteReview
from server.storage.records import Key, batches
from server.storage.replays import ReplayCount
from server.storage.second_decision import SecondDecision, answer, keep, late_decisions
from server.storage.tables import op_result, txn_failure, txn_result
from server.storage.written import references
from sync.protocol import OpResult, TxnResult

_CALCULATED_AGAIN = frozenset({"total_differs", "tax_differs"})  # a draft that its author has to look at
_FOR_WANT = frozenset({"unknown_row", "dangling"})  # refusals that end when the record comes


class Pusher:
    """Executes new transactions inside one commit."""

    def __init__(self, commit: Commit, device: Device, settings: Settings, blobs: Blobs) -> None:
        self._commit = commit
        self._device = device
        self._settings = settings
        self._blobs = blobs
        self._guards = Guards(commit, device, settings, blobs)
        self._operation = OperationPush(commit, device, self._guards)
        self._done: list[tuple[Transaction, list[OpResult]]] = []
        self._operations: dict[str, Outcome] = {}
        self._answered: dict[str, Outcome] = {}  # before this push
        self._failures: dict[tuple[int, str], int] = {}
        self._revised: dict[str, Outcome] = {}
        self._appeared: set[Key] = set()
        self._replays = ReplayCount(commit.epoch)
        self.current: Transaction | None = None

    def prepare(self, txns: Sequence[Transaction]) -> None:
        """Read in few statements what the transactions to come need; call once, before the first."""
        connection = self._commit.connection
        f, r = txn_failure.c, op_result.c
        failed = select(f.client_seq, f.txn_id, f.failures).where(f.device_id == self._device.device_id)
        self._failures = {(row.client_seq, row.txn_id): row.failures for row in connection.execute(failed)}
        ops = [op for txn in txns for op in txn.ops]
        for batch in batches(op.op_id for op in ops):
            for row in connection.execute(select(r.op_id, r.outcome).where(r.op_id.in_(batch))):
                self._answered[row.op_id] = Outcome(row.outcome)
        wanted: dict[str, list[str]] = {}
        for op in ops:
            wanted.setdefault(op.e, []).append(op.id)
        for entity, ids in wanted.items():
            if entity in ENTITIES:
                self._commit.prefetch(entity, ids)

    def execute(self, txn: Transaction) -> None:
        """Carry out one transaction; a refused one becomes a quarantine record."""
        self.current = txn
        if txn.void:
            results = [OpResult(op_id=op.op_id, outcome=Outcome.VOID) for op in txn.ops]
        else:
            results = self._attempt(txn)
        # What was answered once under an op_id is never carried out a second time.
        self._operations |= {r.op_id: r.outcome for r in results if r.outcome not in (Outcome.DUPLICATE, Outcome.VOID)}
        self._replays.count(self._device.device_id, txn, results)
        self._done.append((txn, results))
        self._try_again()
        self.current = None

    def finish(self) -> list[TxnResult]:
        """Store the outcomes, after the commit's rows are written."""
        connection, seq = self._commit.connection, self._commit.last_seq
        results = [
            TxnResult(client_seq=txn.client_seq, txn_id=txn.txn_id, commit_seq=seq, ops=ops) for txn, ops in self._done
        ]
        insert_many(
            connection,
            txn_result,
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
        insert_many(
            connection,
            op_result,
            [{"op_id": i, "outcome": o.value, "commit_seq": seq} for i, o in self._operations.items()],
        )
        failpoint("C8-server")
        self._settle()
        last = results[-1]
        advance(connection, self._device.device_id, last.client_seq, last.txn_id)
        return results

    # -- one transaction ------------------------------------------------------------------------------

    def _attempt(self, txn: Transaction) -> list[OpResult]:
        known = self._known(op.op_id for op in txn.ops)
        # A copied laptop may have gone on with a transaction that the other one has sent: part of it is known here.
        fresh = [op for op in txn.ops if op.op_id not in known]
        answers = self._attempt_fresh(txn.model_copy(update={"ops": fresh})) if fresh else []
        results = {result.op_id: result for result in answers}
        return [results.get(op.op_id) or self._duplicate(op, known) for op in txn.ops]

    def _attempt_fresh(self, txn: Transaction) -> list[OpResult]:
        if txn.resolves and not ledger.close_quarantine(self._commit, self._device, txn.resolves, self._guards.visible):
            return [OpResult(op_id=op.op_id, outcome=Outcome.DUPLICATE) for op in txn.ops]
        if self._failed_too_often(txn):
            return self._quarantine(txn, "server_error", "")
        self._commit.open_layer()
        try:
            results = self._carry_out(txn)
        except Refused as refused:
            lacking = self._lacking(txn, refused.reason)
            self._commit.drop_layer()
            if refused.reason in _CALCULATED_AGAIN:
                self._ask_for_review(txn)
            return self._quarantine(txn, refused.reason, refused.detail, lacking)
        except InvalidInput as error:
            self._commit.drop_layer()
            return self._quarantine(txn, error.code, error.message)
        self._commit.keep_layer()
        return list(results.values())

    def _carry_out(self, txn: Transaction) -> dict[str, OpResult]:
        """Its operations in the open layer. Refused or InvalidInput where one cannot be; then none shall be."""
        results: dict[str, OpResult] = {}
        done: list[Operation] = []
        appeared: set[Key] = set()
        review = QuoteReview(self._commit, self._operation.is_own)
        self._operation.begin_transaction()
        self._guards.quotes.overtaken.clear()
        late = late_decisions(self._commit, txn.ops)
        asked: dict[Key, str | None] = {}
        for sent in txn.ops:
            if sent.op_id in late:
                results[sent.op_id] = self._decided_too_late(txn, sent, late[sent.op_id], asked)
                continue
            op, through_alias = aliases.follow(self._commit, sent)
            unseen = self._commit.get(op.e, op.id) is None
            review.look(op, self._operation.seen(txn, op))
            results[op.op_id] = self._operation.carry_out(txn, op, through_alias)
            if unseen:
                appeared.add((op.e, op.id))
            done.append(op)
        self._guards.check_references(reference for op in done for reference in self._lasting(op))
        self._guards.check_references(parent for op in done if isinstance(op, Restore) for parent in self._parents(op))
        created = [op for op in done if isinstance(op, Create) and results[op.op_id].outcome is Outcome.APPLIED]
        self._guards.check_created((op.e, op.id) for op in created)
        for op in created:
            self._ask_about_duplicates(op, results)
        review.ask(self._guards.quotes.overtaken, self._operation.forks.make())
        note_closing_days(self._commit, txn.at, done, results)
        # A colleague may have worked on a fork that a restored server sees only now.
        self._appeared |= appeared | self._operation.forks.appeared
        return results

    def _decided_too_late(
        self, txn: Transaction, op: Operation, late: SecondDecision, asked: dict[Key, str | None]
    ) -> OpResult:
        """Part of a decision that another device took otherwise: it is asked again, once. `asked`: the entries made."""
        self._guards.check(op, self._commit.get(op.e, op.id), self._operation.seen(txn, op))
        if late.key not in asked:
            asked[late.key] = keep(self._commit, self._device, late, txn.at)
        return answer(op, asked[late.key])

    def _ask_about_duplicates(self, op: Operation, results: dict[str, OpResult]) -> None:
        if op.e != "account":
            return
        other = note_duplicate(self._commit, self._guards, op.id, self._device.user_id)
        if other is not None:
            results[op.op_id] = results[op.op_id].model_copy(update={"detail": {"duplicate_candidate": other}})

    # -- what waited for a record ---------------------------------------------------------------------

    def _try_again(self) -> None:
        """Carry out what had been refused for want of a record that is there now."""
        while self._appeared:
            keys, self._appeared = self._appeared, set()
            for quarantine_id, device_id, txn in awaited.due(self._commit, keys):
                author = by_id(self._commit.connection, device_id)
                if author is not None:
                    self._again(Pusher(self._commit, author, self._settings, self._blobs), quarantine_id, txn)

    @classmethod
    def carry_out_awaited(cls, commit: Commit, settings: Settings, blobs: Blobs, keys: Set[Key]) -> None:
        """Carry out what waited for records that somebody else than a laptop has written in this commit."""
        for device_id in awaited.holders(commit, keys):
            author = by_id(commit.connection, device_id)
            if author is not None:
                run = cls(commit, author, settings, blobs)
                run._appeared = set(keys)
                run._try_again()
                run._settle()

    def _settle(self) -> None:
        """Note what became of operations that had been answered before."""
        connection = self._commit.connection
        for op_id, outcome in self._revised.items():
            connection.execute(update(op_result).where(op_result.c.op_id == op_id).values(outcome=outcome.value))
        self._replays.save(connection)

    def _again(self, other: "Pusher", quarantine_id: str, txn: Transaction) -> None:
        commit = self._commit
        commit.open_layer()
        try:
            results = other._carry_out(txn)
        except (Refused, InvalidInput) as refused:
            reason = refused.reason if isinstance(refused, Refused) else refused.code
            lacking = other._lacking(txn, reason)
            commit.drop_layer()
            awaited.wait_for(commit, quarantine_id, lacking)
            return
        commit.keep_layer(foreign=True)
        told = ledger.resolve(commit, quarantine_id, other._device)
        for op_id, result in results.items():
            known = self._operations if op_id in self._operations else self._revised
            known[op_id] = result.outcome
        self._replays.healed(other._device.device_id, txn, list(results.values()), told)
        self._appeared |= other._appeared

    def _lacking(self, txn: Transaction, reason: str) -> list[Key]:
        """Records never seen here that the transaction writes on or refers to."""
        if reason not in _FOR_WANT:
            return []
        made = {(op.e, op.id) for op in txn.ops if isinstance(op, Create)}
        wanted = {(op.e, op.id) for op in txn.ops} | {(e, i) for op in txn.ops for _, e, i in references(op)}
        return sorted(key for key in wanted - made if self._commit.get(*key) is None)

    # -- refusals -------------------------------------------------------------------------------------

    def _quarantine(self, txn: Transaction, reason: str, detail: str, lacking: Sequence[Key] = ()) -> list[OpResult]:
        entry = ledger.quarantine(self._commit, self._device, txn, reason, detail, txn.wire())
        awaited.wait_for(self._commit, entry, lacking)
        told = {"code": reason, "quarantine": entry}
        return [OpResult(op_id=op.op_id, outcome=Outcome.QUARANTINED, detail=told) for op in txn.ops]

    def _ask_for_review(self, txn: Transaction) -> None:
        for op in txn.ops:
            found = self._commit.live(op.e, op.id) if isinstance(op, Transition) else None
            if found is not None and op.e == "quote_revision" and not found.row["needs_review"]:
                row = found.row | {"needs_review": True}
                self._commit.put(op.e, op.id, row, {**found.field_ver, "needs_review": self._commit.seq})

    def _failed_too_often(self, txn: Transaction) -> bool:
        return self._failures.get((txn.client_seq, txn.txn_id), 0) >= self._settings.failures_before_quarantine - 1

    def _known(self, op_ids: Iterable[str]) -> dict[str, Outcome]:
        found = {op_id: self._operations.get(op_id) or self._answered.get(op_id) for op_id in op_ids}
        return {op_id: outcome for op_id, outcome in found.items() if outcome is not None}

    @staticmethod
    def _duplicate(op: Operation, known: dict[str, Outcome]) -> OpResult:
        return OpResult(op_id=op.op_id, outcome=Outcome.DUPLICATE, detail={"first": known[op.op_id].value})

    def _parents(self, op: Restore) -> list[tuple[str, str, str]]:
        """What a restored record hangs on: it cannot come back without."""
        record = self._commit.live(op.e, op.id)
        if record is None:
            return []
        facts = field_facts(op.e)
        named = ((name, record.row.get(name)) for name in entity_facts(op.e).parents)
        return [(name, str(facts[name].ref), str(i)) for name, i in named if i]

    def _lasting(self, op: Operation) -> list[tuple[str, str, str]]:
        """References of an operation that stand after the transaction."""
        record = self._commit.live(op.e, op.id)
        if record is None:
            return []
        return [(name, entity, i) for name, entity, i in references(op) if record.row.get(name) == i]
