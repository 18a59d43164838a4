"""A kept transaction made again: the same intent, based on what stands now."""

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from pydantic import TypeAdapter

from crm_desktop.errors import InvalidInput
from crm_desktop.model import ENTITIES
from crm_desktop.model.operations import Operation
from crm_desktop.model.wire import Row, default_row, field_facts
from crm_desktop.rules.apply import apply
from crm_desktop.rules.line_pricing import decimal_of
from crm_desktop.rules.ordering import order_before_paper
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

Payload = Mapping[str, Any]
_MANY = 100_000
_FIELDS = ("create", "patch", "text", "set_add", "set_remove")
_OPERATION: TypeAdapter[Operation] = TypeAdapter(Operation)


def payload_of(quarantine: Row) -> Payload:
    """The transaction kept in a quarantine record; empty where it cannot be read."""
    try:
        payload = json.loads(quarantine["payload"] or "{}")
    except ValueError:
        return {}
    return payload if isinstance(payload, dict) else {}


def intents(reader: Reader, payload: Payload) -> list[Intent]:
    """What a transaction wanted, in its order."""
    bases = {op["op_id"]: op.get("base") for op in reader.written(str(payload.get("txn_id", "")))}
    return [_intent(reader, op, bases.get(op.get("op_id"))) for op in _wanted(reader, payload)]


def _wanted(reader: Reader, payload: Payload) -> list[Mapping[str, Any]]:
    return [op for op in payload.get("ops", ()) if not _overtaken(reader, op)]


def _overtaken(reader: Reader, op: Mapping[str, Any]) -> bool:
    """A step that gives way (a paper replaced an older one) where the record has moved on meanwhile."""
    if op["k"] != "transition" or op["e"] not in ENTITIES:
        return False
    name = op.get("f", "status")
    facts = field_facts(op["e"]).get(name)
    row = reader.get(op["e"], op["id"]) if facts is not None and op["to"] in facts.yielding else None
    return row is not None and row[name] != op["from"]


def as_written(
    reader: Reader,
    client_seq: int,
    operations: Sequence[Mapping[str, Any]],
    apart_from: frozenset[int | None] = frozenset(),
) -> list[Intent]:
    """An action that was taken back, on what its author had before him when he wrote it.

    What a colleague changed since becomes a conflict instead of being overwritten; what the author himself wrote
    over after it stays as he wrote it. `apart_from` are later actions that are no such writing: they were put back
    themselves.
    """
    later = {
        (op.operation["e"], op.operation["id"], name)
        for entry in reader.outbox(limit=_MANY)
        if entry.client_seq > client_seq and entry.state != "discarded" and entry.client_seq not in apart_from
        for op in entry.ops
        for name in _written_fields(op.operation)
    }
    made: list[Intent] = []
    for op in operations:
        if any((op["e"], op["id"], name) in later for name in _written_fields(op)) and op["k"] != "patch":
            continue
        if op["k"] != "patch":
            made.append(_intent(reader, op, op.get("base")))
            continue
        values = {name: new for name, new in _changed(op).items() if (op["e"], op["id"], name) not in later}
        seen = {name: part["old"] for name, part in op["set"].items()}
        base = min(int(part["base_ver"]) for part in op["set"].values())
        made.append(update(op["e"], op["id"], values, base, seen))
    return made


def _written_fields(op: Mapping[str, Any]) -> tuple[str, ...]:
    if op["k"] == "patch":
        return tuple(_changed(op))
    return (op["f"],) if op["k"] in ("text", "transition") else ()


def _intent(reader: Reader, op: Mapping[str, Any], base: str | None) -> Intent:
    entity, record_id = op["e"], op["id"]
    match op["k"]:
        case "create":
            if reader.get(entity, record_id) is not None:  # it came about in another way
                return update(entity, record_id, _told(op))
            return create(entity, record_id, op["v"])
        case "patch":
            # What its author left as it was is not his: a colleague may have changed it meanwhile.
            return update(entity, record_id, _changed(op))
        case "text":
            return text(entity, record_id, op["f"], op["text"], op.get("base") or base)
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


