"""The few values that describe this copy: who, which history, how far. Read and written in the caller's transaction."""

from collections.abc import Mapping
from dataclasses import dataclass

import orjson

from crm_desktop.model.schema import SCHEMA_VERSION
from crm_desktop.store.connection import Connection


@dataclass(frozen=True, slots=True)
class SyncState:
    """Where this device stands. `client_seq` and `txn_id` are the highest ever used under `device_id`.

    `confirmed` is the highest the server has answered, in its present history.
    """

    epoch: str
    cursor_seq: int
    cursor_commit: str
    device_id: str
    user_id: str
    client_seq: int
    txn_id: str
    schema_ver: int
    device_code: str
    scopes: tuple[str, ...]
    confirmed: int


@dataclass(slots=True)
class Author:
    """What a new operation says about its origin. `client_seq` is the number of the newest transaction."""

    epoch: str = ""
    user_id: str | None = None
    device_id: str = ""
    cursor_seq: int = 0
    client_seq: int = 0


def author(connection: Connection) -> Author:
    """Who writes here, as stored."""
    stored = several(connection, "epoch", "user_id", "device_id", "cursor_seq")
    device_id = stored.get("device_id", "")
    return Author(
        stored.get("epoch", ""),
        stored.get("user_id") or None,
        device_id,
        int(stored.get("cursor_seq", "0")),
        last_transaction(connection, device_id)[0],
    )


def last_transaction(connection: Connection, device_id: str) -> tuple[int, str]:
    """(client_seq, txn_id) of the newest transaction ever made under a device id; (0, "") before the first.

    The counter of a device is kept by its newest transaction, and by `keep_counter` where that one goes:
    a save then writes one page less.
    """
    kept = several(connection, "client_seq", "txn_id")
    newest = connection.execute(
        "SELECT client_seq, txn_id FROM outbox_txn WHERE device_id = ? ORDER BY client_seq DESC LIMIT 1", (device_id,)
    ).fetchone()
    number = int(kept.get("client_seq", "0"))
    if newest is not None and newest[0] >= number:
        return int(newest[0]), str(newest[1])
    return number, kept.get("txn_id", "")


def _confirmed(connection: Connection, device_id: str) -> int:
    found = connection.execute(
        "SELECT client_seq FROM outbox_txn WHERE device_id = ? AND state <> 'pending' ORDER BY client_seq DESC LIMIT 1",
        (device_id,),
    ).fetchone()
    return 0 if found is None else int(found[0])


def keep_counter(connection: Connection) -> None:
    """Write the counter down: call before transactions leave the outbox, so that no number is given twice."""
    client_seq, txn_id = last_transaction(connection, get(connection, "device_id"))
    put_several(connection, {"client_seq": str(client_seq), "txn_id": txn_id})


def get(connection: Connection, key: str, default: str = "") -> str:
    """A stored value."""
    row = connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
    return default if row is None else str(row[0])


def several(connection: Connection, *keys: str) -> dict[str, str]:
    """Stored values of some keys; what is not stored is left out."""
    marks = ", ".join("?" * len(keys))
    return dict(connection.execute(f"SELECT key, value FROM meta WHERE key IN ({marks})", keys).fetchall())


def put_several(connection: Connection, values: Mapping[str, str]) -> None:
    """Store some values by one statement."""
    marks = ", ".join(["(?, ?)"] * len(values))
    connection.execute(
        f"INSERT OR REPLACE INTO meta (key, value) VALUES {marks}",
        [part for pair in values.items() for part in pair],
    )


def put(connection: Connection, key: str, value: str | int) -> None:
    """Store a value."""
    connection.execute(
        "INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        (key, str(value)),
    )


def number(connection: Connection, key: str) -> int:
    """A stored number; 0 where there is none."""
    return int(get(connection, key, "0"))


def count_up(connection: Connection, key: str) -> int:
    """The next number of a counter that never goes back, from 1."""
    value = number(connection, key) + 1
    put(connection, key, value)
    return value


def sync_state(connection: Connection) -> SyncState:
    """The state as stored."""
    stored = dict(connection.execute("SELECT key, value FROM meta").fetchall())
    client_seq, txn_id = last_transaction(connection, stored.get("device_id", ""))
    return SyncState(
        epoch=stored.get("epoch", ""),
        cursor_seq=int(stored.get("cursor_seq", "0")),
        cursor_commit=stored.get("cursor_commit", ""),
        device_id=stored.get("device_id", ""),
        user_id=stored.get("user_id", ""),
        client_seq=client_seq,
        txn_id=txn_id,
        schema_ver=SCHEMA_VERSION,
        device_code=stored.get("device_code", ""),
        scopes=tuple(orjson.loads(stored.get("scopes", "[]"))),
        confirmed=_confirmed(connection, stored.get("device_id", "")),
    )
