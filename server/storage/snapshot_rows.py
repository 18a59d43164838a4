"""The content of a prepared part: rows of one entity as columns, newest first.

A part is read in a transaction of its own. Its rows carry their version, so it does not matter that the next part is
read later: the pull that follows tells what changed since the snapshot was begun.
"""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol

import orjson
from sqlalchemy import ColumnElement, Connection, Row, Select, and_, bindparam, select

from crm_desktop.model import ENTITIES
from crm_desktop.model.wire import columns, confidential_fields
from server.storage.records import entity_table
from server.storage.tables import row_meta, scope_member

# What a person opens first comes first; the price book, often the largest, is not needed to find a customer.
LATER = ("product", "price_list", "price_item", "customer_condition", "conflict", "quarantine", "attachment")
ORDER = tuple(name for name in ENTITIES if name not in LATER) + tuple(name for name in ENTITIES if name in LATER)
_HEAD = 5  # id, root, number of the scope list, version, hash; then the columns


@dataclass(frozen=True, slots=True)
class Audience:
    """Whose rows: with one of `scopes` and none of `without`; `full`: with the fields that need a permission."""

    scopes: frozenset[str]
    without: frozenset[str]
    full: bool


@dataclass(frozen=True, slots=True)
class Part:
    """A part before compression. `entity` may be one an older program does not know: it skips it."""

    entity: str
    rows: int
    body: bytes


class Readable(Protocol):
    """A database that can be read."""

    def read(self) -> AbstractContextManager[Connection]:
        """One snapshot of it."""
        ...


def parts(storage: Readable, audience: Audience, most_rows: int, most_bytes: int) -> Iterator[Part]:
    """All rows of an audience, in the order in which they are of use."""
    for entity in ORDER:
        after: str | None = None
        while True:
            with storage.read() as connection:
                rows = _read(connection, entity, audience, after, most_rows)
            if not rows:
                break
            part, taken = _written(entity, rows, most_bytes)
            yield part
            after = rows[taken - 1][0]
            if taken == len(rows) < most_rows:
                break


def _written(entity: str, rows: Sequence[Row[Any]], most_bytes: int) -> tuple[Part, int]:
    """As many of the rows as fit, at least one."""
    count = len(rows)
    while True:
        body = orjson.dumps(
            {"e": entity, "cols": columns(entity), "data": list(zip(*rows[:count], strict=True))},
        )
        if len(body) <= most_bytes or count == 1:
            return Part(entity, count, body), count
        count = max(1, count // 2)


def _read(connection: Connection, entity: str, audience: Audience, after: str | None, limit: int) -> Sequence[Row[Any]]:
    found = connection.execute(_statement(entity, audience, after is None).limit(limit), {"kind": entity, "at": after})
    rows = found.all()
    hidden = () if audience.full else confidential_fields(entity)
    if not hidden:
        return rows
    places = {columns(entity).index(name) + _HEAD for name in hidden}
    return [tuple(None if at in places else value for at, value in enumerate(row)) for row in rows]  # type: ignore[misc]


def _statement(entity: str, audience: Audience, first: bool) -> Select[Any]:
    """By falling id: ids hold the time of their making, and the key serves the order."""
    m, source = row_meta.c, entity_table(entity)
    amount = m.row_hash if audience.full else m.public_hash
    # The index on scope lists would read and sort all rows of the audience for each part.
    scope_set: ColumnElement[int] = m.scope_set + 0
    statement = (
        select(m.id, m.root_id, m.scope_set, m.row_ver, amount, *(source.c[name] for name in columns(entity)))
        .join(source, and_(m.entity == bindparam("kind"), m.id == source.c.id))
        .where(m.deleted.is_(False), scope_set.in_(_lists(audience.scopes)))
        .order_by(m.id.desc())
    )
    if audience.without:
        statement = statement.where(scope_set.not_in(_lists(audience.without)))
    return statement if first else statement.where(m.id < bindparam("at"))


def _lists(scopes: frozenset[str]) -> Select[Any]:
    return select(scope_member.c.set_id).where(scope_member.c.scope.in_(sorted(scopes)))
