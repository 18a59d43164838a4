"""Lists as SQL: sorted row ids first, whole rows only for what is on the screen."""

from array import array
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

import orjson

from crm_desktop.errors import InvalidInput
from crm_desktop.model.columns import format_instant
from crm_desktop.model.facts import Facts, Kind
from crm_desktop.model.wire import Row, clean_value, entity_facts, field_facts
from crm_desktop.rules.folding import fold
from crm_desktop.store.computed import computed
from crm_desktop.store.connection import Connection
from crm_desktop.store.search_lists import with_account_sql
from crm_desktop.store.tables import quoted

_DAY_LETTERS = len("2026-03-31")
COMPARE = {"=": "=", "!=": "<>", "<": "<", "<=": "<=", ">": ">", ">=": ">="}


@dataclass(frozen=True, slots=True)
class Filter:
    """One condition. `op`: = != in contains empty filled < <= > >= today older has; values in wire form.

    `older` counts days: more than so many before today.
    """

    field: str
    op: str
    value: Any = None


@dataclass(frozen=True, slots=True)
class ListQuery:
    """What a list shows. `sort`: a field, a computed column, or empty for the title."""

    entity: str
    filters: tuple[Filter, ...] = ()
    sort: str = ""
    descending: bool = False
    search: str = ""


_TIES = "e.sort_key, e.rowid"
_MADE = "made_for_sorting"
_MOST_DAYS = 36_500


def row_ids(connection: Connection, query: ListQuery, today: str) -> "array[int]":
    """Rowids of a list in order. `today`: the user's date, YYYY-MM-DD."""
    return array("q", [row[0] for row in connection.execute(*statement(connection, query, today))])


def statement(connection: Connection, query: ListQuery, today: str) -> tuple[str, list[Any]]:
    """The SQL of a list's rowids with its parameters."""
    entity_facts(query.entity)
    column = computed(query.entity).get(query.sort)
    if column is None:
        where, parameters = _where(connection, query, today)
        return f"SELECT rowid FROM {quoted(query.entity)} e{where} ORDER BY {_order(query)}", parameters
    # Each comparison and the order would compute the column again: it is made once for each record.
    own = tuple(condition for condition in query.filters if condition.field == query.sort)
    rest = tuple(condition for condition in query.filters if condition.field != query.sort)
    where, parameters = _where(connection, replace(query, filters=rest), today)
    chosen, more = _where(connection, replace(query, filters=own, search=""), today, _MADE)
    made = f"SELECT e.rowid, e.sort_key, {column.sql} AS {_MADE} FROM {quoted(query.entity)} e{where}"
    ordered = f"SELECT e.rowid FROM made e{chosen} ORDER BY {_order(query, _MADE)}"
    return f"WITH made(rowid, sort_key, {_MADE}) AS MATERIALIZED ({made}) {ordered}", [*parameters, *more]


def count(connection: Connection, query: ListQuery, today: str) -> int:
    """How many records a list holds."""
    entity_facts(query.entity)
    where, parameters = _where(connection, query, today)
    sql = f"SELECT count(*) FROM {quoted(query.entity)} e{where}"
    return int(connection.execute(sql, parameters).fetchone()[0])


def account_columns(connection: Connection, rowids: Sequence[int]) -> dict[int, Row]:
    """The computed columns of the accounts on the screen."""
    shown = {name: column.sql for name, column in computed("account").items() if column.shown}
    found = connection.execute(
        f"SELECT e.rowid, {', '.join(shown.values())} FROM account e WHERE e.rowid IN (SELECT value FROM json_each(?))",
        (orjson.dumps(list(rowids)).decode(),),
    )
    result = {}
    for rowid, *values in found:
        row: Row = dict(zip(shown, values, strict=True))
        row["open_quotes_total"] = money(row["open_quotes_total"])
        result[rowid] = row
    return result


def money(scaled: int | None) -> str | None:
    """Canonical text of a sum of two places."""
    if scaled is None:
        return None
    return f"{'-' if scaled < 0 else ''}{abs(scaled) // 100}.{abs(scaled) % 100:02d}"


def _column(query: ListQuery, name: str, made: str = "") -> tuple[str, Facts]:
    """SQL expression and facts of a field or computed column; `made` holds the computed one of the order."""
    column = computed(query.entity).get(name)
    if column is not None:
        return (f"e.{made}" if made and name == query.sort else column.sql), column.facts
    facts = field_facts(query.entity).get(name)
    if facts is None:
        raise InvalidInput(
            "unknown_field", f"{query.entity} has no field {name!r}.", "Choose another column.", name=name
        )
    return f"e.{quoted(name)}", facts


