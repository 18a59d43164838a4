"""Noticing that the machine slept: the time between two looks is longer than the wait between them.

No service of the desktop is asked, so it works alike on every system. On Linux and macOS the steady clock stands
still during sleep and the calendar jumps; on Windows both go on: the longer of the two tells it. A machine that
stalls, or a clock set forward, costs one sync more.
"""

from collections.abc import Callable
from datetime import datetime

LOOK_EVERY_S = 5.0
SLEPT_FROM_S = 20.0  # beyond the wait itself: no scheduler is that late, and a shorter nap breaks no connection


class SleepWatch:
    """Asked at every look. `now` is the calendar, `elapsed` the steady clock in seconds."""

    def __init__(self, now: Callable[[], datetime], elapsed: Callable[[], float]) -> None:
        self._now = now
        self._elapsed = elapsed
        self._seen = (now(), elapsed())

    def slept(self) -> bool:
        """Whether the machine slept since the last look, or since the start."""
        before, self._seen = self._seen, (self._now(), self._elapsed())
        calendar = (self._seen[0] - before[0]).total_seconds()
        return max(calendar, self._seen[1] - before[1]) > LOOK_EVERY_S + SLEPT_FROM_S
