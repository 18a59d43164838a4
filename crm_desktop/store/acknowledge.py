"""What came of a sent transaction: its outcome, the end of its replay, and when it may be forgotten."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

import orjson

from crm_desktop.store import meta
from crm_desktop.store.connection import Connection
from crm_desktop.store.tables import ACKED, DECIDES
from crm_desktop.store.visible import ServerSide, kept_row, load, replayed, root_id, write

KEEP_DAYS = 90
KEEP_NEWEST = 1000  # transactions kept whatever the clock says
Touched = set[tuple[str, str]]


def record_results(connection: Connection, results: Sequence[dict[str, Any]], at: str) -> Touched:
    """Store outcomes. The operations stay in the replay until the cursor covers their commit."""
    news = _waiting_for(connection, results)
    connection.executemany(
        "UPDATE outbox_txn SET state = 'acked', commit_seq = ?, acked_at = ? WHERE n = ?",
        [(result["commit_seq"], at, n) for n, result in news.items()],
    )
    connection.executemany(
        "UPDATE outbox_op SET outcome = ?, detail = ? WHERE txn = ? AND op_id = ?",
        [
            (str(op["outcome"]), None if op.get("detail") is None else json.dumps(op["detail"]), n, op["op_id"])
            for n, result in news.items()
            for op in result["ops"]
        ],
    )
    for (n,) in connection.execute("SELECT txn FROM quarantine_local WHERE closed_at IS NULL").fetchall():
        if n in news and any(str(op["outcome"]) != "void" for op in news[n]["ops"]):
            # It had been carried out after all, before we voided it. A server that forgets it is sent it whole.
            connection.execute("UPDATE quarantine_local SET closed_at = ? WHERE txn = ?", (at, n))
            connection.execute("UPDATE outbox_txn SET void = 0 WHERE n = ?", (n,))
    touched = records_of(connection, news)
    if meta.get(connection, "caught_up", "0") == "1":
        touched |= cover(connection, meta.number(connection, "cursor_seq"))
    return touched


def _waiting_for(connection: Connection, results: Sequence[dict[str, Any]]) -> dict[int, dict[str, Any]]:
    """The results of transactions that have none yet, by the order number of the transaction."""
    told = {(result["client_seq"], result["txn_id"]): result for result in reversed(results)}
    found = connection.execute(
        "SELECT n, client_seq, txn_id FROM outbox_txn WHERE device_id = ? AND state = 'pending' "
        "AND client_seq IN (SELECT value FROM json_each(?)) ORDER BY n",
        (meta.get(connection, "device_id"), _list(number for number, _ in told)),
    )
    return {n: told[number, txn_id] for n, number, txn_id in found if (number, txn_id) in told}


def records_of(connection: Connection, numbers: Iterable[int]) -> Touched:
    """What these transactions are about."""
    found = connection.execute(
        "SELECT DISTINCT entity, id FROM outbox_op WHERE txn IN (SELECT value FROM json_each(?))", (_list(numbers),)
    )
    return set(found.fetchall())


def _list(values: Iterable[Any]) -> str:
    """Values for json_each: one statement for many."""
    return orjson.dumps(list(values)).decode()


def cover(connection: Connection, cursor_seq: int) -> Touched:
    """End the replay of acknowledged transactions the cursor has reached: their effects came by pull."""
    touched = end_replay(connection, cursor_seq)
    for entity, record_id in touched:
        settle(connection, entity, record_id)
    return touched


def end_replay(connection: Connection, cursor_seq: int) -> Touched:
    """The first half of `cover`: the records returned are to be settled in the same transaction."""
    reached = f"SELECT n FROM outbox_txn WHERE {ACKED} AND commit_seq <= ?"
    found = connection.execute(f"SELECT DISTINCT entity, id FROM outbox_op WHERE txn IN ({reached})", (cursor_seq,))
    touched: Touched = set(found.fetchall())
    connection.execute(f"UPDATE outbox_op SET live = 0 WHERE live = 1 AND txn IN ({reached})", (cursor_seq,))
    connection.execute(f"UPDATE outbox_txn SET state = 'covered' WHERE n IN ({reached})", (cursor_seq,))
    return touched


def settle(connection: Connection, entity: str, record_id: str) -> None:
    """Compute a visible row again after its operations changed; the mirror goes when none is left."""
    stored = load(connection, entity, record_id)
    mirror = connection.execute(
        "SELECT row_ver, json, hash, scopes, root FROM mirror WHERE entity = ? AND id = ?", (entity, record_id)
    ).fetchone()
    if mirror is None:
        if stored.server.ver != 0:
            return  # the server's row without operations of ours
        row = replayed(None, 0, stored.live)
        root = "" if row is None else root_id(connection, entity, record_id, row)
        write(connection, stored, row, ServerSide(root=root))
        return
    ver, text, amount, scopes, root = mirror
    base = None if text is None else kept_row(entity, text)
    row = None if base is None else replayed(base, ver, stored.live)
    write(connection, stored, row, ServerSide(ver, amount, scopes, root))
    if not stored.live:
        connection.execute("DELETE FROM mirror WHERE entity = ? AND id = ?", (entity, record_id))


def forget(connection: Connection, before: str) -> int:
    """Drop transactions covered and acknowledged before an instant; they healed what could be healed.

    The newest stay: a clock that jumps ahead by years must not take the log that heals a restored server.
    """
    old = connection.execute(
        "SELECT n FROM outbox_txn WHERE state = 'covered' AND acked_at < ? "
        "AND n <= (SELECT max(n) FROM outbox_txn) - ? "
        # What was set aside lies here alone until it is decided, and until that can be taken back no more.
        "AND n NOT IN (SELECT txn FROM quarantine_local WHERE closed_at IS NULL) "
        f"AND n NOT IN (SELECT CAST(value AS INTEGER) FROM meta WHERE key GLOB '{DECIDES}*')",
        (before, KEEP_NEWEST),
    ).fetchall()
    if old:
        meta.keep_counter(connection)
    connection.executemany("DELETE FROM outbox_op WHERE txn = ?", old)
    connection.executemany("DELETE FROM outbox_txn WHERE n = ?", old)
    connection.executemany(f"DELETE FROM meta WHERE key = '{DECIDES}' || ?", old)
    return len(old)
