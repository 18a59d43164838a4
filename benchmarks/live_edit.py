"""An edit on one laptop until it stands in another's store, both on line, against the bare work of that way.

The bare way: three durable commits (laptop, server, laptop) and two HTTP round trips, measured in the same run and in
turn. The laptops are two processes with the product's own runner; the clock is the machine's monotonic one.

usage of the listening process: python -m benchmarks.live_edit FOLDER URL, with CRM_PASSPHRASE set.
"""

import json
import os
import queue
import sqlite3
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import requests
from sqlcipher3 import dbapi2 as sqlcipher

from benchmarks.company import LOGIN, PASSWORD, Company
from benchmarks.figure import Figure
from benchmarks.floor_files import KEY
from crm_desktop.model.wire import Row
from crm_desktop.store.changes import ChangeSet
from crm_desktop.store.reader import Reader
from ui.compose import App, open_profile

EDITS = 60
ACCOUNTS = 200
MOST = 5.0
MOST_SPREAD = 2.0
PAUSE_S = 0.3  # a person does not save twice in the same third of a second


def measure(edits: int = EDITS, accounts: int = ACCOUNTS) -> tuple[Figure, Figure]:
    """(median against the bare way, 95th percentile against the median)."""
    os.environ["CRM_PASSPHRASE"] = "benchmark"
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        with Company(folder, accounts) as company:
            account = next(record_id for entity, record_id, _ in company.records if entity == "account")
            other = listener(folder / "b", company.url)
            app = _online(folder / "a", company.url)
            bare = BareWay(folder, company.url)
            ours, floors = [], []
            try:
                for turn in range(edits):
                    time.sleep(PAUSE_S)
                    began = time.monotonic()
                    app.records.update("account", account, {"employees": turn + 1})
                    ours.append(seen(other, turn + 1) - began)
                    floors.append(bare.once())
            finally:
                app.close()
                other.kill()
                other.wait()
                bare.close()
    ratio = median(one / floor for one, floor in zip(ours, floors, strict=True))
    p50, p95 = median(ours), quantiles(ours, n=20)[-1]
    detail = f"{edits} edits; p50 {p50 * 1000:.1f} ms, p95 {p95 * 1000:.1f} ms, bare way {median(floors) * 1000:.1f} ms"
    return (
        Figure("Live edit, time of three commits and two round trips", ratio, MOST, "x", detail),
        Figure("Live edit, 95th percentile of the median", p95 / p50, MOST_SPREAD, "x", detail),
    )


def seen(listener: "subprocess.Popen[str]", value: int) -> float:
    """When the other laptop's store held the value."""
    assert listener.stdout is not None
    while True:
        told: dict[str, Any] = json.loads(listener.stdout.readline())
        if told["value"] == value:
            return float(told["at"])


def _online(folder: Path, url: str) -> App:
    app = open_profile(folder)
    app.enrol(url, LOGIN, PASSWORD, "benchmark")
    report = app.sync_once()
    if report.error is not None:
        raise RuntimeError(str(report.error))
    app.start_sync(lambda _status: None)
    return app


def listener(folder: Path, url: str) -> "subprocess.Popen[str]":
    """Another laptop's process, which has synced everything and waits for news."""
    command = [sys.executable, "-m", "benchmarks.live_edit", str(folder), url]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    if not process.stdout.readline():
        raise RuntimeError("the listening laptop did not start")
    return process


class BareWay:
    """A row written three times and two requests, with nothing of ours but the server's smallest answer."""

    def __init__(self, folder: Path, url: str) -> None:
        self._laptops = [sqlcipher.connect(str(folder / f"bare{n}.db"), isolation_level=None) for n in range(2)]
        for laptop in self._laptops:
            laptop.execute(f"PRAGMA key = \"x'{KEY.hex()}'\"")
        self._server = sqlite3.connect(folder / "bare-server.db", isolation_level=None)
        for file in (*self._laptops, self._server):
            file.execute("PRAGMA journal_mode = WAL")
            file.execute("PRAGMA synchronous = FULL")
            file.execute("CREATE TABLE row (id INTEGER PRIMARY KEY, value INTEGER)")
            file.execute("INSERT INTO row VALUES (1, 0)")
        self._url = f"{url}/health"
        self._http = requests.Session()

    def once(self) -> float:
        """Seconds."""
        began = time.monotonic()
        for file in (self._laptops[0], self._server, self._laptops[1]):
            file.execute("UPDATE row SET value = value + 1 WHERE id = 1")
        for _ in range(2):
            self._http.get(self._url).raise_for_status()
        return time.monotonic() - began

    def close(self) -> None:
        """Release files and connection."""
        for file in (*self._laptops, self._server):
            file.close()
        self._http.close()


def _account(record_id: str, reader: Reader) -> Row | None:
    return reader.get("account", record_id)


def _listen(folder: Path, url: str) -> None:
    """Tell each new value of the edited field and when it was there."""
    app = _online(folder, url)
    news: queue.SimpleQueue[tuple[str, float]] = queue.SimpleQueue()

    def changed(changes: ChangeSet) -> None:
        at = time.monotonic()
        for entity, record_id in changes.ids:
            if entity == "account":
                news.put((record_id, at))

    app.store.on_change(changed)
    time.sleep(1.0)  # until the poll hangs
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    while True:
        record_id, at = news.get()
        row = app.store.read(partial(_account, record_id))
        if row is not None:
            sys.stdout.write(json.dumps({"value": row["employees"], "at": at}) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    if len(sys.argv) == 3:
        _listen(Path(sys.argv[1]), sys.argv[2])
    for figure in measure():
        sys.stdout.write(figure.line() + "\n")
