"""The server's disk is full or broken: one clear answer, nothing is lost, and it goes on once the disk is well."""

import os
import shutil
import subprocess
import tempfile
import time
from collections import Counter
from pathlib import Path

from sync.session_report import SessionReport
from tests.integration.faults import postgres
from tests.integration.faults.blind import ERRORS, Point, Server
from tests.integration.faults.cluster import Cluster
from tests.integration.faults.programs import PATIENCE_S, attach
from tests.integration.faults.share import Part, every

CODE = "server_disk"
SMALL = "160m"  # holds a new cluster and its log, and little more
RESERVE = 64 * 1024  # left free when it is filled
SESSIONS, STEPS = 20, 8  # of work, at most, until the disk is full


class BrokenDisk(Server):
    """`crm-server` on SQLite whose writes fail, while a laptop of this process pushes and pulls."""

    told = 0  # sessions that were answered with the error

    def fail(self, point: Point, error: str, *, lasting: bool) -> list[str]:
        """The call fails with a disk error, once or until the disk is well again; what is wrong then."""
        rep = self.company.rep
        process = rep.server.process
        assert process is not None
        rep.edit()
        before = len(rep.store.pending(100))
        rep.store.release()
        tracer = attach(process, ["-o", str(self.log), *point.options(f"error={error}", lasting=lasting)])
        report = rep.sync(rep.server.url)
        self.told += report.error is not None
        wrong = _misnamed(report, CODE)
        if lasting and report.error is not None and len(rep.store.pending(100)) > before:
            wrong.append("the laptop has more to send than before")
        rep.store.release()
        tracer.terminate()
        tracer.wait(PATIENCE_S)
        self.met += f"= -1 {error}" in self.log.read_text(errors="replace")
        if process.poll() is not None:
            wrong.append(f"the server ended with {process.returncode}")
            return [f"{error} at {point}{'+' if lasting else ''}: {text}" for text in wrong]
        wrong += self.company.heal()
        return [f"{error} at {point}{'+' if lasting else ''}: {text}" for text in wrong]


def _misnamed(report: SessionReport, *codes: str) -> list[str]:
    """A session over a bad disk either got through or says so."""
    error = report.error
    return [] if error is None or error.code in codes else [f"the session was told {error.code}: {error.message}"]


def sweep(part: Part, folder: Path, step: int, until: float) -> None:
    """Break the SQLite server's disk at every `step`-th write and fsync until the time is over."""
    server = BrokenDisk(folder / "server")
    try:
        points = [point for point in server.points() if point.call != "sendto"]
        cases = [(p, error) for p in points for error in ERRORS if error == "EIO" or p.call == "pwrite64"]
        part.of = len(cases)
        for place, (point, error) in enumerate(every(cases, step)):
            if time.monotonic() > until:
                part.unfinished = True
                break
            part.points += 1
            part.failures += server.fail(point, error, lasting=place % 2 == 0)
        part.note = f"{server.told} of {part.points} sessions were told"
        if part.points and (2 * server.met <= part.points or not server.told):
            part.failures.append(f"only {server.met} of {part.points} faults came about, {server.told} were told")
    finally:
        server.close()


class SmallDisk:
    """A company on PostgreSQL whose cluster lies on a disk that can be filled. Needs the right to mount one."""

    def __init__(self, folder: Path) -> None:
        self.place = Path(tempfile.mkdtemp(prefix="crm-small-"))  # where PostgreSQL's own user finds it
        self.place.chmod(0o755)
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SMALL}", "tmpfs", self.place], check=True)
        self.told: Counter[str] = Counter()
        try:
            self.company = postgres.Company(folder / "company", Cluster(self.place / "cluster"))
        except BaseException:
            self._unmount()
            raise

    def fill(self) -> list[str]:
        """Sessions until the disk is full, then room again; what is wrong after the healing."""
        rep = self.company.rep
        ballast = self.place / "ballast"
        wrong: list[str] = []
        with ballast.open("wb") as target:
            while (free := os.statvfs(self.place).f_bavail * os.statvfs(self.place).f_frsize) > RESERVE:
                target.write(bytes(min(free - RESERVE, 1024 * 1024) + 4096))
                target.flush()
        for _ in range(SESSIONS):
            for _ in range(STEPS):
                rep.edit(desk=False)
            report = rep.sync(rep.server.url)
            wrong += _misnamed(report, CODE, "retry")
            if report.error is not None:
                self.told[report.error.code] += 1
                if not rep.store.read(lambda reader: reader.counts()["outbox"]):
                    wrong.append("the laptop keeps nothing, though the server took nothing")
                break
        else:
            wrong.append("the disk never was full")
        ballast.unlink()
        if not self.company.cluster.alive():
            self.company.cluster.start()
        until = time.monotonic() + PATIENCE_S
        while rep.sync(rep.server.url).error is not None and time.monotonic() < until:
            time.sleep(0.5)  # the database recovers
        return [*wrong, *self.company.heal()]

    def close(self) -> None:
        """End everything and give the disk back."""
        try:
            self.company.close()
        finally:
            self._unmount()

    def _unmount(self) -> None:
        subprocess.run(["umount", self.place], check=True)
        self.place.rmdir()


def may_mount() -> bool:
    """Whether a disk of a size of our own can be had here."""
    with tempfile.TemporaryDirectory() as folder:
        options = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", folder]
        if shutil.which("mount") is None or subprocess.run(options, capture_output=True, check=False).returncode:
            return False
        subprocess.run(["umount", folder], check=True)
    return True


def fill(part: Part, folder: Path, rounds: int, until: float) -> None:
    """Fill the disk of a PostgreSQL server so many times while there is time."""
    if not may_mount():
        part.note = "no disk can be mounted here: left out"
        return
    disk = SmallDisk(folder)
    try:
        part.of = rounds
        for number in range(rounds):
            if number and time.monotonic() > until:
                part.unfinished = True
                break
            part.points += 1
            part.failures += [f"full disk {number + 1}: {text}" for text in disk.fill()]
        part.note = ", ".join(f"{code} {count}" for code, count in sorted(disk.told.items()))
        if not disk.told[CODE]:
            part.failures.append(f"nobody was told {CODE}")
    finally:
        disk.close()
