"""SIGKILL the moment a save is reported: every reported save is there, row and operation together."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from crm_desktop.clock import SystemClock
from crm_desktop.store.client_store import ClientStore
from crm_desktop.store.intents import create

KEY = bytes(range(32))
WRITER = """
import sys
from pathlib import Path
from crm_desktop.clock import SystemClock
from crm_desktop.store.client_store import ClientStore
from crm_desktop.store.intents import create, text

store = ClientStore.open(Path(sys.argv[1]), bytes(range(32)), SystemClock())
start = int(sys.argv[2])
for n in range(start, start + 1000):
    store.commit([create("visit", f"v{n}", {"subject": f"s{n}"}), create("task", f"t{n}", {"subject": "x"})])
    sys.stdout.write(f"{n}\\n")
    sys.stdout.flush()
"""


@pytest.mark.parametrize("saves", [1, 2, 5, 11, 23])
def test_reported_saves_survive(tmp_path: Path, saves: int) -> None:
    with ClientStore.open(tmp_path, KEY, SystemClock()) as store:
        store.commit([create("tag", "before", {"name": "x"})])
    process = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(tmp_path), "0"], stdout=subprocess.PIPE, cwd=Path(__file__).parents[4]
    )
    assert process.stdout is not None
    reported = [int(process.stdout.readline()) for _ in range(saves)]
    process.send_signal(signal.SIGKILL)
    reported += [int(line) for line in process.stdout.read().splitlines()]
    process.wait()
    process.stdout.close()
    with ClientStore.open(tmp_path, KEY, SystemClock()) as store:
        visits = {row["id"] for row in store.read(lambda reader: reader.where("visit"))}
        tasks = {row["id"] for row in store.read(lambda reader: reader.where("task"))}
        waiting = store.pending(100_000)
        found = {hit.id for hit in store.read(lambda reader: reader.search("s0"))}
    assert {f"v{n}" for n in reported} <= visits
    queued = {(op.e, op.id) for txn in waiting for op in txn.ops} - {("tag", "before")}
    assert queued == {("visit", name) for name in visits} | {("task", name) for name in tasks}
    assert {name[1:] for name in visits} == {name[1:] for name in tasks}
    assert [txn.client_seq for txn in waiting] == list(range(1, len(waiting) + 1))
    assert "v0" in found
