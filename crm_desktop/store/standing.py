"""How records and transactions stand with the server: states, outbox, refusals, counters."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from crm_desktop.store.connection import Connection
from crm_desktop.store.search import title_of
from crm_desktop.store.sending import operations
from crm_desktop.store.tables import DECIDES, ENTITY_NAMES, HIDDEN, quoted, table


@dataclass(frozen=True, slots=True)
class OutboxOp:
    """One operation: what it does to which record, and what came of it."""

    op_id: str
    k: str
    entity: str
    id: str
    title: str
    outcome: str | None
    detail: dict[str, Any] | None
    operation: dict[str, Any]


@dataclass(frozen=True, slots=True)
class OutboxEntry:
    """One user action on its way. `state`: waiting, sending, sent, done, refused or discarded.

    `client_seq` is below zero where it went out under an earlier device id, whose numbers are given again. `resolves`
    and `closes` name the refused transaction it is sent instead of, as `ClientStore.commit` takes them.
    """

    client_seq: int
    txn_id: str
    at: str
    state: str
    ops: list[OutboxOp]
    commit_seq: int | None
    message: str
    resolves: str | None
    closes: int | None


@dataclass(frozen=True, slots=True)
class LocalRefusal:
    """A transaction the server could not read, kept whole on this device. `client_seq` as in `OutboxEntry`."""

    client_seq: int
    txn_id: str
    code: str
    message: str
    at: str
    transaction: dict[str, Any]


# Records of an entity, named twice, with something of theirs refused. CROSS JOIN: from the few that are refused to
# what they hold; left to itself, SQLite reads the whole history of the outbox for each list that is shown.
_REFUSED = (
    "SELECT o.id FROM quarantine_local q CROSS JOIN outbox_op o ON o.txn = q.txn "
    "WHERE q.closed_at IS NULL AND o.entity = ? UNION "
    "SELECT o.id FROM quarantine s CROSS JOIN outbox_txn t ON t.txn_id = s.txn_id "
    "CROSS JOIN outbox_op o ON o.txn = t.n WHERE s.status = 'open' AND o.entity = ?"
)


def states(connection: Connection, entity: str, ids: Iterable[str]) -> dict[str, str]:
    """'conflict', 'refused', 'local' (never confirmed), 'waiting' or 'synced' for each id."""
    wanted = list(ids)
    result = dict.fromkeys(wanted, "synced")
    listed = orjson.dumps(wanted).decode()
    inside = "id IN (SELECT value FROM json_each(?))"
    waiting = connection.execute(
        f"SELECT DISTINCT id FROM outbox_op WHERE live = 1 AND entity = ? AND {inside}", (entity, listed)
    )
    for (record_id,) in waiting:
        result[record_id] = "waiting"
    local = connection.execute(f"SELECT id FROM {quoted(entity)} WHERE sync_ver = 0 AND {inside}", (listed,))
    for (record_id,) in local:
        result[record_id] = "local"
    refused = connection.execute(f"SELECT id FROM ({_REFUSED}) WHERE {inside}", (entity, entity, listed))
    for (record_id,) in refused:
        result[record_id] = "refused"
    conflicts = connection.execute(
        f"SELECT record_id FROM conflict WHERE status = 'open' AND entity = ? AND record_{inside}",
        (entity, listed),
    )
    for (record_id,) in conflicts:
        result[record_id] = "conflict"
    return result


def waits_below(connection: Connection, root_id: str) -> bool:
    """Whether an operation waits on a record whose server's row belongs to this root."""
    found = connection.execute(
        "SELECT 1 FROM outbox_op o JOIN mirror m ON m.entity = o.entity AND m.id = o.id "
        "WHERE o.live = 1 AND m.root = ? LIMIT 1",
        (root_id,),
    )
    return found.fetchone() is not None


def state_counts(connection: Connection, entity: str, rowids: Sequence[int]) -> dict[str, int]:
    """How many of the rows of a list stand how; states of no row are left out. Asks only who is not synced."""
    odd = connection.execute(
        f"SELECT id FROM outbox_op WHERE live = 1 AND entity = ? UNION {_REFUSED} UNION "
        "SELECT record_id FROM conflict WHERE status = 'open' AND entity = ?",
        (entity,) * 4,
    )
    standing = states(connection, entity, (record_id for (record_id,) in odd))
    here = connection.execute(
        f"SELECT rowid, id FROM {quoted(entity)} WHERE id IN (SELECT value FROM json_each(?))",
        (orjson.dumps(list(standing)).decode(),),
    ).fetchall()
    listed = set(rowids) if here else set()
    found = Counter(standing[record_id] for rowid, record_id in here if rowid in listed)
    found["synced"] += len(rowids) - found.total()
    return {state: count for state, count in found.items() if count}


# Before it is enrolled a device has no id, and neither has what it wrote.
_NUMBER = (
    "CASE t.device_id WHEN ifnull((SELECT value FROM meta WHERE key = 'device_id'), '') THEN t.client_seq ELSE -t.n END"
)
_RESOLVES = "t.resolves IS NOT NULL AND t.state <> 'covered' AND t.void = 0"
_STATE = (
    "CASE WHEN t.void AND q.txn IS NOT NULL THEN 'refused' WHEN t.void THEN 'discarded' "
    "WHEN t.state = 'covered' THEN 'done' WHEN t.state = 'acked' THEN 'sent' "
    "WHEN t.attempted_at IS NOT NULL THEN 'sending' ELSE 'waiting' END"
)


