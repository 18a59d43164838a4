"""New beginnings: another device id, or a server with another history."""

from collections.abc import Sequence

from crm_desktop.store import meta
from crm_desktop.store.acknowledge import Touched, records_of, settle
from crm_desktop.store.connection import Connection
from crm_desktop.store.sending import number_of
from crm_desktop.store.tables import ACKED, ENTITY_NAMES, PENDING, UNKNOWN, quoted


def adopt_device(connection: Connection, device_id: str) -> Touched:
    """A new device id (cloned laptop): what is not acknowledged is numbered anew from 1, operations keep theirs.

    What was acknowledged and has not come by pull goes out again: two laptops under one id hide it from both when a
    restored server has forgotten it. Where it has not, it answers that it was carried out already. Returns the records
    that are shown with it on top until then.
    """
    answered = [n for (n,) in connection.execute(f"SELECT n FROM outbox_txn WHERE {ACKED}")]
    connection.execute(f"UPDATE outbox_txn SET state = 'pending', commit_seq = NULL WHERE {ACKED}")
    touched = records_of(connection, answered)
    for entity, record_id in touched:
        settle(connection, entity, record_id)
    waiting = connection.execute(f"SELECT n FROM outbox_txn WHERE {PENDING} ORDER BY n").fetchall()
    meta.put(connection, "device_id", device_id)
    _renumber(connection, [n for (n,) in waiting], device_id, 0)
    return touched


def adopt_epoch(connection: Connection, epoch: str, last_client_seq: int | None, last_txn_id: str) -> None:
    """The server has another history (restored backup): nothing is confirmed, what was acknowledged is sent again.

    With the server's last number and a matching transaction in our log, sending goes on behind it; with a
    number that does not match, everything kept is numbered anew behind it; without one, numbers stay. What had gone
    out under an earlier device id is numbered anew too: answers are for the present one. Records that another history
    does not know stay in view until the server has copies of them (`mending`).
    """
    device = meta.get(connection, "device_id")
    if meta.get(connection, "epoch") not in ("", epoch):
        # Nobody else may have what the new history does not know; noted here, as a crash may follow at once.
        meta.put(connection, "copies", 1)
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
    behind = last_client_seq is not None and not matches and not (last_client_seq == 0 and _starts_at_one(connection))
    if behind or _under_another_id(connection, device):
        everything = connection.execute(f"SELECT n FROM outbox_txn WHERE {PENDING} ORDER BY n").fetchall()
        _renumber(connection, [n for (n,) in everything], device, last_client_seq or 0)


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


def _under_another_id(connection: Connection, device: str) -> bool:
    found = connection.execute(f"SELECT 1 FROM outbox_txn WHERE {PENDING} AND device_id <> ? LIMIT 1", (device,))
    return found.fetchone() is not None


def _starts_at_one(connection: Connection) -> bool:
    found = connection.execute(
        f"SELECT min(client_seq), count(DISTINCT device_id) FROM outbox_txn WHERE {PENDING}"
    ).fetchone()
    return bool(found[0] == 1 and found[1] == 1)
