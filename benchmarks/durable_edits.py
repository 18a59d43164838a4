"""Durable edits through the product against bare SQLCipher transactions of the same rows."""

import tempfile
import time
from pathlib import Path

from sqlcipher3 import dbapi2 as sqlcipher

from benchmarks.figure import Figure, interleaved
from crm_desktop.clock import SystemClock
from crm_desktop.ids import new_id
from crm_desktop.store.client_store import ClientStore
from crm_desktop.store.intents import create, patch

KEY = bytes(range(32))
EDITS = 400
ROUNDS = 5
LEAST = 0.4


def measure() -> Figure:
    """Ratio of the rates, product to bare; one fsync each on both sides (synchronous=FULL)."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        store = ClientStore.open(folder / "product", KEY, SystemClock())
        ids = [new_id() for _ in range(EDITS)]
        for start in range(0, EDITS, 200):
            store.commit([create("account", i, {"name": "Before"}) for i in ids[start : start + 200]])
        turn = [0]

        def product() -> float:
            turn[0] += 1
            began = time.perf_counter()
            for record_id in ids:
                store.commit([patch("account", record_id, {"name": f"Edited in round {turn[0]}"})])
            return time.perf_counter() - began

        bare_file = _bare_file(folder / "bare.db", ids)

        def bare() -> float:
            began = time.perf_counter()
            for number, record_id in enumerate(ids):
                bare_file.execute("BEGIN IMMEDIATE")
                bare_file.execute("UPDATE account SET name = ? WHERE id = ?", (f"Edited {turn[0]}", record_id))
                key = f"{turn[0]}-{number}"
                bare_file.execute("INSERT INTO outbox_txn VALUES (?, ?, ?)", (None, key, "2026-11-22T10:00:00.000Z"))
                bare_file.execute("INSERT INTO outbox_op VALUES (?, ?, ?)", (key, record_id, "x" * 200))
                bare_file.execute("COMMIT")
            return time.perf_counter() - began

        ratio, mine, floor = interleaved(ROUNDS, product, bare)
        store.close()
        bare_file.close()
    detail = f"{EDITS / mine:.0f} against {EDITS / floor:.0f} edits a second, {ROUNDS} rounds"
    return Figure("Durable edits, rate of the bare transactions", 1 / ratio, LEAST, "x", detail, at_least=True)


def _bare_file(path: Path, ids: list[str]) -> sqlcipher.Connection:
    connection = sqlcipher.connect(str(path), isolation_level=None)
    connection.execute(f"PRAGMA key = \"x'{KEY.hex()}'\"")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("CREATE TABLE account (id TEXT PRIMARY KEY, name TEXT)")
    connection.execute("CREATE TABLE outbox_txn (n INTEGER PRIMARY KEY, txn_id TEXT UNIQUE, at TEXT)")
    connection.execute("CREATE TABLE outbox_op (op_id TEXT PRIMARY KEY, id TEXT, json TEXT)")
    connection.execute("BEGIN")
    connection.executemany("INSERT INTO account VALUES (?, 'Before')", [(record_id,) for record_id in ids])
    connection.execute("COMMIT")
    return connection
