"""The total time of a request, kept by one thread for all requests of a transport.

A timer for each would be a thread for each: on a busy machine that takes longer than the request.
"""

import itertools
import threading
import time
from collections.abc import Callable


class Deadlines:
    """Calls `expire`, in a thread of its own, when the time of a request is over before its `end`."""

    def __init__(self, expire: Callable[[], None]) -> None:
        self._expire = expire
        self._change = threading.Condition()
        self._numbers = itertools.count()
        self._until: dict[int, float] = {}
        self._looks_at = 0.0
        self._watched = False

    def begin(self, seconds: float) -> int:
        """A request has so much time from now on. Returns its number for `end`."""
        with self._change:
            number, until = next(self._numbers), time.monotonic() + seconds
            self._until[number] = until
            if not self._watched:
                self._watched = True
                threading.Thread(target=self._watch, name="sync-deadline", daemon=True).start()
            elif until < self._looks_at:
                self._change.notify()
            return number

    def end(self, number: int) -> None:
        """It is done: no time of it runs any more."""
        with self._change:
            self._until.pop(number, None)

    def close(self) -> None:
        """Let the thread go now, not at the time it would look again."""
        with self._change:
            self._until.clear()
            self._change.notify()

    def _watch(self) -> None:
        with self._change:
            while self._until:
                now, first = time.monotonic(), min(self._until.values())
                if first <= now:
                    self._until = {number: until for number, until in self._until.items() if until > now}
                    self._expire()
                else:
                    self._looks_at = first
                    self._change.wait(first - now)
            self._watched = False
