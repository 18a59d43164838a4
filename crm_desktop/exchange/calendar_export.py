"""Visits as a calendar file (iCalendar, RFC 5545) that every calendar program reads."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from crm_desktop.model.columns import format_instant, parse_instant
from crm_desktop.model.wire import Row
from crm_desktop.rules.whole_day import in_own_zone, is_whole_day
from crm_desktop.services.day_plan import VISIT_MIN
from crm_desktop.store.lists import Filter, ListQuery
from crm_desktop.store.reader import Reader

_STATUS = {"planned": "TENTATIVE", "done": "CONFIRMED", "cancelled": "CANCELLED"}


def upcoming_visits(reader: Reader, user_id: str, first: datetime, weeks: int) -> list[Row]:
    """A person's visits from the day of `first` on, also cancelled ones: the calendar has to hear of them."""
    start = datetime.combine(first.astimezone().date(), time()).astimezone()
    query = ListQuery(
        "visit",
        (
            Filter("owner_id", "=", user_id),
            Filter("starts_at", ">=", format_instant(start)),
            Filter("starts_at", "<", format_instant(start + timedelta(weeks=weeks))),
        ),
        "starts_at",
    )
    return reader.rows("visit", list(reader.row_ids(query)))


def calendar_of(reader: Reader, visits: Sequence[Row], now: datetime) -> bytes:
    """The visits as a file. An entry keeps its UID for ever: that of the calendar it came from, else the visit's id."""
    from icalendar import Calendar, Event

    calendar = Calendar()
    calendar.add("prodid", "-//CRM Desktop//visits//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    for visit in visits:
        account = reader.get("account", visit["account_id"]) if visit["account_id"] else None
        name = account["name"] if account is not None else ""
        event = Event()
        event.add("uid", visit["calendar_uid"] or visit["id"])
        event.add("dtstamp", now)
        if is_whole_day(visit):
            day = in_own_zone(visit).date()
            event.add("dtstart", day)
            event.add("dtend", day + timedelta(days=1))
        else:
            starts_at = parse_instant(visit["starts_at"]).astimezone(_zone(visit["zone"]))
            event.add("dtstart", starts_at)
            event.add("dtend", starts_at + timedelta(minutes=visit["duration_min"] or VISIT_MIN))
        event.add("summary", " – ".join(part for part in (name, visit["subject"]) if part) or "Visit")
        agreed = visit["fixed"] and visit["status"] == "planned"
        event.add("status", "CONFIRMED" if agreed else _STATUS.get(visit["status"], "TENTATIVE"))
        if place := _place(reader, visit["account_id"]):
            event.add("location", place)
        calendar.add_component(event)
    calendar.add_missing_timezones()
    return bytes(calendar.to_ical())


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def _place(reader: Reader, account_id: str | None) -> str:
    if not account_id:
        return ""
    rows = reader.where("address", account_id=account_id)
    rows.sort(key=lambda row: (row["kind"] != "visit", not row["preferred"], row["id"]))
    for row in rows:
        town = " ".join(part for part in (row["postal_code"], row["city"]) if part)
        place = ", ".join(part for part in (row["street"], town, row["country"]) if part)
        if place:
            return place
    return ""
