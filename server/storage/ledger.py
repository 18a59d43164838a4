"""What waits for a person: conflict and quarantine records, written in the same commit as what they are about."""

from collections.abc import Sequence
from typing import Any

import orjson
from sqlalchemy import select

from crm_desktop.ids import new_id
from crm_desktop.model.operations import Transaction
from crm_desktop.model.wire import Row, clean_row, entity_facts
from crm_desktop.rules.merge import FieldConflict
from server.storage.change_log import Commit
from server.storage.devices import Device
from server.storage.records import entity_table
from server.storage.tables import commit as commit_table

_RULES_WITHOUT_VALUES = ("gone", "delete_request")


def owner_of(commit: Commit, entity: str, record_id: str) -> str | None:
    """The user a record belongs to: its own owner, its root's, its account's."""
    record = commit.get(entity, record_id)
    if record is None:
        return None
    steps = [(entity, record.row)]
    root = commit.get(*record.root)
    if root is not None and record.root != (entity, record_id):
        steps.append((record.root[0], root.row))
    for kind, row in tuple(steps):
        account_id = row.get(entity_facts(kind).account or "")
        account = commit.get("account", account_id) if account_id else None
        if account is not None:
            steps.append(("account", account.row))
    for kind, row in steps:
        owner = row.get(entity_facts(kind).owner or "")
        if owner:
            return str(owner)
    return None


def record_conflict(
    commit: Commit, device: Device, entity: str, record_id: str, conflict: FieldConflict, written_at: str
) -> str:
    """Keep the value that did not stand. Returns the conflict's id.

    A second conflict of one device on one field replaces `mine` of the open one.
    """
    record = commit.get(entity, record_id)
    theirs_by, theirs_at = _last_writer(commit, entity, record_id, conflict.fields)
    values: Row = {
        "entity": entity,
        "record_id": record_id,
        "field": conflict.field,
        "before": _json(conflict.before),
        "mine": _json(conflict.theirs if conflict.mine_stands else conflict.mine),
        "theirs": _json(conflict.mine if conflict.mine_stands else conflict.theirs),
        "rule": conflict.rule,
        "mine_at": theirs_at if conflict.mine_stands else written_at,
        "theirs_at": written_at if conflict.mine_stands else theirs_at,
        "mine_by": theirs_by if conflict.mine_stands else device.user_id,
        "theirs_by": device.user_id if conflict.mine_stands else theirs_by,
        "mine_device": "" if conflict.mine_stands else device.device_id,
        "owner_id": owner_of(commit, entity, record_id) if record else None,
    }
    open_one = None if conflict.mine_stands else _open_conflict(commit, device, entity, record_id, conflict.field)
    if open_one is not None:
        found = commit.get("conflict", open_one)
        if found is not None:
            row = found.row | values | {"before": found.row["before"]}
            versions = {**found.field_ver, **dict.fromkeys(("mine", "theirs", "mine_at", "theirs_at"), commit.seq)}
            commit.put("conflict", open_one, row, versions)
            return open_one
    conflict_id = new_id()
    row = clean_row("conflict", values | {"created_at": commit.at})
    commit.put("conflict", conflict_id, row, {}, created_op=conflict_id)
    return conflict_id


def quarantine(
    commit: Commit, device: Device, txn: Transaction, reason: str, detail: str, payload: dict[str, Any]
) -> str:
    """Keep a refused transaction whole. Returns the quarantine record's id."""
    quarantine_id = new_id()
    touched = sorted({f"{op.e}/{op.id}" for op in txn.ops})
    row = clean_row(
        "quarantine",
        {
            "txn_id": txn.txn_id,
            "reason": reason,
            "detail": detail,
            "payload": orjson.dumps(payload).decode(),
            "touched": orjson.dumps(touched).decode(),
            "user_id": device.user_id,
            "device_id": device.device_id,
            "refused_at": commit.at,
            "created_at": commit.at,
        },
    )
    commit.put("quarantine", quarantine_id, row, {}, created_op=quarantine_id)
    return quarantine_id


def close_quarantine(commit: Commit, device: Device, txn_id: str) -> bool:
    """Resolve the open entry of a transaction that is sent again; False when none is open."""
    for quarantine_id in commit.where("quarantine", "txn_id", txn_id):
        record = commit.live("quarantine", quarantine_id)
        if record is not None and record.row["status"] == "open" and record.row["user_id"] == device.user_id:
            resolve(commit, quarantine_id)
            return True
    return False


def resolve(commit: Commit, quarantine_id: str) -> str:
    """Close an open entry: its transaction was carried out after all. Returns the reason it had been refused for."""
    record = commit.live("quarantine", quarantine_id)
    if record is None:
        return ""
    row = record.row | {"status": "resolved"}
    commit.put("quarantine", quarantine_id, row, {**record.field_ver, "status": commit.seq})
    return str(record.row["reason"])


def _open_conflict(commit: Commit, device: Device, entity: str, record_id: str, name: str) -> str | None:
    for conflict_id in commit.where("conflict", "record_id", record_id):
        found = commit.live("conflict", conflict_id)
        if found is None:
            continue
        row = found.row
        same = (row["entity"], row["field"], row["mine_device"]) == (entity, name, device.device_id)
        if same and row["status"] == "open" and row["rule"] not in _RULES_WITHOUT_VALUES:
            return conflict_id
    return None


def _last_writer(commit: Commit, entity: str, record_id: str, names: Sequence[str]) -> tuple[str | None, str | None]:
    """Who wrote the standing value, and when the server took it."""
    record = commit.get(entity, record_id)
    if record is None:
        return None, None
    seq = max((record.field_ver.get(name, 0) for name in names), default=0) or record.row_ver
    if seq == commit.seq:
        return _user(commit, commit.actor), commit.at
    c = commit_table.c
    found = commit.connection.execute(select(c.actor, c.at).where(c.seq == seq)).one_or_none()
    return (None, None) if found is None else (_user(commit, found.actor), found.at)


def _user(commit: Commit, actor: str) -> str | None:
    source = entity_table("user")
    return commit.connection.scalar(select(source.c.id).where(source.c.id == actor))


def _json(values: Row) -> str:
    return orjson.dumps(values).decode()
