"""The scripted session (see victim) as a process on a laptop's profile, and what it must have left."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import IO

from crm_desktop.store.reader import Reader
from tests import quick_start
from tests.integration.faults.company import Rep
from tests.integration.faults.killing import Company
from tests.integration.faults.programs import PATIENCE_S, environment
from tests.integration.server_process import ROOT

SAVED = ((("first",), "One.\n"),)
CHANGED = ((("first", "second"), "One.\nTwo.\n"),)


class Victim:
    """The process under way; it begins when `go` is called."""

    def __init__(self, process: "subprocess.Popen[str] | quick_start.Program", stdin: IO[str], stderr: IO[str]) -> None:
        self.process = process
        self._stdin = stdin
        self._stderr = stderr

    def go(self) -> None:
        """Let it begin."""
        self._stdin.write("go\n")
        self._stdin.flush()

    def finish(self) -> "subprocess.CompletedProcess[str]":
        """Wait for its end, and what it said."""
        assert self.process.stdout is not None
        out = self.process.stdout.read()
        code = self.process.wait(PATIENCE_S)
        self._stderr.seek(0)
        return subprocess.CompletedProcess("victim", code, out, self._stderr.read())


@contextmanager
def started(rep: Rep, label: str, prefix: Sequence[str] = (), fail: str = "") -> Iterator[Victim]:
    """The process, ready to begin; the profile is closed here until the block ends."""
    rep.close()
    try:
        with beside(rep, label, prefix, fail) as victim:
            yield victim
    finally:
        rep.open()


@contextmanager
def beside(rep: Rep, label: str, prefix: Sequence[str] = (), fail: str = "") -> Iterator[Victim]:
    """The process, ready to begin, whether or not the profile is open here."""
    words, env = [str(rep.folder), label], environment(fail)
    reading, writing = os.pipe()
    with tempfile.TemporaryFile("w+") as stderr, open(writing, "w") as stdin:
        process: subprocess.Popen[str] | quick_start.Program
        try:
            if prefix:  # under another program it has to start itself
                process = subprocess.Popen(
                    [*prefix, sys.executable, "-m", "tests.integration.faults.victim", *words],
                    cwd=ROOT, env=env, text=True, stdin=reading, stdout=subprocess.PIPE, stderr=stderr,
                )  # fmt: skip
            else:
                process = quick_start.start("victim", words, stdin=reading, stderr=stderr, env=env)
        finally:
            os.close(reading)
        assert process.stdout is not None
        try:
            assert process.stdout.readline() == "ready\n"
            yield Victim(process, stdin, stderr)
        finally:
            process.kill()
            process.wait(PATIENCE_S)
            process.stdout.close()


def finish(victim: Victim) -> "subprocess.CompletedProcess[str]":
    """Let it begin, and wait for its end."""
    victim.go()
    return victim.finish()


def wrong_after(company: Company, label: str, told: str) -> list[str]:
    """What was told is there, whole, before and after a good session; and all else that must be true then."""
    before = _missing(company.rep, label, told)
    healed = company.heal()
    return [*before, *healed, *(f"after healing: {text}" for text in _missing(company.rep, label, told))]


def _missing(rep: Rep, label: str, told: str) -> list[str]:
    wrong: list[str] = []
    lines = [line.split() for line in told.splitlines(keepends=True) if line.endswith("\n")]
    changed = {words[1] for words in lines if words[0] == "changed"}
    saved = {words[1]: words[2] for words in lines if words[0] == "saved"}
    for account, visit in saved.items():
        found = _found(rep, account, visit)
        # A change may have been committed and the process killed before it could tell.
        allowed = CHANGED if account in changed else (*SAVED, *CHANGED)
        if found not in allowed:
            wrong.append(f"{account} was told {'changed' if account in changed else 'saved'} and is {found}")
    untold = rep.store.read(
        lambda reader: [row["id"] for row in reader.where("account") if row["name"].startswith(f"{label}-")]
    )
    more = len(set(untold) - saved.keys())
    if more > 1:
        wrong.append(f"{more} accounts were saved and not told")
    return wrong


def _found(rep: Rep, account: str, visit: str) -> tuple[tuple[str, ...], str] | None:
    def query(reader: Reader) -> tuple[tuple[str, ...], str] | None:
        row, note = reader.get("account", account), reader.get("visit", visit)
        return None if row is None or note is None else (tuple(row["tags"]), str(note["note"]))

    return rep.store.read(query)
