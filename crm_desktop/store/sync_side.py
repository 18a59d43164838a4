"""What the sync asks of the store (`sync.ports.SyncStore`): what waits, what came of it, pages, new beginnings."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson

from crm_desktop.clock import Clock, stamp
from crm_desktop.failpoints import failpoint
from crm_desktop.model.operations import Transaction
from crm_desktop.store import acknowledge, first_pages, meta, outbox_export, repair, sending, set_aside, sums
from crm_desktop.store.adopt import adopt_device, adopt_epoch
from crm_desktop.store.changes import ChangeSet
from crm_desktop.store.connection import Connection
from crm_desktop.store.exchange import forget_old
from crm_desktop.store.pull_apply import PageApplied, PageApply, check_page
from crm_desktop.store.search_index import merge_on
from crm_desktop.store.writer import Writer

SYNC_LOG_ENTRIES = 1000


class SyncSide(ABC):
    """The part of `ClientStore` the sync works with."""

    def __init__(self, path: Path, clock: Clock, writer: Writer) -> None:
        self.path = path
        self._clock = clock
        self._writer = writer
        # Handed to the sync, not yet marked as sent: such a transaction is left as it is.
        self._on_the_way: set[int] = set()

    @abstractmethod
    def _tell(self, change: ChangeSet) -> None:
        """Tell the listeners."""

    def _tell_sync(self, ids: Iterable[tuple[str, str]], *kinds: str) -> None:
        listed = frozenset(ids)
        self._tell(ChangeSet(frozenset({entity for entity, _ in listed} | set(kinds)), listed, "", "sync"))

    def _handed_out(self, number: int) -> bool:
        """Whether a sync holds this transaction, here or in another program on this profile. In a transaction."""
        return number in self._on_the_way or number in sending.handed_out(self._writer.connection)

    def sync_state(self) -> meta.SyncState:
        """Where this device stands."""
        return self._writer.call(meta.sync_state)

    def pending(self, max_ops: int) -> list[Transaction]:
        """Unacknowledged transactions in order; until `mark_attempted` or `release` they are left as they are."""

        def work(connection: Connection) -> list[Transaction]:
            transactions, numbers = sending.pending(connection, max_ops)
            self._on_the_way.update(numbers)
            sending.hand_out(connection, self._on_the_way)
            return transactions

        return self._writer.call(work, durable=False)

    def mark_attempted(self, client_seqs: Sequence[int]) -> None:
        """Note, durably, that these transactions may reach the server: call before the first byte."""

        def work(connection: Connection) -> None:
            sending.mark_attempted(connection, client_seqs, stamp(self._clock))
            sending.hand_out(connection, (), self._on_the_way)

        self._writer.call(work, after=lambda _done: self._on_the_way.clear())
        failpoint("C2")

    def release(self) -> None:
        """What was handed out and not sent may be changed and taken back again."""
        if self._on_the_way:
            held = frozenset(self._on_the_way)
            self._on_the_way.clear()
            self._writer.call(lambda connection: sending.hand_out(connection, (), held), durable=False)

    def record_results(self, results: Sequence[dict[str, Any]]) -> None:
        """Store outcomes (TxnResult as dicts); repeated results change nothing."""

        def work(connection: Connection) -> acknowledge.Touched:
            touched = acknowledge.record_results(connection, results, stamp(self._clock))
            failpoint("C8-before")
            return touched

        def tell(touched: acknowledge.Touched) -> None:
            failpoint("C8-after")
            self._tell_sync(touched, "outbox")

        self._writer.call(work, mode="apply", after=tell)

    def apply_page(self, page: dict[str, Any]) -> PageApplied:
        """Apply a pulled page, cursor and all. Not fsynced by itself: what a power cut takes is pulled again."""
        check_page(page)
        failpoint("C9")

        def tell(done: PageApplied) -> None:
            failpoint("C11")
            if done.digest_ok:
                forget_old(self.path)
            if done.applied and (done.changed or not page["more"]):
                self._tell_sync(done.changed, *(() if page["more"] else ("outbox",)))

        done = self._writer.call(
            lambda connection: PageApply.apply(connection, page), mode="apply", durable=False, after=tell
        )
        if done.filled:
            first_pages.end(self._writer)
        return done

    def quarantine_locally(self, client_seq: int, code: str, message: str) -> None:
        """Take a transaction the server cannot read out of the way, kept whole; it is sent as void."""
        self._writer.call(
            lambda connection: set_aside.quarantine_locally(connection, client_seq, code, message, stamp(self._clock)),
            mode="apply",
            after=lambda touched: self._tell_sync(touched, "outbox", "quarantine"),
        )

    def close_quarantine(self, client_seq: int, reason: str = "") -> None:
        """A person has decided about a local refusal; `reason` is kept with it."""
        self._writer.call(
            lambda connection: set_aside.close_quarantine(connection, client_seq, stamp(self._clock), reason),
            after=lambda _done: self._tell_sync((), "outbox", "quarantine"),
        )

    def discard(self, client_seq: int) -> bool:
        """Take back a transaction that was never on its way; False: it is too late."""

        def work(connection: Connection) -> acknowledge.Touched:
            number = sending.number_of(connection, client_seq)
            if number is None or self._handed_out(number):
                return set()
            return set_aside.discard(connection, client_seq)

        touched = self._writer.call(work, mode="op", after=lambda ids: self._tell_sync(ids, "outbox") if ids else None)
        return bool(touched)

    def adopt_device(self, device_id: str) -> None:
        """Go on under a new device id (a cloned laptop)."""
        self._writer.call(
            lambda connection: adopt_device(connection, device_id),
            mode="apply",
            after=lambda touched: self._tell_sync(touched, "outbox"),
        )

    def adopt_epoch(self, epoch: str, last_client_seq: int | None = None, last_txn_id: str = "") -> None:
        """Go on with another server history: read it from its start, send again what was acknowledged."""

        def work(connection: Connection) -> None:
            adopt_epoch(connection, epoch, last_client_seq, last_txn_id)
            failpoint("C17-before")

        def tell(_done: None) -> None:
            failpoint("C17-after")
            self._tell_sync((), "everything", "outbox")

        self._writer.call(work, mode="apply", after=tell)

    def begin_repair(self) -> bool:
        """Ask for everything again because this copy differs; False: a repair of the last day has not helped."""
        return self._writer.call(lambda connection: repair.begin(connection, stamp(self._clock)), mode="apply")

    def adopt_server(self, scopes: list[str], limits: Mapping[str, Any]) -> None:
        """Remember the scopes and limits the server told."""

        def work(connection: Connection) -> None:
            meta.put(connection, "scopes", orjson.dumps(sorted(scopes)).decode())
            meta.put(connection, "limits", orjson.dumps(limits).decode())

        self._writer.call(work)

    def log_session(self, report: dict[str, Any]) -> None:
        """Add a sync session to the history; the newest thousand are kept."""

        def work(connection: Connection) -> bool:
            connection.execute("INSERT INTO sync_log (json) VALUES (?)", (orjson.dumps(report).decode(),))
            connection.execute("DELETE FROM sync_log WHERE n <= (SELECT max(n) FROM sync_log) - ?", (SYNC_LOG_ENTRIES,))
            return merge_on(connection)

        more = self._writer.call(work, durable=False, after=lambda _more: self._tell_sync((), "sync_log"))
        while more:  # in steps, so that a save in between waits for one only
            more = self._writer.call(merge_on, durable=False)

    def recompute_digest(self) -> dict[str, str]:
        """Sums computed anew from the content of all rows; replaces the kept ones.

        A row whose content is not what the server sent makes them differ, and the next session repairs it.
        """
        found = self._writer.call(sums.recompute_from_content, mode="apply")
        return {scope: sums.as_text(value) for scope, value in sorted(found.items())}

    def export_outbox(self, path: Path) -> int:
        """Write what is not on the server yet to a file (JSON lines); returns how many transactions."""
        return self._writer.call(lambda connection: outbox_export.export(connection, path))
