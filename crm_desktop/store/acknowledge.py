"""The outbox as the sync sees it: what waits, what was sent, what came of it, and new beginnings."""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import orjson

from crm_desktop.errors import StoreError
from crm_desktop.model.operations import Transaction
from crm_desktop.store import meta
from crm_desktop.store.connection import Connection
from crm_desktop.store.tables import ENTITY_NAMES, HIDDEN, UNKNOWN, quoted
from crm_desktop.store.visible import ServerSide, load, load_operation, replayed, root_id, write

READ_AHEAD = 50  # transactions read together: a transaction may hold hundreds of operations
KEEP_DAYS = 90
KEEP_NEWEST = 1000  # transactions kept whatever the clock says
Touched = set[tuple[str, str]]


def pending(connection: Connection, max_ops: int) -> tuple[list[Transaction], list[int]]:
    """Unacknowledged transactions in order, at most `max_ops` operations or one transaction; and their numbers."""
    found = connection.execute(
        "SELECT n, client_seq, txn_id, seen_cursor, at, resolves, void FROM outbox_txn "
        "WHERE state = 'pending' ORDER BY client_seq LIMIT ?",
        (max(1, max_ops),),
    ).fetchall()
    transactions: list[Transaction] = []
    numbers: list[int] = []
    count = 0
    texts: dict[int, list[str]] = {}
    for place, (n, client_seq, txn_id, seen_cursor, at, resolves, void) in enumerate(found):
        if place % READ_AHEAD == 0:
            texts = _operations(connection, [one[0] for one in found[place : place + READ_AHEAD] if not one[6]])
        ops = texts.get(n, [])
        if transactions and count + len(ops) > max_ops:
            break
        count += len(ops)
        numbers.append(n)
        transactions.append(
            Transaction(
                txn_id=txn_id,
                client_seq=client_seq,
                seen_cursor=seen_cursor,
                at=at,
                ops=[load_operation(text) for text in ops],
                void=bool(void),
                resolves=resolves,
            )
        )
    return transactions, numbers


def _operations(connection: Connection, numbers: Sequence[int]) -> dict[int, list[str]]:
    """As `operations`, of several transactions by one statement."""
    texts: dict[int, list[str]] = {}
    for n, text in connection.execute(
        f"SELECT txn, json FROM outbox_op WHERE txn IN (SELECT value FROM json_each(?)) AND k <> '{HIDDEN}' "
        "ORDER BY txn, n",
        (_list(numbers),),
    ):
        texts.setdefault(n, []).append(text)
    return texts


def operations(connection: Connection, n: int) -> list[str]:
    """What a transaction sends, in order."""
    sql = f"SELECT json FROM outbox_op WHERE txn = ? AND k <> '{HIDDEN}' ORDER BY n"
    return [row[0] for row in connection.execute(sql, (n,))]


def number_of(connection: Connection, client_seq: int) -> int | None:
    """Order number of a transaction of the present device id."""
    found = connection.execute(
        "SELECT n FROM outbox_txn WHERE device_id = ? AND client_seq = ?",
        (meta.get(connection, "device_id"), client_seq),
    ).fetchone()
    return None if found is None else int(found[0])


def handed_out(connection: Connection) -> set[int]:
    """Transactions that a sync, maybe of another program on this profile, holds and has not sent yet."""
    return {int(number) for number in meta.get(connection, "handed_out").split()}


def hand_out(connection: Connection, taken: Iterable[int], released: Iterable[int] = ()) -> None:
    """Note what a sync took and what it gave back or sent."""
    before = handed_out(connection)
    after = (before | set(taken)) - set(released)
    if after != before:
        meta.put(connection, "handed_out", " ".join(map(str, sorted(after))))


def mark_attempted(connection: Connection, client_seqs: Iterable[int], at: str) -> None:
    """From now on these transactions may have reached the server and stay as they are."""
    device = meta.get(connection, "device_id")
    connection.executemany(
        "UPDATE outbox_txn SET attempted_at = ? WHERE device_id = ? AND client_seq = ? AND attempted_at IS NULL",
        [(at, device, client_seq) for client_seq in client_seqs],
    )


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
            # It had been carried out after all, before we voided it.
            connection.execute("UPDATE quarantine_local SET closed_at = ? WHERE txn = ?", (at, n))
    touched = _records(connection, news)
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


