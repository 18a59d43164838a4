"""The outbox as a person reads it: what waits, what it changes field by field, what was refused and why."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crm_desktop.errors import InvalidInput, NotFound
from crm_desktop.model import ENTITIES
from crm_desktop.model.wire import Row, Value, field_facts
from crm_desktop.services.conflicts import record_title
from crm_desktop.store.changes import NOTHING, ChangeSet
from crm_desktop.store.client_store import ClientStore
from crm_desktop.store.intents import (
    Intent,
    create,
    delete,
    restore,
    set_add,
    set_remove,
    text,
    transition,
    update,
)
from crm_desktop.store.reader import Reader

LOCAL = "local:"  # prefix of the id of a refusal that never reached the server


@dataclass(frozen=True, slots=True)
class FieldDiff:
    """One field before and after, in wire form. For sets `new` are the elements added, `old` those removed."""

    name: str
    label_en: str
    label_de: str
    old: Value
    new: Value

    def label(self, language: str) -> str:
        """Label in 'de' or 'en'."""
        return self.label_de if language == "de" else self.label_en


@dataclass(frozen=True, slots=True)
class ChangeView:
    """One operation: `kind` is the operation's kind, `outcome` empty while it waits."""

    entity: str
    record_id: str
    title: str
    kind: str
    fields: tuple[FieldDiff, ...]
    outcome: str = ""


@dataclass(frozen=True, slots=True)
class OutboxView:
    """One user action in the outbox."""

    client_seq: int
    txn_id: str
    at: str
    state: str
    changes: tuple[ChangeView, ...]
    message: str
    can_discard: bool


@dataclass(frozen=True, slots=True)
class RefusedView:
    """A change that needs a person: refused by the server, or set aside here (`local`)."""

    id: str
    local: bool
    client_seq: int | None
    reason: str
    detail: str
    at: str | None
    changes: tuple[ChangeView, ...]
    status: str


class OutboxService:
    """Reads the outbox and decides what was refused."""

    def __init__(self, store: ClientStore) -> None:
        self._store = store

    def entries(self, limit: int = 200) -> list[OutboxView]:
        """What the server has not answered or the cursor not covered yet, in the order of writing."""

        def read(reader: Reader) -> list[OutboxView]:
            return [
                OutboxView(
                    entry.client_seq,
                    entry.txn_id,
                    entry.at,
                    entry.state,
                    tuple(_change(op.operation, op.title, op.outcome or "") for op in entry.ops),
                    entry.message or "",
                    entry.state == "waiting",
                )
                for entry in reader.outbox(limit=limit)
            ]

        return self._store.read(read)

    def refused(self) -> list[RefusedView]:
        """What waits for a decision, the newest first."""

        def read(reader: Reader) -> list[RefusedView]:
            here = [
                RefusedView(
                    f"{LOCAL}{entry.client_seq}",
                    True,
                    entry.client_seq,
                    entry.code,
                    entry.message,
                    entry.at,
                    _changes(reader, entry.transaction),
                    "open",
                )
                for entry in reader.local_quarantine()
            ]
            there = [
                RefusedView(
                    row["id"],
                    False,
                    None,
                    row["reason"],
                    row["detail"],
                    row["refused_at"],
                    _changes(reader, _payload(row)),
                    row["status"],
                )
                for row in reader.where("quarantine", status="open")
            ]
            return sorted(here + there, key=lambda view: view.at or "", reverse=True)

        return self._store.read(read)

    def discard(self, client_seq: int) -> bool:
        """Take back an action that was never attempted; False where it is on its way already."""
        return self._store.discard(client_seq)

    def retry(self, refused_id: str, initiator: str = "") -> ChangeSet:
        """Send a refused action again as a new transaction, based on what stands now."""
        if refused_id.startswith(LOCAL):
            client_seq, transaction = self._local(refused_id)
            changes = self._commit(transaction, initiator, None)
            self._store.close_quarantine(client_seq)
            return changes
        row = self._store.read(lambda reader: _quarantine(reader, refused_id))
        return self._commit(_payload(row), initiator, row["txn_id"])

    def drop(self, refused_id: str, initiator: str = "") -> ChangeSet:
        """Give a refused action up; its content stays readable in the server's entry."""
        if refused_id.startswith(LOCAL):
            self._store.close_quarantine(self._local(refused_id)[0])
            return NOTHING
        self._store.read(lambda reader: _quarantine(reader, refused_id))
        return self._store.commit([transition("quarantine", refused_id, "discarded")], initiator)

    def export(self, path: Path) -> int:
        """Write outbox and refusals as JSON lines; returns the number of lines."""
        return self._store.export_outbox(path)

    def _local(self, refused_id: str) -> tuple[int, Mapping[str, Any]]:
        entries = self._store.read(lambda reader: reader.local_quarantine())
        for entry in entries:
            if f"{LOCAL}{entry.client_seq}" == refused_id:
                return entry.client_seq, entry.transaction
        raise _gone()

    def _commit(self, transaction: Mapping[str, Any], initiator: str, resolves: str | None) -> ChangeSet:
        intents = [_intent(op) for op in transaction.get("ops", ())]
        if not intents:
            raise InvalidInput("nothing_to_retry", "This entry holds no change.", "Discard it.")
        return self._store.commit(intents, initiator, resolves=resolves)


