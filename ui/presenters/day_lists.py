"""What a day counts, each as one list: Today shows its first rows and its count, and leads to the same list."""

from datetime import date, datetime, time, timedelta

from crm_desktop.model.columns import format_instant
from crm_desktop.model.wire import Row
from crm_desktop.services.rhythm import overdue_query
from crm_desktop.store.lists import Filter, ListQuery
from crm_desktop.store.reader import Reader

BIRTHDAY_DAYS = 7


def visits_of(user_id: str, first: date, days: int = 1) -> ListQuery:
    """Visits of so many local days that are not cancelled."""
    start = datetime.combine(first, time()).astimezone()
    end = datetime.combine(first + timedelta(days=days), time()).astimezone()
    return ListQuery(
        "visit",
        (
            Filter("owner_id", "=", user_id),
            Filter("starts_at", ">=", format_instant(start)),
            Filter("starts_at", "<", format_instant(end)),
            Filter("status", "!=", "cancelled"),
        ),
        "starts_at",
    )


def tasks_due(user_id: str, day: date) -> ListQuery:
    """Open tasks due until the day."""
    return _until("task", user_id, "due_on", day, Filter("status", "=", "open"))


def quotes_due(user_id: str, day: date) -> ListQuery:
    """Open quotes past their follow-up or validity, or decided on by inside sales."""
    return _until("quote", user_id, "attention_on", day)


def cases_due(user_id: str, day: date) -> ListQuery:
    """Cases that are to be answered by the day."""
    open_ones = (Filter("status", "!=", "answered"), Filter("status", "!=", "closed"))
    return _until("case", user_id, "due_on", day, *open_ones)


def contracts_due(user_id: str, day: date) -> ListQuery:
    """Running contracts whose reminder has come."""
    return _until("contract", user_id, "remind_on", day, Filter("status", "=", "active"))


def overdue_accounts(user_id: str, day: date) -> ListQuery:
    """Customers past the day of their next visit."""
    return overdue_query(user_id, day)


def birthdays(reader: Reader, user_id: str, day: date) -> list[tuple[date, Row, Row]]:
    """Whose birthday it is within a week, at a person's customers: the day, the contact, the account."""
    days = {f"{at:%m-%d}": at for at in (day + timedelta(days=n) for n in range(BIRTHDAY_DAYS + 1))}
    if "02-28" in days and "02-29" not in days:
        days["02-29"] = days["02-28"]  # in a year without that day one congratulates before
    rowids = reader.row_ids(ListQuery("contact", (Filter("birthday_day", "in", list(days)),)))
    found = []
    contacts = reader.rows("contact", list(rowids))
    accounts = reader.many("account", sorted({row["account_id"] for row in contacts if row["account_id"]}))
    for contact in contacts:
        account = accounts.get(contact["account_id"] or "")
        if account is not None and user_id in (account["owner_id"], contact["owner_id"]):
            found.append((days[contact["birthday"][5:]], contact, account))
    return sorted(found, key=lambda item: (item[0], item[1]["name"]))


def rows_of(reader: Reader, query: ListQuery) -> list[Row]:
    """All rows of a list in its order."""
    return reader.rows(query.entity, list(reader.row_ids(query)))


def _until(entity: str, user_id: str, field: str, day: date, *more: Filter) -> ListQuery:
    tomorrow = (day + timedelta(days=1)).isoformat()
    filters = (Filter("owner_id", "=", user_id), Filter(field, "<", tomorrow), *more)
    return ListQuery(entity, filters, field)
