"""One user action in the making: the records it touches and the operations it queues, in the writer's transaction."""

import hashlib
from collections.abc import Callable, Mapping
from typing import Any

import orjson

from crm_desktop.errors import InvalidInput, NotFound
from crm_desktop.ids import new_id
from crm_desktop.model.operations import Delete, Operation
from crm_desktop.model.wire import Row, field_facts
from crm_desktop.rules.apply import apply
from crm_desktop.store import meta
from crm_desktop.store.connection import Connection
from crm_desktop.store.tables import HIDDEN, UNKNOWN
from crm_desktop.store.visible import LiveOp, ServerSide, Stored, keep_mirror, load, root_id, write

MAX_OPS = 500
MAX_BYTES = 1024 * 1024
NEW_TXN = -1  # the transaction being made has no number yet
_GUARDS = ("transition", "delete", "restore")
Key = tuple[str, str]  # entity, id


class UserAction:
    """Reads records once, puts operations on top of them, and at the end writes rows and one outbox transaction.

    `on_the_way` tells whether a transaction was handed to the sync and may not be changed any more.
    """

    def __init__(self, connection: Connection, author: meta.Author, at: str, on_the_way: Callable[[int], bool]) -> None:
        self.author = author
        self.at = at
        self._connection = connection
        self._on_the_way = on_the_way
        self._records: dict[Key, Stored] = {}
        self._rows: dict[Key, Row | None] = {}
        self._ops: list[dict[str, Any]] = []
        self._hidden: list[dict[str, Any]] = []  # replayed here and never sent
        self.touched: dict[Key, None] = {}  # in order: parents before what is created under them

    @property
    def sends(self) -> bool:
        """Whether there is an operation to queue."""
        return bool(self._ops)

    # records

    def record(self, entity: str, record_id: str) -> Stored:
        """The record as it lay in the file before this action."""
        key = (entity, record_id)
        if key not in self._records:
            field_facts(entity)
            record = load(self._connection, entity, record_id)
            self._records[key] = record
            self._rows[key] = record.row
        return self._records[key]

    def row(self, entity: str, record_id: str) -> Row | None:
        """The row as this action leaves it so far; None: not visible."""
        self.record(entity, record_id)
        return self._rows[entity, record_id]

    def visible(self, entity: str, record_id: str) -> Row:
        """As `row`; NotFound where there is none."""
        row = self.row(entity, record_id)
        if row is None:
            raise NotFound("not_here", "This record is not on this laptop.", "Synchronise and look again.")
        return row

    def known(self, entity: str) -> list[str]:
        """Ids of the records of a kind this action has met."""
        return [record_id for kind, record_id in self._rows if kind == entity]

    # operations

    def head(self, entity: str, record_id: str) -> dict[str, Any]:
        """What every new operation on a record begins with."""
        return {"op_id": new_id(), "e": entity, "id": record_id, "base_epoch": self.author.epoch}

    def base_version(self, entity: str, record_id: str, name: str) -> int:
        """What the user saw: the base of the oldest operation on the field, else the row's version."""
        record = self.record(entity, record_id)
        for op in record.live:
            data = op.data
            if data["k"] == "patch" and name in data["set"]:
                return int(data["set"][name]["base_ver"]) if data["base_epoch"] == self.author.epoch else 0
            if data["k"] in ("set_add", "set_remove") and data["f"] == name:
                return int(data["base_ver"]) if data["base_epoch"] == self.author.epoch else 0
            if data["k"] == "create" and op.commit_seq is None:
                return 0
        return max(record.server.ver, 0)

    def element_version(self, entity: str, record_id: str, name: str, element: str) -> int:
        """As `base_version`, for an element: one's own acknowledged addition has been seen by its author."""
        record = self.record(entity, record_id)
        own = [op.commit_seq for op in record.live if element in (_added(op.data, name) or ())]
        known = [seq for seq in own if seq is not None]
        told = UNKNOWN - record.server.ver  # what is only being read anew was told under this version
        return max([self.base_version(entity, record_id, name), told, *known])

    def add(self, operation: Operation) -> None:
        """Put an operation on top and queue it; InvalidInput where one transaction cannot hold it."""
        key = (operation.e, operation.id)
        data = operation.model_dump(mode="json", by_alias=True)  # whole: a text with its base
        self._ops.append(data)
        if len(self._ops) > MAX_OPS:
            raise _too_large()
        self._records[key].live.append(LiveOp.new(operation.op_id, NEW_TXN, data))
        self._rows[key] = apply(self._rows[key], operation)
        self.touched[key] = None

    def hide(self, entity: str, record_id: str) -> None:
        """Take a record out of sight on this device alone; the server does as it sees fit."""
        operation = Delete(**self.head(entity, record_id), seen_cursor=self.author.cursor_seq)
        data = operation.model_dump(mode="json", by_alias=True)  # whole: a text with its base
        self._hidden.append(data)
        self._records[entity, record_id].live.append(LiveOp.new(operation.op_id, NEW_TXN, data))
        self._rows[entity, record_id] = None
        self.touched[entity, record_id] = None

    # changing what has not left yet

    def fold_text(self, entity: str, record_id: str, name: str, new: str) -> bool:
        """Autosave: the newest text operation of the field takes the new text while it has not been sent."""
        live = self.record(entity, record_id).live
        if not live:
            return False
        op = live[-1]
        if op.data["k"] != "text" or op.data["f"] != name or not self._changeable(op):
            return False
        self._rewrite(op, {**op.data, "text": new})
        self._show(entity, record_id, {name: new})
        return True

    def take_back(self, entity: str, record_id: str, name: str, element: str) -> bool:
        """An element added by an operation not yet sent leaves that operation: the server would keep it.

        False where that is not enough: the server's row has it too.
        """
        if element in self._told(entity, record_id, name):
            return False
        for op in self.record(entity, record_id).live:
            added = _added(op.data, name) or []
            if element in added and self._changeable(op):
                left = [item for item in added if item != element]
                values = {"v": op.data["v"] | {name: left} if op.data["k"] == "create" else left}
                self._rewrite(op, op.data | values)
                rest = [item for item in self.visible(entity, record_id)[name] if item != element]
                self._show(entity, record_id, {name: rest})
                return True
        return False

    def _told(self, entity: str, record_id: str, name: str) -> list[str]:
        """A set as it is in the server's row, under work of ours."""
        found = self._connection.execute(
            "SELECT json FROM mirror WHERE entity = ? AND id = ? AND json IS NOT NULL", (entity, record_id)
        ).fetchone()
        held: list[str] = [] if found is None else orjson.loads(found[0]).get(name, [])
        return held

    def _changeable(self, op: LiveOp) -> bool:
        if op.txn == NEW_TXN:
            return True
        if op.attempted or op.commit_seq is not None or self._on_the_way(op.txn):
            return False
        guards = ", ".join(f"'{kind}'" for kind in _GUARDS)
        found = self._connection.execute(
            f"SELECT 1 FROM outbox_op WHERE txn = ? AND k IN ({guards})", (op.txn,)
        ).fetchone()
        # A guard that fails takes its whole transaction along: nothing may be folded into it afterwards.
        return found is None

    def _rewrite(self, op: LiveOp, data: dict[str, Any]) -> None:
        if op.txn == NEW_TXN:
            op.data.update(data)
            return
        before = op.op_id
        # Another content is another operation, in another transaction: a copy of this profile may send the old one.
        if data["k"] != "create":
            op.op_id = data["op_id"] = new_id()
        op.data = data
        text = orjson.dumps(data)
        self._connection.execute(
            "UPDATE outbox_op SET op_id = ?, json = ?, sha256 = ? WHERE txn = ? AND op_id = ?",
            (op.op_id, text.decode(), hashlib.sha256(text).hexdigest(), op.txn, before),
        )
        self._connection.execute("UPDATE outbox_txn SET txn_id = ? WHERE n = ?", (new_id(), op.txn))

    def _show(self, entity: str, record_id: str, values: Mapping[str, Any]) -> None:
        row = self.visible(entity, record_id)
        self._rows[entity, record_id] = row | dict(values)
        self.touched[entity, record_id] = None

    # writing

    def write(self, resolves: str | None) -> int | None:
        """Write rows and queue; returns the number of the transaction, None where nothing is to be sent."""
        client_seq = self._queue(resolves) if self._ops else None
        for key in self.touched:
            self._store(key)
        return client_seq

    def _queue(self, resolves: str | None) -> int:
        texts = [orjson.dumps(data) for data in self._ops]
        size = sum(len(text) for text in texts) - sum(len(data.get("base") or "") for data in self._ops)
        if size > MAX_BYTES:
            raise _too_large()
        connection = self._connection
        client_seq = self.author.client_seq + 1
        txn_id = new_id()
        txn = connection.execute(
            "INSERT INTO outbox_txn (device_id, client_seq, txn_id, seen_cursor, at, resolves, state) "
            "VALUES (?, ?, ?, ?, ?, ?, 'pending')",
            (self.author.device_id, client_seq, txn_id, self.author.cursor_seq, self.at, resolves),
        ).lastrowid
        connection.executemany(
            "INSERT INTO outbox_op (op_id, txn, n, entity, id, k, live, json, sha256) "
            "VALUES (?, ?, ?, ?, ?, ?, 1, ?, ?)",
            [
                (d["op_id"], txn, n, d["e"], d["id"], d["k"], text.decode(), hashlib.sha256(text).hexdigest())
                for n, (d, text) in enumerate(zip(self._ops, texts, strict=True))
            ]
            + [
                (d["op_id"], txn, n, d["e"], d["id"], HIDDEN, orjson.dumps(d).decode(), "")
                for n, d in enumerate(self._hidden, len(texts))
            ],
        )
        self.author.client_seq = client_seq
        return client_seq

    def _store(self, key: tuple[str, str]) -> None:
        record = self._records[key]
        row = self._rows[key]
        if record.server.ver != 0 and record.values is not None:
            keep_mirror(self._connection, record)
        if row is None:
            write(self._connection, record, None, record.server)
            return
        server = record.server
        if server.ver == 0:
            server = ServerSide(root=root_id(self._connection, *key, row))
        write(self._connection, record, row, server)


def _added(data: Mapping[str, Any], name: str) -> list[str] | None:
    """Elements an operation puts into a set."""
    if data["k"] == "create":
        found: list[str] | None = data["v"].get(name)
        return found
    return data["v"] if data["k"] == "set_add" and data["f"] == name else None


def _too_large() -> InvalidInput:
    return InvalidInput(
        "transaction_too_large",
        f"This is too much for one step (at most {MAX_OPS} changes or 1 MiB).",
        "Save it in smaller parts.",
    )
