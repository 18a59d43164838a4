"""One record as it lies in the file: its row, its mirror, its live operations. Reading and rewriting them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import orjson
from pydantic import TypeAdapter

from crm_desktop.model.operations import Operation
from crm_desktop.model.wire import Row, columns, default_row
from crm_desktop.rules.apply import replay
from crm_desktop.rules.scope import root_of
from crm_desktop.store.connection import Connection
from crm_desktop.store.search_index import DELETE_DOCUMENT, INSERT_DOCUMENT, Indexed, forget_documents
from crm_desktop.store.tables import Table, document_id, quoted, table


@cache
def _adapter() -> TypeAdapter[Operation]:
    return TypeAdapter(Operation)


def load_operation(text: str) -> Operation:
    """An operation from its stored JSON."""
    return _adapter().validate_json(text)


SERVER_NAMES = ("sync_ver", "sync_hash", "sync_scopes", "sync_root")


@dataclass(slots=True)
class ServerSide:
    """The confirmed part of a record: version, hash, scopes and root of the newest server row."""

    ver: int = 0
    hash: int = 0
    scopes: str = "[]"
    root: str = ""


@dataclass(slots=True)
class LiveOp:
    """An operation still replayed, with where its transaction stands. Its JSON is read when it is asked for."""

    op_id: str
    txn: int
    text: str
    commit_seq: int | None = None
    attempted: bool = False
    _data: dict[str, Any] | None = None

    @classmethod
    def new(cls, op_id: str, txn: int, data: dict[str, Any]) -> "LiveOp":
        """An operation that is being made."""
        return cls(op_id, txn, "", _data=data)

    @property
    def data(self) -> dict[str, Any]:
        """The operation in its stored form."""
        if self._data is None:
            self._data = orjson.loads(self.text)
        return self._data

    @data.setter
    def data(self, data: dict[str, Any]) -> None:
        self._data = data


@dataclass(slots=True)
class Stored:
    """A record of this device. `values` are column values in declared order; None: not visible."""

    entity: str
    id: str
    rowid: int | None = None
    values: list[Any] | None = None
    server: ServerSide = field(default_factory=ServerSide)
    live: list[LiveOp] = field(default_factory=list)

    @property
    def row(self) -> Row | None:
        """The visible row in wire form, without the id."""
        if self.values is None:
            return None
        row = table(self.entity).row(self.id, self.values)
        del row["id"]
        return row


@cache
def _load_sql(entity: str) -> str:
    # Whether operations wait on it is asked along: most records have none, and a statement more costs a save.
    return (
        "SELECT rowid, EXISTS (SELECT 1 FROM outbox_op o WHERE o.entity = ?1 AND o.id = ?2 AND o.live = 1), "
        f"sync_ver, sync_hash, sync_scopes, sync_root, {table(entity).select} FROM {quoted(entity)} WHERE id = ?2"
    )


def load(connection: Connection, entity: str, record_id: str, *, live: bool = True) -> Stored:
    """The record as stored; an empty `Stored` where there is none."""
    stored = Stored(entity, record_id)
    found = connection.execute(_load_sql(entity), (entity, record_id)).fetchone()
    if found is not None:
        stored.rowid = found[0]
        stored.server = ServerSide(*found[2:6])
        stored.values = list(found[6:])
    if live and (found is None or found[1]):
        stored.live = live_operations(connection, entity, record_id)
    return stored


def live_operations(connection: Connection, entity: str, record_id: str) -> list[LiveOp]:
    """Operations on a record that are replayed on top of the server's row, oldest first."""
    found = connection.execute(
        "SELECT o.op_id, o.txn, o.json, t.commit_seq, t.attempted_at FROM outbox_op o "
        "JOIN outbox_txn t ON t.n = o.txn WHERE o.entity = ? AND o.id = ? AND o.live = 1 ORDER BY o.txn, o.n",
        (entity, record_id),
    )
    return [LiveOp(op[0], op[1], op[2], op[3], op[4] is not None) for op in found]


def replayed(base: Row | None, base_ver: int, live: Sequence[LiveOp]) -> Row | None:
    """The server's row with what is not in it yet: an operation at or below its version is."""
    waiting = [op for op in live if op.commit_seq is None or op.commit_seq > base_ver]
    return replay(base, [_adapter().validate_python(op.data) for op in waiting])


def write(connection: Connection, stored: Stored, row: Row | None, server: ServerSide) -> bool:
    """Make `row` the visible one, keep `server` beside it, keep the search index true. True: it differs."""
    spec = table(stored.entity)
    if row is None:
        if stored.values is None:
            return False
        _remove(connection, spec, stored)
        return True
    values = spec.values(row)
    encoded = spec.encode(list(values))
    changed = True
    if stored.values is None:
        stored.rowid = next_rowid(connection, stored.entity)
        tail = (server.ver, server.hash, server.scopes, server.root, spec.sort_key(values))
        connection.execute(spec.insert, (stored.rowid, stored.id, *encoded, *tail))
        document = spec.document(values) if spec.searched else None
        if document is not None:
            connection.execute(INSERT_DOCUMENT, (document_id(stored.entity, stored.rowid), *document))
    else:
        changed = _update(connection, spec, stored, values, encoded, server)
    stored.values, stored.server = encoded, server
    return changed


