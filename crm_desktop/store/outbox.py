"""A local write: intents become operations, are applied to the visible rows and queued, all in one transaction."""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, assert_never

import orjson

from crm_desktop.errors import InvalidInput, NotFound
from crm_desktop.failpoints import failpoint
from crm_desktop.ids import new_id
from crm_desktop.model.facts import Facts, Kind
from crm_desktop.model.operations import (
    Create,
    Delete,
    FieldChange,
    Operation,
    Patch,
    Restore,
    SetAdd,
    SetRemove,
    Text,
    Transition,
)
from crm_desktop.model.wire import Row, clean_row, clean_value, default_row, field_facts, text_hash
from crm_desktop.rules.apply import apply
from crm_desktop.store import meta
from crm_desktop.store.changes import NOTHING, ChangeSet
from crm_desktop.store.connection import Connection
from crm_desktop.store.intents import (
    CreateIntent,
    DeleteIntent,
    Intent,
    PatchIntent,
    RestoreIntent,
    SetIntent,
    TextIntent,
    TransitionIntent,
)
from crm_desktop.store.tables import HIDDEN, children_of, quoted
from crm_desktop.store.unseen import unseen_changes
from crm_desktop.store.visible import LiveOp, ServerSide, Stored, keep_mirror, load, root_id, write

MAX_OPS = 500
MAX_BYTES = 1024 * 1024
NEW_TXN = -1  # the transaction being made has no number yet
_GUARDS = ("transition", "delete", "restore")


def stored_json(operation: Operation) -> dict[str, Any]:
    """An operation as kept on the laptop: whole, with the base of a text."""
    data: dict[str, Any] = operation.model_dump(mode="json", by_alias=True)
    return data


