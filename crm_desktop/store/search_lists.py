"""What a list's search box finds, as one piece of SQL: no row number travels through Python.

Each word may stand elsewhere: the name in the account, the town in its address. A telephone number is one word.
"""

from functools import cache

from crm_desktop.model.wire import entity_facts, field_facts
from crm_desktop.rules.folding import search_terms
from crm_desktop.rules.search_query import number_variants
from crm_desktop.store.connection import Connection
from crm_desktop.store.tables import ENTITY_BITS, ENTITY_MASK, ENTITY_NUMBER, children_of, quoted, table

Sql = tuple[str, list[str]]


def phrase(terms: list[str]) -> str:
    """FTS5 query: every term as a prefix."""
    return " ".join(f'"{term}"*' for term in terms)


def number_query(text: str) -> str | None:
    """The part of a telephone number that is always stored, if the text looks like one."""
    variants = number_variants(text)
    return "digits : (" + " OR ".join(f'"{plain}"*' for plain in variants) + ")" if variants else None


def rowids_sql(connection: Connection, entity: str, text: str) -> Sql | None:
    """SQL of the rowids of an entity's records that fit, alone or with their parts; None: no search."""
    terms = search_terms(text)
    if not terms:
        return None
    number = number_query(text)
    if number is not None:
        sql = _together(entity, [number])
        if connection.execute(f"SELECT 1 FROM ({sql[0]}) LIMIT 1", sql[1]).fetchone() is not None:
            return sql
        return _together(entity, [phrase(terms)])
    return _together(entity, [phrase([term]) for term in terms])


def with_account_sql(connection: Connection, entity: str, text: str) -> Sql | None:
    """SQL of the rowids that fit by themselves or by their account ('quotes of Müller'); None: no search."""
    own = rowids_sql(connection, entity, text)
    column = entity_facts(entity).account
    accounts = rowids_sql(connection, "account", text) if column else None
    if own is None or accounts is None or column is None:
        return own
    by_account = (
        f"SELECT o.rowid FROM {quoted(entity)} o WHERE o.{quoted(column)} IN "
        f"(SELECT a.id FROM account a WHERE a.rowid IN ({accounts[0]}))"
    )
    return f"SELECT * FROM ({own[0]}) UNION {by_account}", [*own[1], *accounts[1]]


def _together(entity: str, matches: list[str]) -> Sql:
    """Records that every match finds, in themselves or in a part of them."""
    numbers = ", ".join(str(ENTITY_NUMBER[name]) for name in (entity, *_parts(entity)))
    of_kinds = f"rowid & {ENTITY_MASK} IN ({numbers})"
    found = ", ".join(
        f"f{at} AS MATERIALIZED (SELECT rowid AS d FROM search WHERE search MATCH ? AND {of_kinds})"
        for at in range(len(matches))
    )
    each = " INTERSECT ".join(f"SELECT * FROM ({_rooted(entity, f'f{at}')})" for at in range(len(matches)))
    return f"WITH {found} {each}", list(matches)


def _rooted(entity: str, found: str) -> str:
    """Rowids of the entity for the documents of a match."""
    sides = [f"SELECT d >> {ENTITY_BITS} AS r FROM {found} WHERE d & {ENTITY_MASK} = {ENTITY_NUMBER[entity]}"]
    for part, columns in _parts(entity).items():
        numbers = f"SELECT d >> {ENTITY_BITS} FROM {found} WHERE d & {ENTITY_MASK} = {ENTITY_NUMBER[part]}"
        sides += [
            f"SELECT t.rowid FROM {quoted(part)} c JOIN {quoted(entity)} t ON t.id = c.{quoted(column)} "
            f"WHERE c.rowid IN ({numbers})"
            for column in columns
        ]
    return " UNION ALL ".join(sides)


@cache
def _parts(entity: str) -> dict[str, tuple[str, ...]]:
    """Searched kinds of records that belong to an entity, with the columns that say so."""
    return {
        name: tuple(way for way in entity_facts(name).parents if field_facts(name)[way].ref == entity)
        for name, _ in children_of(entity)
        if table(name).searched
    }
