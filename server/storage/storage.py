"""The server's database: opening, write and read transactions, and the calls the rest of the server makes."""

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from sqlalchemy import Connection, Engine, delete, insert, inspect, make_url, select, update
from sqlalchemy.exc import DBAPIError

from crm_desktop.clock import Clock, SystemClock, stamp
from crm_desktop.errors import InvalidInput, KnownError, StoreError
from crm_desktop.failpoints import failpoint
from crm_desktop.ids import new_id
from crm_desktop.model.operations import Transaction
from crm_desktop.model.wire import Row, clean_row
from server.settings import Settings
from server.storage import devices, prepared_folder
from server.storage.blob_files import BlobFiles
from server.storage.blobs import Blobs, contents_of
from server.storage.change_log import Commit
from server.storage.engine import WRITES, is_sqlite, open_engine, passes, sqlite_path
from server.storage.erasure import erase
from server.storage.history import CursorExpired, HistoryError, check_cursor
from server.storage.journal import Journal, entry_of
from server.storage.migrate import migrate
from server.storage.pull import Page, build_page
from server.storage.push import Pusher, SequenceError, stored_results
from server.storage.tables import number_series, sync_state, txn_failure
from sync.protocol import Cursor, TxnResult

CHANNEL = "crm_commit"


class Busy(Exception):
    """The database could not be written now; the caller may try again."""


class TransactionFailed(Exception):
    """A transaction met a fault of ours; nothing was kept and the device may send it again."""


class _NothingNew(Exception):
    """Everything sent was carried out before: the counter goes back, the stored outcomes are the answer."""

    def __init__(self, stored: dict[int, TxnResult], last: int) -> None:
        super().__init__()
        self.stored = stored
        self.last = last


