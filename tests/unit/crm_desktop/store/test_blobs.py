"""Encrypted contents: whole or not there, readable only with the key, harm always noticed."""

import hashlib
import io
import os
import time
from pathlib import Path

import pytest

from crm_desktop.errors import StoreError
from crm_desktop.store.blobs import Blobs
from crm_desktop.store.sealed_records import RECORD, Damaged, records

KEY = bytes(range(32))
MOST = 10 * RECORD
DATA = os.urandom(3 * RECORD + 1000)
SHA = hashlib.sha256(DATA).hexdigest()


@pytest.fixture
def blobs(tmp_path: Path) -> Blobs:
    return Blobs(tmp_path / "files", KEY)


def put(blobs: Blobs, data: bytes) -> tuple[str, int]:
    with blobs.taken_in(io.BytesIO(data), MOST) as new:
        new.keep()
    return new.sha256, new.size


def _only_file(tmp_path: Path) -> Path:
    (path,) = (tmp_path / "files").iterdir()
    return path


@pytest.mark.parametrize("size", [1, RECORD - 1, RECORD, RECORD + 1, 3 * RECORD])
def test_what_goes_in_comes_out(blobs: Blobs, size: int) -> None:
    data = os.urandom(size)
    sha256, found = put(blobs, data)
    assert (sha256, found) == (hashlib.sha256(data).hexdigest(), size)
    assert b"".join(blobs.pieces(sha256)) == data
    assert blobs.whole(sha256, size)


def test_nothing_of_it_can_be_read_on_the_disk(blobs: Blobs, tmp_path: Path) -> None:
    text = b"visit note of Anna " * 500
    sha256, _ = put(blobs, text)
    path = _only_file(tmp_path)
    assert b"Anna" not in path.read_bytes()
    assert sha256 not in path.name
    with pytest.raises(Damaged):
        list(records(path, bytes(32)))


@pytest.mark.parametrize(("first", "most"), [(0, 10), (RECORD - 5, 10), (2 * RECORD, RECORD), (len(DATA) - 3, 100)])
def test_a_part_of_it(blobs: Blobs, first: int, most: int) -> None:
    put(blobs, DATA)
    assert blobs.read(SHA, first, most) == DATA[first : first + most]


@pytest.mark.parametrize("harm", ["flip", "cut", "empty", "gone", "swap", "drop a record", "drop the end"])
def test_every_harm_is_noticed(blobs: Blobs, tmp_path: Path, harm: str) -> None:
    put(blobs, DATA)
    path = _only_file(tmp_path)
    raw = path.read_bytes()
    header, record = 24, 4 + 12 + RECORD + 16
    first, second = raw[header : header + record], raw[header + record : header + 2 * record]
    rest = raw[header + 2 * record :]
    harmed = {
        "flip": raw[:5000] + bytes([raw[5000] ^ 1]) + raw[5001:],
        "cut": raw[:-40],
        "empty": b"",
        "swap": raw[:header] + second + first + rest,
        "drop a record": raw[:header] + first + rest,
        "drop the end": raw[:-32],
    }
    if harm == "gone":
        path.unlink()
    else:
        path.write_bytes(harmed[harm])
    assert not blobs.whole(SHA, len(DATA))
    with pytest.raises(Damaged):
        list(blobs.pieces(SHA))


def test_a_download_goes_on_after_its_last_whole_record(blobs: Blobs, tmp_path: Path) -> None:
    blobs.append(SHA, DATA[:100])
    blobs.append(SHA, DATA[100:70_000])
    assert blobs.partial_size(SHA) == 70_000
    part = _only_file(tmp_path)
    part.write_bytes(part.read_bytes()[:-7])  # the power went in the middle of a record
    here = blobs.partial_size(SHA)
    assert here == 100 + RECORD
    assert not blobs.whole(SHA, len(DATA))
    blobs.append(SHA, DATA[here:])
    assert blobs.finish(SHA, len(DATA))
    assert b"".join(blobs.pieces(SHA)) == DATA
    assert blobs.partial_size(SHA) == 0


def test_other_bytes_never_become_the_content(blobs: Blobs) -> None:
    blobs.append(SHA, DATA[:-1] + bytes([DATA[-1] ^ 1]))
    assert not blobs.finish(SHA, len(DATA))
    assert blobs.partial_size(SHA) == 0
    assert not blobs.whole(SHA, len(DATA))


def test_bounds(blobs: Blobs, tmp_path: Path) -> None:
    for data, code in ((b"", "file_empty"), (bytes(MOST + 1), "file_too_large")):
        with pytest.raises(StoreError) as caught:
            put(blobs, data)
        assert caught.value.code == code
    assert not list((tmp_path / "files").iterdir())


def test_a_full_disk_is_told_and_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "files").write_text("a file where the folder should be")
    with pytest.raises(StoreError) as caught:
        put(Blobs(tmp_path / "files", KEY), DATA)
    assert caught.value.code == "file_not_kept"


def test_strays_of_a_crash_go_when_they_are_old(blobs: Blobs, tmp_path: Path) -> None:
    folder = tmp_path / "files"
    put(blobs, DATA)
    blobs.append("f" * 64, b"half")
    (folder / "0123.new").write_bytes(b"torn")
    assert blobs.remove_strays([SHA], 3600) == 0
    for path in folder.iterdir():
        os.utime(path, (time.time() - 7200,) * 2)
    assert blobs.remove_strays([SHA], 3600) == 2
    assert blobs.whole(SHA, len(DATA))
