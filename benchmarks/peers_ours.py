"""Our product's side of the comparison with the peers: the same customers, the same work, real client and server.

A laptop of its own for each round, and the bare machine in turn with it (see peers_floor). Edited are plain fields of
the account: where the peers' accounts hold a telephone number, ours is a record of its own. A push takes the pull after
it along, and an idle sync compares the digests.
"""

import json
import os
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path
from statistics import median

from benchmarks.company import LAST_WORD, LOGIN, PASSWORD
from benchmarks.growth import BareCall
from benchmarks.live_edit import BareWay, listener, seen
from benchmarks.peers_data import PeerCompany
from benchmarks.peers_floor import BareMachine, BarePush, Floor, round_trip
from benchmarks.peers_theirs import LIMIT_S, Side, bounded
from sync.driver import run_session
from sync.transport import HttpTransport
from ui.compose import App, open_profile

EDITS = 1_000
IDLE_SYNCS = 15
LIVE_EDITS = 50
LIVE_PAUSE_S = 0.3  # a person does not save twice in the same third of a second


class OurProduct:
    """Our server with the peers' customers in it, the same in every round."""

    def __init__(self, folder: Path, data: Path) -> None:
        self._folder, self._kept = folder, folder / "kept"
        (folder / "server").mkdir(parents=True)
        self.company = PeerCompany(folder / "server", data)
        with self.company:
            self._first_sync()  # the server prepares its parts once, not for each laptop
        shutil.copytree(self.company.folder, self._kept)
        self._bare = BareMachine(folder / "bare", self.company)

    def round(self) -> tuple[Side, Floor]:
        """First sync by pages and by parts, then the work of a day on a laptop that has everything; both bare too."""
        shutil.rmtree(self.company.folder)
        shutil.copytree(self._kept, self.company.folder)
        with self.company:
            return self._day()

    def _day(self) -> tuple[Side, Floor]:
        pages, parts = self._first_sync("pages"), self._first_sync()
        rows_s, plain_s = self._bare.inserts()
        ready_s = self._bare.ready()
        folder = self._folder / "laptop"
        app, call = open_profile(folder), BareCall(self.company.url)
        try:
            app.enrol(self.company.url, LOGIN, PASSWORD, "peers")
            line = app.connect()
            _synced(app, line)
            call.once()
            idle = [(_timed_sync(app, line), round_trip(call)) for _ in range(IDLE_SYNCS)]
            edits_a_s, bare_edits_a_s = self._edit(app), self._bare.edits(EDITS)
            push_s, bare_push_s, own_s = self._push(app, line, call)
            line.close()
            live = self._live(app)
        finally:
            call.close()
            app.close()
            shutil.rmtree(folder, ignore_errors=True)
        idle_ms, call_ms = (median(column) * 1_000 for column in zip(*idle, strict=True))
        live_ms, way_ms = (median(column) * 1_000 for column in zip(*live, strict=True))
        ours = Side(
            rows_s=pages["seconds"],
            wire_bytes=parts["bytes"] + parts["sent"],
            memory_mb=max(pages["peak"], parts["peak"]) / 2**20,
            edits_a_s=edits_a_s,
            push_s=push_s,
            live_ms=live_ms,
            idle_ms=idle_ms,
            ready_s=parts["seconds"],
        )
        return ours, Floor(rows_s, plain_s, ready_s, bare_edits_a_s, bare_push_s, own_s, way_ms, call_ms)

    def _first_sync(self, *way: str) -> dict[str, float]:
        folder = self._folder / "first"
        command = [sys.executable, "-m", "benchmarks.client", str(folder), self.company.url, LOGIN, PASSWORD]
        environment = os.environ | {"PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring"}
        try:
            output = bounded([*command, LAST_WORD, *way], environment)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        found: dict[str, float] = json.loads(output.splitlines()[-1])
        if found["rows"] < self.company.rows:
            raise RuntimeError(f"{found['rows']:.0f} rows synced of {self.company.rows}")
        return found

    def _edit(self, app: App) -> float:
        """Edits a second, each of another record that came from the server, each durable."""
        began = time.perf_counter()
        for number, record_id in enumerate(self.company.accounts[:EDITS]):
            app.records.update("account", record_id, {"website": f"https://{number}.{began}.example"})
        return EDITS / (time.perf_counter() - began)

    def _push(self, app: App, line: HttpTransport, call: BareCall) -> tuple[float, float, float]:
        """Seconds of the push with the pull after it, of its bare work, of what the server's own program takes."""
        push = BarePush(self._folder / "push", self.company.folder)
        try:
            waiting = app.store.pending(2 * EDITS)
            app.store.release()
            own_s = push.own(app.store.sync_state(), waiting)
            push_s = _timed_sync(app, line, EDITS)
            return push_s, push.bare(call), own_s
        finally:
            push.close()

    def _live(self, app: App) -> list[tuple[float, float]]:
        """Seconds of each edit until it stands in the store of another process, and of the bare work of its way."""
        account = self.company.accounts[-1]
        row = app.store.read(lambda reader: reader.get("account", account))
        start = 0 if row is None else int(row["employees"])
        other, bare_folder = self._folder / "other", self._folder / "way"
        bare_folder.mkdir()
        bare = BareWay(bare_folder, self.company.url)
        app.start_sync(lambda _status: None)
        process = listener(other, self.company.url)
        too_long = threading.Timer(LIMIT_S, process.kill)
        too_long.start()
        took = []
        try:
            for value in range(start + 1, start + 1 + LIVE_EDITS):
                time.sleep(LIVE_PAUSE_S)
                began = time.monotonic()
                app.records.update("account", account, {"employees": value})
                took.append((seen(process, value) - began, bare.once()))
        finally:
            too_long.cancel()
            _end(process)
            bare.close()
            for folder in (other, bare_folder):
                shutil.rmtree(folder, ignore_errors=True)
        return took


def _synced(app: App, line: HttpTransport) -> int:
    report = run_session(app.store, line, now=app.clock.now, log_idle=False)
    if report.error is not None or report.digest_ok is not True:
        raise RuntimeError(f"not in step: {report}")
    return report.pushed


def _timed_sync(app: App, line: HttpTransport, edits: int = 0) -> float:
    began = time.perf_counter()
    pushed = _synced(app, line)
    took = time.perf_counter() - began
    if pushed != edits:
        raise RuntimeError(f"{pushed} pushed of {edits}")
    return took


def _end(process: "subprocess.Popen[str]") -> None:
    process.kill()
    process.wait()
    if process.stdout is not None:
        process.stdout.close()