def _records(connection: Connection, numbers: Iterable[int]) -> Touched:
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
    found = connection.execute(
        "SELECT n FROM outbox_txn WHERE state = 'acked' AND commit_seq <= ? ORDER BY n", (cursor_seq,)
    ).fetchall()
    touched = _records(connection, (n for (n,) in found))
    connection.executemany("UPDATE outbox_txn SET state = 'covered' WHERE n = ?", found)
    connection.executemany("UPDATE outbox_op SET live = 0 WHERE txn = ?", found)
    for entity, record_id in touched:
        settle(connection, entity, record_id)
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
    base = None if text is None else orjson.loads(text)
    row = None if base is None else replayed(base, ver, stored.live)
    write(connection, stored, row, ServerSide(ver, amount, scopes, root))
    if not stored.live:
        connection.execute("DELETE FROM mirror WHERE entity = ? AND id = ?", (entity, record_id))


def _void(connection: Connection, n: int) -> Touched:
    connection.execute("UPDATE outbox_txn SET void = 1 WHERE n = ?", (n,))
    connection.execute("UPDATE outbox_op SET live = 0 WHERE txn = ?", (n,))
    touched = _records(connection, [n])
    for entity, record_id in touched:
        settle(connection, entity, record_id)
    return touched


def discard(connection: Connection, client_seq: int) -> Touched:
    """Take back a transaction that was never attempted; its number stays as a void one. Empty: too late."""
    n = number_of(connection, client_seq)
    found = connection.execute(
        "SELECT 1 FROM outbox_txn WHERE n = ? AND state = 'pending' AND attempted_at IS NULL AND void = 0", (n,)
    ).fetchone()
    return set() if n is None or found is None else _void(connection, n)


def quarantine_locally(connection: Connection, client_seq: int, code: str, message: str, at: str) -> Touched:
    """The server cannot even read it: kept here whole, sent as void from now on."""
    n = number_of(connection, client_seq)
    if n is None:
        return set()
    connection.execute(
        "INSERT OR IGNORE INTO quarantine_local (txn, code, message, at) VALUES (?, ?, ?, ?)",
        (n, code, message, at),
    )
    return _void(connection, n)


def close_quarantine(connection: Connection, client_seq: int, at: str, reason: str = "") -> None:
    """A person has decided about a refused transaction."""
    connection.execute(
        "UPDATE quarantine_local SET closed_at = ?, message = trim(message || ' ' || ?) "
        "WHERE txn = ? AND closed_at IS NULL",
        (at, reason, number_of(connection, client_seq)),
    )


def adopt_device(connection: Connection, device_id: str) -> None:
    """A new device id (cloned laptop): what is not acknowledged is numbered anew from 1, operations keep theirs."""
    waiting = connection.execute("SELECT n FROM outbox_txn WHERE state = 'pending' ORDER BY n").fetchall()
    meta.put(connection, "device_id", device_id)
    _renumber(connection, [n for (n,) in waiting], device_id, 0)


def _renumber(connection: Connection, numbers: Sequence[int], device_id: str, last: int) -> None:
    # Two steps: the pair of device and number is unique at every moment.
    connection.executemany("UPDATE outbox_txn SET client_seq = -client_seq - 1 WHERE n = ?", [(n,) for n in numbers])
    connection.executemany(
        "UPDATE outbox_txn SET device_id = ?, client_seq = ? WHERE n = ?",
        [(device_id, last + place, n) for place, n in enumerate(numbers, 1)],
    )
    highest = connection.execute(
        "SELECT client_seq, txn_id FROM outbox_txn WHERE device_id = ? ORDER BY client_seq DESC LIMIT 1",
        (device_id,),
    ).fetchone() or (last, "")
    meta.put(connection, "client_seq", highest[0])
    meta.put(connection, "txn_id", highest[1])