def stands_already(reader: Reader, payload: Payload) -> bool:
    """Whether somebody else did all of it meanwhile: each record is there and says what was wanted."""
    ops = payload.get("ops", ())
    return bool(ops) and all(_stands(reader.get(op["e"], op["id"]), op) for op in ops)


def _stands(row: Row | None, op: Mapping[str, Any]) -> bool:
    match op["k"]:
        case "create":
            wanted = _told(op)
        case "patch":
            wanted = _changed(op)
        case "transition":
            wanted = {op["f"]: op["to"]}
        case _:
            return False
    return row is not None and all(row.get(name) == value for name, value in wanted.items())


def _told(op: Mapping[str, Any]) -> Row:
    """What a new record says; when it was made and by whom stays with who came first."""
    return {name: value for name, value in op["v"].items() if name not in ("created_at", "created_by")}


def _changed(op: Mapping[str, Any]) -> Row:
    return {name: part["new"] for name, part in op["set"].items() if part["old"] != part["new"]}


def is_paper(reader: Reader, payload: Payload, revision_id: str) -> bool:
    """Whether a refused action sent this draft as it stands, and nothing keeps it from going out now."""
    wanted = ("transition", revision_id, "sent")
    sent = next((op for op in payload.get("ops", ()) if (op["k"], op["id"], op.get("to")) == wanted), None)
    revision = reader.get("quote_revision", revision_id)
    if sent is None or revision is None or revision["status"] == "sent":
        return False
    if order_before_paper(reader.where("order", quote_id=revision["quote_id"])) is not None:
        return False
    lines = reader.where("quote_line", quote_id=revision["quote_id"], revision_id=revision_id)
    total = sum((decimal_of(line["line_total"]) for line in lines if not line["optional"]), Decimal(0))
    return decimal_of(sent.get("expected_total")) == total


def proposal(reader: Reader, payload: Payload) -> tuple[str, str, bool, Row, Row] | None:
    """(entity, id, is it new, the record as it stands, what the transaction would make of it) of the first record
    whose fields a transaction changes; None where it changes no field of a record that is here."""
    ops = [op for op in payload.get("ops", ()) if op["k"] in _FIELDS and op["e"] in ENTITIES]
    made = {(op["e"], op["id"]) for op in ops if op["k"] == "create"}
    for op in ops:
        key = (op["e"], op["id"])
        row = reader.get(*key)
        if row is None and key not in made:
            continue
        is_new = row is None
        standing = default_row(key[0]) | {"id": key[1]} if row is None else row
        wanted: Row | None = row
        for other in ops:
            if (other["e"], other["id"]) == key:
                wanted = apply(wanted, _OPERATION.validate_python(_slim(other)))
        if wanted is not None:
            values = {name: value for name, value in wanted.items() if value != standing.get(name)}
            return (*key, is_new, standing, values)
    return None


def _slim(op: Mapping[str, Any]) -> dict[str, Any]:
    if op["k"] != "patch":
        return dict(op)
    return {**op, "set": {name: part for name, part in op["set"].items() if part["old"] != part["new"]}}


def edited(reader: Reader, payload: Payload, key: tuple[str, str], instead: Intent) -> list[Intent]:
    """A transaction with `instead` for what it wanted of one record's fields; the rest stays what it was."""
    made: list[Intent] = []
    ops = _wanted(reader, payload)
    first = next((n for n, op in enumerate(ops) if _is_of(op, key)), 0)
    for n, wanted in enumerate(intents(reader, payload)):
        if not _is_of(ops[n], key):
            made.append(wanted)
        elif n == first:
            made.append(instead)
    return made


def _is_of(op: Mapping[str, Any], key: tuple[str, str]) -> bool:
    return (op["e"], op["id"]) == key and op["k"] in _FIELDS
