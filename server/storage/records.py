"""Entity tables as plain columns: wire rows in and out, in batches, without type conversion by the ORM."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

import orjson
from sqlalchemy import Connection, Select, TableClause, Update, and_, bindparam, column, delete, select, table, update

from crm_desktop.model import ENTITIES
from crm_desktop.model.wire import Row, columns, default_row, field_facts, from_columns, to_columns
from server.storage.many import insert_many, write_many
from server.storage.tables import row_meta, tombstone

Key = tuple[str, str]
_BATCH = 500


@cache
def entity_table(entity: str) -> TableClause:
    """The entity's table with untyped columns."""
    return table(str(ENTITIES[entity].__tablename__), column("id"), *(column(name) for name in columns(entity)))


@cache
def references_to(entity: str) -> tuple[tuple[str, str], ...]:
    """(entity, field) of all references that point to `entity`, but who created a record."""
    return tuple(
        (other, name)
        for other in ENTITIES
        for name, facts in field_facts(other).items()
        if facts.ref == entity and name != "created_by"
    )


@cache
def children_of(entity: str) -> tuple[tuple[str, str], ...]:
    """(entity, field) of the records that belong to an `entity`."""
    return tuple((other, name) for other, name in references_to(entity) if name in ENTITIES[other].FACTS.parents)


def grouped(keys: Iterable[Key]) -> dict[str, list[str]]:
    """Ids by entity."""
    result: dict[str, list[str]] = {}
    for entity, record_id in keys:
        result.setdefault(entity, []).append(record_id)
    return result


def batches(ids: Iterable[str]) -> Iterator[list[str]]:
    """Ids in lists short enough for one IN."""
    items = list(ids)
    for start in range(0, len(items), _BATCH):
        yield items[start : start + _BATCH]


def load_records(connection: Connection, entity: str, ids: Iterable[str]) -> Iterator[tuple[Mapping[str, Any], Row]]:
    """(row_meta, wire row) of the ids that exist; a deleted one with the row its tombstone kept."""
    names = tuple(row_meta.c.keys())
    width = len(names)
    for batch in batches(ids):
        for found in connection.execute(_by_id(entity), {"ids": batch}).all():
            meta = dict(zip(names, found[:width], strict=True))
            buried = found[-1]
            # Of a record deleted long ago nothing is left but that it was deleted.
            gone = default_row(entity) | (orjson.loads(buried) if buried else {}) if meta["deleted"] else None
            row = from_columns(entity, found[width + 1 : -1]) if gone is None else gone
            yield meta, row


@cache
def _by_id(entity: str) -> Select[Any]:
    source = entity_table(entity)
    return (
        select(row_meta, source, tombstone.c.row.label("buried"))
        .select_from(row_meta)
        .join(source, source.c.id == row_meta.c.id, isouter=True)
        .join(tombstone, and_(tombstone.c.entity == row_meta.c.entity, tombstone.c.id == row_meta.c.id), isouter=True)
        .where(row_meta.c.entity == entity, row_meta.c.id.in_(bindparam("ids", expanding=True)))
    )


def ids_where(connection: Connection, entity: str, field: str, value: str) -> list[str]:
    """Ids of live records whose field holds the value."""
    source = entity_table(entity)
    return list(connection.execute(select(source.c.id).where(source.c[field] == value)).scalars())


def insert_records(connection: Connection, entity: str, rows: Sequence[tuple[str, Row]]) -> None:
    """New rows of an entity table."""
    names = ("id", *columns(entity))
    values = [dict(zip(names, (record_id, *to_columns(entity, row)), strict=True)) for record_id, row in rows]
    insert_many(connection, entity_table(entity), values)


def update_records(connection: Connection, entity: str, rows: Sequence[tuple[str, Row]]) -> None:
    """Existing rows of an entity table, all columns."""
    keys = ("b_id", *(f"v_{name}" for name in columns(entity)))
    values = [dict(zip(keys, (record_id, *to_columns(entity, row)), strict=True)) for record_id, row in rows]
    write_many(connection, _update(entity), values)


@cache
def _update(entity: str) -> Update:
    source = entity_table(entity)
    values: dict[str, Any] = {name: bindparam(f"v_{name}") for name in columns(entity)}
    return update(source).where(source.c.id == bindparam("b_id")).values(values)


def delete_records(connection: Connection, entity: str, ids: Sequence[str]) -> None:
    """Rows of an entity table that are gone (their content lies in `tombstone`)."""
    source = entity_table(entity)
    for batch in batches(ids):
        connection.execute(delete(source).where(source.c.id.in_(batch)))


def all_rows(connection: Connection, entity: str, names: Sequence[str]) -> list[dict[str, Any]]:
    """Id and some fields of all live records, oldest first."""
    source = entity_table(entity)
    chosen = (source.c.id, *(source.c[name] for name in names))
    return [dict(row._mapping) for row in connection.execute(select(*chosen).order_by(source.c.id))]
