"""What happened to an account since one's last visit, as far as this laptop knows.

Others' new records and decisions are known by their own fields; a change of a field by its conflict (who, before,
after). Of other changes the laptop knows only that the record is newer than the visit: what it said before is not kept.
"""

import json
from dataclasses import dataclass
from typing import Any

from crm_desktop.model.wire import Row, field_facts
from crm_desktop.store.lists import Filter, ListQuery
from crm_desktop.store.reader import Reader
from ui.presenters.titles import called
from ui.presenters.today_news import Names

_MADE = ("visit", "activity", "quote", "order", "case", "task", "contract", "opportunity", "contact")
_KEPT = ("contact", "address", "channel", "customer_condition", "contract", "opportunity")


@dataclass(frozen=True, slots=True)
class Change:
    """One change. `did`: made, approved, returned, field (with `old` and `new` in wire form) or changed."""

    did: str
    entity: str
    record_id: str
    title: str
    who: str
    at: str
    field: str = ""
    old: Any = None
    new: Any = None


@dataclass(frozen=True, slots=True)
class Since:
    """`visit` is the last one of the user; None where there was none, and then nothing is compared."""

    visit: Row | None
    changes: tuple[Change, ...]


def changes_since(reader: Reader, account_id: str, user_id: str, before: str) -> Since:
    """Everything since the user's last visit that began before the instant `before`, newest first."""
    visits = [
        row
        for row in reader.where("visit", account_id=account_id, owner_id=user_id, status="done")
        if row["starts_at"] and row["starts_at"] < before
    ]
    last = max(visits, key=lambda row: row["starts_at"], default=None)
    if last is None:
        return Since(None, ())
    since = last["starts_at"]
    names = Names(reader)
    made = _made(reader, account_id, user_id, since, names)
    fields = _fields(reader, account_id, since, names)
    known = {(change.entity, change.record_id) for change in (*made, *fields)}
    newer = [change for change in _newer(reader, account_id, last) if (change.entity, change.record_id) not in known]
    found = [*made, *_decided(reader, account_id, user_id, since, names), *fields]
    return Since(last, (*sorted(found, key=lambda change: change.at, reverse=True), *newer))


def _made(reader: Reader, account_id: str, user_id: str, since: str, names: Names) -> list[Change]:
    found = []
    for entity in _MADE:
        for row in reader.where(entity, account_id=account_id):
            if row["created_by"] and row["created_by"] != user_id and (row["created_at"] or "") > since:
                who = names.user(row["created_by"])
                found.append(Change("made", entity, row["id"], called(reader, entity, row), who, row["created_at"]))
    return found


def _decided(reader: Reader, account_id: str, user_id: str, since: str, names: Names) -> list[Change]:
    found = []
    for quote in reader.where("quote", account_id=account_id):
        for row in reader.where("quote_revision", quote_id=quote["id"]):
            decided = row["decided_at"] and row["decided_at"] > since and row["status"] in ("approved", "returned")
            if decided and row["decided_by"] != user_id:
                who = names.user(row["decided_by"])
                found.append(Change(row["status"], "quote", quote["id"], quote["number"], who, row["decided_at"]))
    return found


def _fields(reader: Reader, account_id: str, since: str, names: Names) -> list[Change]:
    """Changes of fields that met one of ours: the conflict says who, what it was and what it became."""
    records = {account_id: ("account", reader.get("account", account_id))}
    for entity in _KEPT:
        records |= {row["id"]: (entity, row) for row in reader.where(entity, account_id=account_id)}
    rowids = reader.row_ids(ListQuery("conflict", (Filter("record_id", "in", list(records)),)))
    found = []
    for conflict in reader.rows("conflict", list(rowids)):
        of_deletion = conflict["field"] not in field_facts(conflict["entity"])
        if of_deletion or (conflict["theirs_at"] or "") <= since:
            continue
        entity, row = records[conflict["record_id"]]
        name = conflict["field"]
        old, new = (_value(conflict[part], name) for part in ("before", "theirs"))
        title = called(reader, entity, row) if row is not None else ""
        who = names.user(conflict["theirs_by"])
        found.append(Change("field", entity, conflict["record_id"], title, who, conflict["theirs_at"], name, old, new))
    return found


def _newer(reader: Reader, account_id: str, visit: Row) -> list[Change]:
    """Records the server changed after it took the visit."""
    seen = reader.version("visit", visit["id"])
    if not seen:
        return []
    rows = [("account", row) for row in [reader.get("account", account_id)] if row is not None]
    for entity in _KEPT:
        rows += [(entity, row) for row in reader.where(entity, account_id=account_id)]
    return [
        Change("changed", entity, row["id"], called(reader, entity, row), "", "")
        for entity, row in rows
        if reader.version(entity, row["id"]) > seen
    ]


def _value(text: str | None, field: str) -> Any:
    try:
        values = json.loads(text or "null")
    except ValueError:
        return None
    return values.get(field) if isinstance(values, dict) else values
