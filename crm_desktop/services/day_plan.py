"""A person's day: put a visit on it, give its visits the times of a route."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from crm_desktop.clock import Clock
from crm_desktop.errors import NotFound
from crm_desktop.model.columns import format_instant, parse_instant
from crm_desktop.model.wire import Row
from crm_desktop.rules.whole_day import is_whole_day
from crm_desktop.services.notes import local_zone
from crm_desktop.services.records import RecordService
from crm_desktop.store.changes import ChangeSet
from crm_desktop.store.client_store import ClientStore
from crm_desktop.store.lists import Filter, ListQuery
from crm_desktop.store.reader import Reader

VISIT_MIN = 60  # what a visit takes where nobody said otherwise
_FIRST = time(9)
_BETWEEN = timedelta(minutes=30)


class DayPlanService:
    """Plans visits; every call is one transaction and durable on return."""

    def __init__(self, store: ClientStore, clock: Clock, user_id: str) -> None:
        self._store = store
        self._clock = clock
        self._user_id = user_id
        self._records = RecordService(store, user_id)

    def plan_visit(self, account_id: str, day: date, *, subject: str = "", initiator: str = "") -> str:
        """A visit on a day, after those that stand there already; returns its id. NotFound."""

        def work(reader: Reader) -> tuple[Row | None, list[Row], list[Row]]:
            contacts = reader.where("contact", account_id=account_id)
            return reader.get("account", account_id), day_visits(reader, self._user_id, day), contacts

        account, before, contacts = self._store.read(work)
        if account is None:
            raise NotFound("no_account", "This account is not on this laptop.", "Search for it again.")
        starts_at = datetime.combine(day, _FIRST).astimezone()
        for visit in before:
            if is_whole_day(visit):
                continue
            ends = parse_instant(visit["starts_at"]) + timedelta(minutes=visit["duration_min"] or VISIT_MIN)
            starts_at = max(starts_at, (ends + _BETWEEN).astimezone())
        contact = next((row["id"] for row in sorted(contacts, key=lambda row: (not row["preferred"], row["id"]))), None)
        values = {
            "account_id": account_id,
            "contact_id": contact,
            "subject": subject,
            "status": "planned",
            "starts_at": starts_at,
            "duration_min": VISIT_MIN,
            "zone": local_zone(),
        }
        return self._records.create("visit", values, initiator=initiator)

    def set_starts(
        self,
        starts: Mapping[str, datetime],
        places: Mapping[str, tuple[float, float]] | None = None,
        initiator: str = "",
    ) -> ChangeSet:
        """New times for visits, as one change; a fixed visit keeps its own.

        `places` are coordinates (latitude, longitude in degrees) by address, kept with them for the next time.
        """

        def work(reader: Reader) -> dict[str, Row]:
            return reader.many("visit", sorted(starts))

        visits = self._store.read(work)
        with self._records.batch(initiator) as batch:
            for visit_id, at in starts.items():
                visit = visits.get(visit_id)
                if visit is not None and not visit["fixed"]:
                    batch.update("visit", visit_id, {"starts_at": format_instant(at)}, seen=visit)
            for address_id, (latitude, longitude) in (places or {}).items():
                values: dict[str, Any] = {"latitude": f"{latitude:.6f}", "longitude": f"{longitude:.6f}"}
                batch.update("address", address_id, values)
        return batch.changes


def day_visits(reader: Reader, user_id: str, day: date) -> list[Row]:
    """A person's visits of a local day that are not cancelled, in the order of their times."""
    start = datetime.combine(day, time()).astimezone()
    end = datetime.combine(day + timedelta(days=1), time()).astimezone()
    query = ListQuery(
        "visit",
        (
            Filter("owner_id", "=", user_id),
            Filter("status", "!=", "cancelled"),
            Filter("starts_at", ">=", format_instant(start)),
            Filter("starts_at", "<", format_instant(end)),
        ),
        "starts_at",
    )
    return reader.rows("visit", list(reader.row_ids(query)))
