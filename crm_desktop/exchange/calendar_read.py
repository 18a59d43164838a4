"""Reading calendar files entry by entry: a broken one is named by its line, the others are read all the same."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Literal

from crm_desktop.exchange.calendar_blocks import blocks, calendar_lines, event_of, summary_of
from crm_desktop.rules.whole_day import DAY_MIN
from crm_desktop.services.notes import local_zone

HORIZON = timedelta(days=90)  # so far ahead a series is written out
_MOST = 400  # occurrences of one series: one a minute for ever is no plan of visits
_MOST_DAYS = 31  # of one entry that lasts whole days

# What the parser raises of a property it could not read, and what its values do that are none.
_FAULTS = (ValueError, TypeError, AttributeError, KeyError, OverflowError)

Why = Literal["broken", "no_start", "past", "reply", "too_often", "too_long", "no_calendar"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One appointment of a calendar. `uid` is unique to the occurrence; `line` is where its entry begins.

    What lasts whole days is one entry for each of them: `day` counts them from 1 to `days`, of an appointment with a
    time it is 0. Its start is then the midnight of this machine.
    """

    uid: str
    starts_at: datetime
    minutes: int
    zone: str
    summary: str
    location: str
    cancelled: bool
    people: tuple[str, ...]  # e-mail addresses of those invited
    line: int
    day: int = 0
    days: int = 0


@dataclass(frozen=True, slots=True)
class Skipped:
    """An entry that was not taken, and why."""

    line: int
    why: Why
    summary: str = ""


@dataclass(frozen=True, slots=True)
class CalendarFile:
    """What a file holds: the appointments from a day on, and what was left out."""

    entries: tuple[Entry, ...]
    skipped: tuple[Skipped, ...]
    series: int


def read_calendar(data: bytes, since: datetime) -> CalendarFile:
    """The appointments from `since` on; of a series those of the next 90 days. Never raises for what a file says."""
    lines = calendar_lines(data)
    zones = [block for _, block in blocks(lines, "VTIMEZONE")]
    cancels = any(line.strip().upper() == "METHOD:CANCEL" for line in lines)
    replies = any(line.strip().upper() == "METHOD:REPLY" for line in lines)
    found: dict[str, Entry] = {}
    skipped: list[Skipped] = []
    masters: dict[str, tuple[Any, int]] = {}
    singles: list[tuple[Any, int]] = []
    moved: dict[str, set[datetime]] = {}
    if not any(line.strip().upper() in ("BEGIN:VCALENDAR", "BEGIN:VEVENT") for line in lines):
        return CalendarFile((), (Skipped(1, "no_calendar"),), 0)
    for line, block in blocks(lines, "VEVENT"):
        event = event_of(block, zones)
        try:
            why: Why | None = "broken" if event is None else "reply" if replies else _unusable(event)
            if why is not None:
                skipped.append(Skipped(line, why, summary_of(block)))
            elif "RRULE" in event or "RDATE" in event:
                masters[str(event.get("uid", f"line {line}"))] = (event, line)
            else:
                if (instead := _instead_of(event)) is not None:
                    moved.setdefault(str(event.get("uid", "")), set()).add(instead)
                singles.append((event, line))
        except _FAULTS:
            skipped.append(Skipped(line, "broken", summary_of(block)))

    def take(event: Any, uid: str, at: datetime, line: int) -> int:
        """Take what of it is still to come; returns how many entries that were."""
        new = [entry for entry in _entries(event, uid, at, line, cancelled=cancels) if entry.starts_at >= since]
        found.update((entry.uid, entry) for entry in new)
        return len(new)

    for uid, (event, line) in masters.items():
        title = str(event.get("summary", ""))
        try:
            times = _occurrences(event, since, moved.get(uid, set()))
        except _FAULTS:
            skipped.append(Skipped(line, "broken", title))
            continue
        if not sum(take(event, f"{uid}/{_stamp(event['DTSTART'], at)}", at, line) for at in times[:_MOST]):
            skipped.append(Skipped(line, "past", title))
        if len(times) > _MOST:
            skipped.append(Skipped(line, "too_often", title))
    for event, line in singles:
        title = str(event.get("summary", ""))
        at = _aware(_start(event))
        uid = str(event.get("uid", "")) or f"{title}/{_stamp(event['DTSTART'], at)}"
        instead = _instead_of(event)
        if instead is not None:
            uid = f"{uid}/{_stamp(event['RECURRENCE-ID'], instead)}"
        if not take(event, uid, at, line):
            skipped.append(Skipped(line, "past", title))
    for event, line in [*masters.values(), *singles]:
        if _days_of(event) > _MOST_DAYS:
            skipped.append(Skipped(line, "too_long", str(event.get("summary", ""))))
    return CalendarFile(
        tuple(sorted(found.values(), key=lambda entry: (entry.starts_at, entry.uid))),
        tuple(sorted(skipped, key=lambda item: item.line)),
        len(masters),
    )


def _instead_of(event: Any) -> datetime | None:
    """The time of the series which this entry replaces."""
    if "RECURRENCE-ID" not in event:
        return None
    at = _moment(event["RECURRENCE-ID"].dt)
    return _aware(at) if at is not None else None


