"""Bad input and a bad world: one clear sentence that says what to do, the right exit code, and nothing lost."""

import json
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import requests

from crm_desktop import credentials
from crm_desktop.model.schema import SCHEMA_VERSION
from crm_desktop.store.connection import connect
from tests.end2end.machines import PASSPHRASE, PASSWORD, Laptop, Said, Server

WAITING = "Wartet KG"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A company with two reps, served."""
    server = Server(tmp_path_factory.mktemp("server"))
    server.found("anna", "berta")
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def prepared(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Anna's profile: synced, then one account written that waits for the server."""
    laptop = Laptop(tmp_path_factory.mktemp("prepared") / "anna")
    laptop.enrol(server, "anna")
    laptop.run("new", "account", f"name={WAITING}")
    return laptop.folder


@pytest.fixture
def laptop(prepared: Path, tmp_path: Path) -> Laptop:
    """A copy of it for one test."""
    return Laptop(Path(shutil.copytree(prepared, tmp_path / "anna")))


def assert_told(done: Said, code: int, *parts: str) -> None:
    """One line for a person: what happened and what to do."""
    assert done.code == code, done
    assert done.out == ""
    assert "Traceback" not in done.err
    (line,) = done.err.splitlines()
    assert line.count(".") >= 2, line  # a sentence that says what happened, and one that says what to do
    for part in parts:
        assert part in line


def assert_still_waits(laptop: Laptop) -> None:
    """The account is here and its change is in the outbox."""
    assert len(laptop.found("wartet")) == 1
    (entry,) = laptop.run("outbox")["entries"]
    assert (entry["state"] in ("waiting", "sending"), entry["changes"][0]["title"]) == (True, WAITING)


def test_wrong_login_password(server: Server, tmp_path: Path) -> None:
    fresh = Laptop(tmp_path / "fresh")
    enrol = ("enrol", "--server", server.url, "--login", "anna", "--password-stdin")
    assert_told(fresh.process(*enrol, said="not this one"), 5, "password")
    assert_told(fresh.process("sync"), 1, "Enrol")
    assert fresh.process(*enrol, said=PASSWORD).code == 0


def test_wrong_passphrase_of_the_profile(laptop: Laptop) -> None:
    assert_told(laptop.process("list", "account", passphrase="wrong"), 1, "passphrase")
    assert_told(laptop.process("list", "account", passphrase=""), 1, "passphrase")
    assert_still_waits(laptop)


def test_revoked_device(server: Server, tmp_path: Path) -> None:
    berta = Laptop(tmp_path / "berta")
    berta.enrol(server, "berta")
    berta.run("new", "account", f"name={WAITING}")
    code = next(line.split()[0] for line in server.admin("device", "list").splitlines() if "berta" in line)
    server.admin("device", "revoke", code)
    assert_told(berta.process("sync"), 5)
    assert_still_waits(berta)


# -- servers that are not ours ----------------------------------------------------------------------------------


@contextmanager
def foreign_server(status: int, headers: dict[str, str], body: bytes) -> Iterator[str]:
    """Answers everything in one way; its address."""

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(status)
            for name, value in (headers | {"Content-Length": str(len(body))}).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            """Silent."""

    listening = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    thread = threading.Thread(target=listening.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.server_port}"
    finally:
        listening.shutdown()
        thread.join()
        listening.server_close()


UPGRADE = json.dumps({"code": "upgrade_required", "message": "Old program.", "advice": "Update it.", "details": {}})
FOREIGN = {
    "other protocol": (200, {"X-Proto": "2"}, b"{}", 5, "Update"),
    "other protocol, refused": (426, {"X-Proto": "2"}, UPGRADE.encode(), 5, "Update"),
    "no server of ours": (200, {}, b"<html>Welcome to the hotel</html>", 3, "reached"),
    "no JSON": (200, {"X-Proto": "1"}, b"{no json", 3, "reached"),
    "other fields": (200, {"X-Proto": "1"}, b'{"what": "is this"}', 5, "Update"),
    "an error of its own": (500, {"X-Proto": "1"}, b"Internal Server Error", 3, "reached"),
}


