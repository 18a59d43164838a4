"""Kills and breaks a process at its n-th write, fsync or send, by strace: without any help of the program."""

import re
import subprocess
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.integration.faults import scripted
from tests.integration.faults.killing import Company
from tests.integration.faults.programs import KILLED, PATIENCE_S, attach, ended, need_strace, serve
from tests.integration.faults.share import Part, every

CALLS = ("pwrite64", "fsync", "fdatasync", "sendto")
COUNTING = ["-y", "-e", f"trace={','.join(CALLS)}"]
KILLING = "signal=SIGKILL"
ERRORS = ("ENOSPC", "EIO")


@dataclass(frozen=True, slots=True)
class Point:
    """The n-th call of its kind in any one thread; with `path` only calls on that file count."""

    call: str
    n: int
    path: str = ""

    def options(self, effect: str, *, lasting: bool = False) -> list[str]:
        """How strace makes a process meet this, once or from then on."""
        only = ["-P", self.path] if self.path else []
        when = f"{self.n}+" if lasting else str(self.n)
        return [*only, "-e", f"trace={self.call}", "-e", f"inject={self.call}:{effect}:when={when}"]

    def __str__(self) -> str:
        return f"{self.call} {self.n}" + (f" on {Path(self.path).name}" if self.path else "")


def counted(log: Path, path: str = "") -> list[Point]:
    """The points that a traced run has passed: per call, up to the thread with most of them."""
    passed: Counter[tuple[str, str]] = Counter()
    for thread, call, rest in re.findall(r"^(\d+) +(\w+)\((.*)$", log.read_text(errors="replace"), re.MULTILINE):
        if not path or f"<{path}>" in rest:
            passed[call, thread] += 1
    most = {name: max((n for (call, _), n in passed.items() if call == name), default=0) for name in CALLS}
    return [Point(call, n, path) for call, last in most.items() for n in range(1, last + 1)]


class Laptop:
    """Runs the scripted session on a laptop's profile in a traced process and judges what it left."""

    def __init__(self, folder: Path) -> None:
        need_strace()
        self.company = Company.found(folder)
        self.log = folder / "strace.log"
        self._runs = 0
        self.met = 0  # runs in which the fault came about

    def points(self) -> list[Point]:
        """All points of one session, and those of the fold of the log into the file (the checkpoint)."""
        database = str(self.company.rep.folder / "crm.db")
        done = self._run(COUNTING)
        assert done.returncode == 0, done.stdout + done.stderr
        wrong = self._judge(done.stdout)
        assert not wrong, wrong
        folded = [point for point in counted(self.log, database) if point.call == "pwrite64"]
        assert folded, "no checkpoint was seen"
        return [*counted(self.log), *folded]

    def kill(self, point: Point) -> list[str]:
        """SIGKILL at the point; what is wrong after the healing."""
        done = self._run(point.options(KILLING))
        wrong = self._judge(done.stdout)
        self.met += done.returncode == KILLED
        # A run may pass a few calls less than the counted one; then it must have come to its end.
        if done.returncode != KILLED and not (done.returncode == 0 and "end\n" in done.stdout):
            wrong.append(f"ended with {done.returncode}: {done.stderr[-300:]}")
        return [f"killed at {point}: {text}" for text in wrong]

    def fail(self, point: Point, error: str, *, lasting: bool) -> list[str]:
        """The call fails with a disk error, once or from then on."""
        done = self._run(point.options(f"error={error}", lasting=lasting))
        wrong = self._judge(done.stdout)
        if "Traceback" in done.stderr or done.returncode < 0:
            wrong.append(f"ended with {done.returncode}: {done.stderr[-300:]}")
        self.met += f"= -1 {error}" in self.log.read_text(errors="replace")
        errors = [line for line in done.stdout.splitlines() if line.startswith(("error:", "not synced:"))]
        if done.returncode != 0 and not any(line.startswith("error:") for line in errors):
            wrong.append("ended without a word")
        wrong += [f"said {line!r}" for line in errors if "disk" not in line.lower()]
        return [f"{error} at {point}{'+' if lasting else ''}: {text}" for text in wrong]

    def close(self) -> None:
        """End everything."""
        self.company.close()

    def _run(self, options: Sequence[str]) -> "subprocess.CompletedProcess[str]":
        self._runs += 1
        with scripted.started(self.company.rep, f"run{self._runs}") as victim:
            tracer = attach(victim.process, ["-o", str(self.log), *options])
            done = scripted.finish(victim)
            tracer.wait(PATIENCE_S)
        return done

    def _judge(self, told: str) -> list[str]:
        return scripted.wrong_after(self.company, f"run{self._runs}", told)


class Server:
    """Runs `crm-server` traced while a laptop of this process pushes and pulls."""

    def __init__(self, folder: Path) -> None:
        need_strace()
        self.company = Company.found(folder)
        self.log = folder / "strace.log"
        self.met = 0  # runs in which the fault came about

    def points(self) -> list[Point]:
        """All points of a server in one session."""
        wrong = self._session(COUNTING)
        assert not wrong, wrong
        return counted(self.log)

    def kill(self, point: Point) -> list[str]:
        """SIGKILL at the point; what is wrong after the restart."""
        return [f"server killed at {point}: {text}" for text in self._session(point.options(KILLING))]

    def close(self) -> None:
        """End everything."""
        self.company.close()

    def _session(self, options: Sequence[str]) -> list[str]:
        rep = self.company.rep
        process = rep.server.process
        assert process is not None
        rep.edit()
        tracer = attach(process, ["-o", str(self.log), *options])
        report = rep.sync(rep.server.url)
        if report.error is None or report.error.code != "offline":
            tracer.terminate()
        tracer.wait(PATIENCE_S)
        try:
            # Also without an error: the call may have come after the last answer.
            process.wait(PATIENCE_S if report.error else 0.2)
        except subprocess.TimeoutExpired:
            pass
        else:
            self.met += 1
            ended(rep.server)
            serve(rep.server)
            rep.follow()
        return self.company.heal()


def _blind(part: Part, met: int) -> list[str]:
    """A sweep whose faults do not come about proves nothing."""
    return [] if not part.points or 2 * met > part.points else [f"only {met} of {part.points} faults came about"]


def sweep_laptop(part: Part, folder: Path, step: int, until: float, *, errors: bool) -> None:
    """Kill (or break) the laptop at every `step`-th point until the time is over."""
    laptop = Laptop(folder / "laptop")
    try:
        points = laptop.points()
        cases = [(point, error) for point in points for error in (ERRORS if errors else ("",))]
        if errors:
            cases = [
                (p, error) for p, error in cases if p.call != "sendto" and (error == "EIO" or p.call == "pwrite64")
            ]
        part.of = len(cases)
        for place, (point, error) in enumerate(every(cases, step)):
            if time.monotonic() > until:
                part.unfinished = True
                break
            part.points += 1
            if error:
                part.failures += laptop.fail(point, error, lasting=bool(place % 2))
            else:
                part.failures += laptop.kill(point)
        part.failures += _blind(part, laptop.met)
    finally:
        laptop.close()


def sweep_server(part: Part, folder: Path, step: int, until: float) -> None:
    """Kill the server at every `step`-th point until the time is over."""
    server = Server(folder / "server")
    try:
        points = server.points()
        part.of = len(points)
        for point in every(points, step):
            if time.monotonic() > until:
                part.unfinished = True
                break
            part.points += 1
            part.failures += server.kill(point)
        part.failures += _blind(part, server.met)
    finally:
        server.close()
