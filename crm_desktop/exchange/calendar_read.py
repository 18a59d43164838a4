"""Reading calendar files entry by entry: a broken one is named by its line, the others are read all the same."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal

HORIZON = timedelta(days=90)  # so far ahead a series is written out
_MOST = 400  # occurrences of one series: one a minute for ever is no plan of visits
_LINE = re.compile(r"\r\n|\n|\r")

# What the parser raises of a property it could not read, and what its values do that are none.
_FAULTS = (ValueError, TypeError, AttributeError, KeyError, OverflowError)

Why = Literal["broken", "no_start", "all_day", "past", "reply", "too_often", "no_calendar"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One appointment of a calendar. `uid` is unique to the occurrence; `line` is where its entry begins."""

    uid: str
    starts_at: datetime
    minutes: int
    zone: str
    summary: str
    location: str
    cancelled: bool
    people: tuple[str, ...]  # e-mail addresses of those invited
    line: int


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
    lines = _LINE.split(_text(data))
    zones = [block for _, block in _blocks(lines, "VTIMEZONE")]
    cancels = any(line.strip().upper() == "METHOD:CANCEL" for line in lines)
    replies = any(line.strip().upper() == "METHOD:REPLY" for line in lines)
    found: dict[str, Entry] = {}
    skipped: list[Skipped] = []
    masters: dict[str, tuple[Any, int]] = {}
    singles: list[tuple[Any, int]] = []
    moved: dict[str, set[datetime]] = {}
    if not any(line.strip().upper() in ("BEGIN:VCALENDAR", "BEGIN:VEVENT") for line in lines):
        return CalendarFile((), (Skipped(1, "no_calendar"),), 0)
    for line, block in _blocks(lines, "VEVENT"):
        event = _event(block, zones)
        try:
            why: Why | None = "broken" if event is None else "reply" if replies else _unusable(event)
            if why is not None:
                skipped.append(Skipped(line, why, _summary(block)))
            elif "RRULE" in event or "RDATE" in event:
                masters[str(event.get("uid", f"line {line}"))] = (event, line)
            else:
                if (instead := _instead_of(event)) is not None:
                    moved.setdefault(str(event.get("uid", "")), set()).add(instead)
                singles.append((event, line))
        except _FAULTS:
            skipped.append(Skipped(line, "broken", _summary(block)))
    for uid, (event, line) in masters.items():
        try:
            times = _occurrences(event, since, moved.get(uid, set()))
        except _FAULTS:
            skipped.append(Skipped(line, "broken", str(event.get("summary", ""))))
            continue
        if not times:
            skipped.append(Skipped(line, "past", str(event.get("summary", ""))))
        for at in times[:_MOST]:
            entry = _entry(event, f"{uid}/{_stamp(at)}", at, line, cancelled=cancels)
            found[entry.uid] = entry
        if len(times) > _MOST:
            skipped.append(Skipped(line, "too_often", str(event.get("summary", ""))))
    for event, line in singles:
        at = _aware(event["DTSTART"].dt)
        uid = str(event.get("uid", "")) or f"{event.get('summary', '')}/{_stamp(at)}"
        instead = _instead_of(event)
        if instead is not None:
            uid = f"{uid}/{_stamp(instead)}"
        if at < since:
            skipped.append(Skipped(line, "past", str(event.get("summary", ""))))
        else:
            found[uid] = _entry(event, uid, at, line, cancelled=cancels)
    return CalendarFile(
        tuple(sorted(found.values(), key=lambda entry: (entry.starts_at, entry.uid))),
        tuple(sorted(skipped, key=lambda item: item.line)),
        len(masters),
    )


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def _blocks(lines: list[str], name: str) -> Iterator[tuple[int, list[str]]]:
    """Each component of a kind with the number of its first line; one that never ends reaches to the next."""
    begin, end = f"BEGIN:{name}", f"END:{name}"
    block: list[str] = []
    started = 0
    for number, line in enumerate(lines, start=1):
        word = line.strip().upper()
        if word == begin:
            if block:
                yield started, block
            block, started = [line], number
        elif block:
            block.append(line)
            if word == end:
                yield started, block
                block = []
    if block:
        yield started, block


def _event(block: list[str], zones: list[list[str]]) -> Any:
    """The entry parsed alone, with the zones of its file; None where it cannot be read at all."""
    from icalendar import Calendar

    events: Any
    for known in (zones, []):  # a zone that is broken must not take every entry with it
        text = "\r\n".join(["BEGIN:VCALENDAR", *(line for zone in known for line in zone), *block, "END:VCALENDAR", ""])
        try:
            events = Calendar.from_ical(text).walk("VEVENT")
        except Exception:  # the parser raises whatever a broken line makes of it
            continue
        if events:
            event = events[0]
            for name in ("DTSTART", "UID", "SUMMARY", "RECURRENCE-ID"):
                if isinstance(event.get(name), list):  # said twice: the first counts
                    event[name] = event[name][0]
            return event
    return None


def _instead_of(event: Any) -> datetime | None:
    """The time of the series which this entry replaces."""
    if "RECURRENCE-ID" not in event:
        return None
    at = event["RECURRENCE-ID"].dt
    return _aware(at) if isinstance(at, datetime) else None


def _stamp(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _unusable(event: Any) -> Why | None:
    if "DTSTART" not in event:
        return "no_start"
    try:
        start = event["DTSTART"].dt
    except _FAULTS:
        return "broken"
    if not isinstance(start, datetime):
        return "all_day" if isinstance(start, date) else "no_start"
    return None


def _occurrences(event: Any, since: datetime, moved: set[datetime]) -> list[datetime]:
    """Times of a series from `since` to the horizon, without those that were taken out or moved."""
    from dateutil.rrule import rruleset, rrulestr  # type: ignore[import-untyped]

    start = event["DTSTART"].dt
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
            at = item.dt[0] if isinstance(item.dt, tuple) else item.dt
            if isinstance(at, datetime):
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


def _entry(event: Any, uid: str, at: datetime, line: int, *, cancelled: bool) -> Entry:
    return Entry(
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


def _minutes(event: Any) -> int:
    try:
        if "DTEND" in event:
            lasts = _aware(event["DTEND"].dt) - _aware(event["DTSTART"].dt)
        elif "DURATION" in event:
            lasts = event["DURATION"].dt
        else:
            return 0
        return max(0, min(int(lasts.total_seconds() // 60), 24 * 60))
    except (AttributeError, TypeError, ValueError):
        return 0


def _mails(event: Any) -> Iterator[str]:
    for name in ("ORGANIZER", "ATTENDEE"):
        for person in _many(event.get(name)):
            text = str(person)
            if text.lower().startswith("mailto:"):
                yield text[7:].strip().lower()


def _summary(block: list[str]) -> str:
    return next((line.partition(":")[2].strip() for line in block if line.upper().startswith("SUMMARY")), "")
