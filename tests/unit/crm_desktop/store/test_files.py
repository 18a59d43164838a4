"""Files in the store: bytes before rows, local until the server has them, gone when they leave the laptop."""

import hashlib
import io
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from crm_desktop.errors import InvalidInput, NotFound, StoreError
from crm_desktop.store.client_store import ClientStore
from crm_desktop.store.file_views import FileView, files_of
from crm_desktop.store.intents import create, delete
from crm_desktop.store.moving_files import Content
from tests.harmed_files import harm
from tests.standing_clock import StandingClock
from tests.unit.crm_desktop.store.conftest import KEY, NOW, Pages

DATA = b"a photo" * 1000
SHA = hashlib.sha256(DATA).hexdigest()


@pytest.fixture
def visit(store: ClientStore) -> tuple[str, str]:
    store.commit([create("account", "a", {"name": "Adler"}), create("visit", "v", {"account_id": "a"})])
    return ("visit", "v")


def _views(store: ClientStore, entity: str = "account", record_id: str = "a") -> list[FileView]:
    return store.read(lambda reader: reader.files(entity, record_id))


def _add(store: ClientStore, parent: tuple[str, str], data: bytes = DATA, name: str = "a.jpg") -> str:
    return store.files.add(io.BytesIO(data), parent, {"name": name, "media_type": "image/jpeg"})


def _added_and_harmed(store: ClientStore, parent: tuple[str, str], folder: Path) -> Content:
    """A file that waits to be sent, and whose bytes are no more what was added."""
    _add(store, parent)
    (path,) = (folder / "files").iterdir()
    path.write_bytes(path.read_bytes()[:-1])
    upload = store.files.next_upload()
    assert upload is not None
    assert not store.files.intact(upload)
    return upload


def _sent_ops(store: ClientStore) -> list[Any]:
    return [op for txn in store.pending(100) for op in txn.ops if op.e == "attachment"]


def test_a_file_is_seen_at_once_and_its_record_waits_for_the_server(store: ClientStore, visit: tuple[str, str]) -> None:
    attachment = _add(store, visit)
    (view,) = _views(store)
    assert (view.id, view.place, view.parent, view.size) == (attachment, "only_here", visit, len(DATA))
    assert not _sent_ops(store)
    upload = store.files.next_upload()
    assert upload == Content(SHA, len(DATA), 0)
    assert store.files.intact(upload)
    store.files.moved(SHA, 3500)
    assert _views(store)[0].percent == 50
    store.files.uploaded(SHA, "e1")
    (op,) = _sent_ops(store)
    assert (op.k, op.id, op.v["sha256"], op.v["visit_id"]) == ("create", attachment, SHA, "v")
    assert _views(store)[0].place == "here"
    assert store.files.next_upload() is None
    assert b"".join(store.files.pieces(_views(store)[0])) == DATA


def test_two_records_of_one_content_go_up_once(store: ClientStore, visit: tuple[str, str]) -> None:
    first, second = _add(store, visit), _add(store, ("account", "a"))
    store.files.uploaded(SHA, "e1")
    assert {op.id for op in _sent_ops(store)} == {first, second}
    third = _add(store, visit)
    upload = store.files.next_upload()
    assert upload is not None  # asked of the server, which says at once that it has it
    store.files.uploaded(SHA, "e1")
    assert third in {op.id for op in _sent_ops(store)}


def test_the_smallest_goes_first(store: ClientStore, visit: tuple[str, str]) -> None:
    _add(store, visit, DATA)
    _add(store, visit, b"small")
    upload = store.files.next_upload()
    assert upload is not None
    assert upload.size == 5


def test_taken_back_before_it_went_up(store: ClientStore, visit: tuple[str, str], folder: Path) -> None:
    attachment = _add(store, visit)
    assert store.files.remove_waiting(attachment)
    assert not store.files.remove_waiting(attachment)
    assert not _views(store)
    assert store.files.next_upload() is None
    assert store.files.put_back(attachment)
    assert len(_views(store)) == 1
    store.files.remove_waiting(attachment)
    store.files.sweep()
    assert list((folder / "files").iterdir())
    with ClientStore.open(folder, KEY, StandingClock(NOW + timedelta(hours=23))) as other:
        other.files.sweep(starting=True)  # another program of the profile: this one may put it back still
    assert store.files.put_back(attachment)
    store.files.remove_waiting(attachment)
    with ClientStore.open(folder, KEY, StandingClock(NOW + timedelta(hours=24))) as later:
        later.files.sweep(starting=True)
    assert not store.files.put_back(attachment)
    assert not list((folder / "files").iterdir())


def test_what_the_server_refuses_stands_and_stops_nothing(store: ClientStore, visit: tuple[str, str]) -> None:
    _add(store, visit, b"refused")
    _add(store, visit, DATA)
    store.files.refused(hashlib.sha256(b"refused").hexdigest(), "too_large")
    upload = store.files.next_upload()
    assert upload is not None
    assert upload.sha256 == SHA
    assert {view.refused for view in _views(store)} == {"", "too_large"}
    assert store.read(lambda reader: len(reader.waiting_files())) == 2