class LocalWrite:
    """One user action in the making, inside the writer's transaction.

    `on_the_way` tells whether a transaction was handed to the sync and may not be changed any more.
    """

    def __init__(self, connection: Connection, at: str, on_the_way: Callable[[int], bool]) -> None:
        self._connection = connection
        self._at = at
        self._on_the_way = on_the_way
        stored = meta.several(connection, "epoch", "user_id", "cursor_seq", "client_seq", "device_id")
        self._epoch = stored.get("epoch", "")
        self._user = stored.get("user_id") or None
        self._device = stored.get("device_id", "")
        self._cursor = int(stored.get("cursor_seq", "0"))
        self._last_seq = int(stored.get("client_seq", "0"))
        self._records: dict[tuple[str, str], Stored] = {}
        self._rows: dict[tuple[str, str], Row | None] = {}
        self._ops: list[dict[str, Any]] = []
        self._hidden: list[dict[str, Any]] = []  # replayed here and never sent
        self._touched: dict[tuple[str, str], None] = {}  # in order: parents before what is created under them

    def run(self, intents: Sequence[Intent], initiator: str, resolves: str | None) -> ChangeSet:
        """Apply all intents and queue one transaction; InvalidInput or NotFound leave nothing behind."""
        for intent in intents:
            self._intend(intent)
        if not self._touched and not (resolves and self._ops):
            return NOTHING
        client_seq = self._queue(resolves) if self._ops else None
        for key in self._touched:
            self._store(key)
        failpoint("C1-before")
        kinds = {entity for entity, _ in self._touched} | {"outbox"}
        return ChangeSet(frozenset(kinds), frozenset(self._touched), initiator, "local", client_seq)

    # intents

    def _intend(self, intent: Intent) -> None:
        if isinstance(intent, CreateIntent):
            self._create(intent)
        elif isinstance(intent, PatchIntent):
            self._patch(intent)
        elif isinstance(intent, TextIntent):
            self._text(intent.entity, intent.id, intent.field, intent.text, intent.base)
        elif isinstance(intent, SetIntent):
            self._set(intent.entity, intent.id, intent.field, intent.elements, add=intent.add)
        elif isinstance(intent, TransitionIntent):
            self._transition(intent)
        elif isinstance(intent, DeleteIntent):
            self._visible(intent.entity, intent.id)
            self._delete(intent.entity, intent.id)
        elif isinstance(intent, RestoreIntent):
            self._record(intent.entity, intent.id)
            self._add(Restore(**self._head(intent.entity, intent.id)))
            for operation in unseen_changes(intent, lambda: self._head(intent.entity, intent.id), self._cursor):
                self._add(operation)
        else:
            assert_never(intent)

    def _delete(self, entity: str, record_id: str) -> None:
        below = self._below(entity, record_id)
        self._add(Delete(**self._head(entity, record_id), seen_cursor=self._cursor))
        # The server takes the children along by itself, or keeps them with the root: they are hidden, not deleted.
        for key in below:
            self._hide(*key)

    def _below(self, entity: str, record_id: str) -> list[tuple[str, str]]:
        """Visible records that belong to a record, also at second hand."""
        found: dict[tuple[str, str], None] = {}
        for other, name in children_of(entity):
            ids = self._connection.execute(f"SELECT id FROM {quoted(other)} WHERE {quoted(name)} = ?", (record_id,))
            here = [kept for kind, kept in self._rows if kind == other]  # as this user action leaves them
            for child in dict.fromkeys([*(row[0] for row in ids), *here]):
                self._record(other, child)
                row = self._rows[other, child]
                if row is not None and row[name] == record_id and (other, child) not in found:
                    found[other, child] = None
                    found |= dict.fromkeys(self._below(other, child))
        return list(found)

    def _hide(self, entity: str, record_id: str) -> None:
        operation = Delete(**self._head(entity, record_id), seen_cursor=self._cursor)
        data = stored_json(operation)
        self._hidden.append(data)
        self._records[entity, record_id].live.append(LiveOp(operation.op_id, NEW_TXN, data, None, attempted=False))
        self._rows[entity, record_id] = None
        self._touched[entity, record_id] = None

    def _create(self, intent: CreateIntent) -> None:
        record = self._record(intent.entity, intent.id)
        if record.values is not None or record.live or self._rows[intent.entity, intent.id] is not None:
            raise InvalidInput("exists", "This record exists already.", "Use another id.")
        filled = {"created_at": self._at, "created_by": self._user} | dict(intent.values)
        row = clean_row(intent.entity, filled)
        defaults = default_row(intent.entity)
        values = {name: value for name, value in row.items() if value != defaults[name]}
        self._add(Create(**self._head(intent.entity, intent.id), v=values))

    def _patch(self, intent: PatchIntent) -> None:
        row = self._visible(intent.entity, intent.id)
        changes: dict[str, FieldChange] = {}
        for name, value in intent.values.items():
            facts = self._facts(intent.entity, name)
            new = clean_value(name, facts, value)
            if facts.kind is Kind.STATE:
                if new != row[name]:
                    raise InvalidInput("state", f"“{facts.en}” changes by its own commands.", "Use them.", label=facts)
                continue
            if facts.kind in (Kind.LONG_TEXT, Kind.SET):
                if not intent.mixed:
                    raise InvalidInput("not_scalar", f"“{facts.en}” is changed as a text or set.", "", label=facts)
                self._mixed(intent, name, facts, new)
                continue
            old = clean_value(name, facts, intent.seen[name]) if name in intent.seen else row[name]
            if new == row[name] or (name in intent.seen and new == old):
                continue
            base = self._base_version(intent.entity, intent.id, name)
            if intent.seen_ver is not None:
                base = min(base, max(intent.seen_ver, 0))
            changes[name] = FieldChange(base_ver=base, old=old, new=new)
        if changes:
            changes |= self._coupled(intent, row, changes)
            self._add(Patch(**self._head(intent.entity, intent.id), set=changes))

    def _coupled(self, intent: PatchIntent, row: Row, changes: Mapping[str, FieldChange]) -> dict[str, FieldChange]:
        """The unchanged fields of the groups that change: a group is compared, and conflicts, as a whole."""
        fields = field_facts(intent.entity)
        groups = {fields[name].group for name in changes} - {None}
        kept: dict[str, FieldChange] = {}
        for name, facts in fields.items():
            if facts.group in groups and name not in changes:
                value = clean_value(name, facts, intent.seen[name]) if name in intent.seen else row[name]
                base = self._base_version(intent.entity, intent.id, name)
                kept[name] = FieldChange(base_ver=base, old=value, new=value)
        return kept

    def _mixed(self, intent: PatchIntent, name: str, facts: Facts, new: Any) -> None:
        seen = clean_value(name, facts, intent.seen[name]) if name in intent.seen else None
        if facts.kind is Kind.LONG_TEXT:
            if new != seen:
                self._text(intent.entity, intent.id, name, new, None if seen is None else str(seen))
            return
        before = self._visible(intent.entity, intent.id)[name] if seen is None else seen
        assert isinstance(before, list)
        self._set(intent.entity, intent.id, name, [item for item in new if item not in before], add=True)
        self._set(intent.entity, intent.id, name, [item for item in before if item not in new], add=False)

    def _text(self, entity: str, record_id: str, name: str, text: str, base: str | None) -> None:
        row = self._visible(entity, record_id)
        facts = self._facts(entity, name, Kind.LONG_TEXT)
        new = str(clean_value(name, facts, text))
        start = str(row[name] if base is None else clean_value(name, facts, base))
        if new in (row[name], start):
            return
        if start == row[name] and self._fold_text(entity, record_id, name, new):
            return
        head = self._head(entity, record_id)
        self._add(Text(**head, f=name, base_sha=text_hash(start), text=new, base=start))

    def _set(self, entity: str, record_id: str, name: str, elements: Iterable[str], *, add: bool) -> None:
        row = self._visible(entity, record_id)
        facts = self._facts(entity, name, Kind.SET)
        wanted = clean_value(name, facts, list(elements))
        assert isinstance(wanted, list)
        if add:
            fresh = [item for item in wanted if item not in row[name]]
            if fresh:
                base = self._base_version(entity, record_id, name)
                self._add(SetAdd(**self._head(entity, record_id), f=name, v=fresh, base_ver=base))
            return
        by_base: dict[int, list[str]] = {}
        for item in wanted:
            if item in row[name] and not self._take_back(entity, record_id, name, item):
                by_base.setdefault(self._element_version(entity, record_id, name, item), []).append(item)
        for base, items in sorted(by_base.items()):
            self._add(SetRemove(**self._head(entity, record_id), f=name, v=items, base_ver=base))

    def _transition(self, intent: TransitionIntent) -> None:
        row = self._visible(intent.entity, intent.id)
        facts = self._facts(intent.entity, intent.field, Kind.STATE)
        here = row[intent.field]
        if here == intent.to:
            return
        if (here, intent.to) not in facts.transitions:
            raise InvalidInput(
                "no_such_transition",
                f"“{facts.en}” cannot go from “{facts.choice_label(here, 'en')}” "
                f"to “{facts.choice_label(intent.to, 'en')}”.",
                "Look at the record again; it may have changed.",
                label=facts,
                here=facts.choice(here),
                to=facts.choice(intent.to),
            )
        head = self._head(intent.entity, intent.id)
        # `from` is a Python keyword: the wire name goes in by its alias.
        moved: dict[str, Any] = {"from": here}
        self._add(Transition(**head, **moved, f=intent.field, to=intent.to, expected_total=intent.expected_total))

    # what the operations rest on

    def _record(self, entity: str, record_id: str) -> Stored:
        key = (entity, record_id)
        if key not in self._records:
            field_facts(entity)
            record = load(self._connection, entity, record_id)
            self._records[key] = record
            self._rows[key] = record.row
        return self._records[key]

    def _visible(self, entity: str, record_id: str) -> Row:
        self._record(entity, record_id)
        row = self._rows[entity, record_id]
        if row is None:
            raise NotFound("not_here", "This record is not on this device.", "Synchronise and look again.")
        return row

    @staticmethod
    def _facts(entity: str, name: str, *kinds: Kind) -> Facts:
        facts = field_facts(entity).get(name)
        if facts is None or (kinds and facts.kind not in kinds):
            raise InvalidInput("unknown_field", f"{entity} has no such field {name!r}.", "Check the name.", name=name)
        return facts

    def _head(self, entity: str, record_id: str) -> dict[str, Any]:
        return {"op_id": new_id(), "e": entity, "id": record_id, "base_epoch": self._epoch}

    def _base_version(self, entity: str, record_id: str, name: str) -> int:
        """What the user saw: the base of the oldest operation on the field, else the row's version."""
        record = self._record(entity, record_id)
        for op in record.live:
            data = op.data
            if data["k"] == "patch" and name in data["set"]:
                return int(data["set"][name]["base_ver"]) if data["base_epoch"] == self._epoch else 0
            if data["k"] in ("set_add", "set_remove") and data["f"] == name:
                return int(data["base_ver"]) if data["base_epoch"] == self._epoch else 0
            if data["k"] == "create" and op.commit_seq is None:
                return 0
        return max(record.server.ver, 0)

    def _element_version(self, entity: str, record_id: str, name: str, element: str) -> int:
        """As `_base_version`, for an element: one's own acknowledged addition has been seen by its author."""
        own = [op.commit_seq for op in self._record(entity, record_id).live if element in (_added(op.data, name) or ())]
        known = [seq for seq in own if seq is not None]
        return max([self._base_version(entity, record_id, name), *known])

    # changing what has not left yet

    def _fold_text(self, entity: str, record_id: str, name: str, new: str) -> bool:
        """Autosave: the newest text operation of the field takes the new text while it has not been sent."""
        live = self._record(entity, record_id).live
        if not live:
            return False
        op = live[-1]
        if op.data["k"] != "text" or op.data["f"] != name or not self._changeable(op):
            return False
        self._rewrite(op, {**op.data, "text": new})
        self._show(entity, record_id, {name: new})
        return True

    def _take_back(self, entity: str, record_id: str, name: str, element: str) -> bool:
        """An element added by an operation not yet sent leaves that operation: the server would keep it."""
        for op in self._record(entity, record_id).live:
            added = _added(op.data, name) or []
            if element in added and self._changeable(op):
                left = [item for item in added if item != element]
                values = {"v": op.data["v"] | {name: left} if op.data["k"] == "create" else left}
                self._rewrite(op, op.data | values)
                rest = [item for item in self._visible(entity, record_id)[name] if item != element]
                self._show(entity, record_id, {name: rest})
                return True
        return False

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
        op.data = data
        text = orjson.dumps(data)
        self._connection.execute(
            "UPDATE outbox_op SET json = ?, sha256 = ? WHERE txn = ? AND op_id = ?",
            (text.decode(), hashlib.sha256(text).hexdigest(), op.txn, op.op_id),
        )

    def _show(self, entity: str, record_id: str, values: Mapping[str, Any]) -> None:
        row = self._visible(entity, record_id)
        self._rows[entity, record_id] = row | dict(values)
        self._touched[entity, record_id] = None

    # writing

    def _add(self, operation: Operation) -> None:
        key = (operation.e, operation.id)
        data = stored_json(operation)
        self._ops.append(data)
        if len(self._ops) > MAX_OPS:
            raise _too_large()
        self._records[key].live.append(LiveOp(operation.op_id, NEW_TXN, data, None, attempted=False))
        self._rows[key] = apply(self._rows[key], operation)
        self._touched[key] = None

    def _queue(self, resolves: str | None) -> int:
        texts = [orjson.dumps(data) for data in self._ops]
        size = sum(len(text) for text in texts) - sum(len(data.get("base") or "") for data in self._ops)
        if size > MAX_BYTES:
            raise _too_large()
        connection = self._connection
        client_seq = self._last_seq + 1
        txn_id = new_id()
        meta.put_several(connection, {"client_seq": str(client_seq), "txn_id": txn_id})
        txn = connection.execute(
            "INSERT INTO outbox_txn (device_id, client_seq, txn_id, seen_cursor, at, resolves, state) "
            "VALUES (?, ?, ?, ?, ?, ?, 'pending')",
            (self._device, client_seq, txn_id, self._cursor, self._at, resolves),
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