def outbox(connection: Connection, *, include_covered: bool, limit: int) -> list[OutboxEntry]:
    """The newest transactions, oldest first, or with the covered ones newest first."""
    where = "" if include_covered else (
        "WHERE (t.state <> 'covered' AND NOT (t.void AND q.txn IS NULL)) OR "
        "(q.txn IS NOT NULL AND q.closed_at IS NULL)"
    )  # fmt: skip
    found = connection.execute(
        f"SELECT t.n, {_NUMBER}, t.txn_id, t.at, {_STATE}, t.commit_seq, ifnull(q.message, ''), t.resolves, "
        f"(SELECT -CAST(value AS INTEGER) FROM meta WHERE key = '{DECIDES}' || t.n) "
        f"FROM outbox_txn t LEFT JOIN quarantine_local q ON q.txn = t.n {where} ORDER BY t.n DESC LIMIT ?",
        (limit,),
    ).fetchall()
    return [
        OutboxEntry(client_seq, txn_id, at, state, _ops(connection, n), *rest)
        for n, client_seq, txn_id, at, state, *rest in (found if include_covered else reversed(found))
    ]


def _ops(connection: Connection, n: int) -> list[OutboxOp]:
    found = connection.execute(
        "SELECT op_id, k, entity, id, outcome, detail, json FROM outbox_op WHERE txn = ? AND k <> ? ORDER BY n",
        (n, HIDDEN),
    ).fetchall()
    return [
        OutboxOp(
            op_id,
            k,
            entity,
            record_id,
            record_title(connection, entity, record_id, orjson.loads(text)),
            outcome,
            None if detail is None else orjson.loads(detail),
            orjson.loads(text),
        )
        for op_id, k, entity, record_id, outcome, detail, text in found
    ]


def record_title(connection: Connection, entity: str, record_id: str, operation: dict[str, Any]) -> str:
    """What to call a record in a list of changes, also when it is no longer here."""
    spec = table(entity)
    found = connection.execute(f"SELECT {spec.select} FROM {quoted(entity)} WHERE id = ?", (record_id,)).fetchone()
    if found is not None:
        return title_of(entity, spec.row(record_id, found))
    mirror = connection.execute(
        "SELECT json FROM mirror WHERE entity = ? AND id = ? AND json IS NOT NULL", (entity, record_id)
    ).fetchone()
    created = operation["v"] if operation["k"] == "create" else {}  # the elements of a set are no row
    return title_of(entity, orjson.loads(mirror[0]) if mirror else created)


def local_quarantine(connection: Connection) -> list[LocalRefusal]:
    """Open refusals that never reached the server."""
    found = connection.execute(
        f"SELECT t.n, {_NUMBER}, t.client_seq, t.txn_id, q.code, q.message, q.at, t.at, t.seen_cursor "
        "FROM quarantine_local q "
        "CROSS JOIN outbox_txn t ON t.n = q.txn WHERE q.closed_at IS NULL ORDER BY q.txn"
    ).fetchall()
    result = []
    for n, number, client_seq, txn_id, code, message, at, written, seen in found:
        ops = [orjson.loads(text) for text in operations(connection, n)]
        payload = {"txn_id": txn_id, "client_seq": client_seq, "at": written, "seen_cursor": seen, "ops": ops}
        result.append(LocalRefusal(number, txn_id, code, message, at, payload))
    return result


def resolving(connection: Connection) -> frozenset[str]:
    """Refused transactions that are being sent again."""
    found = connection.execute(f"SELECT resolves FROM outbox_txn t WHERE {_RESOLVES}")
    return frozenset(row[0] for row in found)


def written(connection: Connection, txn_id: str) -> list[dict[str, Any]]:
    """The operations of a transaction of this device as it keeps them, with the bases of texts."""
    found = connection.execute("SELECT n FROM outbox_txn WHERE txn_id = ?", (txn_id,)).fetchone()
    return [] if found is None else [orjson.loads(text) for text in operations(connection, found[0])]


_TO_COME = "ifnull((SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'fill_to_come'), 0)"


def to_come(connection: Connection) -> int:
    """Records that a first sync has still to bring."""
    return int(connection.execute(f"SELECT {_TO_COME}").fetchone()[0])


def counts(connection: Connection) -> dict[str, int]:
    """Numbers beside the navigation: records of each kind, and what waits for somebody."""
    parts = [f"SELECT '{name}', count(*) FROM {quoted(name)}" for name in ENTITY_NAMES]
    parts += [
        "SELECT 'outbox', count(*) FROM outbox_txn WHERE state <> 'covered' AND void = 0",
        "SELECT 'conflicts', count(*) FROM conflict WHERE status = 'open'",
        "SELECT 'quarantine', (SELECT count(*) FROM quarantine q WHERE status = 'open' AND NOT EXISTS "
        f"(SELECT 1 FROM outbox_txn t WHERE {_RESOLVES} AND t.resolves = q.txn_id)) + "
        "(SELECT count(*) FROM quarantine_local WHERE closed_at IS NULL)",
        "SELECT 'files_waiting', count(*) FROM file_pending WHERE NOT removed",
        "SELECT 'tasks_open', count(*) FROM task WHERE status <> 'done'",
        f"SELECT 'to_come', {_TO_COME}",
    ]
    return dict(connection.execute(" UNION ALL ".join(parts)).fetchall())
