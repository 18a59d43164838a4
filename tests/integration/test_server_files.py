"""Bytes of files on a real server: in pieces, resumed, proven by their hash, given out by record."""

import hashlib
import os
import shutil
import socket
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from sqlalchemy import update

from crm_desktop.errors import StoreError
from crm_desktop.ids import new_id
from crm_desktop.model.columns import format_instant
from server.api.errors import translate
from server.storage.storage import Storage
from server.storage.tables import commit
from tests.integration.server_process import Laptop, RunningServer, creating, patching

DATA = bytes(range(256)) * 1200
SHA = hashlib.sha256(DATA).hexdigest()


def _url(laptop: Laptop, sha: str) -> str:
    return f"{laptop.server.url}/sync/v1/blobs/{sha}"


def _put(laptop: Laptop, data: bytes, first: int = 0, end: int | None = None, sha: str = "") -> requests.Response:
    end = len(data) if end is None else end
    headers = laptop.headers() | {"Content-Range": f"bytes {first}-{end - 1}/{len(data)}"}
    name = sha or hashlib.sha256(data).hexdigest()
    return requests.put(_url(laptop, name), data=data[first:end], headers=headers, timeout=60)


def _offset(laptop: Laptop, sha: str = SHA) -> tuple[int, bool]:
    headers = laptop.headers() | {"Content-Range": "bytes */1000000"}
    answer = requests.put(_url(laptop, sha), headers=headers, timeout=60)
    assert answer.status_code == 200
    return answer.json()["offset"], answer.json()["complete"]


def _get(laptop: Laptop, sha: str = SHA, **headers: str) -> requests.Response:
    return requests.get(_url(laptop, sha), headers=laptop.headers() | headers, timeout=60)


def _attachment(account: str, data: bytes = DATA, **more: Any) -> dict[str, Any]:
    sha = hashlib.sha256(data).hexdigest()
    return {"account_id": account, "name": "a.bin", "size": len(data), "sha256": sha} | more


def _files(server: RunningServer) -> list[Path]:
    return [path for path in (server.folder / "files").rglob("*") if path.is_file()]


def _two(server: RunningServer) -> tuple[Laptop, Laptop]:
    server.add_user("anna")
    server.add_user("ben")
    return server.device("anna"), server.device("ben")


def test_pieces_become_a_file_that_its_record_opens(server: RunningServer) -> None:
    anna, ben = _two(server)
    account = anna.account()
    assert _offset(anna) == (0, False)
    assert _put(anna, DATA, 0, 100_000).json() == {"offset": 100_000, "complete": False}
    assert _offset(anna) == (100_000, False)
    wrong = _put(anna, DATA, 50_000, 100_000)
    assert (wrong.status_code, wrong.json()["details"]) == (409, {"offset": 100_000})
    assert _put(anna, DATA, 100_000).json() == {"offset": len(DATA), "complete": True}
    assert _get(anna).status_code == 404  # no record yet, also for whom sent it
    anna.create("attachment", **_attachment(account))
    assert _get(anna).content == DATA
    part = _get(anna, Range="bytes=1000-1999")
    assert (part.status_code, part.content) == (206, DATA[1000:2000])
    assert _get(ben).status_code == 404  # the hash alone opens nothing
    assert _offset(ben) == (0, False)  # nor does it tell that somebody has the file
    _no_record_without_its_bytes(anna, ben, account, DATA[::-1])


def _no_record_without_its_bytes(anna: Laptop, ben: Laptop, account: str, data: bytes) -> None:
    assert anna.push(creating("attachment", new_id(), **_attachment(account, data))) == ["quarantined"]
    _put(anna, data)
    assert anna.push(creating("attachment", new_id(), **_attachment(account, data, size=1))) == ["quarantined"]
    assert anna.push(creating("attachment", new_id(), **_attachment(account, data, visit_id=new_id()))) == [
        "quarantined"
    ]
    assert anna.push(creating("attachment", new_id(), **_attachment(account, data, sha256="../x"))) == ["quarantined"]
    # Another user knows the hash and has not the bytes.
    assert ben.push(creating("attachment", new_id(), **_attachment(ben.account(), data))) == ["quarantined"]
    anna.pull()
    ben.pull()
    assert len(anna.of("attachment")) == 1
    assert not ben.of("attachment")
    assert {row["reason"] for row in anna.of("quarantine")} == {"bytes_missing", "invalid_value"}
    assert [row["reason"] for row in ben.of("quarantine")] == ["bytes_missing"]


