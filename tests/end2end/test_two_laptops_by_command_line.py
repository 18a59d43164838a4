"""A server and two profiles, each verb a process of its own: enrol, write, sync, conflict, decide, converge."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import quick_start
from tests.cheap_secrets import cheap_key

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "a long password"
PASSPHRASE = "open sesame"


class Server:
    """A real `crm-server` process on a database of its own."""

    def __init__(self, folder: Path) -> None:
        self.database = folder / "server.db"
        self._process: quick_start.Program | None = None
        self.port = 0
        self.admin("init")
        self.admin("territory", "add", "--name", "North", "N")
        for login in ("anna", "berta"):
            self.admin(
                "user", "add", login, "--name", login.title(), "--territory", "N", "--password-stdin", said=PASSWORD
            )

    def admin(self, *words: str, said: str = "") -> None:
        """Run an administrator's command."""
        verbs = 2 if words[0] in ("user", "territory") else 1
        words = (*words[:verbs], "--database", str(self.database), *words[verbs:])
        quick_start.run("server", words, said=said + "\n").check_returncode()

    def start(self) -> str:
        """Serve, at the same port every time; returns the address."""
        words = ["serve", "--database", str(self.database), "--port", str(self.port)]
        with (self.database.parent / "server.log").open("a") as log:
            self._process = quick_start.start("server", words, stderr=log)
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        self.port = int(line.strip().rsplit(":", 1)[1])
        return f"http://127.0.0.1:{self.port}"

    def stop(self) -> None:
        """Close the port."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(30)
            assert self._process.stdout is not None
            self._process.stdout.close()
            self._process = None


class Laptop:
    """A profile used by command line alone."""

    def __init__(self, folder: Path) -> None:
        self.folder = cheap_key(folder, PASSPHRASE)

    def run(self, *words: str, said: str = "", code: int = 0) -> Any:
        """Run a verb; its JSON answer. The exit code must be `code`, and no trace may be told."""
        asked = ["--profile", str(self.folder), "--json", *words]
        done = quick_start.run("ui", asked, said=said + "\n", env=os.environ | {"CRM_PASSPHRASE": PASSPHRASE})
        assert done.returncode == code, (words, done.stdout, done.stderr)
        assert "Traceback" not in done.stderr
        return json.loads(done.stdout)

    def row(self, entity: str, record_id: str) -> dict[str, Any]:
        """A record as shown."""
        found: dict[str, Any] = self.run("show", entity, record_id)
        return found


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    server = Server(tmp_path)
    yield server
    server.stop()


@pytest.mark.slow
def test_two_laptops_converge_and_the_conflict_is_decided(server: Server, tmp_path: Path) -> None:
    address = server.start()
    anna, berta = Laptop(tmp_path / "anna"), Laptop(tmp_path / "berta")
    assert anna.run("sync", code=1)["error"] == "not_enrolled"
    refused = anna.run("enrol", "--server", address, "--login", "anna", "--password-stdin", said="wrong", code=5)
    assert refused["error"] == "wrong_login"
    for laptop, login in ((anna, "anna"), (berta, "berta")):
        enrolled = laptop.run("enrol", "--server", address, "--login", login, "--password-stdin", said=PASSWORD)
        assert enrolled["key_protection"] == "passphrase"
        laptop.run("sync")

    territory = anna.run("list", "territory")[0]["id"]
    account = anna.run(
        "new", "account", "name=Käserei Süd", f"territory_id={territory}", "payment_terms_days=10", "tags=cheese"
    )["id"]
    visit = anna.run("note", "kaserei", "First line.\nSecond line.\n", "--follow-up", "Call", "--due", "2030-01-02")
    sent = anna.run("sync")
    assert (sent["pushed"], sent["verified"], set(sent["outcomes"])) == (2, True, {"applied"})
    assert anna.run("outbox") == {"entries": [], "refused": []}

    received = berta.run("sync")
    assert received["verified"] is True
    assert berta.row("account", account)["name"] == "Käserei Süd"
    assert [hit["id"] for hit in berta.run("search", "KAESEREI") if hit["entity"] == "account"] == [account]
    assert berta.run("list", "task", "--filter", "subject~Call")[0]["due_on"] == "2030-01-02"

    server.stop()
    anna.run("set", "account", account, "payment_terms_days=20", "industry=Food")
    anna.run("note", "--visit", visit["id"], "First line, by Anna.\nSecond line.\n")
    berta.run("set", "account", account, "payment_terms_days=30", "website=kaese.example", "tags=cheese,vip")
    berta.run("note", "--visit", visit["id"], "First line.\nSecond line, by Berta.\n")
    assert anna.run("sync", code=3)["error"] == "offline"
    assert len(anna.run("outbox")["entries"]) == 2

    server.start()
    assert berta.run("sync")["conflicts"] == 0
    assert anna.run("sync")["conflicts"] == 1
    berta.run("sync")
    for laptop in (anna, berta):
        row = laptop.row("account", account)
        assert (row["payment_terms_days"], row["industry"], row["website"]) == (30, "Food", "kaese.example")
        assert row["tags"] == ["cheese", "vip"]
        assert laptop.row("visit", visit["id"])["note"] == "First line, by Anna.\nSecond line, by Berta.\n"
    (conflict,) = anna.run("conflicts")
    (field,) = conflict["fields"]
    assert (field["name"], field["before"], field["mine"], field["theirs"]) == ("payment_terms_days", 10, 20, 30)
    assert (conflict["mine_by"], conflict["theirs_by"]) == ("Anna", "Berta")

    anna.run("resolve", conflict["id"], "mine")
    assert anna.run("sync")["conflicts"] == 0
    berta.run("sync")
    assert [laptop.row("account", account)["payment_terms_days"] for laptop in (anna, berta)] == [20, 20]
    assert anna.run("conflicts") == berta.run("conflicts") == []
    idle = anna.run("sync")
    assert (idle["pushed"], idle["pulled"], idle["verified"]) == (0, 0, True)
    for laptop in (anna, berta):
        assert laptop.run("digest")["digest"] == laptop.run("digest", "--recompute")["digest"]


@pytest.mark.slow
def test_a_watching_laptop_hears_of_a_change_and_sends_its_own(server: Server, tmp_path: Path) -> None:
    address = server.start()
    anna, berta = Laptop(tmp_path / "anna"), Laptop(tmp_path / "berta")
    for laptop, login in ((anna, "anna"), (berta, "berta")):
        laptop.run("enrol", "--server", address, "--login", login, "--password-stdin", said=PASSWORD)
        laptop.run("sync")
    territory = anna.run("list", "territory")[0]["id"]
    watching = subprocess.Popen(
        [sys.executable, "-m", "ui", "--profile", str(berta.folder), "--json", "sync", "--watch"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"CRM_PASSPHRASE": PASSPHRASE},
    )
    try:
        assert watching.stdout is not None
        assert _wait_for(watching, lambda status: status["state"] == "online")
        anna.run("new", "account", "name=Live", f"territory_id={territory}")
        anna.run("sync")
        assert _wait_for(watching, lambda status: status["received"] >= 1)["verified"] is True
    finally:
        watching.terminate()
        out, err = watching.communicate(timeout=30)
    assert (watching.returncode, err) == (0, "")
    assert json.loads(out.splitlines()[-1])["state"] == "stopped"
    assert [row["name"] for row in berta.run("list", "account")] == ["Live"]


def _wait_for(process: "subprocess.Popen[str]", wanted: Any) -> dict[str, Any]:
    """Status lines until one is wanted; the test's own time limit ends a silent process."""
    assert process.stdout is not None
    until = time.monotonic() + 60
    for line in process.stdout:
        status: dict[str, Any] = json.loads(line)
        if wanted(status):
            return status
        assert time.monotonic() < until, status
    raise AssertionError("the process ended")