class Storage:
    """One company's database. Safe to use from several threads."""

    def __init__(self, database: str, engine: Engine, settings: Settings, clock: Clock) -> None:
        self.engine = engine
        self.settings = settings
        self.clock = clock
        self._database = database
        self.blobs = Blobs(None)
        self.journal: Journal | None = None
        self._writer = threading.Lock()
        self._on_commit: list[Callable[[], None]] = []

    @classmethod
    def open(
        cls,
        database: str,
        settings: Settings | None = None,
        clock: Clock | None = None,
        files: Path | None = None,
    ) -> "Storage":
        """Open a database made by `create`. StoreError where there is none.

        `files`: folder of the files' bytes from now on. Without it they lie where they did, at first beside an SQLite
        database; PostgreSQL keeps none until it is told a folder.
        """
        missing = StoreError(
            "no_database", f"There is no CRM database at {_shown(database)}.", "Run `crm-server init` first."
        )
        path = sqlite_path(database)
        if path is not None and not path.is_file():
            raise missing
        storage = cls._connect(database, settings, clock)
        with storage.engine.connect() as connection:
            found = inspect(connection).has_table("sync_state")
        if not found:
            storage.close()
            raise missing
        storage._find_journal()
        storage._find_files(files)
        return storage

    @classmethod
    def create(
        cls, database: str, company: str = "", settings: Settings | None = None, clock: Clock | None = None
    ) -> "Storage":
        """Make the tables, or bring those of an older version up to date. Running it twice changes nothing."""
        storage = cls._connect(database, settings, clock)
        with storage._transaction() as connection:
            migrate(connection)
            failpoint("C14-server")
            if connection.scalar(select(sync_state.c.id)) is None:
                connection.execute(insert(sync_state).values(id=1, epoch=new_id(), last_seq=0, company=company))
                connection.execute(insert(number_series).values(series="order", prefix="A-", next_value=1))
                fresh = True
            else:
                fresh = False
        storage._find_journal()
        storage._find_files(None)
        if fresh and company:
            storage.write_records([("company", new_id(), {"name": company})], actor="init")
        return storage

    @classmethod
    def _connect(cls, database: str, settings: Settings | None, clock: Clock | None) -> "Storage":
        settings = settings or Settings()
        return cls(database, open_engine(database, settings), settings, clock or SystemClock())

    def _find_journal(self) -> None:
        """The journal in the folder the database names, else beside an SQLite file; PostgreSQL has none by itself."""
        with self.read() as connection:
            told = str(connection.scalar(select(sync_state.c.journal)) or "")
        path = sqlite_path(self._database)
        if told:
            self.journal = Journal(Path(told))
        elif path is not None:
            self.journal = Journal(path.with_name(f"{path.name}.journal"))

    def _find_files(self, wanted: Path | None) -> None:
        with self.read() as connection:
            told = str(connection.scalar(select(sync_state.c.files)) or "")
        if wanted is not None and str(wanted.resolve()) != told:
            told = str(wanted.resolve())
            with self.plain_write() as connection:
                connection.execute(update(sync_state).values(files=told))
        path = sqlite_path(self._database)
        if told:
            self.blobs = Blobs(BlobFiles(Path(told)))
        elif path is not None:
            self.blobs = Blobs(BlobFiles(path.with_name(f"{path.name}.files")))

    def keep_journal_in(self, folder: Path) -> None:
        """From now on the journal lies in this folder."""
        with self.plain_write() as connection:
            connection.execute(update(sync_state).values(journal=str(folder.resolve())))
        self._find_journal()

    def close(self) -> None:
        """Release all connections."""
        self.engine.dispose()

    def on_commit(self, callback: Callable[[], None]) -> None:
        """Call `callback` after every commit of this process, in the thread that committed."""
        self._on_commit.append(callback)

    # -- transactions ---------------------------------------------------------------------------------

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One snapshot of the database. Busy where the database cannot be reached."""
        try:
            with self.engine.connect() as connection:
                if not is_sqlite(connection):
                    connection = connection.execution_options(isolation_level="REPEATABLE READ")
                try:
                    yield connection
                finally:
                    connection.rollback()
        except DBAPIError as error:
            if passes(error):
                raise Busy from error
            raise

    @contextmanager
    def write(self, device_id: str = "", actor: str = "", *, journal: bool = True) -> Iterator[Commit]:
        """One commit of the central sequence; nothing is kept where the block raises. Busy when it has to wait long.

        What no device sent goes to the journal too, unless it came from there.
        """
        noted: Commit | None = None
        try:
            with self._transaction() as connection:
                commit = Commit(connection, self.settings, stamp(self.clock), device_id, actor)
                failpoint("C4")
                yield commit
                commit.flush()
                if not device_id and journal and self._note(commit):
                    noted = commit
                if not is_sqlite(connection):
                    connection.exec_driver_sql(f"NOTIFY {CHANNEL}")
                failpoint("C5")
        except BaseException:
            if noted is not None and self.journal is not None:
                self.journal.revoke(noted.commit_id, noted.at)
            raise
        failpoint("C6")
        for callback in self._on_commit:
            callback()

    def _note(self, commit: Commit) -> bool:
        entry = None if self.journal is None else entry_of(commit)
        if entry is None or self.journal is None:
            return False
        self.journal.append(entry)
        return True

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        """A plain write transaction, without a commit of the sequence."""
        lock = self._writer if is_sqlite(self.engine) else None
        if lock is not None and not lock.acquire(timeout=self.settings.sqlite_wait_s):
            raise Busy
        try:
            with self.engine.connect() as connection:
                connection = connection.execution_options(**{WRITES: True})
                with connection.begin():
                    yield connection
        except DBAPIError as error:
            if passes(error):
                raise Busy from error
            raise
        finally:
            if lock is not None:
                lock.release()

    @contextmanager
    def plain_write(self) -> Iterator[Connection]:
        """For what no device may see: tokens, passwords, device state."""
        with self._transaction() as connection:
            yield connection

    # -- records --------------------------------------------------------------------------------------

    def write_records(self, records: Iterable[tuple[str, str, Row]], actor: str) -> int:
        """Create or change records by id, roots before children. Returns how many were new or different.

        Rows are wire values, defaults may be left out; a record that exists takes over the fields given.
        """
        written = 0
        chunk: list[tuple[str, str, Row]] = []
        for record in records:
            chunk.append(record)
            if len(chunk) == self.settings.commit_rows:
                written += self._write_chunk(chunk, actor)
                chunk = []
        return written + self._write_chunk(chunk, actor) if chunk else written

    def _write_chunk(self, chunk: Sequence[tuple[str, str, Row]], actor: str) -> int:
        with self.write(actor=actor) as commit:
            return write_chunk(commit, chunk)

    # -- sync -----------------------------------------------------------------------------------------

    def push(
        self, device: devices.Device, epoch: str, txns: Sequence[Transaction], cursor: Cursor | None = None
    ) -> tuple[list[TxnResult], int]:
        """Carry out a device's transactions: (results, last client_seq). `cursor`: where the device stands.

        Raises SequenceError, HistoryError, Busy, and TransactionFailed for a fault of ours.
        """
        running: list[Pusher] = []
        try:
            return self._push(device, epoch, txns, cursor, running)
        except (KnownError, SequenceError, HistoryError, Busy, DBAPIError, _NothingNew):
            raise
        except Exception as error:
            failed = running[0].current if running else None
            if failed is None:
                raise
            self._count_failure(device.device_id, failed)
            raise TransactionFailed from error

    def _push(
        self,
        device: devices.Device,
        epoch: str,
        txns: Sequence[Transaction],
        cursor: Cursor | None,
        running: list[Pusher],
    ) -> tuple[list[TxnResult], int]:
        try:
            with self.write(device.device_id, device.user_id) as commit:
                # What was written on another history must not meet this one by version numbers.
                with suppress(CursorExpired):
                    check_cursor(commit.connection, epoch, cursor or Cursor())
                current = devices.reread(commit.connection, device)
                stored = stored_results(commit, current, txns)
                fresh = [txn for txn in txns if txn.client_seq not in stored]
                if not fresh:
                    raise _NothingNew(stored, current.last_client_seq)
                pusher = Pusher(commit, current, self.settings, self.blobs)
                running.append(pusher)
                pusher.prepare(fresh)
                for txn in fresh:
                    pusher.execute(txn)
                commit.flush()
                results = pusher.finish()
        except _NothingNew as nothing:
            return [nothing.stored[txn.client_seq] for txn in txns], nothing.last
        stored |= {result.client_seq: result for result in results}
        return [stored[txn.client_seq] for txn in txns], results[-1].client_seq

    def _count_failure(self, device_id: str, txn: Transaction) -> None:
        """At the third failure the transaction is quarantined instead of blocking the device for ever."""
        c = txn_failure.c
        where = (c.device_id == device_id, c.client_seq == txn.client_seq)
        with self.plain_write() as connection:
            known = connection.execute(select(c.txn_id, c.failures).where(*where)).one_or_none()
            failures = known.failures + 1 if known is not None and known.txn_id == txn.txn_id else 1
            connection.execute(delete(txn_failure).where(*where))
            connection.execute(
                insert(txn_failure).values(
                    device_id=device_id, client_seq=txn.client_seq, txn_id=txn.txn_id, failures=failures
                )
            )

    def pull(
        self,
        device: devices.Device,
        epoch: str,
        cursor: Cursor,
        limit: int,
        *,
        sums: bool = True,
        backfill: int | None = None,
    ) -> Page:
        """The next page for a device; see `build_page`. HistoryError: its cursor is not of this history."""
        most = self.settings.limits
        rows = max(1, min(limit, most.page_rows * most.catch_up))
        most_bytes = most.page_bytes * -(-rows // most.page_rows)
        with self.read() as connection:
            return build_page(connection, device, epoch, cursor, rows, most_bytes, sums=sums, backfill=backfill)

    def new_epoch(self, seen_epoch: str) -> str:
        """Start a new history after a restore was noticed; one of several who notice does it. Returns the epoch.

        What was erased is erased again before anybody may send anything into the new history.
        """
        self.erase_again()
        with self.plain_write() as connection:
            current = str(connection.scalar(select(sync_state.c.epoch)))
            if current != seen_epoch:
                return current
            epoch = new_id()
            connection.execute(update(sync_state).values(epoch=epoch, epoch_seq=sync_state.c.last_seq))
            jump = self.settings.epoch_number_jump
            connection.execute(update(number_series).values(next_value=number_series.c.next_value + jump))
            return epoch

    def erase(self, entity: str, record_id: str) -> int:
        """Erase a record with all that hangs on it, here and on every laptop. Returns how many records went."""
        with self.write(actor="admin", journal=False) as commit:
            gone = erase(commit, [(entity, record_id)])
            contents = contents_of(commit, gone)
        self.blobs.remove_unreferred(self.plain_write, contents)
        prepared_folder.remove(self.blobs.folder)
        if self.journal is not None:
            for kind, one in gone:
                self.journal.note_erasure(kind, one, commit.at)
            self.journal.scrub(gone)
        return len(gone)

    def erase_again(self) -> int:
        """Erase what a restored backup still holds of what was erased since. Returns how many records that were."""
        listed = [] if self.journal is None else self.journal.erasures()
        if not listed:
            return 0
        with self.write(actor="admin", journal=False) as commit:
            gone = erase(commit, listed)
            contents = contents_of(commit, gone)
        self.blobs.remove_unreferred(self.plain_write, contents)
        prepared_folder.remove(self.blobs.folder)
        return len(gone)

    def state(self) -> tuple[str, int]:
        """(epoch, newest commit)."""
        with self.read() as connection:
            found = connection.execute(select(sync_state.c.epoch, sync_state.c.last_seq)).one()
            return found.epoch, found.last_seq


def write_chunk(commit: Commit, records: Sequence[tuple[str, str, Row]]) -> int:
    """The records of one commit; see `Storage.write_records`."""
    by_entity: dict[str, list[str]] = {}
    for entity, record_id, _ in records:
        by_entity.setdefault(entity, []).append(record_id)
    for entity, ids in by_entity.items():
        commit.prefetch(entity, ids)
    written = 0
    for entity, record_id, values in records:
        before = commit.get(entity, record_id)
        cleaned = clean_row(entity, values)
        if before is None:
            row = cleaned if cleaned["created_at"] else cleaned | {"created_at": commit.at}
            commit.put(entity, record_id, row, {}, created_op=record_id)
        elif before.deleted:
            raise InvalidInput("deleted", f"{entity} {record_id} was deleted.", "Restore it first.")
        else:
            row = before.row | {name: cleaned[name] for name in values if name != "id"}
            changed = [name for name in row if row[name] != before.row[name]]
            if not changed:
                continue
            commit.put(entity, record_id, row, {**before.field_ver, **dict.fromkeys(changed, commit.seq)})
        written += 1
    return written


def _shown(database: str) -> str:
    """The place of a database without a password in it."""
    return make_url(database).render_as_string(hide_password=True) if "://" in database else database
