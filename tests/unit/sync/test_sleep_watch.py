"""Sleep is seen on either clock, and an ordinary look sees none."""

from datetime import UTC, datetime, timedelta

import pytest

from sync.sleep_watch import LOOK_EVERY_S, SleepWatch


class Clocks:
    """The calendar and the steady clock, moved by hand."""

    def __init__(self) -> None:
        self.calendar = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
        self.steady = 100.0

    def now(self) -> datetime:
        return self.calendar

    def elapsed(self) -> float:
        return self.steady

    def pass_by(self, calendar: float, steady: float) -> None:
        self.calendar += timedelta(seconds=calendar)
        self.steady += steady


@pytest.mark.parametrize(
    ("calendar", "steady", "slept"),
    [
        (LOOK_EVERY_S, LOOK_EVERY_S, False),
        (LOOK_EVERY_S + 9, LOOK_EVERY_S + 9, False),  # a busy machine
        (8 * 3600, LOOK_EVERY_S, True),  # Linux: the steady clock stands still
        (8 * 3600, 8 * 3600, True),  # Windows: it goes on
        (-3600, LOOK_EVERY_S, False),  # the clock was set back
    ],
)
def test_only_a_gap_is_sleep(calendar: float, steady: float, slept: bool) -> None:
    clocks = Clocks()
    watch = SleepWatch(clocks.now, clocks.elapsed)
    clocks.pass_by(LOOK_EVERY_S, LOOK_EVERY_S)
    assert not watch.slept()
    clocks.pass_by(calendar, steady)
    assert watch.slept() is slept
    clocks.pass_by(LOOK_EVERY_S, LOOK_EVERY_S)
    assert not watch.slept(), "told once"
