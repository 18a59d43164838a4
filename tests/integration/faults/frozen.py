"""A process stands still in the middle of push or pull (SIGSTOP) and goes on (SIGCONT), as in a paused virtual machine.

Nothing is lost, nothing is done twice, and a server that stands still is not called online.
"""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

from sync.ports import UNREACHED
from sync.runner import SyncRunner
from sync.status import Counts
from sync.transport import HttpTransport
from tests.integration.faults import scripted
from tests.integration.faults.blind import CALLS, COUNTING, Laptop, Point, Server, counted
from tests.integration.faults.programs import PATIENCE_S, attach
from tests.integration.faults.share import Part, every
from tests.integration.server_process import patching

FREEZING = "signal=SIGSTOP"
FROZE = "stopped by SIGSTOP"
DEADLINE_S = 1.0  # of a session with a server that may stand still
STILL_S = 0.3  # for so long a laptop stands still


class FrozenServer(Server):
    """`crm-server` that stands still at a point while a laptop of this process pushes and pulls."""

    def freeze(self, point: Point) -> list[str]:
        """Stand still at the point, be asked again, go on; what is wrong then."""
        rep = self.company.rep
        process = rep.server.process
        assert process is not None
        rep.edit()
        tracer = attach(process, ["-o", str(self.log), *point.options(FREEZING)])
        wrong: list[str] = []
        try:
            report = rep.sync(rep.server.url, DEADLINE_S)
            froze = FROZE in self.log.read_text(errors="replace")
            if froze:
                again = rep.sync(rep.server.url, DEADLINE_S)
                for told in (report, again) if report.error is not None else (again,):
                    if told.error is None or told.error.code not in UNREACHED:
                        wrong.append(f"the server stood still, the session was told {told.error}")
        finally:
            tracer.terminate()
            tracer.wait(PATIENCE_S)
            process.send_signal(signal.SIGCONT)
        self.met += froze
        return [f"server frozen at {point}: {text}" for text in (*wrong, *self.company.heal())]


class FrozenLaptop(Laptop):
    """The scripted session of a laptop that stands still at a point, while the desk goes on."""

    def points(self) -> list[Point]:
        """All points of one session."""
        done = self._run(COUNTING)
        assert done.returncode == 0, done.stdout + done.stderr
        return counted(self.log)

    def freeze(self, point: Point) -> list[str]:
        """Stand still at the point while the desk writes, go on; what is wrong then."""
        rep = self.company.rep
        self._runs += 1
        wrong: list[str] = []
        with scripted.started(rep, f"run{self._runs}") as victim:
            tracer = attach(victim.process, ["-o", str(self.log), *point.options(FREEZING)])
            victim.go()
            if _until(lambda: self._froze() or victim.process.poll() is not None) and self._froze():
                self.met += 1
                told = rep.desk.push(
                    patching("account", rep.accounts[-1], 0, employees=(self.met - 1 or None, self.met))
                )
                wrong += [] if told == ["applied"] else [f"the desk was told {told}"]
                rep.expected.setdefault(("account", rep.accounts[-1]), {})["employees"] = self.met
                time.sleep(STILL_S)
                os.kill(victim.process.pid, signal.SIGCONT)
            done = victim.finish()
            tracer.wait(PATIENCE_S)
        out = done.stdout
        if done.returncode != 0 or "end\n" not in out or "not synced" in out:
            wrong.append(f"ended with {done.returncode}: {out[-200:]}{done.stderr[-300:]}")
        return [f"laptop frozen at {point}: {text}" for text in (*wrong, *self._judge(out))]

    def _froze(self) -> bool:
        return self.log.exists() and FROZE in self.log.read_text(errors="replace")


def _until(true: Callable[[], bool]) -> bool:
    """Wait for it; False where patience ended."""
    end = time.monotonic() + PATIENCE_S
    while not true():
        if time.monotonic() > end:
            return False
        time.sleep(0.01)
    return True


def watched(server: FrozenServer) -> list[str]:
    """What a laptop that stays connected says of a server that stands still, and of one that goes on."""
    rep = server.company.rep
    process = rep.server.process
    assert process is not None
    ver = rep.store.sync_state().schema_ver

    def connect() -> HttpTransport:
        return HttpTransport(rep.server.url, rep.token, ver, deadline_s=DEADLINE_S)

    runner = SyncRunner(rep.store, connect, Counts, lambda _status: None)
    runner.start()
    wrong = []
    try:
        if not _until(lambda: runner.status().state == "online"):
            wrong.append("never online")
        process.send_signal(signal.SIGSTOP)
        try:
            rep.edit(desk=False)
            runner.wake()
            if not _until(lambda: runner.status().state == "offline"):
                wrong.append(f"{runner.status().state} though the server stands still")
        finally:
            process.send_signal(signal.SIGCONT)
        runner.sync_now()
        if not _until(lambda: runner.status().state == "online"):
            wrong.append("not online again")
    finally:
        runner.stop()
    return [f"watched: {text}" for text in (*wrong, *server.company.heal())]


def sweep_server(part: Part, folder: Path, step: int, until: float) -> None:
    """Freeze the server at every `step`-th write, fsync and send until the time is over."""
    server = FrozenServer(folder / "server")
    try:
        points = server.points()
        part.of = len(points) + 1
        part.points += 1
        part.failures += watched(server)
        _visit(part, points, step, until, server.freeze)
        _met(part, server.met, part.points - 1)
    finally:
        server.close()


def sweep_laptop(part: Part, folder: Path, step: int, until: float) -> None:
    """Freeze the laptop at every `step`-th write, fsync and send until the time is over."""
    laptop = FrozenLaptop(folder / "laptop")
    try:
        points = laptop.points()
        part.of = len(points)
        _visit(part, points, step, until, laptop.freeze)
        _met(part, laptop.met, part.points)
    finally:
        laptop.close()


def _visit(part: Part, points: list[Point], step: int, until: float, freeze: Callable[[Point], list[str]]) -> None:
    # Sends come first: there are few of them, and they lie between push and pull.
    ordered = sorted(points, key=lambda point: (-CALLS.index(point.call), point.n))
    for point in every(ordered, step):
        if time.monotonic() > until:
            part.unfinished = True
            break
        part.points += 1
        part.failures += freeze(point)


def _met(part: Part, met: int, points: int) -> None:
    part.note = f"{met} of {points} stood still"
    if points and 2 * met <= points:
        part.failures.append(f"only {part.note}")