def test_servers_that_speak_otherwise(laptop: Laptop, server: Server) -> None:
    settings = laptop.folder / "settings.toml"
    ours = settings.read_text()
    for status, headers, body, code, part in FOREIGN.values():
        with foreign_server(status, headers, body) as url:
            settings.write_text(ours.replace(server.url, url))
            assert_told(laptop.process("sync"), code, part)
    settings.write_text(ours)
    assert_still_waits(laptop)
    assert laptop.run("sync")["pushed"] == 1


@pytest.mark.parametrize("kind", ["other protocol", "other fields"])
def test_enrolment_at_a_server_that_speaks_otherwise(kind: str, tmp_path: Path) -> None:
    status, headers, body, code, part = FOREIGN[kind]
    fresh = Laptop(tmp_path / "fresh")
    with foreign_server(status, headers, body) as url:
        enrolling = fresh.process("enrol", "--server", url, "--login", "a", "--password-stdin", said="secret")
    assert_told(enrolling, code, part)


# -- the disk and the file --------------------------------------------------------------------------------------

FULL_DATABASE = """\
from crm_desktop.store import connection
from crm_desktop.store import client_store
opened = connection.connect
def connect(path, key, **more):
    made = opened(path, key, **more)
    made.execute(f"PRAGMA max_page_count = {made.execute('PRAGMA page_count').fetchone()[0]}")
    return made
client_store.connect = connect"""


def test_full_disk(laptop: Laptop, tmp_path: Path) -> None:
    long = tmp_path / "long.csv"
    long.write_text("Account name;Notes\nLang AG;" + "lang " * 40_000 + "\n")
    assert_told(laptop.process("import", "account", str(long), prelude=[FULL_DATABASE]), 1, "full", "Free")
    assert laptop.found("lang") == []
    assert_still_waits(laptop)
    assert laptop.run("import", "account", str(long))["created"] == 1


def test_system_that_lets_nothing_be_written(laptop: Laptop, tmp_path: Path) -> None:
    """The operating system refuses every write beyond a size, also those of the log and the settings."""
    long = tmp_path / "long.csv"
    long.write_text("Account name;Notes\nLang AG;" + "lang " * 40_000 + "\n")
    limits = ["import resource", "resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))"]
    assert_told(laptop.process("import", "account", str(long), prelude=limits), 1, "disk")
    assert laptop.found("lang") == []
    assert_still_waits(laptop)
    nowhere = Laptop(tmp_path / "nowhere")
    assert_told(nowhere.process("list", "account", prelude=[limits[0], limits[1].replace("100_000", "0")]), 1)


def test_wrong_key(laptop: Laptop, tmp_path: Path) -> None:
    other = Laptop(tmp_path / "other")
    other.run("list", "account")
    own = (laptop.folder / "key.json").read_bytes()
    shutil.copy(other.folder / "key.json", laptop.folder)
    before = (laptop.folder / "crm.db").read_bytes()
    assert_told(laptop.process("list", "account"), 1, "key")
    assert (laptop.folder / "crm.db").read_bytes() == before
    (laptop.folder / "key.json").write_bytes(own)
    assert_still_waits(laptop)


def _set_version(folder: Path, version: int) -> None:
    secrets = credentials.PassphraseCredentials(folder, lambda _new: PASSPHRASE)
    connection = connect(folder / "crm.db", secrets.database_key())
    connection.execute("UPDATE alembic_version_entities SET version_num = ?", (f"{version:04d}",))
    connection.close()


def test_newer_database(laptop: Laptop) -> None:
    _set_version(laptop.folder, SCHEMA_VERSION + 1)
    before = (laptop.folder / "crm.db").read_bytes()
    assert_told(laptop.process("list", "account"), 1, "newer", "Update")
    assert (laptop.folder / "crm.db").read_bytes() == before
    _set_version(laptop.folder, SCHEMA_VERSION)
    assert_still_waits(laptop)


