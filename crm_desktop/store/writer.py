"""The one connection that writes. Transactions take turns on it, in the order in which they were asked for."""

import logging
import threading
from collections import deque
from collections.abc import Callable
from typing import Any, Literal, TypeVar

from crm_desktop.errors import BugError
from crm_desktop.store.connection import Connection, DatabaseError, known_error
from crm_desktop.store.schema import guard

T = TypeVar("T")
log = logging.getLogger("crm.store")

_CALLED = 0  # no thread's number: the turn is given away, its taker has not woken yet


class Writer:
    """Runs functions one after another, each in a transaction of its own, in the thread that asks.

    A thread of its own would cost each save two switches, and gives nothing that the order of turns does not give.
    """

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self._may_write = False
        guard(connection, lambda: self._may_write)
        self._turns = _Turns()
        self._durable = True
        self._closed = False
        self.begun = 0
        """How many transactions were begun: who kept something in memory sees whether another one came between."""

    def call(
        self,
        work: Callable[[Connection], T],
        *,
        mode: Literal["op", "apply"] | None = None,
        durable: bool = True,
        after: Callable[[T], None] | None = None,
    ) -> T:
        """Run `work` in a transaction; returns once it is committed and `after` was called with the result.

        `mode` ('op' for a person's work, 'apply' for the server's) opens the guard of the synced tables.
        `durable` False leaves the fsync to the next durable commit: for what can be pulled again.
        """
        with self._turns:
            if self._closed:
                raise BugError("the store is closed")
            try:
                result = self._transaction(work, mode is not None, durable)
            except DatabaseError as error:
                raise known_error(error) from error
            if after is not None:
                self._tell(after, result)
            return result

    @property
    def waiting(self) -> bool:
        """Whether somebody waits for a turn."""
        return self._turns.waited_for

    def exchange(self, change: Callable[[Connection], tuple[Connection, bool]]) -> bool:
        """While nobody writes: go on with the connection that `change` makes of the present one; returns its word."""
        with self._turns:
            if self._closed:
                raise BugError("the store is closed")
            try:
                self.connection, done = change(self.connection)
            except DatabaseError as error:
                raise known_error(error) from error
            finally:
                guard(self.connection, lambda: self._may_write)
            self._durable = True
            self.begun += 1
            return done

    def close(self) -> None:
        """Let those before finish, then take no more. The connection stays open for its owner."""
        with self._turns:
            self._closed = True

    def _transaction(self, work: Callable[[Connection], T], guarded: bool, durable: bool) -> T:
        connection = self.connection
        if durable is not self._durable:
            connection.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
            self._durable = durable
        self.begun += 1
        try:
            connection.execute("BEGIN IMMEDIATE")
            self._may_write = guarded
            result = work(connection)
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
        finally:
            self._may_write = False
        return result

    @staticmethod
    def _tell(after: Callable[[Any], None], result: Any) -> None:
        try:
            after(result)
        except Exception:
            # The commit stands; a listener's mistake must not make it look failed.
            log.exception("a listener of the store failed")


class _Turns:
    """A lock that is given in the order of asking: a long run of pages does not keep a save waiting."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: deque[threading.Lock] = deque()
        self._holder: int | None = None

    @property
    def waited_for(self) -> bool:
        return bool(self._waiting)

    def __enter__(self) -> None:
        me = threading.get_ident()
        with self._lock:
            if self._holder is None:
                self._holder = me
                return
            if self._holder == me:
                raise BugError("the writer cannot wait for itself")
            turn = threading.Lock()
            turn.acquire()
            self._waiting.append(turn)
        try:
            turn.acquire()
        except BaseException:  # an interrupt while waiting: the turn goes to the next
            with self._lock:
                if turn in self._waiting:
                    self._waiting.remove(turn)
                else:
                    self._pass_on()
            raise
        self._holder = me

    def __exit__(self, *_error: object) -> None:
        with self._lock:
            self._pass_on()

    def _pass_on(self) -> None:
        if self._waiting:
            self._holder = _CALLED
            self._waiting.popleft().release()
        else:
            self._holder = None