def _stamp(said: Any, at: datetime) -> str:
    """The name of an occurrence: its instant, or its day where the file said (`said`) no more than that."""
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}" if isinstance(said.dt, datetime) else f"{at:%Y%m%d}"


def _moment(at: Any) -> datetime | None:
    """A day begins at its midnight; None for what is neither a day nor a time."""
    if isinstance(at, datetime):
        return at
    return datetime.combine(at, time()) if isinstance(at, date) else None


def _start(event: Any) -> datetime:
    start = _moment(event["DTSTART"].dt)
    if start is None:
        raise ValueError("no start")
    return start


def _whole_days(event: Any) -> bool:
    return not isinstance(event["DTSTART"].dt, datetime)


def _days_of(event: Any) -> int:
    """How many days an entry lasts that has no hours; 0 for one with a time."""
    if not _whole_days(event):
        return 0
    try:
        if "DTEND" in event:  # the day after the last
            return max(1, int((event["DTEND"].dt - event["DTSTART"].dt).days))
        return max(1, int(event["DURATION"].dt.days)) if "DURATION" in event else 1
    except _FAULTS:
        return 1


def _unusable(event: Any) -> Why | None:
    if "DTSTART" not in event:
        return "no_start"
    try:
        start = event["DTSTART"].dt
    except _FAULTS:
        return "broken"
    return None if isinstance(start, date) else "no_start"


def _occurrences(event: Any, since: datetime, moved: set[datetime]) -> list[datetime]:
    """Times of a series from `since` to the horizon, without those that were taken out or moved."""
    from dateutil.rrule import rruleset, rrulestr  # type: ignore[import-untyped]

    start = _start(event)
    until = since + HORIZON
    times = rruleset()
    aware = start.tzinfo is not None
    for rule in _many(event.get("RRULE")):
        text = rule.to_ical().decode()
        if not aware:
            text = re.sub(r"(UNTIL=\d{8}T\d{6})Z", r"\1", text)
        elif re.search(r"UNTIL=\d{8}(T\d{6})?(;|$)", text):
            text = re.sub(r"(UNTIL=\d{8})(T\d{6})?(?=;|$)", lambda m: m[1] + (m[2] or "T235959") + "Z", text)
        times.rrule(rrulestr(text, dtstart=start))
    times.rdate(start)
    for extra in _days(event.get("RDATE")):
        times.rdate(_like(extra, start))
    for away in _days(event.get("EXDATE")):
        times.exdate(_like(away, start))
    first, last = (since, until) if aware else (_naive(since), _naive(until))
    first -= timedelta(days=max(0, min(_days_of(event), _MOST_DAYS) - 1))  # one that began before still lasts
    found: list[datetime] = []
    for at in times.xafter(first, inc=True):
        if at > last or len(found) > _MOST:
            break
        if _aware(at) not in moved:
            found.append(_aware(at))
    return found


def _many(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value] if value is not None else []


def _days(value: Any) -> list[datetime]:
    found = []
    for part in _many(value):
        for item in part.dts:
            at = _moment(item.dt[0] if isinstance(item.dt, tuple) else item.dt)
            if at is not None:
                found.append(at)
    return found


def _like(at: datetime, start: datetime) -> datetime:
    """With a zone exactly where the start has one: dateutil compares only such."""
    if start.tzinfo is None:
        return at.replace(tzinfo=None)
    return at if at.tzinfo is not None else at.replace(tzinfo=start.tzinfo)


def _naive(at: datetime) -> datetime:
    return at.astimezone().replace(tzinfo=None)


def _aware(at: datetime) -> datetime:
    """A time without a zone is one of this machine."""
    return at if at.tzinfo is not None else at.astimezone()


def _entries(event: Any, uid: str, at: datetime, line: int, *, cancelled: bool) -> Iterator[Entry]:
    """The entry of an appointment, or one for each of the days that it lasts."""
    whole = Entry(
        uid=uid,
        starts_at=at,
        minutes=_minutes(event),
        zone=str(getattr(at.tzinfo, "key", "") or ""),
        summary=str(event.get("summary", "")).strip(),
        location=str(event.get("location", "")).strip(),
        cancelled=cancelled or str(event.get("status", "")).upper() == "CANCELLED",
        people=tuple(_mails(event)),
        line=line,
    )
    days = min(_days_of(event), _MOST_DAYS)
    if not days:
        yield whole
    for number in range(days):
        midnight = datetime.combine(at.date() + timedelta(days=number), time()).astimezone()
        name = uid if number == 0 else f"{uid}/+{number}"
        yield replace(
            whole, uid=name, starts_at=midnight, minutes=DAY_MIN, zone=local_zone(), day=number + 1, days=days
        )


def _minutes(event: Any) -> int:
    try:
        if "DTEND" in event:
            lasts = _aware(event["DTEND"].dt) - _aware(event["DTSTART"].dt)
        elif "DURATION" in event:
            lasts = event["DURATION"].dt
        else:
            return 0
        return max(0, min(int(lasts.total_seconds() // 60), DAY_MIN))
    except (AttributeError, TypeError, ValueError):
        return 0


def _mails(event: Any) -> Iterator[str]:
    for name in ("ORGANIZER", "ATTENDEE"):
        for person in _many(event.get(name)):
            text = str(person)
            if text.lower().startswith("mailto:"):
                yield text[7:].strip().lower()