def _update(
    connection: Connection,
    spec: Table,
    stored: Stored,
    values: list[Any],
    encoded: list[Any],
    server: ServerSide,
) -> bool:
    """Only changed columns: SQLite rewrites the index entries of every column an UPDATE names. True: it differs."""
    assert stored.values is not None
    assert stored.rowid is not None
    places = [at for at, (old, new) in enumerate(zip(stored.values, encoded, strict=True)) if old != new]
    held = stored.server
    names = [spec.names[at] for at in places]
    parameters = [encoded[at] for at in places]
    if (held.ver, held.hash, held.scopes, held.root) != (server.ver, server.hash, server.scopes, server.root):
        names += SERVER_NAMES
        parameters += (server.ver, server.hash, server.scopes, server.root)
    if not _titled(stored.entity).isdisjoint(places):
        names.append("sort_key")
        parameters.append(spec.sort_key(values))
    searched = not _searched(stored.entity).isdisjoint(places)
    before = old_document(spec, stored) if searched else None
    document = spec.document(values) if searched else None
    if names:
        listed = ", ".join(f"{quoted(name)} = ?" for name in names)
        connection.execute(f"UPDATE {quoted(spec.entity)} SET {listed} WHERE rowid = ?", (*parameters, stored.rowid))
    if document != before:
        rowid = document_id(spec.entity, stored.rowid)
        if before is not None:
            connection.execute(DELETE_DOCUMENT, (rowid, *before))
        if document is not None:
            connection.execute(INSERT_DOCUMENT, (rowid, *document))
    return bool(places)


@cache
def _titled(entity: str) -> frozenset[int]:
    """Places of the columns the sort key is made of."""
    return frozenset(table(entity).title)


@cache
def _searched(entity: str) -> frozenset[int]:
    """Places of the columns the search document is made of; none where nothing is searched."""
    spec = table(entity)
    if not spec.searched:
        return frozenset()
    return frozenset((*spec.in_title, *spec.in_names, *spec.in_body, *(spec.number or ())))


def _remove(connection: Connection, spec: Table, stored: Stored) -> None:
    before = take_out(connection, spec, stored)
    if before is not None:
        forget_documents(connection, [before])


def take_out(connection: Connection, spec: Table, stored: Stored) -> Indexed | None:
    """Delete a visible row. Returns its search document, which the caller deletes."""
    assert stored.rowid is not None
    before = old_document(spec, stored)
    rowid = document_id(spec.entity, stored.rowid)
    connection.execute(f"DELETE FROM {quoted(spec.entity)} WHERE rowid = ?", (stored.rowid,))
    stored.rowid, stored.values = None, None
    return None if before is None else (rowid, *before)


def old_document(spec: Table, stored: Stored) -> tuple[str, str, str, str] | None:
    """The search document of the row as stored: the index deletes only what it is told exactly."""
    if not spec.searched or stored.values is None:
        return None
    return spec.document(spec.values(spec.row(stored.id, stored.values)))


def next_rowid(connection: Connection, entity: str) -> int:
    """The rowid of the next row of a table."""
    return int(connection.execute(f"SELECT ifnull(max(rowid), 0) + 1 FROM {quoted(entity)}").fetchone()[0])


def root_id(connection: Connection, entity: str, record_id: str, row: Row) -> str:
    """Id of the record at the top of a record's parents, as far as it is on this device."""
    return root(connection, entity, record_id, row)[1]


def root(connection: Connection, entity: str, record_id: str, row: Row) -> tuple[str, str]:
    """(entity, id) of the record at the top of a record's parents."""
    at = (entity, record_id)
    current: Row | None = row
    while current is not None:
        above = root_of(at[0], current, at[1])
        if above == at:
            break
        at = above
        spec = table(at[0])
        found = connection.execute(f"SELECT {spec.select} FROM {quoted(at[0])} WHERE id = ?", (at[1],)).fetchone()
        current = None if found is None else dict(zip(columns(at[0]), found, strict=True))
    return at


def kept_row(entity: str, text: str) -> Row:
    """The server's row as the mirror keeps it. A field that came with an update since then holds its default."""
    kept: Row = orjson.loads(text)
    return default_row(entity) | kept


def keep_mirror(connection: Connection, stored: Stored) -> None:
    """Keep the server's row aside before the first operation covers it."""
    row = stored.row
    connection.execute(
        "INSERT OR IGNORE INTO mirror (entity, id, row_ver, json, hash, scopes, root) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            stored.entity,
            stored.id,
            stored.server.ver,
            orjson.dumps(row).decode(),
            stored.server.hash,
            stored.server.scopes,
            stored.server.root,
        ),
    )
