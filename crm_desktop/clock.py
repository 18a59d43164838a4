"""The clock as a thing that is passed in: nothing below reads the time by itself."""

from datetime import UTC, datetime
from typing import Protocol

from crm_desktop.model.columns import format_instant


class Clock(Protocol):
    """Anything that tells the time in UTC."""

    def now(self) -> datetime:
        """Current instant, with zone UTC."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Current instant, with zone UTC."""
        return datetime.now(UTC)


def stamp(clock: Clock) -> str:
    """Current instant in wire form."""
    return format_instant(clock.now())
