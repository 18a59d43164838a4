"""What the server refuses: each with one JSON error shape, a stable code, and nothing lost."""

import json

import pytest
import requests
import zstandard

from crm_desktop.ids import new_id
from tests.integration.server_process import PASSWORD, Laptop, RunningServer, patching


@pytest.fixture
def anna(server_sqlite: RunningServer) -> Laptop:
    """A laptop at a server over SQLite."""
    server_sqlite.add_user("anna")
    return server_sqlite.device("anna")


def refused(answer: requests.Response, status: int, code: str) -> dict[str, object]:
    """The error body, after checking its shape."""
    assert answer.status_code == status, answer.text
    assert answer.headers["X-Proto"] == "1"
    body = answer.json()
    assert set(body) == {"code", "message", "advice", "details"}
    assert body["code"] == code
    assert body["message"]
    details = body["details"]
    assert isinstance(details, dict)
    return details


def test_wrong_password_then_a_pause(anna: Laptop) -> None:
    wrong = {"login": "anna", "password": "guess", "device_name": "x"}
    for _ in range(5):
        refused(anna.post("/auth/v1/enrol", wrong), 401, "wrong_login")
    answer = anna.post("/auth/v1/enrol", wrong | {"password": PASSWORD})
    assert refused(answer, 429, "retry")["after"] == int(answer.headers["Retry-After"])
    refused(anna.post("/auth/v1/enrol", wrong | {"login": "nobody"}), 401, "wrong_login")


def test_a_revoked_device_and_a_locked_user_are_out_at_once(anna: Laptop) -> None:
    other = anna.server.device("anna")
    assert anna.pull() == 1
    anna.server.run("device", "revoke", anna.code)
    refused(anna.pull_once(), 403, "device_revoked")
    refused(anna.send(anna.transaction()), 403, "device_revoked")
    assert other.pull() == 1
    anna.server.run("user", "deactivate", "anna")
    refused(other.pull_once(), 403, "device_revoked")
    login = {"login": "anna", "password": PASSWORD, "device_name": "x"}
    refused(anna.post("/auth/v1/enrol", login), 403, "device_revoked")


def test_no_token_and_a_wrong_token(anna: Laptop) -> None:
    bare = requests.post(anna.server.url + "/sync/v1/pull", headers={"X-Proto": "1"}, timeout=10)
    refused(bare, 401, "token_expired")
    anna.token = "made-up"
    refused(anna.pull_once(), 401, "token_expired")


@pytest.mark.parametrize("spoken", ["2", "0", "", "x"])
def test_another_protocol(anna: Laptop, spoken: str) -> None:
    for path in ("/sync/v1/hello", "/sync/v1/pull", "/sync/v1/push", "/auth/v1/enrol"):
        refused(anna.post(path, {}, headers={"X-Proto": spoken}), 426, "upgrade_required")


def test_an_older_program_may_send_but_not_fetch(anna: Laptop) -> None:
    body = {"epoch": anna.epoch, "txns": [anna.transaction(void=True)]}
    assert anna.post("/sync/v1/push", body, headers={"X-Schema": "0"}).status_code == 200
    asked = {"epoch": anna.epoch, "cursor": anna.cursor, "client_seq": 1, "txn_id": anna.txn_id}
    refused(anna.post("/sync/v1/pull", asked, headers={"X-Schema": "0"}), 426, "upgrade_required")


def test_what_is_no_json_and_what_does_not_fit(anna: Laptop) -> None:
    url = anna.server.url
    for path in ("/sync/v1/hello", "/sync/v1/pull", "/sync/v1/push", "/auth/v1/enrol"):
        for body in (b"", b"{", b"\xff\xfe", b"null", b"[]", b"[" * 100_000):
            refused(requests.post(url + path, data=body, headers=anna.headers(), timeout=10), 422, "malformed")
    refused(requests.get(url + "/nothing", timeout=10), 404, "not_found")
    refused(requests.get(url + "/sync/v1/pull", timeout=10), 405, "not_found")
    bad = anna.transaction({"k": "patch", "e": "account", "id": "x", "set": {"name": {"base_ver": "?"}}})
    details = refused(anna.send(bad), 422, "malformed")
    assert details["op_id"] == bad["ops"][0]["op_id"]
    assert details["client_seq"] == 1


def test_damaged_and_foreign_compression(anna: Laptop) -> None:
    def send(body: bytes, encoding: str) -> requests.Response:
        headers = anna.headers() | {"Content-Encoding": encoding}
        return requests.post(anna.server.url + "/sync/v1/push", data=body, headers=headers, timeout=30)

    packed = zstandard.compress(json.dumps({"epoch": anna.epoch, "txns": []}).encode())
    assert send(packed, "zstd").status_code == 200
    refused(send(packed[:-3], "zstd"), 422, "malformed")
    refused(send(b"nonsense", "zstd"), 422, "malformed")
    refused(send(packed, "br"), 415, "malformed")


