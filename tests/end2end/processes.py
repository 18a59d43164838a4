"""Real processes: the server on a port that can be closed, and people at their computers."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from tests import quick_start

PATIENCE_S = 60.0


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class ServerProcess:
    """`crm-server serve` on one port. Stopped means: the port is closed, nobody is told."""

    def __init__(self, database: Path, port: int, log: Path) -> None:
        self.database = database
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        self._log = log
        self._process: quick_start.Program | None = None

    def run(self, *arguments: str, given: str = "") -> str:
        """One `crm-server` command on this database; its output. CalledProcessError where it fails."""
        words = [arguments[0], "--database", str(self.database), *arguments[1:]]
        done = quick_start.run("server", words, said=given, timeout=600)
        if done.returncode:
            raise RuntimeError(f"crm-server {' '.join(arguments)}: {done.stdout}{done.stderr}")
        return done.stdout

    def start(self) -> None:
        """Serve until `stop`; returns when the port answers."""
        words = ["serve", "--database", str(self.database), "--host", "127.0.0.1", "--port", str(self.port)]
        with self._log.open("ab") as log:
            self._process = quick_start.start("server", words, stderr=log)
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            try:
                with urllib.request.urlopen(f"{self.url}/health", timeout=1):
                    return
            except OSError:
                if self._process.poll() is not None:
                    break
                time.sleep(0.05)
        raise RuntimeError(f"the server did not start: {self._log.read_text()[-2000:]}")

    def stop(self) -> None:
        """Close the port."""
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:  # a long poll may hold it; laptops have to live with that
                self._process.kill()
            self._process.communicate()
            self._process = None


class PersonProcess:
    """A window in a process of its own (see person.py), told what to do line by line."""

    def __init__(self, name: str, profile: Path, pictures: Path) -> None:
        self.name = name
        self.profile = profile
        self._pictures = pictures
        self._process: subprocess.Popen[str] | quick_start.Program | None = None
        self._tell: IO[str] | None = None

    def start(self) -> None:
        """Open the window on the profile."""
        self._pictures.mkdir(parents=True, exist_ok=True)
        with (self._pictures / f"{self.name}.log").open("a") as log:
            words = [str(self.profile), str(self._pictures)]
            hearing, telling = os.pipe()
            if Path.cwd() == quick_start.ROOT:
                self._process = quick_start.start("person", words, stdin=hearing, stderr=log)
            else:  # another tree of the program
                command = [sys.executable, "-m", "tests.end2end.person", *words]
                self._process = subprocess.Popen(command, stdin=hearing, stdout=subprocess.PIPE, stderr=log, text=True)
            os.close(hearing)
            self._tell = os.fdopen(telling, "w")
        self._answer()

    def do(self, verb: str, **arguments: Any) -> Any:
        """One command; its answer. RuntimeError with the person's complaint."""
        assert self._tell is not None
        self._tell.write(json.dumps({"do": verb, **arguments}) + "\n")
        self._tell.flush()
        return self._answer()

    def kill(self) -> None:
        """SIGKILL: no goodbye."""
        assert self._process is not None
        self._process.send_signal(signal.SIGKILL)
        self._end()

    def close(self) -> None:
        """Close the window as a person does."""
        if self._process is not None:
            try:
                self._hang_up()
                self._process.wait(20)
            except subprocess.TimeoutExpired:
                self._process.kill()
            self._end()

    def _hang_up(self) -> None:
        if self._tell is not None:
            with suppress(BrokenPipeError):
                self._tell.close()
            self._tell = None

    def _end(self) -> None:
        self._hang_up()
        assert self._process is not None
        self._process.communicate()
        self._process = None

    def _answer(self) -> Any:
        assert self._process is not None
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            log = (self._pictures / f"{self.name}.log").read_text()[-3000:]
            raise RuntimeError(f"{self.name}'s program ended: {log}")
        answer = json.loads(line)
        if "error" in answer:
            raise RuntimeError(f"{self.name}: {answer['error']}")
        return answer["ok"]
