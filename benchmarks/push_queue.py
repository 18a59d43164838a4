"""Pushing a queue of edits made offline, against two limits measured in the same run.

The server's own work: the same transactions, given to the server's storage in this process, in one transaction of a
copy of its file from before. It is what the way there, the laptop's outbox and the pull after it are held against.

Bare writing: sqlite3 alone. The rows that the push left different in the server's file, put into a copy from before
by executemany, in one durable transaction. It decides nothing: no merge, no scope, no HTTP.
"""

import os
import shutil
import sqlite3
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.company import LOGIN, PASSWORD, Company
from benchmarks.figure import Figure
from crm_desktop.model.operations import Transaction
from crm_desktop.store.meta import SyncState
from server.storage.devices import by_id
from server.storage.storage import Storage
from sync.protocol import Cursor
from ui.compose import App, open_profile

EDITS = 1000
ACCOUNTS = 500
ROUNDS = 5
LONG = (10_000, 5_000)  # edits of a laptop that was away for long, on so many accounts
MOST = 3.0
Rows = list[tuple[Any, ...]]


def measure(edits: int = EDITS, accounts: int = ACCOUNTS, rounds: int = ROUNDS) -> tuple[Figure, Figure]:
    """Medians of the ratios per round: push of the whole queue to the server's own work and to bare writing."""
    os.environ["CRM_PASSPHRASE"] = "benchmark"
    table: list[tuple[float, float, float]] = []
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        (folder / "server").mkdir()
        with Company(folder / "server", accounts) as company:
            ids = [record_id for entity, record_id, _ in company.records if entity == "account"]
            app = open_profile(folder / "laptop")
            app.enrol(company.url, LOGIN, PASSWORD, "benchmark")
            _synced(app)
            for turn in range(rounds):
                for number in range(edits):
                    value = turn * edits + number + 1
                    app.records.update("account", ids[number % len(ids)], {"employees": value})
                before = copied(folder / "server", folder / "before.db")
                waiting = app.store.pending(2 * edits)
                app.store.release()
                own = own_work(before, app.store.sync_state(), waiting)
                began = time.perf_counter()
                pushed = _synced(app)
                took = time.perf_counter() - began
                if pushed != edits:
                    raise RuntimeError(f"{pushed} pushed of {edits}")
                after = copied(folder / "server", folder / "after.db")
                table.append((took, own, bare_writing(before, after)))
            app.close()
    mine, own, bare = (median(column) for column in zip(*table, strict=True))
    detail = (
        f"{accounts} accounts, {rounds} rounds; {mine:.2f} s with the pull after it, own {own:.3f} s, bare {bare:.3f} s"
    )
    return (
        Figure(
            f"Push of {edits:,} edits, time of the server's own work in one transaction",
            median(took / own for took, own, _ in table), MOST, "x", detail,
        ),
        Figure(
            f"Push of {edits:,} edits, time of bare writing",
            median(took / bare for took, _, bare in table), MOST, "x", detail,
        ),
    )  # fmt: skip


def _synced(app: App) -> int:
    report = app.sync_once()
    if report.error is not None or report.digest_ok is not True:
        raise RuntimeError(f"not in step: {report}")
    return report.pushed


def copied(server: Path, target: Path) -> Path:
    """A copy of the file of the server in this folder, which may run."""
    target.unlink(missing_ok=True)
    with closing(sqlite3.connect(server / "server.db")) as source, closing(sqlite3.connect(target)) as copy:
        source.backup(copy)
    return target


def own_work(before: Path, state: SyncState, waiting: Sequence[Transaction]) -> float:
    """Seconds the server's storage takes for the transactions, once its caches are warm."""
    took = 0.0
    for _ in range(2):
        work = before.with_name("own.db")
        shutil.copyfile(before, work)
        storage = Storage.open(str(work))
        with storage.read() as connection:
            device = by_id(connection, state.device_id)
        if device is None:
            raise RuntimeError("the server does not know the laptop")
        cursor = Cursor(seq=state.cursor_seq, commit_id=state.cursor_commit)
        began = time.perf_counter()
        storage.push(device, state.epoch, waiting, cursor)
        took = time.perf_counter() - began
        storage.close()
        for file in work.parent.glob(f"{work.name}*"):
            shutil.rmtree(file) if file.is_dir() else file.unlink()
    return took


def bare_writing(before: Path, after: Path) -> float:
    """Seconds to write into `before` what makes it `after`."""
    with closing(sqlite3.connect(after)) as connection:
        connection.execute("ATTACH ? AS old", (str(before),))
        names = [name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
        changed: dict[str, Rows] = {
            name: connection.execute(f'SELECT * FROM "{name}" EXCEPT SELECT * FROM old."{name}"').fetchall()
            for name in names
        }
    work = before.with_name("work.db")
    shutil.copyfile(before, work)
    with closing(sqlite3.connect(work, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        began = time.perf_counter()
        connection.execute("BEGIN IMMEDIATE")
        for name, rows in changed.items():
            if rows:
                marks = ", ".join("?" * len(rows[0]))
                connection.executemany(f'INSERT OR REPLACE INTO "{name}" VALUES ({marks})', rows)
        connection.execute("COMMIT")
        return time.perf_counter() - began


if __name__ == "__main__":
    for figure in measure(*(int(value) for value in sys.argv[1:])):
        sys.stdout.write(figure.line() + "\n")