@pytest.fixture(scope="module")
def anna(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Laptop]:
    """A laptop at a server that several tests share."""
    folder = tmp_path_factory.mktemp("shared")
    Storage.create(str(folder / "server.db")).close()
    server = RunningServer(str(folder / "server.db"), folder)
    server.start()
    server.add_user("anna")
    yield server.device("anna")
    server.stop()


def test_what_names_the_content_never_changes(anna: Laptop) -> None:
    _put(anna, DATA)
    record = anna.create("attachment", **_attachment(anna.account()))
    assert anna.push(patching("attachment", record, 99, size=(len(DATA), 1))) == ["quarantined"]
    assert anna.push(patching("attachment", record, 99, name=("a.bin", "b.bin"))) == ["applied"]


def test_other_bytes_than_the_hash_are_never_published(anna: Laptop) -> None:
    data = DATA[1:]
    sha = hashlib.sha256(data).hexdigest()
    answer = _put(anna, DATA[:-1], sha=sha)
    assert (answer.status_code, answer.json()["code"]) == (422, "damaged_file")
    assert _offset(anna, sha) == (0, False)
    assert not [path for path in _files(anna.server) if path.name.startswith(sha)]
    assert _put(anna, data).json()["complete"]


def test_bounds(anna: Laptop) -> None:
    headers = anna.headers()

    def status(sha: str, place: str, **more: str) -> int:
        given = headers | {"Content-Range": place} | more
        return requests.put(_url(anna, sha), data=b"x" * 10, headers=given, timeout=60).status_code

    assert status(SHA, "bytes 0-9/99999999999") == 413
    assert status(SHA, "bytes */99999999999") == 413  # told before a byte has moved
    assert status(SHA, "bytes 0-5000000/5000001") == 413
    assert status(SHA, "bytes 5-3/10") == 422
    assert status(SHA, "") == 422
    assert status("x" * 64, "bytes 0-9/10") == 404
    assert status(SHA, "bytes 0-9/10", Authorization="Bearer no") == 401
    assert status(SHA, "bytes 0-4/10") == 409  # more bytes than announced


def test_a_cut_line_loses_no_more_than_what_was_on_it(anna: Laptop) -> None:
    server = anna.server
    data = os.urandom(400_000)
    sha = hashlib.sha256(data).hexdigest()
    host, port = server.url.removeprefix("http://").split(":")
    head = "".join(f"{name}: {value}\r\n" for name, value in anna.headers().items())
    with socket.create_connection((host, int(port))) as line:
        line.sendall(
            f"PUT /sync/v1/blobs/{sha} HTTP/1.1\r\nHost: x\r\n{head}Content-Length: 400000\r\n"
            f"Content-Range: bytes 0-399999/400000\r\n\r\n".encode()
        )
        line.sendall(data[:200_001])
        until = time.monotonic() + 30
        while _offset(anna, sha)[0] == 0 and time.monotonic() < until:
            time.sleep(0.02)
    here, complete = _offset(anna, sha)
    assert 0 < here <= 200_001
    assert not complete
    server.kill()
    server.start()
    here, complete = _offset(anna, sha)
    assert _put(anna, data, here).json() == {"offset": 400_000, "complete": True}


def test_an_upload_whose_end_broke_off_on_the_server_is_ended_by_asking(anna: Laptop) -> None:
    data = os.urandom(50_000)
    sha = hashlib.sha256(data).hexdigest()
    blocked = anna.server.folder / "files" / sha[:2]
    if blocked.is_dir():
        blocked = blocked / sha
        (blocked / "in the way").mkdir(parents=True)
    else:
        blocked.write_text("a file where the folder should be")
    answer = _put(anna, data)
    assert (answer.status_code, answer.json()["code"]) == (503, "retry")
    assert answer.headers["Retry-After"] == "300"
    if blocked.is_dir():
        shutil.rmtree(blocked)
    else:
        blocked.unlink()
    headers = anna.headers() | {"Content-Range": f"bytes */{len(data)}"}
    answer = requests.put(_url(anna, sha), headers=headers, timeout=60)
    assert answer.json() == {"offset": len(data), "complete": True}
    # Whole in length and wrong in content: dropped, so that it can begin anew.
    (unfinished,) = _left_unfinished(anna, b"wrong" * 10)
    headers = anna.headers() | {"Content-Range": "bytes */50"}
    assert requests.put(_url(anna, "5" * 64), headers=headers, timeout=60).json()["code"] == "damaged_file"
    assert not unfinished.exists()