def adopt_epoch(connection: Connection, epoch: str, last_client_seq: int | None, last_txn_id: str) -> None:
    """The server has another history (restored backup): nothing is confirmed, what was acknowledged is sent again.

    With the server's last number and a matching transaction in our log, sending goes on behind it; with a
    number that does not match, everything kept is numbered anew behind it; without one, numbers stay.
    """
    device = meta.get(connection, "device_id")
    meta.put(connection, "epoch", epoch)
    meta.put(connection, "cursor_seq", 0)
    meta.put(connection, "cursor_commit", "")
    meta.put(connection, "caught_up", 0)
    meta.put(connection, "rebuilding", 1)
    meta.put(connection, "repair_upto", 0)
    for entity in ENTITY_NAMES:
        connection.execute(
            f"UPDATE {quoted(entity)} SET sync_ver = {UNKNOWN}, sync_hash = 0, sync_scopes = '[]' WHERE sync_ver <> 0"
        )
    connection.execute(f"UPDATE mirror SET row_ver = {UNKNOWN}, hash = 0, scopes = '[]'")
    connection.execute("DELETE FROM scope_sum")
    known = None if last_client_seq is None else number_of(connection, last_client_seq)
    matches = (
        known is not None
        and connection.execute("SELECT 1 FROM outbox_txn WHERE n = ? AND txn_id = ?", (known, last_txn_id)).fetchone()
    )
    after = known if matches and known is not None else 0
    # An operation already carried out once is not replayed again: the row it went into still shows it.
    connection.execute(
        "UPDATE outbox_txn SET state = 'pending', commit_seq = NULL WHERE n > ? AND state <> 'pending'", (after,)
    )
    if last_client_seq is not None and not matches and not (last_client_seq == 0 and _starts_at_one(connection)):
        everything = connection.execute("SELECT n FROM outbox_txn WHERE state = 'pending' ORDER BY n").fetchall()
        _renumber(connection, [n for (n,) in everything], device, last_client_seq)


def _starts_at_one(connection: Connection) -> bool:
    found = connection.execute(
        "SELECT min(client_seq), count(DISTINCT device_id) FROM outbox_txn WHERE state = 'pending'"
    ).fetchone()
    return bool(found[0] == 1 and found[1] == 1)


def forget(connection: Connection, before: str) -> int:
    """Drop transactions covered and acknowledged before an instant; they healed what could be healed.

    The newest stay: a clock that jumps ahead by years must not take the log that heals a restored server.
    """
    old = connection.execute(
        "SELECT n FROM outbox_txn WHERE state = 'covered' AND acked_at < ? "
        "AND n <= (SELECT max(n) FROM outbox_txn) - ? "
        # What was set aside lies here alone until somebody has decided it.
        "AND n NOT IN (SELECT txn FROM quarantine_local WHERE closed_at IS NULL)",
        (before, KEEP_NEWEST),
    ).fetchall()
    if old:
        meta.keep_counter(connection)
    connection.executemany("DELETE FROM outbox_op WHERE txn = ?", old)
    connection.executemany("DELETE FROM outbox_txn WHERE n = ?", old)
    return len(old)


def export(connection: Connection, path: Path) -> int:
    """Write what is not covered yet, and what was refused, as JSON lines; returns how many. Works without a server."""
    found = connection.execute(
        "SELECT t.n, t.client_seq, t.txn_id, t.at, t.state, t.void, q.code, q.message FROM outbox_txn t "
        "LEFT JOIN quarantine_local q ON q.txn = t.n WHERE t.state <> 'covered' OR "
        "(q.txn IS NOT NULL AND q.closed_at IS NULL) ORDER BY t.n"
    ).fetchall()
    refused = connection.execute(
        "SELECT payload, reason, detail FROM quarantine WHERE status = 'open' ORDER BY refused_at, id"
    ).fetchall()
    try:
        with path.open("w", encoding="utf-8", newline="\n") as target:
            for n, client_seq, txn_id, at, state, void, code, message in found:
                entry = {
                    "client_seq": client_seq,
                    "txn_id": txn_id,
                    "at": at,
                    "state": "void" if void else state,
                    "code": code,
                    "message": message,
                    "ops": [orjson.loads(text) for text in operations(connection, n)],
                }
                target.write(json.dumps(entry, ensure_ascii=False) + "\n")
            for payload, reason, detail in refused:
                kept = orjson.loads(payload or "{}") | {"state": "refused", "code": reason, "message": detail}
                target.write(json.dumps(kept, ensure_ascii=False) + "\n")
    except OSError as error:
        raise StoreError(
            "cannot_write_file", f"“{path.name}” cannot be written.", "Choose another place.", file=path.name
        ) from error
    return len(found) + len(refused)
