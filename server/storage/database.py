"""The server's database: opening it, transactions that read and write, records written whole."""

import logging
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from sqlalchemy import Connection, Engine, insert, inspect, make_url, select, update
from sqlalchemy.exc import DBAPIError

from crm_desktop.clock import Clock, SystemClock, stamp
from crm_desktop.errors import StoreError
from crm_desktop.failpoints import failpoint
from crm_desktop.ids import new_id
from crm_desktop.model.wire import Row
from server.settings import Settings
from server.storage.blob_files import BlobFiles
from server.storage.blobs import Blobs
from server.storage.commit import Commit
from server.storage.engine import WRITES, disk_error, disk_failed, is_sqlite, open_engine, passes, sqlite_path
from server.storage.journal import Journal, entry_of
from server.storage.migrate import migrate
from server.storage.record_writing import write_chunk
from server.storage.tables import number_series, sync_state

CHANNEL = "crm_commit"
_log = logging.getLogger("crm.server")


class Busy(Exception):
    """The database could not be written now; the caller may try again."""


class Database:
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
    ) -> Self:
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
    ) -> Self:
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
    def _connect(cls, database: str, settings: Settings | None, clock: Clock | None) -> Self:
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
        """One snapshot of the database. Busy where the database cannot be reached, StoreError for a bad disk."""
        try:
            with self.engine.connect() as connection:
                if not is_sqlite(connection):
                    connection = connection.execution_options(isolation_level="REPEATABLE READ")
                try:
                    yield connection
                finally:
                    connection.rollback()
        except DBAPIError as error:
            if (told := _told(error)) is not None:
                raise told from error
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
            if (told := _told(error)) is not None:
                raise told from error
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

    def state(self) -> tuple[str, int]:
        """(epoch, newest commit)."""
        with self.read() as connection:
            found = connection.execute(select(sync_state.c.epoch, sync_state.c.last_seq)).one()
            return found.epoch, found.last_seq


def _told(error: DBAPIError) -> Exception | None:
    """The error as the callers know it; None where they know none."""
    if disk_failed(error):
        _log.error("the disk of the database is full or broken: %s", type(error.orig).__name__)
        return disk_error()
    return Busy() if passes(error) else None


def _shown(database: str) -> str:
    """The place of a database without a password in it."""
    return make_url(database).render_as_string(hide_password=True) if "://" in database else database
