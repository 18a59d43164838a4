"""Pushing a queue of edits made offline, against the server's own writing of the very same rows.

The limit side is sqlite3 alone: the rows that the push left different in the server's file, put into a copy of the
file from before by executemany, in one durable transaction. It decides nothing: no merge, no scope, no HTTP.
"""

import os
import shutil
import sqlite3
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.company import LOGIN, PASSWORD, Company
from benchmarks.figure import Figure
from ui.compose import App, open_profile

EDITS = 1000
ACCOUNTS = 500
ROUNDS = 5
MOST = 3.0
Rows = list[tuple[Any, ...]]


def measure(edits: int = EDITS, accounts: int = ACCOUNTS, rounds: int = ROUNDS) -> Figure:
    """Median of the ratios per round: push of the whole queue to bare writing."""
    os.environ["CRM_PASSPHRASE"] = "benchmark"
    pairs: list[tuple[float, float]] = []
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
                before = _copied(folder / "server", folder / "before.db")
                began = time.perf_counter()
                pushed = _synced(app)
                took = time.perf_counter() - began
                if pushed != edits:
                    raise RuntimeError(f"{pushed} pushed of {edits}")
                after = _copied(folder / "server", folder / "after.db")
                pairs.append((took, _bare(before, after)))
            app.close()
    ratio = median(mine / bare for mine, bare in pairs)
    mine, bare = (median(column) for column in zip(*pairs, strict=True))
    detail = f"{edits} edits, {rounds} rounds; {mine:.2f} s with the pull after it, bare {bare:.3f} s"
    return Figure("Push of a queue of edits, time of bare writing", ratio, MOST, "x", detail)


def _synced(app: App) -> int:
    report = app.sync_once()
    if report.error is not None or report.digest_ok is not True:
        raise RuntimeError(f"not in step: {report}")
    return report.pushed


def _copied(server: Path, target: Path) -> Path:
    target.unlink(missing_ok=True)
    with closing(sqlite3.connect(server / "server.db")) as source, closing(sqlite3.connect(target)) as copy:
        source.backup(copy)
    return target


def _bare(before: Path, after: Path) -> float:
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
    sys.stdout.write(measure(*(int(value) for value in sys.argv[1:])).line() + "\n")
