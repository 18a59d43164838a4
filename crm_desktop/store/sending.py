"""The outbox on its way out: what waits, what a sync holds, what may have reached the server."""

from collections.abc import Iterable, Sequence

import orjson

from crm_desktop.model.operations import Transaction
from crm_desktop.store import meta
from crm_desktop.store.connection import Connection
from crm_desktop.store.tables import HIDDEN, PENDING
from crm_desktop.store.visible import load_operation

READ_AHEAD = 50  # transactions read together: a transaction may hold hundreds of operations


def pending(connection: Connection, max_ops: int) -> tuple[list[Transaction], list[int]]:
    """Unacknowledged transactions in order, at most `max_ops` operations or one transaction; and their numbers."""
    found = connection.execute(
        "SELECT n, client_seq, txn_id, seen_cursor, at, resolves, void FROM outbox_txn "
        f"WHERE {PENDING} ORDER BY n LIMIT ?",
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
        (orjson.dumps(list(numbers)).decode(),),
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
