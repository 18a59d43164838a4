"""What waits for a person: conflict and quarantine records, written in the same commit as what they are about."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import select

from crm_desktop.ids import new_id
from crm_desktop.model.operations import Transaction
from crm_desktop.model.wire import Row, clean_row
from crm_desktop.rules.merged import FieldConflict
from server.storage.commit import Commit
from server.storage.devices import Device
from server.storage.handing_on import owner_in_sight, owner_of_refused
from server.storage.records import Key, entity_table
from server.storage.records_in_work import Record
from server.storage.scope_sets import scopes_now
from server.storage.tables import commit as commit_table

_MADE_OF_BOTH = ("merged_text",)
_KEPT_EACH = ("gone", "delete_request", "newest", "newer_addition")


@dataclass(frozen=True, slots=True)
class Author:
    """Who wrote a value; no user: the desk or an import did. `device_id` is empty where no device did."""

    user_id: str | None
    device_id: str
    at: str | None


def record_conflict(commit: Commit, me: Author, key: Key, before: Record | None, conflict: FieldConflict) -> str:
    """Keep the value that did not stand. `before`: the record as the writing met it. Returns the conflict's id.

    `me`: who wrote what the conflict calls mine. A second conflict of one device on one field replaces `mine` of the
    undecided one. Where its author did not see that value when he wrote the new one (his laptop showed theirs by
    then), the old one is kept beside it, settled.
    """
    entity, record_id = key
    other = _last_writer(commit, before, conflict.fields)
    loser, winner = (other, me) if conflict.mine_stands else (me, other)
    standing = conflict.mine if conflict.mine_stands else conflict.theirs
    values: Row = {
        "entity": entity,
        "record_id": record_id,
        "field": conflict.field,
        "before": _json(conflict.before),
        "mine": _json(conflict.theirs if conflict.mine_stands else conflict.mine),
        "theirs": _json(standing if before is None or _sees(commit, loser.user_id, before) else {}),
        "rule": conflict.rule,
        "mine_at": loser.at,
        "theirs_at": winner.at,
        "mine_by": loser.user_id,
        "theirs_by": winner.user_id,
        "mine_device": loser.device_id,
        "owner_id": owner_in_sight(commit, entity, record_id) if before else None,
        "status": "settled" if conflict.settled else "open",
    }
    earlier = _earlier(commit, values)
    if earlier is not None:
        found = commit.get("conflict", earlier)
        if found is not None:
            if not _saw(found.row, values):
                _keep_replaced(commit, found.row)
            row = found.row | values | {"before": found.row["before"]}
            versions = {**found.field_ver, **dict.fromkeys(("mine", "theirs", "mine_at", "theirs_at"), commit.seq)}
            commit.put("conflict", earlier, row, versions)
            return earlier
    conflict_id = new_id()
    row = clean_row("conflict", values | {"created_at": commit.at})
    commit.put("conflict", conflict_id, row, {}, created_op=conflict_id)
    return conflict_id


def _saw(earlier: Row, values: Row) -> bool:
    """Whether the author of a value wrote it over the one he had written before, and not over somebody else's."""
    if values["rule"] in _MADE_OF_BOTH or earlier["mine"] in (values["mine"], values["before"]):
        return True
    # Both on one base: he had not pulled in between and saw his own. Of a text the base may be unknown.
    return bool(values["rule"] != "text" and values["before"] == earlier["before"])


def _keep_replaced(commit: Commit, row: Row) -> None:
    conflict_id = new_id()
    kept = clean_row("conflict", row | {"status": "settled", "created_at": commit.at})
    commit.put("conflict", conflict_id, kept, {}, created_op=conflict_id)


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
            "owner_id": owner_of_refused(commit, device.user_id, txn) if reason == "out_of_scope" else None,
            "refused_at": commit.at,
            "created_at": commit.at,
        },
    )
    # Its number says, beyond any clock, which of several was refused first (`awaited`).
    commit.put("quarantine", quarantine_id, row, {"txn_id": commit.seq}, created_op=quarantine_id)
    return quarantine_id


def close_quarantine(commit: Commit, device: Device, txn_id: str, visible: Callable[[Record], bool]) -> bool:
    """Resolve the open entry of a transaction that is sent again; False when none is open or in the sender's sight."""
    for quarantine_id in commit.where("quarantine", "txn_id", txn_id):
        record = commit.live("quarantine", quarantine_id)
        if record is not None and record.row["status"] == "open" and visible(record):
            resolve(commit, quarantine_id, device)
            return True
    return False


def resolve(commit: Commit, quarantine_id: str, device: Device) -> str:
    """Close an open entry: its transaction was carried out after all. Returns the reason it had been refused for."""
    record = commit.live("quarantine", quarantine_id)
    if record is None:
        return ""
    row = record.row | {"status": "resolved"} | decided(device, commit.at)
    commit.put("quarantine", quarantine_id, row, {**record.field_ver, "status": commit.seq})
    return str(record.row["reason"])


def decided(device: Device, at: str) -> Row:
    """Who decided an entry, and when."""
    return {"resolved_by": device.user_id, "resolved_at": at}


def _earlier(commit: Commit, values: Row) -> str | None:
    """The undecided entry of the same device on the same field, to take the newer value of its author.

    Two values of which a rule took the newer one are each kept; a text made of two is one long story.
    """
    if values["rule"] in _KEPT_EACH or not values["mine_device"]:
        return None
    same = ("entity", "field", "mine_device", "status", "rule")
    for conflict_id in commit.where("conflict", "record_id", str(values["record_id"])):
        found = commit.live("conflict", conflict_id)
        if found is not None and all(found.row[name] == values[name] for name in same):
            return conflict_id
    return None


def _last_writer(commit: Commit, record: Record | None, names: Sequence[str]) -> Author:
    """Who wrote the standing value, on which device, and when: as he wrote it, else as the server took it."""
    if record is None:
        return Author(None, "", None)
    seq = max((record.field_ver.get(name, 0) for name in names), default=0) or record.row_ver
    if seq == commit.seq:
        actor, device_id, at = commit.actor, commit.device_id, commit.at
    else:
        c = commit_table.c
        found = commit.connection.execute(select(c.actor, c.device_id, c.at).where(c.seq == seq)).one_or_none()
        if found is None:
            return Author(None, "", None)
        actor, device_id, at = found.actor, found.device_id, found.at
    written = max((record.field_at.get(name, "") for name in names), default="") if device_id else ""
    return Author(user_of(commit, actor), device_id, written or at)


def _sees(commit: Commit, user_id: str | None, record: Record) -> bool:
    """Whether the loser's devices hold the record now: what stands there is told to nobody else."""
    if user_id is None or record.row_ver == 0:
        return True
    return bool(commit.scopes(record) & scopes_now(commit.connection, user_id))


def user_of(commit: Commit, actor: str) -> str | None:
    """The user of this id; None: the desk or an import."""
    source = entity_table("user")
    return commit.connection.scalar(select(source.c.id).where(source.c.id == actor))


def _json(values: Row) -> str:
    return orjson.dumps(values).decode()
