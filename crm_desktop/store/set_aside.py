"""Transactions that are not carried out: taken back by a person, or refused by a server that cannot read them."""

from crm_desktop.store import meta
from crm_desktop.store.acknowledge import Touched, records_of, settle
from crm_desktop.store.connection import Connection
from crm_desktop.store.sending import number_of
from crm_desktop.store.tables import DECIDES, PENDING


def _void(connection: Connection, n: int) -> Touched:
    connection.execute("UPDATE outbox_txn SET void = 1 WHERE n = ?", (n,))
    connection.execute("UPDATE outbox_op SET live = 0 WHERE txn = ?", (n,))
    touched = records_of(connection, [n])
    for entity, record_id in touched:
        settle(connection, entity, record_id)
    return touched


def discard(connection: Connection, client_seq: int) -> Touched:
    """Take back a transaction that was never attempted; its number stays as a void one. Empty: too late.

    What was set aside and decided by it is set aside again: its content is nowhere else.
    """
    n = number_of(connection, client_seq)
    found = connection.execute(
        "SELECT 1 FROM outbox_txn WHERE n = ? AND state = 'pending' AND attempted_at IS NULL AND void = 0", (n,)
    ).fetchone()
    if n is None or found is None:
        return set()
    if decided := meta.get(connection, f"{DECIDES}{n}"):
        connection.execute("UPDATE quarantine_local SET closed_at = NULL WHERE txn = ?", (decided,))
    return _void(connection, n)


def quarantine_locally(connection: Connection, client_seq: int, code: str, message: str, at: str) -> Touched:
    """The server cannot even read it: kept here whole, sent as void from now on. One that has an answer stays as it is.

    A courier may bring the refusal of an older server when a newer one has carried the transaction out.
    """
    n = number_of(connection, client_seq)
    waits = connection.execute(f"SELECT 1 FROM outbox_txn WHERE n = ? AND {PENDING}", (n,)).fetchone()
    if n is None or waits is None:
        return set()
    connection.execute(
        "INSERT OR REPLACE INTO quarantine_local (txn, code, message, at) VALUES (?, ?, ?, ?)",
        (n, code, message, at),
    )
    return _void(connection, n)


def close_quarantine(connection: Connection, client_seq: int, at: str, reason: str = "") -> None:
    """A person has decided about a refused transaction, named as `standing.local_quarantine` does."""
    connection.execute(
        "UPDATE quarantine_local SET closed_at = ?, message = trim(message || ' ' || ?) "
        "WHERE txn = ? AND closed_at IS NULL",
        (at, reason, _order_number(connection, client_seq)),
    )


def note_decision(connection: Connection, client_seq: int, by: int) -> None:
    """The decision about a refused transaction is carried out, or in part, by the one of our number `by`."""
    meta.put(connection, f"{DECIDES}{number_of(connection, by)}", str(_order_number(connection, client_seq)))


def _order_number(connection: Connection, client_seq: int) -> int | None:
    return -client_seq if client_seq < 0 else number_of(connection, client_seq)
