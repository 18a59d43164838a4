"""The product's programs as real processes that start at once.

One process per test run imports everything and waits. For each program that is asked for it forks: a process with
its own memory, files, environment, folder and end, which may be killed like any other. Only the seconds of importing
are spared, hundreds of times. What is about starting itself (installation, limits, tracing, another tree of the
program) starts `python -m` as before.

    python -m tests.quick_start SOCKET
"""

import atexit
import gc
import json
import os
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import IO, Any

from crm_desktop import failpoints
from tests.cheap_secrets import cheap_passwords

ROOT = Path(__file__).resolve().parents[1]
_LENGTH = struct.Struct("!I")
# Module and function that run a program, and what it imports when it comes to it.
_PROGRAMS: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "ui": (
        "ui.__main__", "main",
        ("crm_desktop.exchange.csv_import", "crm_desktop.store.files", "ui.cli.main", "ui.cli.parser"),
    ),
    "server": (
        "server.cli", "main",
        ("server.sample.loader", "server.serve", "server.storage.check", "uvicorn.lifespan.on", "uvicorn.loops.auto",
         "uvicorn.protocols.http.auto", "uvicorn.protocols.websockets.auto"),
    ),
    "victim": ("tests.integration.faults.victim", "by_words", ()),
    "person": ("tests.end2end.person", "main", ()),
}  # fmt: skip
_FILES = 4  # standard input, output, error and the line on which the end is told


# -- the side of the tests --------------------------------------------------------------------------------------------


class Program:
    """A program under way; what `subprocess.Popen` offers, as far as tests ask for it."""

    def __init__(self, line: socket.socket, stdout: IO[str] | None) -> None:
        self._line = line
        self.stdout = stdout
        self.pid = _number(line)
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """The exit code, or None while it runs."""
        with suppress(subprocess.TimeoutExpired):
            self.wait(0)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the end; its exit code, as `subprocess` counts it. TimeoutExpired."""
        if self.returncode is None:
            self._line.settimeout(timeout)
            try:
                self.returncode = _number(self._line)
            except (BlockingIOError, TimeoutError):
                raise subprocess.TimeoutExpired(str(self.pid), timeout or 0.0) from None
            self._line.close()
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send a signal, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it at once."""
        self.send_signal(signal.SIGKILL)

    def communicate(self, timeout: float | None = None) -> tuple[str, str]:
        """Read what it says until its end."""
        said = self.stdout.read() if self.stdout is not None else ""
        self.wait(timeout)
        if self.stdout is not None:
            self.stdout.close()
        return said, ""


def run(
    module: str, words: Sequence[str], *, said: str = "", env: Mapping[str, str] | None = None, timeout: float = 120
) -> "subprocess.CompletedProcess[str]":
    """Run `python -m module words` from the root of the program to its end, as `subprocess.run` does."""
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        given.write(said.encode())
        given.seek(0)
        program = _starter().start(module, words, env, (given.fileno(), out.fileno(), err.fileno()), None)
        try:
            code = program.wait(timeout)
        except subprocess.TimeoutExpired:
            program.kill()
            raise
        texts = []
        for file in (out, err):
            file.seek(0)
            texts.append(file.read().decode())
    return subprocess.CompletedProcess([module, *words], code, *texts)


def start(
    module: str,
    words: Sequence[str],
    *,
    stderr: IO[Any],
    env: Mapping[str, str] | None = None,
    stdin: int | None = None,
) -> Program:
    """Start `python -m module words` from the root of the program; its standard output is read by `stdout`."""
    reading, writing = os.pipe()
    try:
        with open(os.devnull, "rb") as nothing:
            given = nothing.fileno() if stdin is None else stdin
            return _starter().start(module, words, env, (given, writing, stderr.fileno()), os.fdopen(reading))
    finally:
        os.close(writing)


class _Starter:
    """The waiting process."""

    def __init__(self) -> None:
        self._line, far = socket.socketpair()
        command = [sys.executable, "-m", "tests.quick_start", str(far.fileno())]
        kept = {name: value for name, value in os.environ.items() if name != "CRM_FAIL"}
        self._process = subprocess.Popen(
            command, cwd=ROOT, env=kept, pass_fds=[far.fileno()], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
        )
        far.close()
        self._turn = threading.Lock()
        atexit.register(self._end)

    def start(
        self, module: str, words: Sequence[str], env: Mapping[str, str] | None, files: tuple[int, int, int],
        stdout: IO[str] | None,
    ) -> Program:  # fmt: skip
        """Have a program started on these files."""
        mine, far = socket.socketpair()
        asked = {"module": module, "words": [*map(str, words)], "env": dict(os.environ if env is None else env)}
        body = json.dumps(asked).encode()
        with far, self._turn:
            socket.send_fds(self._line, [_LENGTH.pack(len(body))], [*files, far.fileno()])
            self._line.sendall(body)
        return Program(mine, stdout)

    def _end(self) -> None:
        self._line.close()
        self._process.wait()


@cache
def _starter() -> _Starter:
    return _Starter()


def _number(line: socket.socket) -> int:
    told = line.recv(_LENGTH.size)  # four bytes come at once or not at all
    if len(told) < _LENGTH.size:
        raise RuntimeError("the program could not be started")
    return int.from_bytes(told, "big", signed=True)


# -- the side that waits ----------------------------------------------------------------------------------------------


@cache
def _entry(program: str) -> Callable[[], int]:
    """What a program runs, with all imported that it would import later."""
    module, function, later = _PROGRAMS[program]
    for name in later:
        import_module(name)
    entry: Callable[[], int] = getattr(import_module(module), function)
    gc.freeze()  # nothing that is here now is looked at again, so its pages stay common to all
    return entry


def _wait_and_fork(line: socket.socket) -> Callable[[], int] | None:
    """Fork for each program that is asked for; returns in the forked process alone, with what it is to run."""
    cheap_passwords()
    while True:
        head, files, _, _ = socket.recv_fds(line, _LENGTH.size, _FILES)
        if not head:
            return None
        body = b""
        while len(body) < _LENGTH.unpack(head)[0]:
            body += line.recv(_LENGTH.unpack(head)[0] - len(body))
        asked = json.loads(body)
        entry = _entry(asked["module"])
        if os.fork() == 0:  # its keeper: waits for the program and tells its end
            program = os.fork()
            if program == 0:
                line.close()
                _become(asked, files)
                return entry
            line.close()
            with socket.socket(fileno=files[-1]) as ear:
                ear.sendall(program.to_bytes(_LENGTH.size, "big", signed=True))
                for file in files[:-1]:
                    os.close(file)
                _, status = os.waitpid(program, 0)
                with suppress(OSError):
                    ear.sendall(os.waitstatus_to_exitcode(status).to_bytes(_LENGTH.size, "big", signed=True))
            os._exit(0)
        for file in files:
            os.close(file)
        with suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass


def _become(asked: dict[str, Any], files: list[int]) -> None:
    """Take the files, the environment and the words of the program."""
    for number, file in enumerate(files[:3]):
        os.dup2(file, number)
    for file in files:
        os.close(file)
    os.environ.clear()
    os.environ.update(asked["env"])
    failpoints._left.update(failpoints._armed(os.environ.get(failpoints.VARIABLE, "")))
    sys.argv = [asked["module"], *asked["words"]]


if __name__ == "__main__":
    _chosen = _wait_and_fork(socket.socket(fileno=int(sys.argv[1])))
    if _chosen is not None:
        raise SystemExit(_chosen())
