"""A real server process and a bare client that speaks the protocol by hand."""

import io
import subprocess
import sys
from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests

from crm_desktop.ids import new_id
from crm_desktop.model.wire import row_hash
from server.cli import main
from tests import quick_start
from tests.quick_start import Program

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "secret-123"
AT = "2026-01-05T10:00:00.000Z"


@dataclass(slots=True)
class RunningServer:
    """A `crm-server serve` process over one database."""

    database: str
    folder: Path
    url: str = ""
    process: subprocess.Popen[str] | Program | None = None

    def run(self, *arguments: str, stdin: str = "", expect: int = 0) -> str:
        """One command of crm-server on the same database. Returns standard output (and error, where it fails)."""
        verb = 2 if arguments[0] in ("user", "device", "territory", "import", "files") else 1
        command = [*arguments[:verb], "--database", self.database, *arguments[verb:]]
        out, err, before = io.StringIO(), io.StringIO(), sys.stdin
        sys.stdin = io.StringIO(stdin)
        try:
            with redirect_stdout(out), redirect_stderr(err):
                code = main(command)
        finally:
            sys.stdin = before
        assert code == expect, out.getvalue() + err.getvalue()
        return out.getvalue() + (err.getvalue() if expect else "")

    def start(self) -> None:
        """Start serving at a free port."""
        with (self.folder / "server.log").open("a") as log:
            words = ["serve", "--database", self.database, "--port", "0", "--files", str(self.folder / "files")]
            self.process = quick_start.start("server", words, stderr=log)
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line.startswith("Serving at "), self.log()
        self.url = line.removeprefix("Serving at ").strip()

    def stop(self) -> None:
        """End the process."""
        if self.process is None:
            return
        self.process.terminate()
        self.process.wait(timeout=20)
        if self.process.stdout is not None:
            self.process.stdout.close()
        self.process = None

    def kill(self) -> None:
        """End the process without warning."""
        assert self.process is not None
        self.process.kill()
        self.process.wait(timeout=20)
        if self.process.stdout is not None:
            self.process.stdout.close()
        self.process = None

    def log(self) -> str:
        """What the server wrote to its log."""
        return (self.folder / "server.log").read_text()

    def add_user(self, login: str, role: str = "rep", territories: Sequence[str] = ()) -> None:
        """A user with the password of the tests."""
        granted = [part for code in territories for part in ("--territory", code)]
        self.run("user", "add", login, "--role", role, *granted, "--password-stdin", stdin=PASSWORD + "\n")

    def device(self, login: str) -> "Laptop":
        """Enrol a laptop for a user."""
        laptop = Laptop(self)
        answer = laptop.post("/auth/v1/enrol", {"login": login, "password": PASSWORD, "device_name": "test"})
        assert answer.status_code == 200, answer.text
        told = answer.json()
        laptop.token, laptop.device_id, laptop.epoch = told["token"], told["device_id"], told["epoch"]
        laptop.user_id, laptop.code = told["user_id"], told["device_code"]
        return laptop