def test_harmed_bytes_are_fetched_again_and_never_sent(
    store: ClientStore, visit: tuple[str, str], folder: Path
) -> None:
    _add(store, visit)
    store.files.uploaded(SHA, "e1")
    (path,) = (folder / "files").iterdir()
    path.write_bytes(b"")  # what a power cut left of somebody else's file system
    with pytest.raises(NotFound) as caught:
        store.files.pieces(_views(store)[0])
    assert caught.value.code == "file_away"
    assert _views(store)[0].place == "wanted"
    wanted = store.files.next_download()
    assert wanted is not None
    assert store.files.next_upload() is None
    store.files.take(wanted, DATA[:1000])
    assert store.files.here_of(wanted) == 1000
    store.files.take(wanted, DATA[1000:])
    assert store.files.fetched(wanted)
    assert b"".join(store.files.pieces(_views(store)[0])) == DATA


def test_harmed_bytes_nobody_else_has_are_told(store: ClientStore, visit: tuple[str, str], folder: Path) -> None:
    _added_and_harmed(store, visit, folder)
    store.files.harmed(SHA)
    (view,) = _views(store)
    assert view.place == "damaged"
    assert store.files.next_upload() is None
    with pytest.raises(NotFound) as caught:
        store.files.pieces(view)
    assert caught.value.code == "file_damaged"
    _add(store, visit)  # the person has the original and adds it again
    assert store.files.next_upload() is not None


def _attachment(parent: str = "v", size: int = len(DATA), sha: str = SHA) -> dict[str, Any]:
    return {"visit_id": parent, "name": "b.jpg", "size": size, "sha256": sha, "created_at": "2026-03-01T10:00:00.000Z"}


def test_others_files_small_and_new_ones_come_by_themselves(
    store: ClientStore, visit: tuple[str, str], pages: Pages
) -> None:
    page = pages.page(
        {
            ("attachment", "old"): _attachment(sha="1" * 64, size=10) | {"created_at": "2026-01-01T10:00:00.000Z"},
            ("attachment", "new"): _attachment(sha="2" * 64, size=10),
            ("attachment", "big"): _attachment(sha="3" * 64, size=50_000_000),
        }
    )
    store.apply_page(page)
    views = {view.id: view for view in _views(store)}
    assert {view.place for view in views.values()} == {"away"}
    first = store.files.next_download()
    assert first is not None
    assert first.sha256 == "2" * 64
    store.files.not_there(first)
    assert {view.id: view.place for view in _views(store)}["new"] == "missing"
    store.files.want("3" * 64, 50_000_000)
    wanted = store.files.next_download()
    assert wanted is not None
    assert wanted.sha256 == "3" * 64
    store.files.not_there(wanted)
    last = store.files.next_download()
    assert last is not None
    assert last.sha256 == "1" * 64


@pytest.mark.parametrize("size", [10, 50_000_000], ids=["small", "large"])
def test_bytes_the_server_had_not_got_are_asked_for_again_when_it_tells_their_record(
    store: ClientStore, visit: tuple[str, str], pages: Pages, size: int
) -> None:
    told = {("attachment", "new"): _attachment(sha="2" * 64, size=size)}
    store.apply_page(pages.page(told))
    store.files.want("2" * 64, size)
    wanted = store.files.next_download()
    assert wanted is not None
    store.files.not_there(wanted)
    assert store.files.next_download() is None
    store.apply_page(pages.page({("attachment", "else"): _attachment(sha="1" * 64, size=50_000_001)}))
    assert store.files.next_download() is None
    store.apply_page(pages.page(told))
    assert store.files.next_download() == wanted


def test_a_file_whose_record_a_copy_of_the_profile_sent_and_that_was_removed_here_stops_nothing(
    store: ClientStore, visit: tuple[str, str], pages: Pages
) -> None:
    added = _add(store, visit)
    store.apply_page(pages.page({("attachment", added): _attachment()}))
    store.commit([delete("attachment", added)])
    store.files.uploaded(SHA, "e1")
    assert [op.k for op in _sent_ops(store)] == ["delete"]
    assert store.files.next_upload() is None


def test_harmed_bytes_that_a_colleague_has_sent_are_fetched(
    store: ClientStore, visit: tuple[str, str], pages: Pages
) -> None:
    _add(store, visit)
    harm(store, SHA)
    assert store.files.next_download() is None
    store.apply_page(pages.page({("attachment", "other"): _attachment()}))
    wanted = store.files.next_download()
    assert wanted is not None
    assert store.files.carried.wanted(10) == [SHA]
    store.files.take(wanted, DATA)
    assert store.files.fetched(wanted)
    assert {view.place for view in _views(store)} == {"here", "only_here"}
    assert store.files.next_upload() is not None


def test_a_record_that_a_copied_profile_sent_first_is_not_sent_again(
    store: ClientStore, visit: tuple[str, str], pages: Pages
) -> None:
    attachment = _add(store, visit)
    store.apply_page(pages.page({("attachment", attachment): _attachment()}))
    store.files.uploaded(SHA, "e1")
    assert not _sent_ops(store)
    assert store.files.next_upload() is None


