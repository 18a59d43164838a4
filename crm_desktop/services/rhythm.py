"""Customers who wait for a visit longer than agreed. The list and the count come from one query."""

from dataclasses import dataclass
from datetime import date

from crm_desktop.model.wire import Row
from crm_desktop.rules.rhythm import class_rhythms, rhythm_days, visit_due_on
from crm_desktop.store.lists import Filter, ListQuery
from crm_desktop.store.reader import Reader

DUE_ON = "visit_due_on"


@dataclass(frozen=True, slots=True)
class OverdueVisit:
    """A customer past his day. `days_over` counts from it; `last_visit_at` is None where he was never visited."""

    account: Row
    due_on: date
    days_over: int
    last_visit_at: str | None
    rhythm_days: int


def overdue_query(user_id: str, today: date) -> ListQuery:
    """The list of a person's overdue customers, the longest waiting first."""
    filters = (Filter("owner_id", "=", user_id), Filter(DUE_ON, "<", today.isoformat()))
    return ListQuery("account", filters, DUE_ON)


def overdue_visits(reader: Reader, user_id: str, today: date) -> list[OverdueVisit]:
    """The customers of that list."""
    return first_overdue(reader, user_id, today, None)[0]


def first_overdue(reader: Reader, user_id: str, today: date, limit: int | None) -> tuple[list[OverdueVisit], int]:
    """The first customers of that list, and how many it holds."""
    rowids = reader.row_ids(overdue_query(user_id, today))
    rows = reader.rows("account", list(rowids if limit is None else rowids[:limit]))
    rhythms = class_rhythms(reader.where("visit_rhythm"))
    found = []
    for row in rows:
        days = rhythm_days(row, rhythms)
        planned = [visit["starts_at"] for visit in reader.where("visit", account_id=row["id"], status="planned")]
        latest = max((at for at in planned if at), default=None)
        due = visit_due_on(days, row["last_visit_at"], row["created_at"], latest)
        if days and due is not None:
            found.append(OverdueVisit(row, due, (today - due).days, row["last_visit_at"], days))
    return found, len(rowids)
