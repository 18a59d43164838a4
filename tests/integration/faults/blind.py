"""Kills and breaks a process at its n-th write, fsync or send, by strace: without any help of the program."""

import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from crm_desktop.store.reader import Reader
from tests.integration.faults.killing import Company
from tests.integration.faults.programs import KILLED, PATIENCE_S, attach, ended, environment, need_strace, serve
from tests.integration.faults.share import Part, every
from tests.integration.server_process import ROOT

CALLS = ("pwrite64", "fsync", "fdatasync", "sendto")
COUNTING = ["-y", "-e", f"trace={','.join(CALLS)}"]
KILLING = "signal=SIGKILL"
ERRORS = ("ENOSPC", "EIO")
SAVED = ((("first",), "One.\n"),)
CHANGED = ((("first", "second"), "One.\nTwo.\n"),)


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
        rep = self.company.rep
        rep.close()
        self._runs += 1
        try:
            victim = subprocess.Popen(
                [sys.executable, "-m", "tests.integration.faults.victim", str(rep.folder), f"run{self._runs}"],
                cwd=ROOT, env=environment(), text=True,
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            )  # fmt: skip
            assert victim.stdout is not None
            assert victim.stdout.readline() == "ready\n"
            tracer = attach(victim, ["-o", str(self.log), *options])
            out, err = victim.communicate("go\n", timeout=PATIENCE_S)
            tracer.wait(PATIENCE_S)
            return subprocess.CompletedProcess(victim.args, victim.returncode, out, err)
        finally:
            rep.open()

    def _judge(self, told: str) -> list[str]:
        """What was told is there, whole, before and after a good session; and all else that must be true then."""
        before = self._missing(told)
        healed = self.company.heal()
        return [*before, *healed, *(f"after healing: {text}" for text in self._missing(told))]

    def _missing(self, told: str) -> list[str]:
        wrong: list[str] = []
        lines = [line.split() for line in told.splitlines(keepends=True) if line.endswith("\n")]
        changed = {words[1] for words in lines if words[0] == "changed"}
        saved = {words[1]: words[2] for words in lines if words[0] == "saved"}
        for account, visit in saved.items():
            found = self._found(account, visit)
            # A change may have been committed and the process killed before it could tell.
            allowed = CHANGED if account in changed else (*SAVED, *CHANGED)
            if found not in allowed:
                wrong.append(f"{account} was told {'changed' if account in changed else 'saved'} and is {found}")
        untold = self.company.rep.store.read(
            lambda reader: [row for row in reader.where("account") if row["name"].startswith(f"run{self._runs}-")]
        )
        more = [row["id"] for row in untold if row["id"] not in saved]
        if len(more) > 1:
            wrong.append(f"{len(more)} accounts were saved and not told")
        return wrong

    def _found(self, account: str, visit: str) -> tuple[tuple[str, ...], str] | None:
        def query(reader: Reader) -> tuple[tuple[str, ...], str] | None:
            row, note = reader.get("account", account), reader.get("visit", visit)
            return None if row is None or note is None else (tuple(row["tags"]), str(note["note"]))

        return self.company.rep.store.read(query)


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
    return [] if 2 * met > part.points else [f"only {met} of {part.points} faults came about"]


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
                part.note = "time is over"
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
                part.note = "time is over"
                break
            part.points += 1
            part.failures += server.kill(point)
        part.failures += _blind(part, server.met)
    finally:
        server.close()
