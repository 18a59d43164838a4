"""The laptop's store: one encrypted file, one writer, readers apart. The door to everything in this package."""

import logging
import threading
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TypeVar

import orjson

from crm_desktop.clock import Clock, stamp
from crm_desktop.failpoints import failpoint
from crm_desktop.model.columns import format_instant
from crm_desktop.store import acknowledge, meta, set_aside
from crm_desktop.store.adopt import adopt_device
from crm_desktop.store.backfill import Backfill
from crm_desktop.store.changes import ChangeSet
from crm_desktop.store.connection import Connection, DatabaseError, connect, known_error
from crm_desktop.store.exchange import complete, exchange
from crm_desktop.store.filling import Filling, reads_anew
from crm_desktop.store.intents import Intent
from crm_desktop.store.local_write import LocalWriter
from crm_desktop.store.mending import UNCOUNTED, Mending
from crm_desktop.store.migrations import prepare
from crm_desktop.store.reader import Reader
from crm_desktop.store.readers import Readers
from crm_desktop.store.sync_side import SyncSide
from crm_desktop.store.writer import Writer

if TYPE_CHECKING:
    from crm_desktop.store.files import FileStore

T = TypeVar("T")
Listener = Callable[[ChangeSet], None]
log = logging.getLogger("crm.store")

FILE_NAME = "crm.db"


class ClientStore(SyncSide):
    """Everything a profile holds. Thread-safe; make it with `open`, end it with `close`."""

    def __init__(self, path: Path, key: bytes, clock: Clock, connection: Connection) -> None:
        super().__init__(path, clock, Writer(connection))
        self._key = key
        self._readers = Readers(path, key)
        self._listeners: tuple[Listener, ...] = ()
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
            meta.put(
                connection, UNCOUNTED, 1
            )  # seconds in a large file: the next sync counts, the window need not wait
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
        part_of: int | None = None,
    ) -> ChangeSet:
        """One user action, all or nothing; returns when it is on the disk.

        `resolves` names the refused transaction it is sent instead of, `closes` the number of one that was set
        aside on this device, `part_of` that of one which a later action closes. Raises InvalidInput (a value, or more
        than one transaction may hold), NotFound, StoreError.
        """

        def closing(connection: Connection, change: ChangeSet, at: str) -> None:
            if closes is not None:
                set_aside.close_quarantine(connection, closes, at)
            decided = part_of if closes is None else closes
            if decided is not None and change.client_seq is not None:
                set_aside.note_decision(connection, decided, change.client_seq)

        return self._local.save(intents, initiator, resolves, closing, self._tell)

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

    # reading

    def read(self, query: Callable[[Reader], T], go_on: Callable[[int], bool] | None = None) -> T:
        """Run `query` on one consistent snapshot, from any thread.

        A `go_on` that answers False ends it with a StoreError `reading_stopped`; it is told the steps that are done.
        """
        today = self._clock.now().astimezone().date().isoformat()

        def run(connection: Connection) -> T:
            reader = Reader(connection, today)
            try:
                return query(reader)
            finally:
                self.rows_fetched += reader.rows_fetched

        return self._readers.run(run, go_on)

    @cached_property
    def backfill(self) -> Backfill:
        """The lane of what a grant makes visible."""
        return Backfill(self._writer, lambda ids: self._tell_sync(ids))

    @cached_property
    def mending(self) -> Mending:
        """Where this copy differs from the server's."""
        return Mending(self._writer, self._readers, lambda ids: self._tell_sync(ids))

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
                adopt_device(connection, device_id)

        self._writer.call(work, mode="apply")

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


class _CannotOpen(Exception):
    """Stands for SQLite's own 'cannot open' where the folder cannot even be made."""

    sqlite_errorcode = 14
