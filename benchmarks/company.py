"""A company to measure against: a server process on SQLite with generated records, one territory and one rep.

To write 100,000 accounts takes minutes: large companies are made once, kept in the machine's temporary folder, then
copied. The name of the folder holds what its file depends on.
"""

import hashlib
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from contextlib import redirect_stdout
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Self

from benchmarks.generated import Generator, Record
from crm_desktop.model.schema import SCHEMA_VERSION
from crm_desktop.model.wire import clean_row
from server.cli import main as crm_server
from server.storage.storage import Storage

LOGIN = "rep"
PASSWORD = "benchmark-secret"
LAST_WORD = "zuletztgeschrieben"
_ROOT = Path(__file__).resolve().parents[1]
_KEPT_FROM = 1_000  # accounts from which on a company is worth its room on the disk
_DEPENDS = (
    "benchmarks/generated.py", "benchmarks/company.py", "crm_desktop/model/wire.py", "server/storage/tables.py",
    "server/storage/commit_writer.py",
)  # fmt: skip


class Company:
    """Fills a database once; as a context manager it serves it at `url`."""

    def __init__(self, folder: Path, accounts: int) -> None:
        self.folder = folder
        self.url = ""
        self._accounts = accounts
        self._database = str(folder / "server.db")
        self._process: subprocess.Popen[str] | None = None
        kept = _kept(accounts)
        if accounts >= _KEPT_FROM and kept.exists():
            shutil.copytree(kept, folder, dirs_exist_ok=True)
            told = json.loads((folder / "company.json").read_text())
            self.territory_id, self.user_id = told["territory_id"], told["user_id"]
            return
        self._fill()
        if accounts >= _KEPT_FROM:
            self._keep(kept)

    @property
    def scopes(self) -> list[str]:
        """What the rep's laptop holds."""
        return [f"territory:{self.territory_id}", f"user:{self.user_id}"]

    @cached_property
    def records(self) -> list[Record]:
        """All that was written, in its order."""
        made = list(Generator(self._accounts, self.territory_id, self.user_id).records())
        return [*made, _last_note(made)]

    def _fill(self) -> None:
        storage = Storage.create(self._database)
        self.territory_id = self._run("territory", "add", "T1")
        self.user_id = self._run("user", "add", LOGIN, "--territory", "T1", "--password-stdin")
        storage.write_records(self.records, actor="benchmark")
        storage.close()

    def _keep(self, kept: Path) -> None:
        """For the next run."""
        told = {"territory_id": self.territory_id, "user_id": self.user_id}
        (self.folder / "company.json").write_text(json.dumps(told))
        kept.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=kept.parent) as temporary:
            copy = Path(temporary) / "company"
            shutil.copytree(self.folder, copy)
            if not kept.exists():
                os.replace(copy, kept)

    def add_territories(self, count: int) -> None:
        """Grant the rep more territories, empty ones."""
        for number in range(count):
            self._run("territory", "add", f"More {number}")
            self._tell("territory", "grant", f"More {number}", LOGIN)

    def add_territory(self, name: str, accounts: int) -> None:
        """One more territory with records of its own, which nobody holds yet; before it is served."""
        territory_id = self._run("territory", "add", name)
        storage = Storage.open(self._database)
        storage.write_records(
            Generator(accounts, territory_id, self.user_id, seed=accounts).records(), actor="benchmark"
        )
        storage.close()

    def add_user(self, login: str) -> str:
        """One more rep of the same territory; the password is everybody's. Returns the user's id."""
        return self._run("user", "add", login, "--territory", "T1", "--password-stdin")

    def take_territory(self, name: str, login: str) -> None:
        """Its records leave this user's laptops but his own."""
        self._tell("territory", "revoke", name, login)

    def give_territory(self, name: str, login: str) -> None:
        """And come back."""
        self._tell("territory", "grant", name, login)

    def memory_mb(self, *, peak: bool = False) -> float:
        """Memory of the server's process now, or the most since it began or `forget_peak`. Linux alone tells it."""
        assert self._process is not None
        name = "VmHWM" if peak else "VmRSS"
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        return int(next(line for line in status.splitlines() if line.startswith(name)).split()[1]) / 1024

    def forget_peak(self) -> None:
        """From now on the most counts anew."""
        assert self._process is not None
        Path(f"/proc/{self._process.pid}/clear_refs").write_text("5")

    def _run(self, *command: str) -> str:
        """Run one command of crm-server; returns the id it tells."""
        told = self._tell(*command)
        found = re.search(r"\(([0-9a-f-]{36})\)", told)
        if found is None:
            raise RuntimeError(f"crm-server {' '.join(command)} told no id: {told}")
        return found[1]

    def _tell(self, *command: str) -> str:
        """Run one command of crm-server; returns what it says."""
        told, given = io.StringIO(), sys.stdin
        sys.stdin = io.StringIO(PASSWORD + "\n")
        try:
            with redirect_stdout(told):
                code = crm_server([*command[:2], "--database", self._database, *command[2:]])
        finally:
            sys.stdin = given
        if code != 0:
            raise RuntimeError(f"crm-server {' '.join(command)} failed: {told.getvalue()}")
        return told.getvalue()

    def __enter__(self) -> Self:
        with (self.folder / "server.log").open("w") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "server", "serve", "--database", self._database, "--port", "0"],
                stdout=subprocess.PIPE, stderr=log, text=True, cwd=_ROOT,
            )  # fmt: skip
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line.startswith("Serving at "):
            raise RuntimeError((self.folder / "server.log").read_text())
        self.url = line.removeprefix("Serving at ").strip()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        assert self._process is not None
        self._process.terminate()
        self._process.wait(timeout=20)
        if self._process.stdout is not None:
            self._process.stdout.close()


def _last_note(records: list[Record]) -> Record:
    """The record that is written, and so synced, last; no other has its word."""
    entity, record_id, row = next(record for record in reversed(records) if record[0] == "visit")
    record_id = record_id[:-3] + "fff"  # the generator's ids end in 000
    return entity, record_id, clean_row(entity, row | {"note": f"Agreed on the visit, {LAST_WORD} today."})


def _kept(accounts: int) -> Path:
    """Where a company of this size is kept."""
    depends = str(SCHEMA_VERSION) + "".join((_ROOT / name).read_text() for name in _DEPENDS)
    name = f"company-{accounts}-{hashlib.sha256(depends.encode()).hexdigest()[:12]}"
    return Path(tempfile.gettempdir()) / "crm-benchmarks" / name
