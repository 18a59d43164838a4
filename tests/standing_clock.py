"""The clock of tests: it tells one instant until it is moved."""

from datetime import datetime, timedelta


class StandingClock:
    """Stands at `moment`; only `move` takes it on."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def now(self) -> datetime:
        """The instant it stands at."""
        return self.moment

    def move(self, **by: float) -> None:
        """Go on by a time, given as for `timedelta`; backwards where it is negative."""
        self.moment += timedelta(**by)
