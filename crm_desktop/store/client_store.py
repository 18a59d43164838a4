"""The laptop's store: one encrypted file, one writer, readers apart. The door to everything in this package."""

import logging
import threading
from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TypeVar

import orjson

from crm_desktop.clock import Clock, stamp
from crm_desktop.failpoints import failpoint
from crm_desktop.model.columns import format_instant
from crm_desktop.model.operations import Transaction
from crm_desktop.store import acknowledge, meta, repair, sums
from crm_desktop.store.backfill import Backfill
from crm_desktop.store.changes import ChangeSet
from crm_desktop.store.connection import Connection, DatabaseError, connect, known_error
from crm_desktop.store.exchange import complete, exchange, forget_old
from crm_desktop.store.filling import Filling, reads_anew
from crm_desktop.store.intents import Intent
from crm_desktop.store.local_write import LocalWriter
from crm_desktop.store.mending import Mending
from crm_desktop.store.migrations import prepare
from crm_desktop.store.pull_apply import PageApplied, PageApply, check_page
from crm_desktop.store.reader import Reader
from crm_desktop.store.readers import Readers
from crm_desktop.store.search_index import merge_on
from crm_desktop.store.writer import Writer

if TYPE_CHECKING:
    from crm_desktop.store.files import FileStore

T = TypeVar("T")
Listener = Callable[[ChangeSet], None]
log = logging.getLogger("crm.store")

FILE_NAME = "crm.db"
SYNC_LOG_ENTRIES = 1000


