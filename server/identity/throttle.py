"""Slows down guessing of passwords: after some failures a login has to wait."""

import threading
import time
from collections.abc import Callable

_REMEMBERED = 10_000


class Throttle:
    """Counts failures per login in this process."""

    def __init__(self, failures: int, pause_s: float, now: Callable[[], float] = time.monotonic) -> None:
        self._failures = failures
        self._pause_s = pause_s
        self._now = now
        self._lock = threading.Lock()
        self._state: dict[str, tuple[int, float]] = {}  # login -> (failures, time of the last)

    def wait_s(self, login: str) -> float:
        """Seconds until this login may be tried again; 0 when it may be tried now."""
        with self._lock:
            count, last = self._state.get(login, (0, 0.0))
            if count < self._failures:
                return 0.0
            return max(0.0, last + self._pause_s - self._now())

    def failed(self, login: str) -> None:
        """A wrong password was given."""
        with self._lock:
            count, last = self._state.pop(login, (0, 0.0))
            if count >= self._failures and last + self._pause_s <= self._now():
                count = 0
            self._state[login] = (count + 1, self._now())
            if len(self._state) > _REMEMBERED:
                del self._state[next(iter(self._state))]

    def succeeded(self, login: str) -> None:
        """The right password was given."""
        with self._lock:
            self._state.pop(login, None)
