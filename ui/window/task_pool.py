"""Background work of the window: store reads and writes off the main thread, results back on it."""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from PySide6.QtCore import QObject, QRunnable, QThreadPool, Signal

from crm_desktop.errors import BugError, CrmError
from ui.presenters.tasks import Progress

T = TypeVar("T")
_log = logging.getLogger("crm.ui")
_READERS = 3
_LONG = 3  # one waits for the network, another takes in a photo: neither waits for the other
_TELL_EVERY_S = 0.05


@dataclass(eq=False)
class _Job:
    work: Callable[[], Any]
    done: Callable[[Any], Any] | None
    failed: Callable[[CrmError], Any] | None
    key: str = ""
    number: int = 0
    label: str = ""
    kilobytes: bool = False
    stop: threading.Event = field(default_factory=threading.Event)
    result: Any = None
    error: CrmError | None = None


class _Run(QRunnable):
    """One job on a worker thread. The outcome travels by the pool's signal."""

    def __init__(self, pool: "TaskPool", job: _Job) -> None:
        super().__init__()
        self._pool = pool
        self._job = job

    def run(self) -> None:
        """Do the work; every error becomes one of ours."""
        job = self._job
        try:
            job.result = job.work()
        except CrmError as error:
            job.error = error
        except Exception as error:
            _log.exception("work in the background failed")
            job.error = BugError(f"{type(error).__name__}: {error}")
        self._pool.arrived(job)


class TaskPool(QObject):
    """`ui.presenters.tasks.Tasks` on a thread pool. Writes run one after the other, in the order given."""

    long_started = Signal(str, bool)
    """Long work is to be shown: what is being done, and whether its progress is in kilobytes. Of several the newest."""
    long_progress = Signal(int, int)
    """How far what is shown is."""
    long_finished = Signal()
    """No long work is left."""
    _outcome = Signal(object)

    def __init__(self, on_error: Callable[[CrmError], Any], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._on_error = on_error
        self._newest: dict[str, int] = {}
        self._number = 0
        self._closed = False
        self._open = 0
        self._shown: list[_Job] = []
        self._readers = _pool(_READERS)
        self._writer = _pool(1)
        self._long = _pool(_LONG)
        self._outcome.connect(self._deliver)

    @property
    def busy(self) -> bool:
        """True while any result has not come back yet."""
        return self._open > 0

    def read(
        self,
        work: Callable[[], T],
        done: Callable[[T], Any],
        failed: Callable[[CrmError], Any] | None = None,
        *,
        key: str = "",
    ) -> None:
        """Read on a worker; with a `key` an older result of the same key never arrives."""
        self._number += 1
        if key:
            self._newest[key] = self._number
        self._start(self._readers, _Job(work, done, failed, key, self._number))

    def write(
        self,
        work: Callable[[], T],
        done: Callable[[T], Any] | None = None,
        failed: Callable[[CrmError], Any] | None = None,
    ) -> None:
        """Write on the one writing thread."""
        self._start(self._writer, _Job(work, done, failed))

    def long(
        self,
        label: str,
        work: Callable[[Progress], T],
        done: Callable[[T], Any],
        failed: Callable[[CrmError], Any] | None = None,
        *,
        kilobytes: bool = False,
    ) -> None:
        """Work with a bar and a stop button; `work` is told by its progress call when to stop."""
        told = 0.0

        def progress(done: int, total: int) -> bool:
            nonlocal told
            now = time.monotonic()
            if (now - told >= _TELL_EVERY_S or done >= total) and self._shown[-1:] == [job]:
                told = now
                self.long_progress.emit(done, total)
            return not job.stop.is_set()

        job = _Job(lambda: work(progress), done, failed, label=label, kilobytes=kilobytes)
        if self._closed:
            return
        self._shown.append(job)
        self.long_started.emit(label, kilobytes)
        self._start(self._long, job)

    def cancel_long(self) -> None:
        """Ask the long work that is shown to stop; it ends with what it has finished."""
        for job in self._shown[-1:]:
            job.stop.set()

    def arrived(self, job: _Job) -> None:
        """Called on the worker thread when a job has ended."""
        if not self._closed:
            self._outcome.emit(job)

    def close(self) -> None:
        """Wait for what runs and drop its results; writes that were given are carried out."""
        self._closed = True
        for job in self._shown:
            job.stop.set()
        self._readers.clear()
        for pool in (self._writer, self._long, self._readers):
            pool.waitForDone()

    def _start(self, pool: QThreadPool, job: _Job) -> None:
        if self._closed:
            return
        self._open += 1
        pool.start(_Run(self, job))

    def _deliver(self, job: _Job) -> None:
        self._open -= 1
        if self._closed:
            return
        if job in self._shown:
            self._shown.remove(job)
            if self._shown:
                self.long_started.emit(self._shown[-1].label, self._shown[-1].kilobytes)
            else:
                self.long_finished.emit()
        if job.key and self._newest.get(job.key) != job.number:
            return
        if job.error is not None:
            (job.failed or self._on_error)(job.error)
        elif job.done is not None:
            job.done(job.result)


def _pool(threads: int) -> QThreadPool:
    pool = QThreadPool()
    pool.setMaxThreadCount(threads)
    pool.setExpiryTimeout(-1)
    return pool
