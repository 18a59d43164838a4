"""The rows of a page, read entity by entity, in the form in which they are sent."""

from collections.abc import Iterable
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, Result, Select, and_, bindparam, func, select

from crm_desktop.model.wire import column_decoders, columns, confidential_fields
from server.storage.records import Key, batches, entity_table, grouped
from server.storage.scope_sets import Scopes, numbers_of, unindexed
from server.storage.tables import row_meta


class PullRows:
    """Reads rows for a user. `after` is his cursor, `full` whether he may see confidential fields."""

    def __init__(self, connection: Connection, scopes: Scopes, after: int, *, full: bool) -> None:
        self._connection = connection
        self._scopes = scopes
        self._after = after
        self._full = full

    def read(self, wanted: Iterable[Key], upto: int) -> dict[Key, tuple[list[Any], int]]:
        """[id, root, -, values...] and scope list of all rows to be put, read entity by entity."""
        rows: dict[Key, tuple[list[Any], int]] = {}
        for entity, ids in grouped(wanted).items():
            span = {"kind": entity, "after": self._after, "upto": upto}
            self._decode(entity, self._connection.execute(_range_statement(entity, self._scopes), span), rows)
            granted = [record_id for record_id in ids if (entity, record_id) not in rows]
            for batch in batches(granted):
                found = self._connection.execute(_row_statement(entity), {"ids": batch, "kind": entity})
                self._decode(entity, found, rows)
        return rows

    def _decode(self, entity: str, found: Result[Any], rows: dict[Key, tuple[list[Any], int]]) -> None:
        decoders = [(index + 3, decode) for index, decode in column_decoders(entity)]
        hidden = [] if self._full else [columns(entity).index(n) + 3 for n in confidential_fields(entity)]
        for row in found.all():
            values = list(row)
            for index, decode in decoders:
                values[index] = decode(values[index])
            for index in hidden:
                values[index] = None
            rows[entity, values[0]] = (values, values[2])


def _rows_of(entity: str, kind: ColumnElement[str]) -> Select[Any]:
    """Id, root, scope list and all columns of an entity's rows; `kind` is the entity in their meta row."""
    source = entity_table(entity)
    return select(source.c.id, row_meta.c.root_id, row_meta.c.scope_set, *(source.c[n] for n in columns(entity))).join(
        row_meta, and_(kind == bindparam("kind"), row_meta.c.id == source.c.id)
    )


@cache
def _row_statement(entity: str) -> Select[Any]:
    """Rows by id."""
    return _rows_of(entity, row_meta.c.entity).where(entity_table(entity).c.id.in_(bindparam("ids", expanding=True)))


def _range_statement(entity: str, scopes: Scopes) -> Select[Any]:
    """Rows in scope whose version lies in the range, read by the index on versions."""
    m = row_meta.c
    # The key (entity, id) would serve the join and read every row of the entity for every page.
    return _rows_of(entity, func.coalesce(m.entity, "")).where(
        m.row_ver > bindparam("after"),
        m.row_ver <= bindparam("upto"),
        unindexed(m.scope_set).in_(numbers_of(scopes)),
    )
