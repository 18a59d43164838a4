"""Files between laptops over a real server: never a record without bytes, resumed both ways, text before files."""

import hashlib
import os
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from crm_desktop.clock import SystemClock
from crm_desktop.errors import NotFound, SessionError
from crm_desktop.store.client_store import ClientStore
from crm_desktop.store.file_views import FileView
from server.storage.storage import Storage
from sync.driver import run_session
from sync.files import PIECE, FileMover
from sync.transport import HttpTransport
from tests.integration.faults.proxy import Direction, Fault, How, Proxy
from tests.integration.in_memory import KEY, InMemory
from tests.integration.server_process import PASSWORD, RunningServer
from ui.compose import App

PATIENCE_S = 180.0
MAKE = Callable[..., App]


@pytest.fixture
def make(tmp_path: Path) -> Iterator[MAKE]:
    opened: list[App] = []

    def laptop(server: RunningServer, login: str, url: str = "") -> App:
        folder = tmp_path / login
        app = App(folder, ClientStore.open(folder, KEY, SystemClock()), InMemory(), SystemClock())
        opened.append(app)
        app.enrol(server.url, login, PASSWORD)
        if url:
            app.change_settings(server_url=url)
        synced(app)
        return app

    yield laptop
    for app in opened:
        app.close()


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server that tests share; each has people and a territory of its own."""
    folder = tmp_path_factory.mktemp("house")
    Storage.create(str(folder / "server.db")).close()
    server = RunningServer(str(folder / "server.db"), folder)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def proxy(house: RunningServer) -> Iterator[Proxy]:
    host, port = house.url.removeprefix("http://").split(":")
    made = Proxy((host, int(port)))
    yield made
    made.close()


def people(server: RunningServer, territory: str, *logins: str) -> None:
    server.run("territory", "add", territory)
    for login in logins:
        server.add_user(login, territories=(territory,))


def own_territory(app: App) -> str:
    state = app.store.sync_state()
    return next(scope.removeprefix("territory:") for scope in state.scopes if scope.startswith("territory:"))


def synced(app: App) -> None:
    report = app.sync_once()
    assert report.error is None, report.error
    assert report.digest_ok is True


def shared_visit(app: App) -> tuple[str, str]:
    """(account, visit) that colleagues of the territory see."""
    account = app.records.create("account", {"name": "Adler", "territory_id": own_territory(app)})
    return account, app.notes.start_visit(account, subject="Rundgang")


def wait_for(condition: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.05)


def only(app: App, account: str) -> FileView:
    (view,) = app.attachments.of("account", account)
    return view


def test_a_file_travels_and_is_never_seen_without_its_bytes(server: RunningServer, make: MAKE) -> None:
    people(server, "NORTH", "anna", "bert")
    server.add_user("carl")
    anna, bert, carl = make(server, "anna"), make(server, "bert"), make(server, "carl")
    account, visit = shared_visit(anna)
    data = os.urandom(700_000)
    added = anna.attachments.add_bytes("regal.jpg", data, ("visit", visit))
    synced(anna)
    synced(bert)
    synced(carl)
    view = only(bert, account)
    assert (view.id, view.name, view.place) == (added, "regal.jpg", "here")  # small ones come by themselves
    assert bert.attachments.read(added) == data
    assert only(anna, account).place == "here"
    # Who does not see the record gets neither record nor bytes.
    assert carl.attachments.of("account", account) == []
    line = carl.connect()
    with pytest.raises(SessionError) as caught:
        line.get_blob(view.sha256, 0, 1000, lambda _data: None)
    line.close()
    assert caught.value.code == "not_found"
    # Removed at one place it goes everywhere, bytes and all.
    bert.attachments.remove(added)
    synced(bert)
    synced(anna)
    synced(bert)
    assert anna.attachments.of("account", account) == []
    for app in (anna, bert):
        app.store.files.sweep()
        assert not list((app.folder / "files").iterdir())


def test_a_note_goes_out_while_a_large_file_is_on_its_way(house: RunningServer, make: MAKE, proxy: Proxy) -> None:
    people(house, "EAST", "dora", "emil")
    anna, bert = make(house, "dora", proxy.url), make(house, "emil")
    account, visit = shared_visit(anna)
    synced(anna)
    proxy.delay_s, proxy.piece = 0.05, 8192  # a poor line: the file takes minutes
    anna.start_sync(lambda _status: None)
    anna.attachments.add_bytes("film.mp4", os.urandom(16_000_000), ("visit", visit))
    wait_for(lambda: only(anna, account).sent > 0)
    anna.notes.save_note(visit, "Lager ist voll.")

    def arrived() -> bool:
        synced(bert)
        row = bert.store.read(lambda reader: reader.get("visit", visit))
        return row is not None and row["note"] == "Lager ist voll."

    wait_for(arrived)
    assert only(anna, account).place == "only_here"
    assert bert.attachments.of("account", account) == []
    anna.close()  # before the line it still speaks on


def test_files_travel_by_themselves_while_both_are_online(house: RunningServer, make: MAKE) -> None:
    people(house, "LIVE", "mona", "nils")
    anna, bert = make(house, "mona"), make(house, "nils")
    account, visit = shared_visit(anna)
    for app in (anna, bert):
        app.start_sync(lambda _status: None)
    added = anna.attachments.add_bytes("a.jpg", b"photo" * 1000, ("visit", visit))
    wait_for(lambda: [view.place for view in bert.attachments.of("account", account)] == ["here"])
    assert bert.attachments.read(added) == b"photo" * 1000
    bert.attachments.remove(added)
    wait_for(lambda: anna.attachments.of("account", account) == [])
    wait_for(lambda: not [path for app in (anna, bert) for path in (app.folder / "files").iterdir()])


# A line that is closed loses what lay in the buffers of both programs; one that is reset, whatever was on its way.
CUTS: tuple[tuple[float, How], ...] = ((0.5, "close"), (0.3, "reset"), (0.97, "close"))
BUFFERS = 450_000


def test_an_upload_goes_on_where_the_line_was_cut(house: RunningServer, make: MAKE, proxy: Proxy) -> None:
    people(house, "WEST", "frida")
    anna = make(house, "frida", proxy.url)
    _, visit = shared_visit(anna)
    synced(anna)
    size = 3_000_000
    # One piece goes twice where the laptop asks how far the server is before that has read the last of it.
    most_lost = BUFFERS + PIECE
    for share, how in CUTS:
        data = os.urandom(size)
        added = anna.attachments.add_bytes("plan.pdf", data, ("visit", visit))
        proxy.arm(Fault("up", int(size * share), how))
        line = anna.connect()
        with pytest.raises(SessionError) as caught:
            mover(anna, line).run()
        assert caught.value.code == "offline"
        proxy.arm()
        assert mover(anna, line).run() == 1
        line.close()
        assert how == "reset" or proxy.passed["up"] < size * (1 - share) + most_lost < size
        synced(anna)
        view = anna.attachments.get(added)
        assert view.place == "here"
        assert (house.folder / "files" / view.sha256[:2] / view.sha256).read_bytes() == data


def test_a_download_goes_on_where_the_line_was_cut(house: RunningServer, make: MAKE, proxy: Proxy) -> None:
    people(house, "SOUTH", "gerd", "hanna")
    anna, bert = make(house, "gerd"), make(house, "hanna", proxy.url)
    _, visit = shared_visit(anna)
    size = 1_500_000  # small enough to come by itself
    for share, how in CUTS:
        data = os.urandom(size)
        added = anna.attachments.add_bytes("plan.pdf", data, ("visit", visit))
        synced(anna)
        proxy.arm()
        line = bert.connect()
        assert run_session(bert.store, line, now=bert.clock.now).error is None
        proxy.arm(Fault("down", int(size * share), how))
        with pytest.raises(SessionError) as caught:
            mover(bert, line).run()
        assert caught.value.code == "offline"
        proxy.arm()
        assert mover(bert, line).run() == 1
        line.close()
        assert how == "reset" or proxy.passed["down"] < size * (1 - share) + BUFFERS < size
        assert bert.attachments.read(added) == data
        assert data[:1000] not in b"".join(path.read_bytes() for path in bert.folder.rglob("*") if path.is_file())


def test_a_line_cut_anywhere_leaves_a_file_that_arrives(house: RunningServer, make: MAKE, proxy: Proxy) -> None:
    """Every 700th byte of an upload, of its record's push, and of a download."""
    people(house, "HILLS", "klara", "ludwig")
    anna, bert = make(house, "klara", proxy.url), make(house, "ludwig", proxy.url)
    account, visit = shared_visit(anna)
    synced(anna)
    for after in range(0, 7000, 700):
        data = os.urandom(6000)
        added = anna.attachments.add_bytes(f"{after}.bin", data, ("visit", visit))
        cuts: tuple[tuple[App, Direction], ...] = ((anna, "up"), (anna, "down"), (bert, "down"))
        for app, way in cuts:
            proxy.arm(Fault(way, after))
            app.sync_once()
        proxy.arm()
        assert house.run("check") == "Everything holds.\n"
        synced(anna)
        synced(bert)
        assert bert.attachments.read(added) == data
    assert {view.place for view in bert.attachments.of("account", account)} == {"here"}
    assert anna.attachments.waiting() == []