@dataclass(slots=True)
class Laptop:
    """A device without a store: it keeps the rows it was told."""

    server: RunningServer
    token: str = ""
    device_id: str = ""
    user_id: str = ""
    code: str = ""
    epoch: str = ""
    client_seq: int = 0
    txn_id: str = ""
    cursor: dict[str, Any] = field(default_factory=lambda: {"seq": 0, "commit_id": ""})
    rows: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    versions: dict[tuple[str, str], int] = field(default_factory=dict)
    scopes: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    events: list[tuple[str, str, str]] = field(default_factory=list)
    digest: dict[str, str] | None = None

    def headers(self) -> dict[str, str]:
        """Headers of every request."""
        return {"X-Proto": "1", "Authorization": f"Bearer {self.token}", "X-Device": self.device_id}

    def post(self, path: str, body: Any, **more: Any) -> requests.Response:
        """One request over TCP."""
        headers = self.headers() | more.pop("headers", {})
        return requests.post(self.server.url + path, json=body, headers=headers, timeout=60, **more)

    def transaction(self, *ops: dict[str, Any], **more: Any) -> dict[str, Any]:
        """The next transaction of this device."""
        self.client_seq += 1
        self.txn_id = new_id()
        seen = more.pop("seen_cursor", self.cursor["seq"])
        head = {"txn_id": self.txn_id, "client_seq": self.client_seq, "seen_cursor": seen, "at": AT}
        return head | {"ops": [{"op_id": new_id(), "base_epoch": self.epoch} | op for op in ops]} | more

    def send(self, *txns: dict[str, Any]) -> requests.Response:
        """Push transactions as they are."""
        return self.post("/sync/v1/push", {"epoch": self.epoch, "txns": list(txns)})

    def push(self, *ops: dict[str, Any], **more: Any) -> list[str]:
        """Push one transaction. Returns the outcome of each operation."""
        answer = self.send(self.transaction(*ops, **more))
        assert answer.status_code == 200, answer.text
        return [op["outcome"] for op in answer.json()["results"][0]["ops"]]

    def pull_once(self, wait: int = 0, limit: int = 2000) -> requests.Response:
        """One pull."""
        body = {
            "epoch": self.epoch,
            "cursor": self.cursor,
            "limit": limit,
            "wait": wait,
            "client_seq": self.client_seq,
            "txn_id": self.txn_id,
        }
        return self.post("/sync/v1/pull", body)

    def pull(self, wait: int = 0, limit: int = 2000) -> int:
        """Pull until nothing is left. Returns the number of pages."""
        pages = 0
        while True:
            answer = self.pull_once(wait, limit)
            assert answer.status_code == 200, answer.text
            page = answer.json()
            pages += 1
            self.take(page)
            if not page["more"]:
                return pages

    def take(self, page: dict[str, Any]) -> None:
        """Apply a page."""
        assert page["asked"] == self.cursor
        for commit in page["commits"]:
            for table in commit["put"]:
                for record_id, _root, number, *values in table["rows"]:
                    key = (table["e"], record_id)
                    self.rows[key] = dict(zip(table["cols"], values, strict=True))
                    self.versions[key] = commit["seq"]
                    self.scopes[key] = page["scope_sets"][number]
                    self.events.append(("put", *key))
            for kind in ("gone", "evict"):
                for entity, record_id in commit[kind]:
                    if self.rows.pop((entity, record_id), None) is not None:
                        self.events.append((kind, entity, record_id))
        self.cursor = page["cursor"]
        self.digest = page["digest"]

    def own_digest(self) -> dict[str, str]:
        """Digest of what this laptop holds, over the scopes the server told."""
        sums = dict.fromkeys(self.digest or (), 0)
        for (entity, record_id), row in self.rows.items():
            value = row_hash(entity, record_id, self.versions[entity, record_id], row)
            for scope in self.scopes[entity, record_id]:
                sums[scope] += value
        return {scope: f"{total % 2**64:016x}" for scope, total in sums.items()}

    def create(self, entity: str, record_id: str = "", **values: Any) -> str:
        """Create a record that must be accepted. Returns its id."""
        record_id = record_id or new_id()
        assert self.push(creating(entity, record_id, **values)) == ["applied"]
        return record_id

    def account(self, **values: Any) -> str:
        """An account of this laptop's user."""
        return self.create("account", **{"name": "Müller", "owner_id": self.user_id} | values)

    def of(self, entity: str) -> list[dict[str, Any]]:
        """Rows of an entity."""
        return [row for (kind, _), row in self.rows.items() if kind == entity]


def creating(entity: str, record_id: str, **values: Any) -> dict[str, Any]:
    """A create operation."""
    return {"k": "create", "e": entity, "id": record_id, "v": values}


def patching(entity: str, record_id: str, base_ver: int, **changes: tuple[Any, Any]) -> dict[str, Any]:
    """A patch; each change is (old, new)."""
    changed = {name: {"base_ver": base_ver, "old": old, "new": new} for name, (old, new) in changes.items()}
    return {"k": "patch", "e": entity, "id": record_id, "set": changed}
