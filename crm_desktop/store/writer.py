"""The one writer: a thread, a connection, a queue. Nothing else writes to the file."""

import logging
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, TypeVar

from crm_desktop.errors import BugError, CrmError
from crm_desktop.store.connection import Connection, DatabaseError, known_error

T = TypeVar("T")
log = logging.getLogger("crm.store")


@dataclass(frozen=True, slots=True)
class _Job:
    work: Callable[[Connection], Any]
    mode: str | None
    durable: bool
    after: Callable[[Any], None] | None
    future: "Future[Any]"


class Writer:
    """Runs functions one after another, each in a transaction of its own.

    `mode` ('op' or 'apply') opens the guard of the synced tables for one transaction.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._queue: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._durable = True
        self._closed = False
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="crm-writer", daemon=True)
        self._thread.start()

    def submit(
        self,
        work: Callable[[Connection], T],
        *,
        mode: str | None = None,
        durable: bool = True,
        after: Callable[[T], None] | None = None,
    ) -> "Future[T]":
        """Queue `work`; `after` runs in the writer thread once it is committed, before the future is done.

        `durable` False leaves the fsync to the next durable commit: for what can be pulled again.
        """
        future: Future[T] = Future()
        with self._lock:
            if self._closed:
                raise BugError("the store is closed")
            self._queue.put(_Job(work, mode, durable, after, future))
        return future

    def call(
        self,
        work: Callable[[Connection], T],
        *,
        mode: str | None = None,
        durable: bool = True,
        after: Callable[[T], None] | None = None,
    ) -> T:
        """Queue `work` and wait for its commit."""
        if threading.current_thread() is self._thread:
            raise BugError("the writer cannot wait for itself")
        return self.submit(work, mode=mode, durable=durable, after=after).result()

    def close(self) -> None:
        """Finish what is queued, then stop. The connection stays open for its owner."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            self._queue.put(None)
        self._thread.join()

    def _run(self) -> None:
        while (job := self._queue.get()) is not None:
            if not job.future.set_running_or_notify_cancel():
                continue
            try:
                result = self._transaction(job)
            except CrmError as error:
                job.future.set_exception(error)
            except DatabaseError as error:
                job.future.set_exception(known_error(error))
            except BaseException as error:
                job.future.set_exception(error)
            else:
                self._notify(job, result)
                job.future.set_result(result)

    def _transaction(self, job: _Job) -> Any:
        connection = self._connection
        if job.durable is not self._durable:
            connection.execute(f"PRAGMA synchronous = {'FULL' if job.durable else 'NORMAL'}")
            self._durable = job.durable
        connection.execute("BEGIN IMMEDIATE")
        try:
            if job.mode is not None:
                connection.execute("UPDATE write_context SET mode = ?", (job.mode,))
            result = job.work(connection)
            if job.mode is not None:
                connection.execute("UPDATE write_context SET mode = NULL")
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
        return result

    def _notify(self, job: _Job, result: Any) -> None:
        if job.after is None:
            return
        try:
            job.after(result)
        except Exception:
            # The commit stands; a listener's mistake must not make it look failed.
            log.exception("a listener of the store failed")