def mover(app: App, line: HttpTransport) -> FileMover:
    line.identify(app.store.sync_state().device_id)
    return FileMover(app.store.files, line, lambda: app.store.sync_state().epoch)


def test_a_damaged_file_is_fetched_again_and_never_sent(house: RunningServer, make: MAKE) -> None:
    people(house, "CITY", "ines", "jonas")
    anna, bert = make(house, "ines"), make(house, "jonas")
    account, visit = shared_visit(anna)
    data = b"paper" * 10_000
    added = anna.attachments.add_bytes("a.pdf", data, ("visit", visit))
    synced(anna)
    synced(bert)
    (path,) = (bert.folder / "files").iterdir()
    path.write_bytes(b"")
    with pytest.raises(NotFound) as caught:
        bert.attachments.read(added)
    assert caught.value.code == "file_away"
    synced(bert)
    assert bert.attachments.read(added) == data
    # One that was never up and is harmed now: told, not sent.
    lost = anna.attachments.add_bytes("b.pdf", b"other" * 10_000, ("visit", visit))
    name = anna.store.files._blobs.name(anna.attachments.get(lost).sha256)
    (anna.folder / "files" / name).write_bytes(b"\x00" * 50_000)
    synced(anna)
    synced(bert)
    assert {view.name: view.place for view in anna.attachments.of("account", account)} == {
        "a.pdf": "here",
        "b.pdf": "damaged",
    }
    assert [view.name for view in bert.attachments.of("account", account)] == ["a.pdf"]


def test_a_server_restored_without_the_bytes_gets_them_before_the_record(
    server_sqlite: RunningServer, make: MAKE
) -> None:
    server = server_sqlite
    people(server, "NORTH", "anna", "bert")
    anna = make(server, "anna")
    account, visit = shared_visit(anna)
    synced(anna)
    server.stop()
    backup = server.folder / "backup.db"
    with closing(sqlite3.connect(server.database)) as whole, closing(sqlite3.connect(backup)) as copy:
        whole.backup(copy)
    server.start()
    anna.change_settings(server_url=server.url)
    data = os.urandom(300_000)
    added = anna.attachments.add_bytes("a.jpg", data, ("visit", visit))
    synced(anna)
    server.stop()
    for path in Path(server.database).parent.glob(f"{Path(server.database).name}-*"):
        path.unlink()
    shutil.copy(backup, server.database)
    shutil.rmtree(server.folder / "files")
    server.start()
    anna.change_settings(server_url=server.url)
    synced(anna)
    synced(anna)
    bert = make(server, "bert")
    assert bert.attachments.read(added) == data
    assert bert.store.read(lambda reader: reader.where("quarantine")) == []
    assert hashlib.sha256(data).hexdigest() == only(anna, account).sha256