def _intent(op: Mapping[str, Any]) -> Intent:
    """What an operation wanted, to be based on what is visible now."""
    entity, record_id = op["e"], op["id"]
    match op["k"]:
        case "create":
            return create(entity, record_id, op["v"])
        case "patch":
            return update(entity, record_id, {name: change["new"] for name, change in op["set"].items()})
        case "text":
            return text(entity, record_id, op["f"], op["text"])
        case "set_add":
            return set_add(entity, record_id, op["f"], op["v"])
        case "set_remove":
            return set_remove(entity, record_id, op["f"], op["v"])
        case "transition":
            return transition(entity, record_id, op["to"], op.get("f", "status"), op.get("expected_total"))
        case "delete":
            return delete(entity, record_id)
        case "restore":
            return restore(entity, record_id)
    raise InvalidInput("unknown_operation", f"There is no kind of change called {op['k']!r}.", "Update the program.")


def _changes(reader: Reader, transaction: Mapping[str, Any]) -> tuple[ChangeView, ...]:
    views = []
    for op in transaction.get("ops", ()):
        row = reader.get(op["e"], op["id"]) if op["e"] in ENTITIES else None
        row = row or (op["v"] | {"id": op["id"]} if op["k"] == "create" else None)
        title = record_title(op["e"], row) if row and op["e"] in ENTITIES else op["id"]
        views.append(_change(op, title, ""))
    return tuple(views)


def _change(op: Mapping[str, Any], title: str, outcome: str) -> ChangeView:
    return ChangeView(op["e"], op["id"], title, op["k"], tuple(_diffs(op)), outcome)


def _diffs(op: Mapping[str, Any]) -> list[FieldDiff]:
    declared = field_facts(op["e"]) if op["e"] in ENTITIES else {}

    def diff(name: str, old: Value, new: Value) -> FieldDiff:
        facts = declared.get(name)
        return FieldDiff(name, facts.en if facts else name, facts.de if facts else name, old, new)

    match op["k"]:
        case "create":
            return [diff(name, None, value) for name, value in op["v"].items() if name not in _TECHNICAL]
        case "patch":
            # A coupled group travels whole; what was not changed is no news.
            changes = op["set"].items()
            return [diff(name, part["old"], part["new"]) for name, part in changes if part["old"] != part["new"]]
        case "text":
            return [diff(op["f"], op.get("base"), op["text"])]
        case "set_add":
            return [diff(op["f"], None, op["v"])]
        case "set_remove":
            return [diff(op["f"], op["v"], None)]
        case "transition":
            return [diff(op.get("f", "status"), op.get("from"), op["to"])]
    return []


_TECHNICAL = {"created_at", "created_by"}


def _payload(row: Row) -> Mapping[str, Any]:
    try:
        payload = json.loads(row["payload"] or "{}")
    except ValueError:
        return {}
    return payload if isinstance(payload, dict) else {}


def _quarantine(reader: Reader, refused_id: str) -> Row:
    row = reader.get("quarantine", refused_id)
    if row is None:
        raise _gone()
    return row


def _gone() -> NotFound:
    return NotFound("not_here", "This entry is no longer here.", "Look at the list again.")
