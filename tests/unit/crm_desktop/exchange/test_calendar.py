"""Calendar files: out and in again, series, broken entries, never twice."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from crm_desktop.exchange.calendar_export import calendar_of, upcoming_visits
from crm_desktop.exchange.calendar_import import import_calendar, undo_import
from crm_desktop.exchange.calendar_read import read_calendar
from crm_desktop.model.wire import Row
from crm_desktop.services.records import RecordService
from crm_desktop.store.client_store import ClientStore
from tests.standing_clock import StandingClock
from tests.unit.crm_desktop.conftest import USER

NOW = datetime(2026, 11, 19, 9, tzinfo=UTC)

FILE = """BEGIN:VCALENDAR\r
VERSION:2.0\r
BEGIN:VTIMEZONE\r
TZID:Own Time\r
BEGIN:STANDARD\r
DTSTART:19700101T000000\r
TZOFFSETFROM:+0100\r
TZOFFSETTO:+0100\r
END:STANDARD\r
END:VTIMEZONE\r
BEGIN:VEVENT\r
UID:one@outlook\r
DTSTART;TZID=Europe/Berlin:20261120T100000\r
DTEND;TZID=Europe/Berlin:20261120T113000\r
SUMMARY:Alfreds Futterkiste – Jahresge\r
 spräch\r
