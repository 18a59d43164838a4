"""Conditions of a search as SQL per kind of record: town, tag, day. What a kind cannot answer it does not fit."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import orjson

from crm_desktop.model.facts import Kind
from crm_desktop.model.wire import entity_facts, field_facts
from crm_desktop.rules.folding import search_terms
from crm_desktop.rules.search_query import SearchQuery
from crm_desktop.store.connection import Connection
from crm_desktop.store.tables import ENTITY_BITS, ENTITY_MASK, ENTITY_NAMES, ENTITY_NUMBER, quoted, table

# The day a kind of record belongs to; for all others, and where it is unknown, the day it was made.
_DAY = {"visit": "starts_at", "activity": "happened_at", "order": "ordered_on", "attachment": "taken_at"}


@dataclass(frozen=True, slots=True)
class Conditions:
    """What a query demands beyond its words, with the accounts of a town or tag looked up once."""

    since: str | None
    accounts: str | None  # JSON list of account ids; None: any
    city: tuple[str, ...]
    tag: tuple[str, ...]

    def of(self, entity: str) -> tuple[list[str], list[Any]] | None:
        """SQL conditions on a record `e` with their values; None where none of this kind can fit."""
        conditions: list[str] = []
        values: list[Any] = []
        if self.accounts is not None:
            by_account = account_column(entity)
            if by_account is not None:
                conditions.append(f"e.{quoted(by_account)} IN (SELECT value FROM json_each(?))")
                values.append(self.accounts)
            elif not self.tag and self.city and "city" in field_facts(entity):
                for term in self.city:
                    conditions.append("instr(' ' || fold(e.city), ?) > 0")
                    values.append(f" {term}")
            else:
                return None
        if self.since is not None:
            conditions.append(f"{day_column(entity)} >= ?")
            values.append(self.since)
        return conditions, values


def conditions_of(connection: Connection, query: SearchQuery) -> Conditions | None:
    """What the query demands; None where it demands nothing of this sort."""
    city, tag = tuple(search_terms(query.city)), tuple(search_terms(query.tag))
    if not city and not tag and query.since is None:
        return None
    accounts: set[str] | None = None
    if city:
        accounts = _accounts_in(connection, city)
    if tag:
        tagged = _accounts_tagged(connection, tag)
        accounts = tagged if accounts is None else accounts & tagged
    listed = None if accounts is None else orjson.dumps(sorted(accounts)).decode()
    return Conditions(query.since.isoformat() if query.since else None, listed, city, tag)


def of_accounts(connection: Connection, rowids: Sequence[int], also: Conditions | None) -> Conditions:
    """The demand to belong to one of these accounts, together with what is demanded anyway."""
    listed = connection.execute(
        "SELECT id FROM account WHERE rowid IN (SELECT value FROM json_each(?))", (orjson.dumps(rowids).decode(),)
    )
    accounts = {row[0] for row in listed}
    if also is not None and also.accounts is not None:
        accounts &= set(orjson.loads(also.accounts))
    return Conditions(also.since if also else None, orjson.dumps(sorted(accounts)).decode(), (), ())


@cache
def account_column(entity: str) -> str | None:
    """The column that names a record's account; a lead belongs to none until it became one."""
    if entity == "account":
        return "id"
    facts = entity_facts(entity)
    if entity != "lead" and facts.account:
        return facts.account
    fields = field_facts(entity)
    return next((name for name in facts.parents if fields[name].ref == "account"), None)


@cache
def day_column(entity: str) -> str:
    """SQL of the instant or day a record `e` belongs to."""
    own = _DAY.get(entity)
    return f"ifnull(e.{own}, e.created_at)" if own else "e.created_at"


def _accounts_in(connection: Connection, terms: Sequence[str]) -> set[str]:
    match = "title : (" + " ".join(f'"{term}"*' for term in terms) + ")"
    found = connection.execute("SELECT rowid FROM search WHERE search MATCH ?", (match,))
    wanted = ENTITY_NUMBER["address"]
    numbers = [row[0] >> ENTITY_BITS for row in found if row[0] & ENTITY_MASK == wanted]
    accounts = connection.execute(
        "SELECT account_id FROM address WHERE account_id IS NOT NULL AND rowid IN (SELECT value FROM json_each(?))",
        (orjson.dumps(numbers).decode(),),
    )
    return {row[0] for row in accounts}


def _accounts_tagged(connection: Connection, terms: Sequence[str]) -> set[str]:
    field = next(name for name, facts in field_facts("account").items() if facts.kind is Kind.SET)
    every = " AND ".join(["instr(' ' || fold(t.value), ?) > 0"] * len(terms))
    found = connection.execute(
        f"SELECT id FROM account WHERE {quoted(field)} <> '[]' "
        f"AND EXISTS (SELECT 1 FROM json_each({quoted(field)}) t WHERE {every})",
        [f" {term}" for term in terms],
    )
    return {row[0] for row in found}


def fitting(
    connection: Connection, entity: str, conditions: Conditions | None, rowids: Sequence[int] | None, limit: int
) -> list[int]:
    """Rowids of an entity that fit, newest day first: of the given ones, or of all."""
    sql, values = ([], []) if conditions is None else conditions.of(entity) or (["0"], [])
    if rowids is not None:
        sql = [*sql, "e.rowid IN (SELECT value FROM json_each(?))"]
        values = [*values, orjson.dumps(list(rowids)).decode()]
    where = f" WHERE {' AND '.join(sql)}" if sql else ""
    found = connection.execute(
        f"SELECT e.rowid FROM {quoted(entity)} e{where} ORDER BY {day_column(entity)} DESC, e.rowid DESC LIMIT ?",
        [*values, limit],
    )
    return [row[0] for row in found]


PARTS = ("address", "channel")  # shown as what they belong to


@cache
def listed_kinds() -> tuple[str, ...]:
    """Kinds of records that a search without words lists: what is searched and stands for itself."""
    return tuple(name for name in ENTITY_NAMES if table(name).searched and name not in PARTS)
