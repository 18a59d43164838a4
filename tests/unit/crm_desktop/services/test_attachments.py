"""Adding, showing, saving and removing files as a person does it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from crm_desktop.clock import SystemClock
from crm_desktop.errors import KnownError, NotFound
from crm_desktop.services.attachments import AttachmentService, safe_name
from crm_desktop.store.client_store import ClientStore
from crm_desktop.store.intents import create
from tests.fresh_files import open_fresh

PARENT = ("account", "a")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ClientStore]:
    with open_fresh(tmp_path / "profile", bytes(range(32)), SystemClock()) as made:
        made.commit([create("account", "a", {"name": "Adler"})])
        yield made


@pytest.fixture
def files(store: ClientStore) -> AttachmentService:
    return AttachmentService(store)


def test_a_copy_is_kept_and_the_kind_known(files: AttachmentService, tmp_path: Path) -> None:
    photo = tmp_path / "Regal.JPG"
    photo.write_bytes(b"photo")
    added = files.add(photo, PARENT, note="shelf 3")
    photo.unlink()
    (view,) = files.of(*PARENT)
    assert (view.id, view.name, view.media_type, view.note) == (added, "Regal.JPG", "image/jpeg", "shelf 3")
    assert files.read(added) == b"photo"
    assert [waiting.id for waiting in files.waiting()] == [added]


def test_readable_copies_go_when_the_run_ends_and_leave_others_alone(store: ClientStore) -> None:
    mine, other = AttachmentService(store), AttachmentService(store)
    added = mine.add_bytes("a.txt", b"words", PARENT)
    first, second = mine.open_copy(added), other.open_copy(added)
    assert (first.name, first.read_bytes()) == ("a.txt", b"words")
    other.begin()
    mine.end()
    assert not first.exists()
    assert second.exists()


def test_what_cannot_be_read_or_written_is_told(files: AttachmentService, tmp_path: Path) -> None:
    (tmp_path / "empty").write_bytes(b"")
    for path, code in ((tmp_path / "gone", "file_unreadable"), (tmp_path, "file_is_folder"),
                       (tmp_path / "empty", "file_empty")):  # fmt: skip
        with pytest.raises(KnownError) as caught:
            files.add(path, PARENT)
        assert caught.value.code == code
    added = files.add_bytes("a", b"x", PARENT)
    with pytest.raises(KnownError) as caught:
        files.save_copy(added, tmp_path / "no" / "such")
    assert caught.value.code == "cannot_write_file"
    with pytest.raises(NotFound):
        files.get("nowhere")


def test_a_saved_copy_replaces_what_was_there_whole(files: AttachmentService, tmp_path: Path) -> None:
    added = files.add_bytes("a", b"new", PARENT)
    target = tmp_path / "copy"
    target.write_bytes(b"old and longer")
    assert files.save_copy(added, target) == 3
    assert target.read_bytes() == b"new"
    assert [path.name for path in tmp_path.iterdir() if "copy" in path.name] == ["copy"]


def test_removed_before_and_after_the_server_has_it(store: ClientStore, files: AttachmentService) -> None:
    added = files.add_bytes("a", b"x", PARENT)
    files.remove(added)
    assert files.of(*PARENT) == []
    files.restore(added)
    (view,) = files.of(*PARENT)
    store.files.uploaded(view.sha256, "")
    files.remove(added)
    assert files.of(*PARENT) == []
    assert [op.k for txn in store.pending(100) for op in txn.ops if op.e == "attachment"] == [
        "create", "delete",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("given", "name"),
    [("../../etc/passwd", "_.._etc_passwd"), ("a:b?.pdf", "a_b_.pdf"), ("  .hidden ", "hidden"), ("\x00x", "_x")],
)
def test_names_stay_in_their_folder(given: str, name: str) -> None:
    assert safe_name(given) == name
