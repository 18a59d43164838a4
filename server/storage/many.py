"""Many rows by one statement that is compiled once.

SQLAlchemy builds the parameters of each row through its expression language, which takes longer than SQLite takes to
write the row; here a row's values go to the driver as they are.
"""

from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, Dialect, Insert, TableClause, Update, insert

Values = Mapping[str, Any]


def insert_many(connection: Connection, table: TableClause, rows: Sequence[Values]) -> None:
    """New rows; all name the columns of the first. Values are what the driver takes."""
    if rows:
        write_many(connection, _insertion(table), rows)


def write_many(connection: Connection, statement: Insert | Update, rows: Sequence[Values]) -> None:
    """An INSERT, or an UPDATE with named parameters, for each of the rows. The statement is one that stays."""
    if not rows:
        return
    text, order = _compiled(connection.dialect, statement, tuple(rows[0]))
    if not order:  # the driver takes names
        connection.exec_driver_sql(text, [dict(row) for row in rows])
        return
    pick = itemgetter(*order)
    connection.exec_driver_sql(text, [pick(row) for row in rows] if len(order) > 1 else [(pick(row),) for row in rows])


@cache
def _insertion(table: TableClause) -> Insert:
    return insert(table)


@lru_cache(maxsize=256)
def _compiled(dialect: Dialect, statement: Insert | Update, names: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """The statement's text, and the names in their order where the driver takes values by place."""
    compiled = statement.compile(dialect=dialect, column_keys=list(names))
    return str(compiled), tuple(getattr(compiled, "positiontup", None) or ())