# -- files and requests -----------------------------------------------------------------------------------------


def test_table_with_broken_rows(laptop: Laptop, tmp_path: Path) -> None:
    table = tmp_path / "accounts.csv"
    table.write_text("Account name,Employees\nAlpha,10\nBeta,many\nGamma,1,2,3\nDelta,4\n")
    told = laptop.process("import", "account", str(table))
    assert told.code == 0
    assert told.err == ""
    assert "Line 3" in told.out
    assert "Line 4" in told.out
    assert [len(laptop.found(name)) for name in ("alpha", "beta", "delta")] == [1, 1, 1]
    again = laptop.run("import", "account", str(table))
    assert (again["created"], again["updated"]) == (0, 0)


def test_file_that_is_no_table(laptop: Laptop, tmp_path: Path) -> None:
    for number, content in enumerate((b"", b"\x00\x01\x02\xff" * 200, None)):
        table = tmp_path / f"{number}.csv"
        if content is not None:
            table.write_bytes(content)
        assert_told(laptop.process("import", "account", str(table)), 1, "file")
    assert_still_waits(laptop)


def test_more_than_one_action_may_hold(laptop: Laptop, tmp_path: Path) -> None:
    huge = tmp_path / "huge.csv"
    huge.write_text("Account name;Notes\nLang AG;" + "lang " * 300_000 + "\nKurz AG;kurz\n")
    said = laptop.process("import", "account", str(huge))
    assert said.code == 0, said
    assert "Line 2 holds more than one step may (1 MiB); it was left out." in said.out
    assert said.out.startswith("1 rows: 1 new")  # the rest goes in
    waiting = {entry["changes"][0]["title"] for entry in laptop.run("outbox")["entries"]}
    assert waiting == {WAITING, "Kurz AG"}


BAD_REQUESTS = {
    "no JSON": ({}, b"{no json", 422, "malformed"),
    "no object": ({}, b"[]", 422, "malformed"),
    "no text": ({}, b"\xff\xfe\x00", 422, "malformed"),
    "other fields": ({}, b'{"what": 1}', 422, "malformed"),
    "nested without end": ({}, b"[" * 100_000, 422, "malformed"),
    "over the limit": ({}, b" " * (4 * 1024 * 1024 + 1), 413, "too_large"),
    "no zstd": ({"Content-Encoding": "zstd"}, b"plain", 422, "malformed"),
    "other protocol": ({"X-Proto": "99"}, b"{}", 426, "upgrade_required"),
    "protocol that is no number": ({"X-Proto": "one"}, b"{}", None, None),
}


@pytest.mark.parametrize("path", ["/auth/v1/enrol", "/sync/v1/push"])
@pytest.mark.parametrize("kind", BAD_REQUESTS)
def test_request_that_is_none(kind: str, path: str, server: Server, prepared: Path) -> None:
    headers, body, status, code = BAD_REQUESTS[kind]
    answer = requests.post(
        server.url + path, data=body, timeout=30,
        headers={"X-Proto": "1", "Authorization": f"Bearer {_token(prepared)}"} | headers,
    )  # fmt: skip
    told = answer.json()
    assert set(told) == {"code", "message", "advice", "details"}
    assert told["message"].endswith(".")
    assert told["advice"]
    assert 400 <= answer.status_code < 500
    if status is not None:
        assert (answer.status_code, told["code"]) == (status, code)
    assert "Traceback" not in server.log()


def _token(folder: Path) -> str:
    """The device token inside the profile's file."""
    secrets = credentials.PassphraseCredentials(folder, lambda _new: PASSPHRASE)
    connection = connect(folder / "crm.db", secrets.database_key())
    try:
        found = connection.execute("SELECT value FROM meta WHERE key LIKE '%device_token%'").fetchone()
    finally:
        connection.close()
    return str(found[0])
