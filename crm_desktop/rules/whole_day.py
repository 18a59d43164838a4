"""Visits that last whole days: the trade fair, the day at the customer's.

Such a visit begins at midnight of its own zone and takes a day. That is told from its times, which every laptop and
every release knows, so a whole day needs no field of its own.
"""

from datetime import date, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from crm_desktop.model.columns import parse_instant
from crm_desktop.model.wire import Row

DAY_MIN = 24 * 60


def is_whole_day(visit: Row) -> bool:
    """Whether a visit lasts a whole day: it has a place in the day's list and none in the order of its hours."""
    if visit["duration_min"] != DAY_MIN or not visit["starts_at"]:
        return False
    start = in_own_zone(visit)
    return (start.hour, start.minute) == (0, 0)


def moment_of(visit: Row) -> date | datetime:
    """When a visit with a start is, as people say it: the day alone where it lasts that day."""
    return in_own_zone(visit).date() if is_whole_day(visit) else parse_instant(visit["starts_at"])


def in_own_zone(visit: Row) -> datetime:
    """The start of a visit by the clock of its own place; that of this machine where no zone is known."""
    at = parse_instant(visit["starts_at"])
    try:
        return at.astimezone(ZoneInfo(visit["zone"]) if visit["zone"] else None)
    except (ZoneInfoNotFoundError, ValueError):
        return at.astimezone()
