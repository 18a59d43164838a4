"""A try without a connection changes nothing: what waits may still be folded, edited and taken back."""

import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crm_desktop.clock import SystemClock
from crm_desktop.services.notes import NoteService
from crm_desktop.services.outbox import OutboxService
from crm_desktop.services.records import RecordService
from crm_desktop.store.client_store import ClientStore
from sync.driver import run_session
from sync.transport import HttpTransport


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ClientStore]:
    with ClientStore.open(tmp_path / "profile", bytes(32), SystemClock()) as opened:
        opened.enrol("d1", "D7F", "u1", "e1")
        yield opened


@pytest.fixture
def dead_line() -> Iterator[HttpTransport]:
    """A transport to a port nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    line = HttpTransport(f"http://127.0.0.1:{port}", "token", 1)
    yield line
    line.close()


def try_once(store: ClientStore, line: HttpTransport) -> None:
    report = run_session(store, line, now=lambda: datetime.now(UTC))
    assert report.error is not None
    assert report.error.code == "offline"


def test_what_was_tried_without_a_line_can_be_folded_and_taken_back(
    store: ClientStore, dead_line: HttpTransport
) -> None:
    records, outbox = RecordService(store, "u1"), OutboxService(store)
    notes = NoteService(store, SystemClock(), "u1")
    account = records.create("account", {"name": "Adler"})
    visit = records.create("visit", {"account_id": account, "note": "one"})
    notes.save_note(visit, "one two")
    try_once(store, dead_line)
    assert [(entry.state, entry.can_discard) for entry in outbox.entries()] == [("waiting", True)] * 3

    notes.save_note(visit, "one two three")
    assert len(outbox.entries()) == 3  # folded into the waiting one
    last = outbox.entries()[-1]
    assert [diff.new for diff in last.changes[0].fields] == ["one two three"]

    try_once(store, dead_line)
    assert outbox.discard(last.client_seq)
    assert [entry.state for entry in outbox.entries()] == ["waiting", "waiting"]
    row = store.read(lambda reader: reader.get("visit", visit))
    assert row is not None
    assert row["note"] == "one"


def test_what_reached_a_server_stays_as_it_is(store: ClientStore) -> None:
    """The other side of it: once a byte has left, nobody knows what the server did."""
    RecordService(store, "u1").create("account", {"name": "Adler"})
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(30)
        line = HttpTransport(f"http://127.0.0.1:{server.getsockname()[1]}", "token", 1, deadline_s=1.0)
        try_once(store, line)  # accepted by the system, answered by nobody
        line.close()
    (entry,) = OutboxService(store).entries()
    assert (entry.state, entry.can_discard) == ("sending", False)
    assert not store.discard(entry.client_seq)