class ClientStore:
    """Everything a profile holds. Thread-safe; make it with `open`, end it with `close`."""

    def __init__(self, path: Path, key: bytes, clock: Clock, connection: Connection) -> None:
        self.path = path
        self._key = key
        self._clock = clock
        self._writer = Writer(connection)
        self._readers = Readers(path, key)
        self._listeners: tuple[Listener, ...] = ()
        # Handed to the sync, not yet marked as sent: such a transaction is left as it is.
        self._on_the_way: set[int] = set()
        self._local = LocalWriter(self._writer, clock, self._handed_out)
        self._closed = False
        self._moving_files = threading.Lock()
        self.rows_fetched = 0

    @classmethod
    def open(cls, folder: Path, key: bytes, clock: Clock) -> Self:
        """Open or make the database in `folder`.

        Raises StoreError: wrong_key, newer_database, old_sqlite, read_only, disk_full, damaged, locked.
        """
        path = folder / FILE_NAME
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise known_error(_CannotOpen()) from error
        connection = complete(path, connect(path, key), key)
        try:
            if prepare(connection, path):
                # It may have copied the file, and whoever closes a file gives up all locks of his process on it:
                # another program would take itself for the last one and throw our log away.
                connection.close()
                connection = connect(path, key)
        except DatabaseError as error:
            connection.close()
            raise known_error(error) from error
        except BaseException:
            connection.close()
            raise
        store = cls(path, key, clock, connection)
        store._writer.call(store._started)
        return store

    @property
    def _connection(self) -> Connection:
        return self._writer.connection

    def _started(self, connection: Connection) -> None:
        if meta.get(connection, "clean", "1") != "1":
            sums.recompute(connection)
        meta.put(connection, "clean", 0)
        acknowledge.forget(connection, format_instant(self._clock.now() - timedelta(days=acknowledge.KEEP_DAYS)))

    def close(self) -> None:
        """Finish what is queued and close every connection."""
        if self._closed:
            return
        self._closed = True
        try:
            self._writer.call(lambda connection: meta.put(connection, "clean", 1))
        finally:
            self._writer.close()
            self._readers.close()
            self.first_fill.close()
            failpoint("C16")
            self._writer.connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    # writing

    def commit(
        self,
        intents: Sequence[Intent],
        initiator: str = "",
        *,
        resolves: str | None = None,
        closes: int | None = None,
    ) -> ChangeSet:
        """One user action, all or nothing; returns when it is on the disk.

        `resolves` names the refused transaction it is sent instead of, `closes` the number of one that was set
        aside on this device. Raises InvalidInput (a value, or more than one transaction may hold), NotFound,
        StoreError.
        """

        def closing(connection: Connection, at: str) -> None:
            if closes is not None:
                acknowledge.close_quarantine(connection, closes, at)

        return self._local.save(intents, initiator, resolves, closing, self._tell)

    def _handed_out(self, number: int) -> bool:
        """Whether a sync holds this transaction, here or in another program on this profile. In a transaction."""
        return number in self._on_the_way or number in acknowledge.handed_out(self._connection)

    def on_change(self, callback: Listener) -> Callable[[], None]:
        """Have `callback` called after each commit, in the thread that wrote; returns how to end that.

        It may not write: the writer's turn is not over yet.
        """
        self._listeners = (*self._listeners, callback)

        def stop() -> None:
            self._listeners = tuple(listener for listener in self._listeners if listener is not callback)

        return stop

    def _tell(self, change: ChangeSet) -> None:
        if not change:
            return
        if change.source == "local":
            failpoint("C1-after")
        for listener in self._listeners:
            listener(change)

    def _tell_sync(self, ids: Iterable[tuple[str, str]], *kinds: str) -> None:
        listed = frozenset(ids)
        self._tell(ChangeSet(frozenset({entity for entity, _ in listed} | set(kinds)), listed, "", "sync"))

    # reading

    def read(self, query: Callable[[Reader], T]) -> T:
        """Run `query` on one consistent snapshot, from any thread."""
        today = self._clock.now().astimezone().date().isoformat()

        def run(connection: Connection) -> T:
            reader = Reader(connection, today)
            try:
                return query(reader)
            finally:
                self.rows_fetched += reader.rows_fetched

        return self._readers.run(run)

    @cached_property
    def backfill(self) -> Backfill:
        """The lane of what a grant makes visible."""
        return Backfill(self._writer, lambda ids: self._tell_sync(ids))

    @cached_property
    def mending(self) -> Mending:
        """Where this copy differs from the server's."""
        return Mending(self._writer, lambda ids: self._tell_sync(ids))

    @cached_property
    def first_fill(self) -> Filling:
        """The filling of this copy, or of its successor, by prepared parts."""
        return Filling(
            self.path, self._key, self._writer, lambda entity: self._tell_sync((), entity), self._take_successor
        )

    def _take_successor(self) -> bool:
        """Have the filled file beside this one take its place; False: another program uses this one."""

        def change(old: Connection) -> tuple[Connection, bool]:
            with self._readers.none_open() as free:
                return exchange(self.path, self._key, old) if free and reads_anew(old) else (old, False)

        done = self._writer.exchange(change)
        if done:
            self._tell_sync((), "everything", "outbox")
        return done

    @cached_property
    def files(self) -> "FileStore":
        """The bytes of files; the cryptography they need is loaded when somebody asks for it."""
        from crm_desktop.store.files import FileStore

        return FileStore(
            self.path.parent,
            self._key,
            self._clock,
            self._writer,
            lambda query: self.read(lambda reader: query(reader._connection)),
            self._tell,
            self._moving_files,
        )

    def has_files(self) -> bool:
        """Whether there is a file in this profile, or bytes of one."""
        sql = "SELECT 1 FROM attachment UNION ALL SELECT 1 FROM file_blob LIMIT 1"
        return self.read(lambda reader: reader._connection.execute(sql).fetchone()) is not None

    # profile

    def enrol(self, device_id: str, device_code: str, user_id: str, epoch: str) -> None:
        """Remember who this device is on the server; work written before it is kept and sent."""

        def work(connection: Connection) -> None:
            values = {"device_code": device_code, "user_id": user_id}
            if not meta.get(connection, "epoch"):
                values["epoch"] = epoch
            for key, value in values.items():
                meta.put(connection, key, value)
            if meta.get(connection, "device_id") != device_id:
                acknowledge.adopt_device(connection, device_id)

        self._writer.call(work)

    def next_counter(self, name: str) -> int:
        """The next number of a durable counter, from 1; never given twice."""
        return self._writer.call(lambda connection: meta.count_up(connection, f"counter.{name}"))

    def get_setting(self, key: str) -> str | None:
        """A small setting kept in the encrypted file."""
        return self._read_value("SELECT value FROM meta WHERE key = ?", f"setting.{key}")

    def set_setting(self, key: str, value: str) -> None:
        """Keep a small setting in the encrypted file."""
        self._writer.call(lambda connection: meta.put(connection, f"setting.{key}", value))

    def save_draft(self, key: str, data: dict[str, Any]) -> None:
        """Keep what stands in an editor; durable, never sent."""
        self._writer.call(
            lambda connection: connection.execute(
                "INSERT OR REPLACE INTO drafts (key, json, at) VALUES (?, ?, ?)",
                (key, orjson.dumps(data).decode(), stamp(self._clock)),
            )
        )

    def load_draft(self, key: str) -> dict[str, Any] | None:
        """What stood in an editor that was not saved."""
        text = self._read_value("SELECT json FROM drafts WHERE key = ?", key)
        return None if text is None else dict(orjson.loads(text))

    def clear_draft(self, key: str) -> None:
        """Forget a draft."""
        self._writer.call(lambda connection: connection.execute("DELETE FROM drafts WHERE key = ?", (key,)))

    def _read_value(self, sql: str, key: str) -> str | None:
        row = self.read(lambda reader: reader._connection.execute(sql, (key,)).fetchone())
        return None if row is None else str(row[0])

    # the sync's port

    def sync_state(self) -> meta.SyncState:
        """Where this device stands."""
        return self._writer.call(meta.sync_state)

    def pending(self, max_ops: int) -> list[Transaction]:
        """Unacknowledged transactions in order; until `mark_attempted` or `release` they are left as they are."""

        def work(connection: Connection) -> list[Transaction]:
            transactions, numbers = acknowledge.pending(connection, max_ops)
            self._on_the_way.update(numbers)
            acknowledge.hand_out(connection, self._on_the_way)
            return transactions

        return self._writer.call(work, durable=False)

    def mark_attempted(self, client_seqs: Sequence[int]) -> None:
        """Note, durably, that these transactions may reach the server: call before the first byte."""

        def work(connection: Connection) -> None:
            acknowledge.mark_attempted(connection, client_seqs, stamp(self._clock))
            acknowledge.hand_out(connection, (), self._on_the_way)

        self._writer.call(work, after=lambda _done: self._on_the_way.clear())
        failpoint("C2")

    def release(self) -> None:
        """What was handed out and not sent may be changed and taken back again."""
        if self._on_the_way:
            held = frozenset(self._on_the_way)
            self._on_the_way.clear()
            self._writer.call(lambda connection: acknowledge.hand_out(connection, (), held), durable=False)

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

        return self._writer.call(
            lambda connection: PageApply.apply(connection, page), mode="apply", durable=False, after=tell
        )

    def quarantine_locally(self, client_seq: int, code: str, message: str) -> None:
        """Take a transaction the server cannot read out of the way, kept whole; it is sent as void."""
        self._writer.call(
            lambda connection: acknowledge.quarantine_locally(
                connection, client_seq, code, message, stamp(self._clock)
            ),
            mode="apply",
            after=lambda touched: self._tell_sync(touched, "outbox", "quarantine"),
        )

    def close_quarantine(self, client_seq: int, reason: str = "") -> None:
        """A person has decided about a local refusal; `reason` is kept with it."""
        self._writer.call(
            lambda connection: acknowledge.close_quarantine(connection, client_seq, stamp(self._clock), reason),
            after=lambda _done: self._tell_sync((), "outbox", "quarantine"),
        )

    def discard(self, client_seq: int) -> bool:
        """Take back a transaction that was never on its way; False: it is too late."""

        def work(connection: Connection) -> acknowledge.Touched:
            number = acknowledge.number_of(connection, client_seq)
            if number is None or self._handed_out(number):
                return set()
            return acknowledge.discard(connection, client_seq)

        touched = self._writer.call(work, mode="op", after=lambda ids: self._tell_sync(ids, "outbox") if ids else None)
        return bool(touched)

    def adopt_device(self, device_id: str) -> None:
        """Go on under a new device id (a cloned laptop)."""
        self._writer.call(lambda connection: acknowledge.adopt_device(connection, device_id))

    def adopt_epoch(self, epoch: str, last_client_seq: int | None = None, last_txn_id: str = "") -> None:
        """Go on with another server history: read it from its start, send again what was acknowledged."""

        def work(connection: Connection) -> None:
            acknowledge.adopt_epoch(connection, epoch, last_client_seq, last_txn_id)
            failpoint("C17-before")

        def tell(_done: None) -> None:
            failpoint("C17-after")
            self._tell_sync((), "everything", "outbox")

        self._writer.call(work, mode="apply", after=tell)

    def begin_repair(self) -> bool:
        """Ask for everything again because this copy differs; False: a repair of the last day has not helped."""
        return self._writer.call(lambda connection: repair.begin(connection, stamp(self._clock)), mode="apply")

    def adopt_server(self, scopes: list[str], limits: Any) -> None:
        """Remember the scopes and limits the server told."""

        def work(connection: Connection) -> None:
            meta.put(connection, "scopes", orjson.dumps(sorted(scopes)).decode())
            told = limits.model_dump() if hasattr(limits, "model_dump") else limits
            meta.put(connection, "limits", orjson.dumps(told).decode())

        self._writer.call(work)

    def log_session(self, report: dict[str, Any]) -> None:
        """Add a sync session to the history; the newest thousand are kept."""

        def work(connection: Connection) -> None:
            connection.execute("INSERT INTO sync_log (json) VALUES (?)", (orjson.dumps(report).decode(),))
            connection.execute("DELETE FROM sync_log WHERE n <= (SELECT max(n) FROM sync_log) - ?", (SYNC_LOG_ENTRIES,))
            merge_on(connection)

        self._writer.call(work, durable=False, after=lambda _done: self._tell_sync((), "sync_log"))

    def recompute_digest(self) -> dict[str, str]:
        """Sums computed anew from the content of all rows; replaces the kept ones.

        A row whose content is not what the server sent makes them differ, and the next session repairs it.
        """
        found = self._writer.call(sums.recompute_from_content, mode="apply")
        return {scope: sums.as_text(value) for scope, value in sorted(found.items())}

    def export_outbox(self, path: Path) -> int:
        """Write what is not on the server yet to a file (JSON lines); returns how many transactions."""
        return self._writer.call(lambda connection: acknowledge.export(connection, path))


class _CannotOpen(Exception):
    """Stands for SQLite's own 'cannot open' where the folder cannot even be made."""

    sqlite_errorcode = 14
