"""Two programs on one profile at once, as the window and the command line: each sees what the other wrote."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from crm_desktop.model.operations import Text
from crm_desktop.store import exchange, migrations
from crm_desktop.store.client_store import ClientStore
from crm_desktop.store.connection import connect
from crm_desktop.store.intents import create, text
from tests.standing_clock import StandingClock
from tests.unit.crm_desktop.store.conftest import KEY, NOW

# The bytes that SQLite locks while a file is in use (its documentation of locking).
TAKE_LOCK = """
import fcntl, sys

with open(sys.argv[1], "r+b") as file:
    try:
        fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, 510, 0x40000002)
    except OSError:
        sys.stdout.write("held\\n")
"""


@pytest.fixture
def programs(tmp_path: Path) -> Iterator[tuple[ClientStore, ClientStore]]:
    """The same profile, opened twice."""
    with (
        ClientStore.open(tmp_path, KEY, StandingClock(NOW)) as first,
        ClientStore.open(tmp_path, KEY, StandingClock(NOW)) as other,
    ):
        yield first, other


def test_saves_of_both_get_numbers_of_their_own(programs: tuple[ClientStore, ClientStore]) -> None:
    for number in range(6):
        programs[number % 2].commit([create("tag", f"t{number}", {"name": f"tag {number}"})])
        programs[number % 2].commit([create("tag", f"u{number}", {"name": f"tag {number} again"})])
    assert [txn.client_seq for txn in programs[0].pending(100)] == list(range(1, 13))


def test_a_text_that_the_other_program_is_sending_is_not_changed(programs: tuple[ClientStore, ClientStore]) -> None:
    window, sync = programs
    window.commit([create("visit", "v", {"subject": "Visit"})])
    window.commit([text("visit", "v", "note", "First.\n")])
    sent = sync.pending(100)
    window.commit([text("visit", "v", "note", "First.\nSecond.\n")])
    sync.mark_attempted([txn.client_seq for txn in sent])
    window.commit([text("visit", "v", "note", "First.\nSecond.\nThird.\n")])
    texts = [op.text for txn in window.pending(100) for op in txn.ops if isinstance(op, Text)]
    assert texts == ["First.\n", "First.\nSecond.\nThird.\n"]


def test_what_the_other_program_gave_back_may_be_changed(programs: tuple[ClientStore, ClientStore]) -> None:
    window, sync = programs
    window.commit([create("visit", "v", {"subject": "Visit"})])
    window.commit([text("visit", "v", "note", "First.\n")])
    sync.pending(100)
    assert not window.discard(2)
    sync.release()
    window.commit([text("visit", "v", "note", "First.\nSecond.\n")])
    texts = [op.text for txn in window.pending(100) for op in txn.ops if isinstance(op, Text)]
    assert texts == ["First.\nSecond.\n"]


def test_a_program_that_has_just_migrated_still_holds_its_lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Without it another program that ends takes itself for the last one, and the log for its own to be removed.
    ClientStore.open(tmp_path, KEY, StandingClock(NOW)).close()
    connection = connect(tmp_path / "crm.db", KEY)
    connection.execute(f"PRAGMA user_version = {len(migrations.STEPS) - 1}")
    connection.close()
    monkeypatch.setattr(migrations, "STEPS", (*migrations.STEPS[:-1], lambda _connection: None))
    with ClientStore.open(tmp_path, KEY, StandingClock(NOW)):
        assert list(tmp_path.glob("*.backup"))
        tried = [sys.executable, "-c", TAKE_LOCK, str(tmp_path / "crm.db")]
        assert subprocess.run(tried, capture_output=True, text=True, check=True).stdout == "held\n"


def test_two_that_end_an_exchange_at_once_lose_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both found its mark. The slower one comes when the faster one has put the file in place and writes to it."""
    ClientStore.open(tmp_path, KEY, StandingClock(NOW)).close()
    path = tmp_path / "crm.db"
    shutil.copyfile(path, exchange.beside(path, exchange.NEXT))
    connection = connect(path, KEY)
    connection.execute(f"PRAGMA user_version = {exchange.EXCHANGED}")
    connection.close()
    put_in_place = exchange._put_in_place
    faster: list[ClientStore] = []

    def late(where: Path) -> None:
        monkeypatch.setattr(exchange, "_put_in_place", put_in_place)
        faster.append(ClientStore.open(tmp_path, KEY, StandingClock(NOW)))
        faster[0].commit([create("tag", "t1", {"name": "one"})])
        put_in_place(where)

    monkeypatch.setattr(exchange, "_put_in_place", late)
    with ClientStore.open(tmp_path, KEY, StandingClock(NOW)) as slower:
        faster[0].commit([create("tag", "t2", {"name": "two"})])
        slower.commit([create("tag", "t3", {"name": "three"})])
        faster[0].close()
    with ClientStore.open(tmp_path, KEY, StandingClock(NOW)) as again:
        assert again.read(lambda reader: {row["id"] for row in reader.where("tag")}) == {"t1", "t2", "t3"}
