"""Appointments of a calendar become visits with a fixed time; the same entry never becomes two."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

from crm_desktop.exchange.calendar_read import CalendarFile, Entry, Skipped, read_calendar
from crm_desktop.ids import new_id
from crm_desktop.model.columns import format_instant
from crm_desktop.model.wire import Row
from crm_desktop.rules.whole_day import in_own_zone, is_whole_day
from crm_desktop.services.records import RecordService
from crm_desktop.store.client_store import ClientStore
from crm_desktop.store.lists import Filter, ListQuery
from crm_desktop.store.reader import Reader

_AT_ONCE = 400  # operations of one transaction stay below what the store takes


@dataclass(frozen=True, slots=True)
class CalendarImport:
    """What was done. `made` and `changed` are visits; `former` holds what the changed ones were.

    `whole_days` counts the entries without hours: they became visits of a whole day, one for each day.
    """

    made: tuple[str, ...]
    changed: tuple[str, ...]
    same: int
    skipped: tuple[Skipped, ...]
    former: Mapping[str, Row]
    whole_days: int


def import_calendar(store: ClientStore, records: RecordService, data: bytes, since: datetime) -> CalendarImport:
    """Take the appointments of a file from `since` on; what is broken is listed, the rest goes in."""
    read = read_calendar(data, since)
    changes = store.read(lambda reader: _changes(reader, read))
    made: list[str] = []
    changed: dict[str, Row] = {}
    work = [change for change in changes if change is not None]
    for at in range(0, len(work), _AT_ONCE):
        with records.batch("calendar") as batch:
            for visit, values in work[at : at + _AT_ONCE]:
                if visit is None:
                    made.append(batch.create("visit", values, new_id()))
                else:
                    batch.update("visit", visit["id"], values)
                    changed[visit["id"]] = {name: visit[name] for name in values}
    whole_days = sum(entry.day > 0 for entry in read.entries)
    return CalendarImport(tuple(made), tuple(changed), changes.count(None), read.skipped, changed, whole_days)


def undo_import(records: RecordService, done: CalendarImport) -> None:
    """Take an import back: what it made goes, what it changed is as before."""
    for at in range(0, len(done.made), _AT_ONCE):
        with records.batch("calendar") as batch:
            for visit_id in done.made[at : at + _AT_ONCE]:
                batch.delete("visit", visit_id)
    changed = list(done.former.items())
    for at in range(0, len(changed), _AT_ONCE):
        with records.batch("calendar") as batch:
            for visit_id, values in changed[at : at + _AT_ONCE]:
                batch.update("visit", visit_id, values)


def _changes(reader: Reader, read: CalendarFile) -> list[tuple[Row | None, dict[str, Any]] | None]:
    """For each entry the visit it belongs to (None: a new one) and its values; None where nothing is to be done."""
    rowids = reader.row_ids(ListQuery("visit", (Filter("calendar_uid", "filled"),)))
    known = {row["calendar_uid"]: row for row in reader.rows("visit", list(rowids))}
    result: list[tuple[Row | None, dict[str, Any]] | None] = []
    for entry in read.entries:
        visit = known.get(entry.uid) or reader.get("visit", entry.uid)
        if visit is None and entry.cancelled:
            result.append(None)
            continue
        values = _values(entry, visit)
        if visit is None:
            account_id, contact_id = _whom(reader, entry)
            values |= {"account_id": account_id, "contact_id": contact_id}
            result.append((None, values))
        else:
            different = {name: value for name, value in values.items() if visit[name] != value}
            result.append((visit, different) if different else None)
    result += _days_given_up(known, read)
    return result


def _days_given_up(known: Mapping[str, Row], read: CalendarFile) -> Iterator[tuple[Row | None, dict[str, Any]] | None]:
    """The visits of days that an entry lasted before and no longer does."""
    lasts = {entry.uid.removesuffix(f"/+{entry.day - 1}"): entry.days for entry in read.entries if entry.day}
    for uid, visit in known.items():
        base, _, number = uid.rpartition("/+")
        if number.isdigit() and int(number) >= lasts.get(base, int(number) + 1) and visit["status"] == "planned":
            yield visit, {"status": "cancelled"}


def _values(entry: Entry, visit: Row | None) -> dict[str, Any]:
    values: dict[str, Any] = {"starts_at": format_instant(entry.starts_at), "duration_min": entry.minutes or None}
    if entry.day:
        values |= _midnight(entry, visit)
    if entry.cancelled:
        values["status"] = "cancelled"
    elif visit is None or visit["status"] == "cancelled":
        values["status"] = "planned"
    if visit is None:
        made = {"fixed": not entry.day, "calendar_uid": entry.uid, "zone": entry.zone, "subject": entry.summary}
        return values | made
    if not visit["calendar_uid"]:
        return values  # a visit of ours that went out and came back: the file's subject begins with the customer's name
    if is_whole_day(visit) != bool(entry.day):
        values["fixed"] = not entry.day
    return values | {"subject": entry.summary}


def _midnight(entry: Entry, visit: Row | None) -> dict[str, Any]:
    """The day of an entry without hours, in the zone in which the visit is already such a day."""
    if visit is None or not is_whole_day(visit):
        return {"zone": entry.zone}
    start = in_own_zone(visit)
    return {"starts_at": format_instant(datetime.combine(entry.starts_at.date(), time(), start.tzinfo))}


def _whom(reader: Reader, entry: Entry) -> tuple[str | None, str | None]:
    """Account and contact: by the address of somebody invited, else by the customer's name in the summary."""
    for mail in entry.people:
        for channel in reader.where("channel", value=mail):
            contact = reader.get("contact", channel["contact_id"]) if channel["contact_id"] else None
            account_id = channel["account_id"] or (contact["account_id"] if contact is not None else None)
            if account_id:
                return account_id, contact["id"] if contact is not None else None
    parts = [entry.summary, *(part for mark in (" – ", " - ", ": ", ", ", " / ") for part in entry.summary.split(mark))]
    for part in dict.fromkeys(part.strip() for part in parts):
        found = reader.where("account", name=part) if part else []
        if len(found) == 1:
            return found[0]["id"], None
    return None, None
