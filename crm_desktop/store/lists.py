"""Lists as SQL: sorted row ids first, whole rows only for what is on the screen."""

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from crm_desktop.errors import InvalidInput
from crm_desktop.model.facts import Facts, Kind
from crm_desktop.model.wire import Row, clean_value, entity_facts, field_facts
from crm_desktop.rules.folding import fold
from crm_desktop.store.connection import Connection
from crm_desktop.store.search import account_rowids, list_rowids
from crm_desktop.store.tables import quoted

COMPARE = {"=": "=", "!=": "<>", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
OPEN_REVISIONS = ("draft", "waiting_approval", "approved", "returned", "sent")


@dataclass(frozen=True, slots=True)
class Filter:
    """One condition. `op`: = != in contains empty filled < <= > >= today has; values in wire form."""

    field: str
    op: str
    value: Any = None


@dataclass(frozen=True, slots=True)
class ListQuery:
    """What a list shows. `sort`: a field, a computed column of accounts, or empty for the title."""

    entity: str
    filters: tuple[Filter, ...] = ()
    sort: str = ""
    descending: bool = False
    search: str = ""


# Computed columns of an account `e`, each by one indexed subquery.
_CITY = (
    "(SELECT city FROM address WHERE account_id = e.id AND city <> '' "
    "ORDER BY preferred DESC, kind = 'billing' DESC, id LIMIT 1)"
)
_CONTACT = "(SELECT name FROM contact WHERE account_id = e.id ORDER BY preferred DESC, id LIMIT 1)"
_LAST_VISIT = "(SELECT max(starts_at) FROM visit WHERE account_id = e.id AND status = 'done')"
_NEXT_TASK_ON = "(SELECT min(due_on) FROM task WHERE account_id = e.id AND status <> 'done')"
_NEXT_TASK = (
    "(SELECT subject FROM task WHERE account_id = e.id AND status <> 'done' "
    "ORDER BY due_on IS NULL, due_on, id LIMIT 1)"
)
NEWEST_REVISION = "(SELECT id FROM quote_revision WHERE quote_id = {quote} ORDER BY revision DESC, id DESC LIMIT 1)"
_OPEN_QUOTES = (
    "(SELECT sum(l.line_total) FROM quote q JOIN quote_revision r ON r.id = "
    + NEWEST_REVISION.format(quote="q.id")
    + " JOIN quote_line l ON l.quote_id = q.id AND l.revision_id = r.id "
    f"WHERE q.account_id = e.id AND l.optional = 0 AND r.status IN {OPEN_REVISIONS!r})"
)
ACCOUNT_COLUMNS = {
    "city": _CITY,
    "contact": _CONTACT,
    "last_visit_at": _LAST_VISIT,
    "open_quotes_total": _OPEN_QUOTES,
    "next_task": _NEXT_TASK,
    "next_task_on": _NEXT_TASK_ON,
}
_TIES = "e.sort_key, e.rowid"
_COMPUTED_TEXT = frozenset({"city", "contact", "next_task"})


def row_ids(connection: Connection, query: ListQuery, today: str) -> "array[int]":
    """Rowids of a list in order. `today`: the user's date, YYYY-MM-DD."""
    entity_facts(query.entity)
    where, parameters = _where(connection, query, today)
    sql = f"SELECT rowid FROM {quoted(query.entity)} e{where} ORDER BY {_order(query)}"
    return array("q", [row[0] for row in connection.execute(sql, parameters)])


def count(connection: Connection, query: ListQuery, today: str) -> int:
    """How many records a list holds."""
    entity_facts(query.entity)
    where, parameters = _where(connection, query, today)
    sql = f"SELECT count(*) FROM {quoted(query.entity)} e{where}"
    return int(connection.execute(sql, parameters).fetchone()[0])


def account_columns(connection: Connection, rowids: Sequence[int]) -> dict[int, Row]:
    """The computed columns of the accounts on the screen."""
    listed = ", ".join(ACCOUNT_COLUMNS.values())
    found = connection.execute(
        f"SELECT e.rowid, {listed} FROM account e WHERE e.rowid IN (SELECT value FROM json_each(?))",
        (orjson.dumps(list(rowids)).decode(),),
    )
    result = {}
    for rowid, *values in found:
        row: Row = dict(zip(ACCOUNT_COLUMNS, values, strict=True))
        row["open_quotes_total"] = money(row["open_quotes_total"])
        result[rowid] = row
    return result


def money(scaled: int | None) -> str | None:
    """Canonical text of a sum of two places."""
    if scaled is None:
        return None
    return f"{'-' if scaled < 0 else ''}{abs(scaled) // 100}.{abs(scaled) % 100:02d}"


def _field(query: ListQuery, name: str) -> Facts:
    facts = field_facts(query.entity).get(name)
    if facts is None:
        raise InvalidInput(
            "unknown_field", f"{query.entity} has no field {name!r}.", "Choose another column.", name=name
        )
    return facts


def _order(query: ListQuery) -> str:
    direction = "DESC" if query.descending else "ASC"
    name = query.sort
    if not name or entity_facts(query.entity).title[0] == name:
        return f"e.sort_key {direction}, e.rowid {direction}"
    if query.entity == "account" and name in ACCOUNT_COLUMNS:
        expression, is_text = ACCOUNT_COLUMNS[name], name in _COMPUTED_TEXT
    else:
        facts = _field(query, name)
        expression = f"e.{quoted(name)}"
        is_text = facts.kind is Kind.TEXT
    if is_text:
        # Folded as people read; empty values come last whichever way the list runs.
        return f"({expression}) IS NULL OR ({expression}) = '', fold({expression}) {direction}, {_TIES}"
    return f"{expression} IS NULL, {expression} {direction}, {_TIES}"


def _where(connection: Connection, query: ListQuery, today: str) -> tuple[str, list[Any]]:
    conditions: list[str] = []
    parameters: list[Any] = []
    for condition in query.filters:
        sql, values = _condition(query, condition, today)
        conditions.append(sql)
        parameters += values
    if query.search:
        found = list_rowids(connection, query.entity, query.search)
        if found is not None:
            found |= account_rowids(connection, query.entity, query.search)
            conditions.append("e.rowid IN (SELECT value FROM json_each(?))")
            parameters.append(orjson.dumps(sorted(found)).decode())
    return (" WHERE " + " AND ".join(conditions) if conditions else ""), parameters


def _condition(query: ListQuery, condition: Filter, today: str) -> tuple[str, list[Any]]:
    name, op, value = condition.field, condition.op, condition.value
    if name == "id":
        values = list(value) if op == "in" else [value]
        return "e.id IN (SELECT value FROM json_each(?))", [orjson.dumps(values).decode()]
    computed = query.entity == "account" and name in ACCOUNT_COLUMNS and name not in field_facts("account")
    facts = Facts(Kind.TEXT, name, name) if computed else _field(query, name)
    column = ACCOUNT_COLUMNS[name] if computed else f"e.{quoted(name)}"
    if op == "empty":
        return _empty(column, facts), []
    if op == "filled":
        return f"NOT ({_empty(column, facts)})", []
    if op == "contains" and name == entity_facts(query.entity).title[0]:
        # The folded title is stored: no call back into Python per row.
        return f"(instr(e.sort_key, ?) > 0 AND {column} <> '')", [fold(str(value or ""))]
    if op == "contains":
        return f"instr(fold({column}), ?) > 0", [fold(str(value or ""))]
    if op == "has":
        return f"EXISTS (SELECT 1 FROM json_each({column}) WHERE value = ?)", [value]
    if op == "today":
        if facts.kind is Kind.INSTANT:
            return f"substr({column}, 1, 10) = ?", [today]
        return f"{column} = ?", [today]
    if op == "in":
        encoded = [_column_value(name, facts, item) for item in value]
        return f"{column} IN (SELECT value FROM json_each(?))", [orjson.dumps(encoded).decode()]
    if op not in COMPARE:
        raise InvalidInput("unknown_filter", f"There is no filter {op!r}.", "Choose another filter.")
    encoded_value = _column_value(name, facts, value)
    if encoded_value is None:
        return (f"{column} IS NULL" if op == "=" else f"{column} IS NOT NULL"), []
    return f"{column} {COMPARE[op]} ?", [encoded_value]


def _empty(column: str, facts: Facts) -> str:
    if facts.kind is Kind.SET:
        return f"{column} = '[]'"
    if facts.kind is Kind.BOOLEAN:
        return f"{column} = 0"
    return f"ifnull({column}, '') = ''"


def _column_value(name: str, facts: Facts, value: Any) -> Any:
    if facts.kind in (Kind.CHOICE, Kind.STATE, Kind.INSTANT):
        return value  # a bound of an instant may be a bare date
    clean = clean_value(name, facts, value)
    if facts.kind is Kind.DECIMAL and isinstance(clean, str):
        return int(clean.replace(".", ""))
    return clean
