"""Entries of a calendar file one by one: a broken one does not take the others with it."""

import re
from collections.abc import Iterator
from typing import Any

_LINE = re.compile(r"\r\n|\n|\r")


def calendar_lines(data: bytes) -> list[str]:
    """The lines of a file, in whatever of the usual codes it was written."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", "replace")
    return _LINE.split(text)


def blocks(lines: list[str], name: str) -> Iterator[tuple[int, list[str]]]:
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


def event_of(block: list[str], zones: list[list[str]]) -> Any:
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


def summary_of(block: list[str]) -> str:
    """The title of an entry that could not be parsed."""
    return next((line.partition(":")[2].strip() for line in block if line.upper().startswith("SUMMARY")), "")
