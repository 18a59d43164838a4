"""Territories: finding them, and those that lie inside others."""

from collections.abc import Iterable

from sqlalchemy import Connection, or_, select

from server.storage.records import entity_table


def find(connection: Connection, code: str) -> str | None:
    """Id of a territory by code or id."""
    source = entity_table("territory")
    return connection.scalar(select(source.c.id).where(or_(source.c.code == code, source.c.id == code)))


def list_territories(connection: Connection) -> list[dict[str, object]]:
    """All territories by code."""
    c = entity_table("territory").c
    found = connection.execute(select(c.id, c.code, c.name, c.parent_id).order_by(c.code))
    return [dict(row._mapping) for row in found]


def with_inner(connection: Connection, ids: Iterable[str]) -> list[str]:
    """The territories and all that lie inside them."""
    c = entity_table("territory").c
    inner: dict[str, list[str]] = {}
    for record_id, parent_id in connection.execute(select(c.id, c.parent_id).where(c.parent_id.is_not(None))):
        inner.setdefault(parent_id, []).append(record_id)
    found: dict[str, None] = {}
    waiting = list(ids)
    while waiting:
        territory_id = waiting.pop()
        if territory_id not in found:
            found[territory_id] = None
            waiting += inner.get(territory_id, [])
    return list(found)