def _order(query: ListQuery, made: str = "") -> str:
    direction = "DESC" if query.descending else "ASC"
    name = query.sort
    if not name or entity_facts(query.entity).title[0] == name:
        return f"e.sort_key {direction}, e.rowid {direction}"
    expression, facts = _column(query, name, made)
    if facts.kind is Kind.REFERENCE and facts.ref:
        # By the folded title of what it points to; what points nowhere comes last.
        expression = f"(SELECT o.sort_key FROM {quoted(facts.ref)} o WHERE o.id = {expression})"
        # No title among the ties: an index over the reference then answers alone, without a look at any row.
        return f"{expression} IS NULL, {expression} {direction}, e.rowid {direction}"
    if facts.kind is Kind.INSTANT and name not in computed(query.entity):
        # No title among the ties: an index over the instant then answers alone, without a look at any row.
        return f"{expression} {direction} NULLS LAST, e.rowid {direction}"
    if facts.kind is Kind.TEXT:
        # Folded as people read; empty values come last whichever way the list runs.
        return f"({expression}) IS NULL OR ({expression}) = '', fold({expression}) {direction}, {_TIES}"
    return f"{expression} IS NULL, {expression} {direction}, {_TIES}"


def _where(connection: Connection, query: ListQuery, today: str, made: str = "") -> tuple[str, list[Any]]:
    conditions: list[str] = []
    parameters: list[Any] = []
    for condition in query.filters:
        sql, values = _condition(query, condition, today, made)
        conditions.append(sql)
        parameters += values
    if query.search:
        found = with_account_sql(connection, query.entity, query.search)
        if found is not None:
            conditions.append(f"e.rowid IN ({found[0]})")
            parameters += found[1]
    return (" WHERE " + " AND ".join(conditions) if conditions else ""), parameters


def _condition(query: ListQuery, condition: Filter, today: str, made: str) -> tuple[str, list[Any]]:
    name, op, value = condition.field, condition.op, condition.value
    if name == "id":
        values = list(value) if op == "in" else [value]
        return "e.id IN (SELECT value FROM json_each(?))", [orjson.dumps(values).decode()]
    column, facts = _column(query, name, made)
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
        op, value = "=", today
    elif op == "older":
        op, value = "<", _days_before(today, value)
    if facts.kind is Kind.INSTANT and op in COMPARE and isinstance(value, str) and len(value) == _DAY_LETTERS:
        return _by_day(column, op, value)
    if op == "in":
        encoded = [_column_value(name, facts, item) for item in value]
        return f"{column} IN (SELECT value FROM json_each(?))", [orjson.dumps(encoded).decode()]
    if op not in COMPARE:
        raise InvalidInput("unknown_filter", f"There is no filter {op!r}.", "Choose another filter.")
    encoded_value = _column_value(name, facts, value)
    if encoded_value is None:
        return (f"{column} IS NULL" if op == "=" else f"{column} IS NOT NULL"), []
    return f"{column} {COMPARE[op]} ?", [encoded_value]


def _by_day(column: str, op: str, day: str) -> tuple[str, list[Any]]:
    """An instant against a whole day of this machine's zone, from midnight to midnight."""
    try:
        named = date.fromisoformat(day)
        begins, ends = _midnight(named), _midnight(named + timedelta(days=1))
    except (ValueError, OverflowError) as error:
        raise InvalidInput("not_a_day", f"{day!r} is no day.", "Write it like 2026-03-31.", typed=day) from error
    if op == "=":
        return f"({column} >= ? AND {column} < ?)", [begins, ends]
    if op == "!=":
        return f"({column} < ? OR {column} >= ?)", [begins, ends]
    edge = ends if op in (">", "<=") else begins
    return f"{column} {'>=' if op in ('>', '>=') else '<'} ?", [edge]


def _midnight(day: date) -> str:
    return format_instant(datetime(day.year, day.month, day.day).astimezone())


def _days_before(today: str, days: Any) -> str:
    if isinstance(days, bool) or not isinstance(days, int) or not 0 <= days <= _MOST_DAYS:
        raise InvalidInput("not_days", f"{days!r} is no number of days.", "Enter a whole number of days.", days=days)
    return (date.fromisoformat(today) - timedelta(days=days)).isoformat()


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
