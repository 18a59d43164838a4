"""The reading connections of a store: as many as are needed at once, and none while the file is exchanged."""

import queue
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from crm_desktop.errors import BugError, StoreError
from crm_desktop.store.connection import Connection, DatabaseError, connect, known_error

T = TypeVar("T")
PATIENCE_S = 10.0  # for readings under way; an exchange that cannot have the file for itself is given up


STEPS = 20_000  # of SQLite between two questions whether to go on: a few milliseconds


class _Steps:
    """What SQLite calls while it works; it goes on as long as the answer is 0."""

    def __init__(self, go_on: Callable[[int], bool]) -> None:
        self._go_on = go_on
        self._done = 0

    def __call__(self) -> int:
        self._done += STEPS
        return 0 if self._go_on(self._done) else 1


class Readers:
    """Runs queries on connections of their own, from any thread; a query may run others inside."""

    def __init__(self, path: Path, key: bytes) -> None:
        self._path = path
        self._key = key
        self._idle: queue.LifoQueue[Connection] = queue.LifoQueue()
        self._gate = threading.Condition()
        self._reading = 0
        self._paused = False
        self._closed = False
        self._depth = threading.local()

    def run(self, query: Callable[[Connection], T], go_on: Callable[[int], bool] | None = None) -> T:
        """One consistent snapshot. `go_on` is told how far a long statement is, in steps of SQLite; False ends it.

        StoreError reading_stopped where it was ended.
        """
        if self._closed:
            raise BugError("the store is closed")
        with self._entered():
            try:
                connection = self._idle.get_nowait()
            except queue.Empty:
                connection = connect(self._path, self._key, read_only=True)
            try:
                if go_on is not None:
                    connection.set_progress_handler(_Steps(go_on), STEPS)
                connection.execute("BEGIN")
                return query(connection)
            except DatabaseError as error:
                if go_on is not None and str(error) == "interrupted":
                    raise StoreError(
                        "reading_stopped", "Reading was stopped.", "Begin it again when you want to see it."
                    ) from error
                raise known_error(error) from error
            finally:
                if go_on is not None:
                    connection.set_progress_handler(None, 0)
                if connection.in_transaction:
                    connection.execute("COMMIT")
                if self._closed:
                    connection.close()
                else:
                    self._idle.put(connection)

    @contextmanager
    def _entered(self) -> Iterator[None]:
        depth = getattr(self._depth, "value", 0)
        if depth == 0:
            with self._gate:
                while self._paused:
                    self._gate.wait()
                self._reading += 1
        self._depth.value = depth + 1
        try:
            yield
        finally:
            self._depth.value = depth
            if depth == 0:
                with self._gate:
                    self._reading -= 1
                    self._gate.notify_all()

    @contextmanager
    def none_open(self) -> Iterator[bool]:
        """Within it no connection is open and no query begins. False: one would not end, nothing is paused."""
        with self._gate:
            self._paused = True
            free = self._gate.wait_for(lambda: self._reading == 0, PATIENCE_S)
        try:
            if free:
                self._close_idle()
            yield free
        finally:
            with self._gate:
                self._paused = False
                self._gate.notify_all()

    def close(self) -> None:
        """Close all; one in use is closed by who uses it."""
        self._closed = True
        self._close_idle()

    def _close_idle(self) -> None:
        while not self._idle.empty():
            self._idle.get().close()