ATTENDEE:mailto:nobody@example.com\r
END:VEVENT\r
BEGIN:VEVENT\r
UID:broken\r
DTSTART:not a date\r
SUMMARY:Broken\r
END:VEVENT\r
BEGIN:VEVENT\r
UID:allday\r
DTSTART;VALUE=DATE:20261121\r
SUMMARY:Fair\r
END:VEVENT\r
BEGIN:VEVENT\r
UID:old\r
DTSTART:20250101T100000Z\r
SUMMARY:Long ago\r
END:VEVENT\r
BEGIN:VEVENT\r
UID:series\r
DTSTART;TZID=Europe/Berlin:20261102T080000\r
DURATION:PT30M\r
RRULE:FREQ=WEEKLY;BYDAY=MO\r
EXDATE;TZID=Europe/Berlin:20261130T080000\r
SUMMARY:Weekly call\r
ATTENDEE;CN=Maria:mailto:Maria@Alfki.example\r
END:VEVENT\r
BEGIN:VEVENT\r
UID:series\r
RECURRENCE-ID;TZID=Europe/Berlin:20261207T080000\r
DTSTART;TZID=Europe/Berlin:20261208T090000\r
DURATION:PT30M\r
SUMMARY:Weekly call, moved\r
END:VEVENT\r
BEGIN:VEVENT\r
UID:zone\r
DTSTART;TZID=Own Time:20261123T120000\r
SUMMARY:Own zone\r
END:VEVENT\r
END:VCALENDAR\r
"""


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock(NOW)


def visits(store: ClientStore) -> list[Row]:
    return sorted(store.read(lambda reader: reader.where("visit")), key=lambda row: row["starts_at"])


def test_what_a_file_holds() -> None:
    read = read_calendar(FILE.encode(), NOW)
    assert [(item.line, item.why) for item in read.skipped] == [(19, "broken"), (29, "past")]
    assert [entry.days for entry in read.entries if entry.uid == "allday"] == [1]
    assert read.skipped[0].summary == "Broken"
    first = next(entry for entry in read.entries if entry.uid == "one@outlook")
    assert (first.starts_at, first.minutes, first.zone) == (datetime(2026, 11, 20, 9, tzinfo=UTC), 90, "Europe/Berlin")
    assert first.summary == "Alfreds Futterkiste – Jahresgespräch"
    weekly = [entry.starts_at.date().isoformat() for entry in read.entries if entry.uid.startswith("series/")]
    assert weekly[:4] == ["2026-11-23", "2026-12-08", "2026-12-14", "2026-12-21"]
    assert max(entry.starts_at for entry in read.entries) <= NOW + timedelta(days=90)
    assert next(entry for entry in read.entries if entry.uid == "zone").starts_at == datetime(
        2026, 11, 23, 11, tzinfo=UTC
    )


@pytest.mark.parametrize("data", [b"", b"no calendar at all", b"\xff\xfe\x00", b"BEGIN:VCALENDAR\r\nEND:VCALENDAR"])
def test_what_is_no_calendar_says_so_or_is_empty(data: bytes) -> None:
    read = read_calendar(data, NOW)
    assert read.entries == ()
    assert [item.why for item in read.skipped] == ([] if b"VCALENDAR" in data else ["no_calendar"])


def test_appointments_become_fixed_visits_and_never_two(store: ClientStore, records: RecordService) -> None:
    alfki = records.create("account", {"name": "Alfreds Futterkiste"})
    maria = records.create("contact", {"account_id": alfki, "name": "Maria"})
    records.create("channel", {"contact_id": maria, "kind": "email", "value": "maria@alfki.example"})
    before = len(store.pending(100))
    done = import_calendar(store, records, FILE.encode(), NOW)
    assert len(store.pending(100)) == before + 1
    assert len(done.made) == len(visits(store))
    first = next(row for row in visits(store) if row["calendar_uid"] == "one@outlook")
    assert (first["fixed"], first["status"], first["account_id"], first["duration_min"]) == (True, "planned", alfki, 90)
    call = next(row for row in visits(store) if row["calendar_uid"].startswith("series/20261214"))
    assert (call["account_id"], call["contact_id"], call["owner_id"]) == (alfki, maria, USER)
    again = import_calendar(store, records, FILE.encode(), NOW)
    assert (again.made, again.changed, again.same) == ((), (), len(done.made))
    moved = FILE.replace("20261120T1", "20261120T2").replace("UID:zone", "STATUS:CANCELLED\r\nUID:zone")
    third = import_calendar(store, records, moved.encode(), NOW)
    assert len(third.changed) == 2
    assert next(row for row in visits(store) if row["id"] == first["id"])["starts_at"] == "2026-11-20T19:00:00.000Z"
    assert next(row for row in visits(store) if row["calendar_uid"] == "zone")["status"] == "cancelled"
    undo_import(records, third)
    assert next(row for row in visits(store) if row["id"] == first["id"])["starts_at"] == "2026-11-20T09:00:00.000Z"
    undo_import(records, done)
    assert visits(store) == []


def test_visits_go_out_and_come_back_as_themselves(store: ClientStore, records: RecordService) -> None:
    from icalendar import Calendar

    account = records.create("account", {"name": "Königlich Essen"})
    records.create("address", {"account_id": account, "street": "Maubelstr. 90", "postal_code": "14776",
                               "city": "Brandenburg", "country": "Germany"})  # fmt: skip
    at = NOW + timedelta(days=2)
    visit = records.create("visit", {"account_id": account, "subject": "First visit", "status": "planned",
                                     "starts_at": at, "duration_min": 45, "zone": "Europe/Berlin"})  # fmt: skip
    records.create("visit", {"account_id": account, "status": "planned", "starts_at": NOW + timedelta(weeks=9)})

    def export() -> bytes:
        return store.read(lambda reader: calendar_of(reader, upcoming_visits(reader, USER, NOW, 4), NOW))

    data = export()
    event: Any
    [event] = Calendar.from_ical(data).walk("VEVENT")
    assert (event["UID"], event["STATUS"]) == (visit, "TENTATIVE")
    assert event["SUMMARY"] == "Königlich Essen – First visit"
    assert event["LOCATION"] == "Maubelstr. 90, 14776 Brandenburg, Germany"
    assert event["DTSTART"].params["TZID"] == "Europe/Berlin"
    assert event["DTSTART"].dt == at
    assert b"BEGIN:VTIMEZONE" in data
    again = import_calendar(store, records, data, NOW)
    assert (again.made, again.changed, again.same) == ((), (), 1)
    later = data.replace(b"T100000", b"T150000").replace(b"T104500", b"T154500")
    assert len(import_calendar(store, records, later, NOW).changed) == 1
    rows = visits(store)
    assert len(rows) == 2
    assert (rows[0]["subject"], rows[0]["fixed"]) == ("First visit", False)
    assert rows[0]["starts_at"] == "2026-11-21T14:00:00.000Z"
