"""SIGKILL the moment a save is reported, at random delays: every reported save has to be there."""

import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.figure import Figure
from crm_desktop.clock import SystemClock
from crm_desktop.ids import new_id
from crm_desktop.store.client_store import ClientStore
from crm_desktop.store.intents import create

KEY = bytes(range(32))
KILLS = 30
LONGEST_DELAY_S = 0.05


def write_until_killed(folder: Path) -> None:
    """The victim: creates accounts and reports each one after its commit."""
    store = ClientStore.open(folder, KEY, SystemClock())
    while True:
        record_id = new_id()
        store.commit([create("account", record_id, {"name": f"Account {record_id}"})])
        sys.stdout.write(f"{record_id}\n")
        sys.stdout.flush()


def measure(seed: int = 1, kills: int = KILLS) -> Figure:
    """Run the loop and count what is missing."""
    delays = random.Random(seed)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        ClientStore.open(folder, KEY, SystemClock()).close()
        reported: set[str] = set()
        for _ in range(kills):
            victim = subprocess.Popen(
                [sys.executable, "-m", "benchmarks.kill_loop", str(folder)], stdout=subprocess.PIPE, text=True
            )
            assert victim.stdout is not None
            reported.add(victim.stdout.readline().strip())
            time.sleep(delays.uniform(0, LONGEST_DELAY_S))
            victim.send_signal(signal.SIGKILL)
            # The last line may be cut by the kill: a save counts as reported with its line end.
            reported.update(line.strip() for line in victim.stdout if line.endswith("\n"))
            victim.wait()
        with ClientStore.open(folder, KEY, SystemClock()) as store:
            kept = {row["id"] for row in store.read(lambda reader: reader.where("account"))}
            waiting = store.read(lambda reader: reader.counts())["outbox"]
        missing = len(reported - kept)
    detail = f"{kills} kills, {len(reported)} saves reported, {len(kept)} kept, {waiting} wait in the outbox"
    return Figure("Reported saves missing after SIGKILL", missing, 0, "saves", detail)


if __name__ == "__main__":
    write_until_killed(Path(sys.argv[1]))
