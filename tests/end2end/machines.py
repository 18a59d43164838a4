"""A server and laptops worked by command line: each verb a real process, run from one tree of the program."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests import quick_start
from tests.cheap_secrets import cheap_key

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "a long password"
PASSPHRASE = "open sesame"
_TWO_WORDS = ("user", "territory", "device", "import")


@dataclass
class Server:
    """`crm-server` on a database in `folder`; `tree` is the program it runs."""

    folder: Path
    tree: Path = ROOT
    port: int = 0
    _process: subprocess.Popen[str] | quick_start.Program | None = None

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    def admin(self, *words: str, said: str = "") -> str:
        """An administrator's command; its output."""
        verbs = 2 if words[0] in _TWO_WORDS else 1
        done = _run(
            self.tree, "server", [*words[:verbs], "--database", str(self.folder / "server.db"), *words[verbs:]], said
        )
        assert done.returncode == 0, (words, done.stdout, done.stderr)
        return done.stdout

    def found(self, *logins: str) -> None:
        """A new company with one territory, N, and these reps in it."""
        self.admin("init")
        self.admin("territory", "add", "N", "--name", "North")
        for login in logins:
            self.admin(
                "user", "add", login, "--name", login.title(), "--territory", "N", "--password-stdin", said=PASSWORD
            )

    def start(self) -> str:
        """Serve, at the same port every time; returns the address."""
        with (self.folder / "server.log").open("a") as log:
            words = ["serve", "--database", str(self.folder / "server.db"), "--port", str(self.port)]
            if self.tree == ROOT:
                self._process = quick_start.start("server", words, stderr=log)
            else:
                command = [sys.executable, "-m", "server", *words]
                self._process = subprocess.Popen(command, cwd=self.tree, stdout=subprocess.PIPE, stderr=log, text=True)
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line.startswith("Serving at "), self.log()
        self.port = int(line.strip().rsplit(":", 1)[1])
        return self.url

    def stop(self) -> None:
        """Close the port."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(30)
            assert self._process.stdout is not None
            self._process.stdout.close()
            self._process = None

    def log(self) -> str:
        """What it wrote to its log."""
        return (self.folder / "server.log").read_text()


def _run(
    tree: Path, module: str, words: Sequence[str], said: str, surroundings: Mapping[str, str] | None = None,
    script: str = "",
) -> "subprocess.CompletedProcess[str]":  # fmt: skip
    """A program of the tree run to its end; `script` instead of its module starts it as a person would."""
    env = os.environ | (surroundings or {})
    if tree == ROOT and not script:
        return quick_start.run(module, words, said=said + "\n", env=env)
    start = ["-c", script] if script else ["-m", module]
    return subprocess.run(
        [sys.executable, *start, *words],
        cwd=tree, input=said + "\n", text=True, capture_output=True, timeout=120, check=False, env=env,
    )  # fmt: skip


@dataclass(frozen=True)
class Said:
    """What a process left: exit code and texts."""

    code: int
    out: str
    err: str


@dataclass
class Laptop:
    """A profile used by command line alone; `tree` is the program it runs."""

    folder: Path
    tree: Path = ROOT

    def __post_init__(self) -> None:
        if not self.folder.exists():
            cheap_key(self.folder, PASSPHRASE)

    def process(self, *words: str, said: str = "", passphrase: str = PASSPHRASE, prelude: Sequence[str] = ()) -> Said:
        """Run the program as it is. `prelude` are lines of Python for a machine in a bad state (limits)."""
        script = "\n".join((*prelude, "from ui.__main__ import main", "raise SystemExit(main())")) if prelude else ""
        surroundings = {"CRM_PASSPHRASE": passphrase, "LC_ALL": "C.UTF-8"}
        done = _run(self.tree, "ui", ["--profile", str(self.folder), *words], said, surroundings, script)
        return Said(done.returncode, done.stdout, done.stderr)

    def run(self, *words: str, said: str = "", code: int = 0) -> Any:
        """Run a verb; its JSON answer. The exit code must be `code`, and no trace may be told."""
        done = self.process("--json", *words, said=said)
        assert done.code == code, (words, done)
        assert "Traceback" not in done.err, done.err
        return json.loads(done.out)

    def enrol(self, server: Server, login: str) -> None:
        """Make it a device of a user and fetch what is there."""
        self.run("enrol", "--server", server.url, "--login", login, "--password-stdin", said=PASSWORD)
        self.run("sync")

    def row(self, entity: str, record_id: str) -> dict[str, Any]:
        """A record as shown."""
        found: dict[str, Any] = self.run("show", entity, record_id)
        return found

    def found(self, text: str, entity: str = "account") -> list[str]:
        """Ids of the records of a kind that the search finds."""
        return [hit["id"] for hit in self.run("search", text) if hit["entity"] == entity]