def test_bytes_leave_with_their_record(store: ClientStore, visit: tuple[str, str], pages: Pages, folder: Path) -> None:
    store.apply_page(pages.page({("attachment", "f"): _attachment()}))
    wanted = store.files.next_download()
    assert wanted is not None
    store.files.take(wanted, DATA)
    assert store.files.fetched(wanted)
    store.files.sweep()
    store.commit([delete("attachment", "f")])
    store.files.sweep()
    assert list((folder / "files").iterdir())  # not yet agreed with the server: it may come back
    store.apply_page(pages.page(evict=(("attachment", "f"),)))
    store.files.sweep()
    assert not list((folder / "files").iterdir())


def test_only_records_that_have_files(store: ClientStore, visit: tuple[str, str]) -> None:
    with pytest.raises(InvalidInput):
        _add(store, ("product", "p"))
    with pytest.raises(NotFound):
        _add(store, ("visit", "nowhere"))
    store.adopt_server([], {"file_bytes": 10})
    with pytest.raises(StoreError) as caught:
        _add(store, visit)
    assert caught.value.code == "file_too_large"


def test_contents_a_new_history_of_the_server_has_not_confirmed(store: ClientStore, visit: tuple[str, str]) -> None:
    _add(store, visit)
    store.files.uploaded(SHA, "e1")
    assert store.files.unconfirmed([SHA], "e1") == []
    assert [content.sha256 for content in store.files.unconfirmed([SHA, "9" * 64], "e2")] == [SHA]


def test_bytes_another_program_adds_while_they_are_swept_away_stay(
    store: ClientStore, visit: tuple[str, str], clock: StandingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.files.remove_waiting(_add(store, visit))
    clock.move(days=1)
    writer = store.files._writer
    call = writer.call
    added: list[str] = []
    with ClientStore.open(store.path.parent, KEY, StandingClock(NOW)) as other:

        def forgotten(*arguments: Any, **more: Any) -> Any:
            told = call(*arguments, **more)
            if not added:  # nothing refers to it any more, its bytes lie there still
                added.append(_add(other, visit))
            return told

        monkeypatch.setattr(writer, "call", forgotten)
        store.files.sweep(starting=True)
        (view,) = _views(other)
        assert view.id == added[0]
        assert b"".join(other.files.pieces(view)) == DATA


def test_harmed_bytes_that_another_program_has_added_anew_stay(
    store: ClientStore, visit: tuple[str, str], folder: Path
) -> None:
    upload = _added_and_harmed(store, visit, folder)
    with ClientStore.open(store.path.parent, KEY, StandingClock(NOW)) as other:
        _add(other, visit)
    store.files.harmed(SHA)
    assert [view.place for view in _views(store)] == ["only_here", "only_here"]
    assert store.files.intact(upload)


KILLED = """
import io, os, signal, sys
from pathlib import Path
from crm_desktop.store import blobs, files
from crm_desktop.store.client_store import ClientStore
from tests.standing_clock import StandingClock
from tests.unit.crm_desktop.store.conftest import KEY, NOW

def die(*_more):
    os.kill(os.getpid(), signal.SIGKILL)

point = sys.argv[2]
store = ClientStore.open(Path(sys.argv[1]), KEY, StandingClock(NOW))
store.files
if point == "flush":
    blobs._flush = die
elif point == "rename":
    Path.replace = die
elif point == "row":
    files.FileStore._write = die
elif point == "placed":
    blobs._flush_folder = die
elif point == "told":
    store.files._tell = die
store.files.add(io.BytesIO(b"x" * 200_000), ("visit", "v"), {"name": "a"})
"""


@pytest.mark.parametrize("point", ["flush", "rename", "row", "placed", "told"])
def test_killed_while_a_file_is_added(
    store: ClientStore, visit: tuple[str, str], folder: Path, open_store: Callable[[], ClientStore], point: str
) -> None:
    store.close()
    root = Path(__file__).parents[4]
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(folder), point], cwd=root, capture_output=True, timeout=120, check=False
    )
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()
    with ClientStore.open(folder, KEY, StandingClock(NOW)) as again:
        views = _views(again)
        assert len(views) == (1 if point == "told" else 0)
        for view in views:
            assert b"".join(again.files.pieces(view)) == b"x" * 200_000
        assert (again.files.next_upload() is not None) == bool(views)
        again.files.sweep(starting=True)
        assert len(_add(again, visit)) == 36


def test_files_of_a_record_only(store: ClientStore, visit: tuple[str, str]) -> None:
    store.commit([create("visit", "w", {"account_id": "a"})])
    _add(store, visit)
    mine = _add(store, ("visit", "w"), b"other")
    assert [view.id for view in _views(store, "visit", "w")] == [mine]
    assert len(_views(store)) == 2
    assert store.read(lambda reader: files_of(reader._connection, "visit", "x")) == []
