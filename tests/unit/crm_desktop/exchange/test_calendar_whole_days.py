"""Entries of a calendar without hours: the fair, the birthday, the day at the customer's."""

import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest

from crm_desktop.exchange.calendar_export import calendar_of, upcoming_visits
from crm_desktop.exchange.calendar_import import CalendarImport, import_calendar
from crm_desktop.exchange.calendar_read import read_calendar
from crm_desktop.model.wire import Row
from crm_desktop.rules.whole_day import is_whole_day, moment_of
from crm_desktop.services.day_plan import DayPlanService
from crm_desktop.services.records import RecordService
from crm_desktop.store.client_store import ClientStore
from tests.standing_clock import StandingClock
from tests.unit.crm_desktop.conftest import USER

NOW = datetime(2026, 11, 19, 23, tzinfo=UTC)  # the 20th in Berlin
MIDNIGHT = datetime(2026, 11, 19, 23, tzinfo=UTC)


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock(NOW)


@pytest.fixture(autouse=True)
def berlin() -> Iterator[None]:
    """A machine that stands in Berlin."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TZ", "Europe/Berlin")
        time.tzset()
        yield
    time.tzset()


def calendar(*events: str) -> bytes:
    lines = [f"BEGIN:VEVENT\n{event}\nEND:VEVENT" for event in events]
    return "\n".join(["BEGIN:VCALENDAR", *lines, "END:VCALENDAR", ""]).encode()


def days(data: bytes) -> list[tuple[str, str]]:
    return [(entry.uid, f"{entry.starts_at:%d %H:%M}") for entry in read_calendar(data, MIDNIGHT).entries]


FAIR = "UID:fair\nDTSTART;VALUE=DATE:20261119\nDTEND;VALUE=DATE:20261122\nSUMMARY:Fair"


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        ("UID:a\nDTSTART;VALUE=DATE:20261121", [("a", "21 00:00")]),
        ("UID:a\nDTSTART;VALUE=DATE:20261121\nDTEND;VALUE=DATE:20261121", [("a", "21 00:00")]),
        ("UID:a\nDTSTART;VALUE=DATE:20261121\nDURATION:P2D", [("a", "21 00:00"), ("a/+1", "22 00:00")]),
        (FAIR, [("fair/+1", "20 00:00"), ("fair/+2", "21 00:00")]),
        ("UID:a\nDTSTART;VALUE=DATE:20261120\nRRULE:FREQ=DAILY;UNTIL=20261122\nEXDATE;VALUE=DATE:20261121",
         [("a/20261120", "20 00:00"), ("a/20261122", "22 00:00")]),
        ("UID:a\nDTSTART;VALUE=DATE:20261112\nDTEND;VALUE=DATE:20261114\nRRULE:FREQ=WEEKLY;COUNT=2",
         [("a/20261119/+1", "20 00:00")]),
    ],
)  # fmt: skip
def test_one_entry_for_each_day(event: str, expected: list[tuple[str, str]]) -> None:
    assert days(calendar(event)) == expected


def test_a_day_of_a_series_that_was_moved_stands_once() -> None:
    series = "UID:a\nDTSTART;VALUE=DATE:20261120\nRRULE:FREQ=WEEKLY;COUNT=2"
    moved = "UID:a\nRECURRENCE-ID;VALUE=DATE:20261127\nDTSTART;VALUE=DATE:20261128"
    assert days(calendar(series, moved)) == [("a/20261120", "20 00:00"), ("a/20261127", "28 00:00")]


def test_a_year_of_leave_is_cut_and_named_and_what_is_over_too() -> None:
    read = read_calendar(
        calendar("UID:a\nDTSTART;VALUE=DATE:20261121\nDTEND;VALUE=DATE:20271121\nSUMMARY:Leave",
                 "UID:b\nDTSTART;VALUE=DATE:20261119\nSUMMARY:Yesterday"),
        MIDNIGHT,
    )  # fmt: skip
    assert len(read.entries) == 31
    assert [(item.why, item.summary) for item in read.skipped] == [("too_long", "Leave"), ("past", "Yesterday")]


def taken(store: ClientStore, data: bytes) -> CalendarImport:
    return import_calendar(store, RecordService(store, USER), data, MIDNIGHT)


def visits(store: ClientStore) -> list[Row]:
    return sorted(store.read(lambda reader: reader.where("visit")), key=lambda row: row["calendar_uid"])


def test_they_become_visits_of_a_day_that_hold_up_no_other(
    store: ClientStore, clock: StandingClock, records: RecordService
) -> None:
    done = taken(store, calendar(FAIR, "UID:call\nDTSTART:20261120T090000Z\nDTEND:20261120T100000Z"))
    assert (len(done.made), done.whole_days, done.skipped) == (3, 2, ())
    call, first, second = visits(store)
    assert [is_whole_day(row) for row in (call, first, second)] == [False, True, True]
    assert (moment_of(first), moment_of(second)) == (date(2026, 11, 20), date(2026, 11, 21))
    assert (first["fixed"], first["zone"], first["subject"]) == (False, "Europe/Berlin", "Fair")
    account = records.create("account", {"name": "Alfreds Futterkiste"})
    visit_id = DayPlanService(store, clock, USER).plan_visit(account, date(2026, 11, 21))
    visit = next(row for row in visits(store) if row["id"] == visit_id)
    assert visit["starts_at"] == "2026-11-21T08:00:00.000Z"  # nine in Berlin: the fair holds nothing up


def test_the_same_file_again_changes_nothing_and_a_shorter_fair_frees_its_last_day(store: ClientStore) -> None:
    made = taken(store, calendar(FAIR)).made
    again = taken(store, calendar(FAIR))
    assert (again.made, again.changed, again.same) == ((), (), len(made))
    shorter = taken(store, calendar(FAIR.replace("DTEND;VALUE=DATE:20261122", "DTEND;VALUE=DATE:20261121")))
    assert (shorter.made, len(shorter.changed)) == ((), 1)
    assert [(row["calendar_uid"], row["status"]) for row in visits(store)] == [
        ("fair/+1", "planned"),
        ("fair/+2", "cancelled"),
    ]


def test_a_day_that_gets_hours_is_fixed_and_free_again_without_them(store: ClientStore) -> None:
    day, hours = "UID:a\nDTSTART;VALUE=DATE:20261121", "UID:a\nDTSTART:20261121T090000Z\nDURATION:PT1H"
    seen = []
    for event in (day, hours, day):
        taken(store, calendar(event))
        [visit] = visits(store)
        seen.append((is_whole_day(visit), visit["fixed"]))
    assert seen == [(True, False), (False, True), (True, False)]


def test_they_go_out_as_days_and_come_back_as_themselves(store: ClientStore) -> None:
    from icalendar import Calendar

    taken(store, calendar("UID:a\nDTSTART;VALUE=DATE:20261120\nSUMMARY:Stocktaking"))
    data = store.read(lambda reader: calendar_of(reader, upcoming_visits(reader, USER, NOW, 4), NOW))
    event: Any
    [event] = Calendar.from_ical(data).walk("VEVENT")
    assert (event["DTSTART"].dt, event["DTEND"].dt) == (date(2026, 11, 20), date(2026, 11, 21))
    assert (taken(store, data).same, len(visits(store))) == (1, 1)


def test_a_day_of_another_zone_stays_that_day(store: ClientStore, records: RecordService) -> None:
    taken(store, calendar("UID:a\nDTSTART;VALUE=DATE:20261121\nSUMMARY:Stocktaking"))
    [visit] = visits(store)
    london = {"starts_at": "2026-11-21T00:00:00.000Z", "zone": "Europe/London"}
    records.update("visit", visit["id"], london)
    assert moment_of(visits(store)[0]) == date(2026, 11, 21)
    assert taken(store, calendar("UID:a\nDTSTART;VALUE=DATE:20261121\nSUMMARY:Stocktaking")).same == 1


def test_neither_an_hour_nor_a_noon_nor_a_broken_zone_is_a_day() -> None:
    midnight = {"starts_at": "2026-11-20T23:00:00.000Z", "duration_min": 24 * 60, "zone": "Europe/Berlin"}
    assert is_whole_day(midnight)
    assert is_whole_day(midnight | {"zone": ""})
    assert is_whole_day(midnight | {"zone": "Not/A zone"}), "the machine's own zone stands for one nobody knows"
    for change in ({"duration_min": 60}, {"starts_at": "2026-11-20T22:00:00.000Z"}, {"starts_at": None},
                   {"zone": "Europe/London"}):  # fmt: skip
        assert not is_whole_day(midnight | change)
