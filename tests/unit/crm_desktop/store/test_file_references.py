"""Bytes that may be the only ones there are stay as long as somebody may still want them."""

import hashlib
import io
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest

from crm_desktop.store.client_store import ClientStore
from crm_desktop.store.intents import create
from tests.harmed_files import harm
from tests.unit.crm_desktop.store.conftest import Pages

DATA = b"a photo" * 1000
SHA = hashlib.sha256(DATA).hexdigest()


@pytest.fixture
def bytes_here(store: ClientStore, folder: Path) -> Callable[[], bool]:
    """Whether the bytes are still on the disk after the house was kept, as at a start."""

    def look() -> bool:
        store.files.sweep(starting=True)
        return bool(list((folder / "files").iterdir()))

    return look


@pytest.fixture
def sent(store: ClientStore, pages: Pages) -> str:
    """A file whose bytes the server has and whose record waits in the outbox; the record's id."""
    store.apply_page(pages.page({("visit", "v"): {"subject": "Fair"}}))
    added = store.files.add(io.BytesIO(DATA), ("visit", "v"), {"name": "a.jpg"})
    store.files.uploaded(SHA, "e1")
    return added


def test_a_record_set_aside_here_keeps_its_bytes_until_it_is_decided(
    store: ClientStore,
    pages: Pages,
    sent: str,
    acknowledge: Callable[..., None],
    bytes_here: Callable[[], bool],
) -> None:
    store.quarantine_locally(1, "malformed", "The server cannot read this change.")
    acknowledge(commit_seq=2, outcome="void")
    store.apply_page(pages.page(seq=2))
    assert store.read(lambda reader: reader.get("attachment", sent)) is None
    assert bytes_here()
    store.close_quarantine(1, "not needed")
    assert not bytes_here()


def test_a_record_the_server_refused_keeps_its_bytes_until_it_is_decided(
    store: ClientStore,
    pages: Pages,
    sent: str,
    acknowledge: Callable[..., None],
    bytes_here: Callable[[], bool],
) -> None:
    (txn,) = store.pending(10)
    refused = {"reason": "dangling", "txn_id": txn.txn_id, "payload": orjson.dumps(txn.wire()).decode()}
    acknowledge(commit_seq=2, outcome="quarantined")
    store.apply_page(pages.page({("quarantine", "q"): refused}, seq=2))
    assert store.read(lambda reader: reader.get("attachment", sent)) is None
    assert bytes_here()
    store.apply_page(pages.page({("quarantine", "q"): refused | {"status": "discarded"}}))
    assert not bytes_here()


@pytest.mark.parametrize("where", ["set aside here", "refused by the server"])
def test_a_record_handed_over_in_an_entry_that_is_not_taken_either_keeps_its_bytes(
    store: ClientStore,
    pages: Pages,
    sent: str,
    acknowledge: Callable[..., None],
    bytes_here: Callable[[], bool],
    where: str,
) -> None:
    (txn,) = store.pending(10)
    store.quarantine_locally(1, "malformed", "The server cannot read this change.")
    entry = {"reason": "malformed", "txn_id": txn.txn_id, "payload": orjson.dumps(txn.wire()).decode()}
    store.commit([create("quarantine", "entry", entry)], closes=1)
    told = {}
    if where == "set aside here":
        store.quarantine_locally(2, "malformed", "The server cannot read this change.")
    else:
        payload = orjson.dumps(store.pending(10)[1].wire()).decode()
        told = {("quarantine", "q"): {"reason": "unknown_field", "txn_id": "t", "payload": payload}}
    acknowledge(commit_seq=2, outcome="quarantined" if told else "void")
    store.apply_page(pages.page(told, seq=2))
    assert store.read(lambda reader: reader.get("quarantine", "entry")) is None
    assert bytes_here()
    if where == "set aside here":
        store.close_quarantine(2, "not needed")
    else:
        store.apply_page(pages.page(gone=(("quarantine", "q"),)))
    assert not bytes_here()


def test_a_file_that_waits_for_its_upload_is_not_left(store: ClientStore, pages: Pages) -> None:
    """To stop waiting for bytes is for those that would come from the server."""
    store.apply_page(pages.page({("visit", "v"): {"subject": "Fair"}}))
    store.files.add(io.BytesIO(DATA), ("visit", "v"), {"name": "a.jpg"})
    store.files.leave(SHA)
    upload = store.files.next_upload()
    assert upload is not None
    assert store.files.intact(upload)


def test_a_file_that_lies_here_is_not_asked_for_again_when_its_record_is_told(
    store: ClientStore, pages: Pages, sent: str
) -> None:
    told = {("attachment", sent): {"visit_id": "v", "name": "a.jpg", "size": len(DATA), "sha256": SHA}}
    store.apply_page(pages.page(told))
    assert store.files.next_download() is None


def test_a_damaged_file_that_nobody_has_is_not_waited_for(store: ClientStore, pages: Pages) -> None:
    """It would be told as missing on the server, and its entry would go with the next start."""
    store.apply_page(pages.page({("visit", "v"): {"subject": "Fair"}}))
    added = store.files.add(io.BytesIO(DATA), ("visit", "v"), {"name": "a.jpg"})
    harm(store, SHA)
    store.files.want(SHA, len(DATA))
    assert store.files.next_download() is None
    view = store.files.find(added)
    assert view is not None
    assert view.place == "damaged"


def test_a_waiting_file_whose_bytes_nobody_has_stays_listed_as_damaged(store: ClientStore, pages: Pages) -> None:
    """A colleague's record names the same bytes, the server has lost them: a start must not forget the file."""
    store.apply_page(pages.page({("visit", "v"): {"subject": "Fair"}}))
    added = store.files.add(io.BytesIO(DATA), ("visit", "v"), {"name": "a.jpg"})
    harm(store, SHA)
    told = {"visit_id": "v", "name": "b.jpg", "size": len(DATA), "sha256": SHA}
    store.apply_page(pages.page({("attachment", "b"): told}))
    for _ in range(2):  # with each start it is asked for once
        wanted = store.files.next_download()
        assert wanted is not None
        store.files.not_there(wanted)
        assert store.files.next_download() is None
        for start in (False, True):
            store.files.sweep(starting=start)
            waiting = store.read(lambda reader: reader.waiting_files())
            assert [(view.id, view.place) for view in waiting] == [(added, "damaged")]


def test_what_the_server_had_not_got_is_asked_for_again_at_the_next_start(store: ClientStore, pages: Pages) -> None:
    store.apply_page(pages.page({("attachment", "b"): {"name": "b.jpg", "size": len(DATA), "sha256": SHA}}))
    wanted = store.files.next_download()
    assert wanted is not None
    store.files.not_there(wanted)
    store.files.sweep()
    assert store.files.next_download() is None
    store.files.sweep(starting=True)
    assert store.files.next_download() == wanted


def test_bytes_that_were_harmed_while_the_server_took_them_are_fetched_from_there(
    store: ClientStore, pages: Pages
) -> None:
    """Its record goes out all the same: the server has what it names, and this laptop nothing to show."""
    store.apply_page(pages.page({("visit", "v"): {"subject": "Fair"}}))
    added = store.files.add(io.BytesIO(DATA), ("visit", "v"), {"name": "a.jpg"})
    harm(store, SHA)
    store.files.uploaded(SHA, "e1")
    view = store.files.find(added)
    assert view is not None
    assert not view.readable
    told = {("attachment", added): {"visit_id": "v", "name": "a.jpg", "size": len(DATA), "sha256": SHA}}
    store.apply_page(pages.page(told))
    assert store.files.next_download() is not None
