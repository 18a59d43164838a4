"""Cases: what a customer complains about, asks or suggests, on its way to the people who answer."""

from datetime import date, timedelta
from typing import Any

from crm_desktop.clock import Clock
from crm_desktop.model.columns import format_instant
from crm_desktop.model.wire import Row
from crm_desktop.services.records import RecordService
from crm_desktop.store.changes import ChangeSet
from crm_desktop.store.client_store import ClientStore
from crm_desktop.store.reader import Reader

ANSWER_WORKDAYS = 3
ANSWERS = "inside_sales"
OPEN = ("new", "in_progress")


def workdays_later(start: date, days: int) -> date:
    """The day so many working days (Monday to Friday) after `start`."""
    day = start
    while days:
        day += timedelta(days=1)
        days -= day.weekday() < 5
    return day


def new_case_values(reader: Reader, today: date, **known: Any) -> dict[str, Any]:
    """What a case begins with: due in three working days, for inside sales to answer; `known` goes first."""
    desk = sorted(reader.where("user", role=ANSWERS), key=lambda row: (row["name"], row["id"]))
    values: dict[str, Any] = {
        "kind": "complaint",
        "priority": "normal",
        "status": "new",
        "due_on": workdays_later(today, ANSWER_WORKDAYS).isoformat(),
    }
    if desk:
        values["owner_id"] = _least_busy(reader, desk)["id"]
    return values | {name: value for name, value in known.items() if value}


def _least_busy(reader: Reader, desk: list[Row]) -> Row:
    """Of the people who answer, the one with the fewest open cases on this laptop."""
    waiting = [row["owner_id"] for status in OPEN for row in reader.where("case", status=status)]
    return min(desk, key=lambda row: waiting.count(row["id"]))


class CaseService:
    """Captures and answers cases."""

    def __init__(self, store: ClientStore, clock: Clock, user_id: str) -> None:
        self._store = store
        self._clock = clock
        self._records = RecordService(store, user_id)

    def begin(self, subject: str, description: str = "", **known: Any) -> str:
        """A new case with its defaults; returns its id. `known`: account_id, contact_id, visit_id, kind …"""
        today = self._clock.now().astimezone().date()
        values = self._store.read(lambda reader: new_case_values(reader, today, **known))
        return self._records.create("case", values | {"subject": subject.strip(), "description": description.strip()})

    def answer(self, case_id: str, text: str, initiator: str = "") -> ChangeSet:
        """The answer to the customer, from now on."""
        now = format_instant(self._clock.now())
        values = {"answer": text.strip(), "answered_at": now, "status": "answered"}
        return self._records.update("case", case_id, values, initiator=initiator)