def test_too_large_packed_and_unpacked(anna: Laptop) -> None:
    def send(body: bytes, **headers: str) -> requests.Response:
        return requests.post(anna.server.url + "/sync/v1/push", data=body, headers=anna.headers() | headers, timeout=30)

    refused(send(b" " * (4 * 1024 * 1024 + 1)), 413, "too_large")
    bomb = zstandard.compress(b" " * (200 * 1024 * 1024))
    assert len(bomb) < 1024 * 1024
    refused(send(bomb, **{"Content-Encoding": "zstd"}), 413, "too_large")
    many = [patching("account", new_id(), 0, name=("", "x")) for _ in range(501)]
    refused(anna.send(anna.transaction(*many)), 413, "too_large")


def test_a_gap_and_a_fork(anna: Laptop) -> None:
    anna.account()
    first = anna.transaction(void=True)
    later = anna.transaction(void=True)
    assert refused(anna.send(later), 409, "seq_gap")["expected"] == first["client_seq"]
    assert anna.send(first, later).status_code == 200
    refused(anna.send(first | {"txn_id": new_id()}), 409, "device_fork")
    refused(anna.post("/sync/v1/pull", {"epoch": anna.epoch, "cursor": anna.cursor}), 409, "device_fork")
    # The clone takes a new id under the same token and goes on as a device of its own.
    clone = Laptop(anna.server, anna.token, new_id(), anna.user_id, epoch=anna.epoch)
    clone.account()
    assert clone.pull() == 1
    told = clone.post("/sync/v1/hello", hello(clone)).json()
    assert told["action"] == "ok"
    assert told["device_code"] not in ("", anna.code)


def test_a_cursor_of_another_history_begins_a_new_epoch(anna: Laptop) -> None:
    anna.account()
    anna.pull()
    other = anna.server.device("anna")
    anna.cursor = anna.cursor | {"commit_id": "f" * 32}
    epoch = refused(anna.pull_once(), 409, "epoch_changed")["epoch"]
    assert epoch != anna.epoch
    assert refused(other.pull_once(), 409, "epoch_changed")["epoch"] == epoch
    assert refused(other.send(other.transaction(void=True)), 409, "epoch_changed")["epoch"] == epoch
    told = other.post("/sync/v1/hello", hello(other)).json()
    assert (told["action"], told["epoch"]) == ("replay", epoch)
    other.epoch = str(epoch)
    other.client_seq, other.txn_id = 0, ""
    assert other.pull() == 1


def test_hello_tells_limits_and_recognises_a_clone(anna: Laptop) -> None:
    told = anna.post("/sync/v1/hello", hello(anna)).json()
    assert told["action"] == "ok"
    assert sorted(told["scopes"]) == sorted(["catalogue", f"user:{anna.user_id}"])
    assert told["limits"]["page_rows"] == 2000
    anna.push(void=True)
    assert anna.post("/sync/v1/hello", hello(anna)).json()["action"] == "ok"
    stale = hello(anna) | {"client_seq": 0, "txn_id": ""}
    assert anna.post("/sync/v1/hello", stale).json()["action"] == "new_device_id"


def test_openapi_describes_every_message(server_sqlite: RunningServer) -> None:
    document = requests.get(server_sqlite.url + "/openapi.json", timeout=10).json()
    assert {"/auth/v1/enrol", "/sync/v1/hello", "/sync/v1/push", "/sync/v1/pull", "/health"} <= set(document["paths"])
    text = json.dumps(document)
    for name in {part.split('"')[0] for part in text.split("#/components/schemas/")[1:]}:
        assert name in document["components"]["schemas"]
    assert "PullAnswer" in document["components"]["schemas"]


def test_the_log_names_no_person(anna: Laptop) -> None:
    anna.account(name="Geheimrat Schmidt")
    anna.server.stop()
    assert "POST /sync/v1/push 200" in anna.server.log()
    for word in ("Geheimrat", "anna", anna.token):
        assert word not in anna.server.log()


def hello(laptop: Laptop) -> dict[str, object]:
    """What a laptop says at start."""
    return {
        "device_id": laptop.device_id,
        "epoch": laptop.epoch,
        "cursor": laptop.cursor,
        "schema_ver": 1,
        "client_seq": laptop.client_seq,
        "txn_id": laptop.txn_id,
        "clock": "2026-01-05T10:00:00.000Z",
    }
