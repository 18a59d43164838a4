"""What a list shows for one block of rows: read off the main thread, values only, no words."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from crm_desktop.model.facts import Kind
from crm_desktop.model.wire import Row, field_facts
from crm_desktop.rules.contract_term import notice_on, remind_on
from crm_desktop.rules.maturity import CHILDREN, lead_completeness, maturity
from crm_desktop.rules.whole_day import is_whole_day, moment_of
from crm_desktop.services.pipeline import stages
from crm_desktop.services.quote_totals import revision_totals
from crm_desktop.store.lists import Filter, ListQuery
from crm_desktop.store.reader import Reader
from ui.presenters.list_columns import ListSpec
from ui.presenters.titles import called


@dataclass(frozen=True, slots=True)
class RowView:
    """One row of a list: values by column key; the second line; the sync state."""

    id: str
    entity: str
    title: str
    second: str
    state: str
    values: dict[str, Any] = field(default_factory=dict)


def list_rows(reader: Reader, spec: ListSpec, rowids: Sequence[int], extra: Sequence[str] = ()) -> list[RowView]:
    """Views of one block. `extra` are declared fields shown beyond the list's own columns."""
    rows = reader.rows(spec.entity, rowids)
    names = _names(reader, spec, rows, extra)
    views = [_view(reader, spec, row, names, extra) for row in rows]
    if spec.entity == "opportunity":
        own = {stage.code: stage for stage in stages(reader)}
        for view in views:
            view.values["stage_label"] = own.get(str(view.values.get("stage")))
    return views


def row_view(reader: Reader, spec: ListSpec, row: Row) -> RowView:
    """The view of one record as its list shows it."""
    return _view(reader, spec, row, _names(reader, spec, [row], ()), ())


def _names(reader: Reader, spec: ListSpec, rows: Iterable[Row], extra: Sequence[str]) -> dict[tuple[str, str], str]:
    """Titles of the records the references of a block point to."""
    facts = field_facts(spec.entity)
    shown = {column.key for column in spec.columns} | set(extra) | {"account_id"}
    wanted: dict[str, set[str]] = {}
    for name, fact in facts.items():
        if fact.kind is Kind.REFERENCE and fact.ref and name in shown:
            wanted.setdefault(fact.ref, set()).update(row[name] for row in rows if row.get(name))
    names: dict[tuple[str, str], str] = {}
    for entity, ids in wanted.items():
        for record_id, row in reader.many(entity, sorted(ids)).items():
            names[entity, record_id] = called(reader, entity, row)
    return names


def _view(reader: Reader, spec: ListSpec, row: Row, names: dict[tuple[str, str], str], extra: Sequence[str]) -> RowView:
    facts = field_facts(spec.entity)
    values: dict[str, Any] = {}
    for key in [column.key for column in spec.columns] + list(extra):
        fact = facts.get(key)
        if fact is not None and fact.kind is Kind.REFERENCE and fact.ref:
            values[key] = names.get((fact.ref, row.get(key) or ""), "")
        else:
            values[key] = row.get(key)
    second = ""
    if spec.entity == "account":
        second = row.get("contact") or row.get("external_id") or ""
        values["key_account"] = row.get("key_account", False)
        values["visit_rhythm_days"] = row.get("visit_rhythm_days")
        values["currency"] = row.get("currency") or "EUR"
        values["next_task_on"] = row.get("next_task_on")
        values["complete"] = completeness(reader, row)
    elif spec.entity == "contact":
        second = row.get("job_title") or ""
        values["reach"] = reach(reader, row["id"])
    elif spec.entity == "quote":
        values |= quote_values(reader, row["id"])
    elif spec.entity == "visit":
        values["whole_day"] = moment_of(row) if is_whole_day(row) else None
    elif spec.entity == "order":
        values |= order_values(reader, row)
    elif spec.entity == "lead":
        second = ", ".join(part for part in (row.get("job_title"), row.get("company"), row.get("city")) if part)
        values["complete"] = lead_completeness(row)
    elif spec.entity == "contract":
        second = row.get("number") or ""
        values |= {"currency": row.get("currency") or "EUR", "notice_on": notice_on(row), "remind_on": remind_on(row)}
    elif spec.entity == "opportunity":
        values["currency"] = row.get("currency") or "EUR"
    return RowView(row["id"], spec.entity, called(reader, spec.entity, row), second, row.get("state", "synced"), values)


def completeness(reader: Reader, account: Row) -> int:
    """Maturity of an account in percent. What its children know is asked by count, no child row is read."""
    children: dict[str, list[Row]] = {}
    for entity in CHILDREN:
        asked = [name for name, facts in field_facts(entity).items() if facts.stage is not None]
        mine = Filter("account_id", "=", account["id"])
        known = {name: reader.count(ListQuery(entity, (mine, Filter(name, "filled")))) for name in asked}
        children[entity] = [{name: "known" for name, count in known.items() if count}]
    return maturity(account, children).percent


def reach(reader: Reader, contact_id: str) -> str:
    """The way to reach a contact: the preferred one, else the first."""
    channels = reader.where("channel", contact_id=contact_id)
    channels.sort(key=lambda row: not row["preferred"])
    return str(channels[0]["value"]) if channels else ""


def quote_values(reader: Reader, quote_id: str) -> dict[str, Any]:
    """Status, revision, net total, currency and validity of the newest revision of a quote."""
    view = reader.quote(quote_id)
    if view is None or view.revision is None:
        return {"status": "", "revision": None, "total": None, "currency": "EUR", "valid_until": None}
    revision = view.revision
    return {
        "status": revision["status"],
        "revision": revision["revision"],
        "total": str(revision_totals(reader, revision["id"]).net),
        "currency": revision["currency"] or "EUR",
        "valid_until": revision["valid_until"],
    }


def order_values(reader: Reader, row: Row) -> dict[str, Any]:
    """Net total of an order's lines."""
    lines = reader.where("order_line", order_id=row["id"])
    return {"total": str(line_sum(lines)), "currency": row.get("currency") or "EUR"}


def line_sum(lines: Iterable[Row]) -> Decimal:
    """Exact sum of the totals of some lines."""
    return sum((Decimal(line["line_total"]) for line in lines if line["line_total"] is not None), Decimal(0))


def record_names(
    reader: Reader, entity: str, filters: Sequence[Filter], record: Row | None = None
) -> dict[tuple[str, str], str]:
    """Titles of what filters point to, by (entity, id); of what a record points to, by (field, id)."""
    facts = field_facts(entity)
    names: dict[tuple[str, str], str] = {}
    for item in filters:
        ref = facts[item.field].ref if item.field in facts else None
        found = reader.get(ref, str(item.value)) if ref and item.value else None
        if ref and found is not None:
            names[ref, str(item.value)] = called(reader, ref, found)
    for name, fact in facts.items() if record is not None else ():
        value = record.get(name) if record is not None else None
        if fact.kind is Kind.REFERENCE and fact.ref and value:
            found = reader.get(fact.ref, value)
            if found is not None:
                names[name, value] = called(reader, fact.ref, found)
    return names