def _left_unfinished(anna: Laptop, data: bytes) -> list[Path]:
    """An upload of the content 555... that lacks nothing but its end."""
    headers = anna.headers() | {"Content-Range": f"bytes 0-{len(data) - 1}/{len(data) + 1}"}
    assert requests.put(_url(anna, "5" * 64), headers=headers, data=data, timeout=60).status_code == 200
    return [path for path in _files(anna.server) if path.name.startswith("5" * 64)]


def test_the_log_names_no_content(anna: Laptop) -> None:
    _put(anna, DATA)
    assert "PUT /sync/v1/blobs/ " in anna.server.log()
    assert SHA not in anna.server.log()


def test_the_sweeper_takes_what_nothing_refers_to(sqlite_database: str, tmp_path: Path) -> None:
    server = RunningServer(sqlite_database, tmp_path)
    server.start()
    try:
        server.add_user("anna")
        anna = server.device("anna")
        others = [DATA + bytes([n]) for n in range(3)]
        for data in (DATA, *others):
            _put(anna, data)
        _put(anna, b"unfinished", 0, 3)
        record = anna.create("attachment", **_attachment(anna.account(), DATA))
        gone = anna.create("attachment", **_attachment(anna.account(), others[0]))
        assert anna.push({"k": "delete", "e": "attachment", "id": gone, "seen_cursor": 99}) == ["applied"]
        # Refused for its parents, but its bytes are here: it may be sent again.
        refused = _attachment(anna.account(), others[1], visit_id=new_id())
        assert anna.push(creating("attachment", new_id(), **refused)) == ["quarantined"]
    finally:
        server.stop()
    old = time.time() - 40 * 86400
    for path in _files(server):
        os.utime(path, (old, old))
    # The command was not told where the files are: the server that was started with a folder remembers it.
    assert server.run("files", "sweep", "--older-than", "41") == "Removed the bytes of 0 files.\n"
    assert server.run("files", "sweep") == "Removed the bytes of 2 files.\n"
    left = {path.name for path in _files(server)}
    assert left == {hashlib.sha256(data).hexdigest() for data in (DATA, others[0], others[1])}
    assert server.run("check") == "Everything holds.\n"
    assert server.run("erase", "attachment", record).startswith("Erased 1 records")
    assert SHA not in {path.name for path in _files(server)}
    storage = Storage.open(sqlite_database)
    storage.write_records([("attachment", new_id(), {"name": "a", "size": 5, "sha256": "9" * 64})], "desk")
    storage.close()
    assert "no bytes on the disk instead of 5" in server.run("check", expect=3)


def test_a_restored_server_keeps_bytes_until_every_laptop_may_have_come(sqlite_database: str) -> None:
    """The backup knows no record of them, and a laptop that is away sends it again."""
    storage = Storage.open(sqlite_database)
    storage.blobs.files.append("device", SHA, DATA)
    assert storage.blobs.files.publish("device", SHA)
    os.utime(storage.blobs.files.path(SHA), (0, 0))
    storage.write_records([("tag", new_id(), {"name": "a"})], "desk")
    epoch, _ = storage.state()
    storage.new_epoch(epoch)
    assert storage.blobs.sweep(storage.plain_write, 30) == 0
    storage.write_records([("tag", new_id(), {"name": "b"})], "desk")
    assert storage.blobs.sweep(storage.plain_write, 30) == 0
    long_ago = format_instant(datetime.now(UTC) - timedelta(days=91))
    with storage.plain_write() as connection:
        connection.execute(update(commit).values(at=long_ago))
    assert storage.blobs.sweep(storage.plain_write, 30) == 1
    storage.close()


def test_postgresql_keeps_files_once_it_was_told_where(postgres_database: str, tmp_path: Path) -> None:
    storage = Storage.open(postgres_database)
    with pytest.raises(StoreError) as caught:
        storage.blobs.files.offset("device", SHA)
    with storage.read() as connection:
        assert not storage.blobs.proven(connection, "user", SHA)
    storage.close()
    told = translate(caught.value)
    assert (told.status, told.body.code) == (501, "no_files")
    Storage.open(postgres_database, files=tmp_path / "papers").close()
    storage = Storage.open(postgres_database)
    files = storage.blobs.files
    files.append("device", SHA, DATA)
    assert files.publish("device", SHA)
    with storage.plain_write() as connection:
        storage.blobs.note_proof(connection, "user", SHA, storage.clock)
    with storage.read() as connection:
        assert storage.blobs.proven(connection, "user", SHA)
        assert not storage.blobs.proven(connection, "another", SHA)
    os.utime(files.path(SHA), (0, 0))
    assert storage.blobs.sweep(storage.plain_write, 30) == 1
    with storage.read() as connection:
        assert not storage.blobs.proven(connection, "user", SHA)
    storage.close()
