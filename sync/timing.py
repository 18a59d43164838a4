"""Time and chance as things that are passed in, so that back-off can be tested without waiting."""

import random
import threading
import time
from datetime import UTC, datetime
from typing import Protocol


class Timing(Protocol):
    """Time as the runner needs it; tests bring their own."""

    def now(self) -> datetime:
        """Current instant, UTC."""
        ...

    def elapsed(self) -> float:
        """Seconds on a clock that never jumps."""
        ...

    def jitter(self, most: float) -> float:
        """A random duration from 0 to `most` seconds."""
        ...

    def wait(self, condition: threading.Condition, seconds: float | None) -> None:
        """Sleep in `condition` (held by the caller) until notified or for `seconds`."""
        ...


class SystemTiming:
    """The machine's time and chance."""

    def now(self) -> datetime:
        """Current instant, UTC."""
        return datetime.now(UTC)

    def elapsed(self) -> float:
        """Seconds on a clock that never jumps."""
        return time.monotonic()

    def jitter(self, most: float) -> float:
        """A random duration from 0 to `most` seconds."""
        return random.uniform(0, most)

    def wait(self, condition: threading.Condition, seconds: float | None) -> None:
        """Sleep in `condition` until notified or for `seconds`."""
        condition.wait(seconds)
