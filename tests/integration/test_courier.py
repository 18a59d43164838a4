"""Two laptops and a server that never meet on a network after their first day: files alone carry the work."""

import os
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from crm_desktop import sealed
from crm_desktop.clock import SystemClock
from crm_desktop.errors import KnownError
from crm_desktop.ids import new_id
from crm_desktop.sealed import Keys, PublicKeys
from crm_desktop.store.client_store import ClientStore
from server.courier import exchange
from server.storage import courier_keys, users
from server.storage.storage import Storage
from sync import courier
from sync.session_report import SessionReport
from tests.integration.in_memory import KEY, InMemory
from tests.integration.server_process import PASSWORD, RunningServer
from ui.compose import App


@pytest.fixture
def company(server: RunningServer) -> RunningServer:
    server.run("territory", "add", "NORTH")
    for login in ("anna", "bert"):
        server.run("user", "add", login, "--name", login, "--role", "rep", "--territory", "NORTH",
                   "--password-stdin", stdin=PASSWORD + "\n")  # fmt: skip
    return server


def laptop(company: RunningServer, folder: Path, login: str) -> App:
    app = App(folder, ClientStore.open(folder, KEY, SystemClock()), InMemory(), SystemClock())
    app.enrol(company.url, login, PASSWORD)
    report = app.sync_once()
    assert report.error is None
    return app


class Stick:
    """A USB stick between laptops and the server's administrator."""

    def __init__(self, company: RunningServer, folder: Path) -> None:
        self._company = company
        self._folder = folder

    def written(self, app: App, name: str = "out") -> Path:
        file = self._folder / name
        file.write_bytes(courier.write_request(app.store).data)
        return file

    def answered(self, file: Path) -> Path:
        answer = file.with_suffix(".answer")
        # `courier` takes its file as the word after the verb
        self._company.run("courier", str(file), "--out", str(answer))
        return answer

    def read(self, app: App, file: Path) -> SessionReport:
        return courier.read_answer(app.store, file.read_bytes())

    def round(self, app: App) -> SessionReport:
        return self.read(app, self.answered(self.written(app)))


def names(app: App) -> set[str]:
    return app.store.read(lambda reader: {row["name"] for row in reader.where("account")})


def waiting(app: App) -> int:
    return app.store.read(lambda reader: reader.counts()["outbox"])


def test_work_travels_by_file_both_ways_and_twice_is_once(company: RunningServer, tmp_path: Path) -> None:
    with_territory = company.run("territory", "list")
    assert "NORTH" in with_territory
    anna, bert = laptop(company, tmp_path / "a", "anna"), laptop(company, tmp_path / "b", "bert")
    try:
        company.stop()  # no network from here on
        stick = Stick(company, tmp_path)
        territory = anna.store.read(lambda reader: reader.where("territory")[0]["id"])
        account = anna.records.create("account", {"name": "Brauerei Nord", "territory_id": territory})
        file = stick.written(anna)
        assert b"Brauerei" not in file.read_bytes()
        assert waiting(anna) == 1, "nothing leaves the outbox before it is answered"
        answer = stick.answered(file)
        report = stick.read(anna, answer)
        assert (report.pushed, report.error, report.digest_ok) == (1, None, True)
        assert waiting(anna) == 0

        second = stick.read(anna, stick.answered(file))  # the same file carried again
        assert second.error is not None
        assert second.error.code == "courier_old_answer"
        assert names(anna) == {"Brauerei Nord"}

        assert stick.round(bert).digest_ok is True
        assert names(bert) == {"Brauerei Nord"}
        bert.records.update("account", account, {"employees": 12})
        assert stick.round(bert).error is None
        assert stick.round(anna).pulled >= 1
        row = anna.store.read(lambda reader: reader.get("account", account))
        assert row is not None
        assert row["employees"] == 12
    finally:
        anna.close()
        bert.close()


def test_a_file_written_before_a_later_sync_changes_nothing(company: RunningServer, tmp_path: Path) -> None:
    anna = laptop(company, tmp_path / "a", "anna")
    try:
        stick = Stick(company, tmp_path)
        anna.records.create("account", {"name": "Erste", "owner_id": anna.user_id})
        file = stick.written(anna)
        anna.records.create("account", {"name": "Zweite", "owner_id": anna.user_id})
        assert anna.sync_once().error is None  # a network, after all
        report = stick.read(anna, stick.answered(file))
        assert report.error is not None  # the server has seen more of this laptop than the file says
        assert anna.sync_once().digest_ok is True
        assert names(anna) == {"Erste", "Zweite"}
    finally:
        anna.close()


def test_a_colleague_carries_a_file_over_his_connection(company: RunningServer, tmp_path: Path) -> None:
    anna, bert = laptop(company, tmp_path / "a", "anna"), laptop(company, tmp_path / "b", "bert")
    try:
        anna.records.create("account", {"name": "Funkloch GmbH", "owner_id": anna.user_id})
        line = bert.connect()
        try:
            answer = line.courier(courier.write_request(anna.store).data)
        finally:
            line.close()
        with pytest.raises(KnownError) as caught:
            courier.read_answer(bert.store, answer)
        assert caught.value.code == "other_device"
        assert courier.read_answer(anna.store, answer).pushed == 1
        assert waiting(anna) == 0
    finally:
        anna.close()
        bert.close()


# attached files


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server that the tests of files share; each has people and a territory of its own."""
    folder = tmp_path_factory.mktemp("house")
    Storage.create(str(folder / "server.db")).close()
    server = RunningServer(str(folder / "server.db"), folder)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def pair(house: RunningServer, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[tuple[App, App]]:
    """Two laptops of one territory; no network is used from here on."""
    territory = f"T{zlib.crc32(request.node.name.encode())}"
    house.run("territory", "add", territory)
    apps = []
    for name in ("anna", "bert"):
        house.add_user(f"{name}-{territory}", territories=(territory,))
        apps.append(laptop(house, tmp_path / name, f"{name}-{territory}"))
    yield apps[0], apps[1]
    for app in apps:
        app.close()


def customer(app: App) -> str:
    scopes = app.store.sync_state().scopes
    territory = next(scope.removeprefix("territory:") for scope in scopes if scope.startswith("territory:"))
    return app.records.create("account", {"name": "Brauerei Nord", "territory_id": territory})


def places(app: App, account: str) -> list[tuple[str, str]]:
    return sorted((file.name, file.place) for file in app.attachments.of("account", account))


def resealed(file: Path, storage: Storage, app: App) -> None:
    """The last byte of the carried files is another one, in a file that is sealed and signed all the same."""
    data = file.read_bytes()
    with storage.plain_write() as connection:
        server = courier_keys.server_keys(connection)
    own = Keys.parse(app.store.get_setting(courier.OWN_KEYS) or "")
    out = sealed.header(data)["kind"] == "crm-outbox"
    body = bytearray(sealed.unseal(data, *((server, own.public) if out else (own, server.public))))
    body[-1] ^= 1
    ends: tuple[Keys, PublicKeys] = (own, server.public) if out else (server, own.public)
    file.write_bytes(sealed.seal(sealed.header(data), bytes(body), *ends))


def test_bytes_travel_with_their_record_both_ways(house: RunningServer, tmp_path: Path, pair: tuple[App, App]) -> None:
    anna, bert = pair
    stick = Stick(house, tmp_path)
    account, data = customer(anna), os.urandom(300_000)
    added = anna.attachments.add_bytes("regal.jpg", data, ("account", account))
    file = stick.written(anna)
    assert data[:40] not in file.read_bytes()
    answer = stick.answered(file)
    assert len(answer.read_bytes()) < 5000, "her own file does not come back"
    for _ in range(2):  # carried twice, read twice
        stick.read(anna, stick.answered(file))
        stick.read(anna, answer)
    assert waiting(anna) == 0
    assert places(anna, account) == [("regal.jpg", "here")]
    assert stick.round(bert).error is None
    assert places(bert, account) == [("regal.jpg", "here")]
    assert bert.attachments.read(added) == data
    small = len(stick.written(bert).read_bytes())
    assert small < 5000, "what the server has is not sent again"
    assert len(stick.answered(stick.written(bert)).read_bytes()) < 5000, "what is here is not brought again"
    for app in pair:
        report = app.sync_once()  # a network, after all
        assert (report.error, report.pushed, report.digest_ok) == (None, 0, True)


def test_a_record_never_gets_there_without_its_bytes(
    house: RunningServer, tmp_path: Path, pair: tuple[App, App]
) -> None:
    anna, bert = pair
    storage = Storage.open(house.database)
    stick = Stick(house, tmp_path)
    account, data = customer(anna), os.urandom(5000)
    added = anna.attachments.add_bytes("a.jpg", data, ("account", account))
    file = stick.written(anna)
    resealed(file, storage, anna)
    report = stick.read(anna, stick.answered(file))
    assert report.outcomes == {"applied": 1, "quarantined": 1}
    stick.round(bert)
    assert places(bert, account) == []
    (refused,) = anna.refusals.open()
    assert refused.reason == "bytes_missing"
    anna.refusals.retry(refused.id)
    assert stick.round(anna).refused == 0
    # On the way back: nothing damaged is shown, and the next answer brings it again.
    back = stick.answered(stick.written(bert))
    resealed(back, storage, bert)
    told = stick.read(bert, back)
    assert told.error is not None
    assert told.error.code == "courier_damaged_files"
    assert places(bert, account) == [("a.jpg", "away")]
    assert stick.round(bert).error is None
    assert bert.attachments.read(added) == data
    storage.close()


def test_bytes_the_server_lacks_after_all_go_with_the_next_file(
    house: RunningServer, pair: tuple[App, App], tmp_path: Path
) -> None:
    anna, _ = pair
    stick = Stick(house, tmp_path)
    added = anna.attachments.add_bytes("a.jpg", os.urandom(5000), ("account", customer(anna)))
    sha256 = anna.attachments.get(added).sha256
    anna.store.files.uploaded(sha256, anna.store.sync_state().epoch)  # it was confirmed once; the server lost it since
    written = courier.write_request(anna.store)
    assert written.files == 0
    (tmp_path / "out").write_bytes(written.data)
    assert stick.read(anna, stick.answered(tmp_path / "out")).outcomes == {"applied": 1, "quarantined": 1}
    (refused,) = anna.refusals.open()
    anna.refusals.retry(refused.id)
    written = courier.write_request(anna.store)
    assert written.files == 1
    (tmp_path / "out").write_bytes(written.data)
    assert stick.read(anna, stick.answered(tmp_path / "out")).refused == 0


def test_what_a_file_has_carried_is_on_its_way_also_after_a_restart(
    house: RunningServer, pair: tuple[App, App], tmp_path: Path
) -> None:
    anna, _ = pair
    folder = tmp_path / "anna"
    customer(anna)
    Stick(house, tmp_path).written(anna)
    customer(anna)
    anna.close()
    again = App(folder, ClientStore.open(folder, KEY, SystemClock()), InMemory(), SystemClock())
    try:
        carried, written_since = again.outbox.entries()
        assert (carried.can_discard, written_since.can_discard) == (False, True)
        assert again.outbox.take_back(carried.client_seq) == []
        assert len(again.outbox.take_back(written_since.client_seq)) == 1
    finally:
        again.close()


def test_what_does_not_fit_goes_with_the_next_file(house: RunningServer, tmp_path: Path, pair: tuple[App, App]) -> None:
    anna, bert = pair
    storage = Storage.open(house.database)
    account = customer(anna)
    for name, size in (("small.jpg", 1000), ("large.jpg", 9000)):
        anna.attachments.add_bytes(name, os.urandom(size), ("account", account))
    first = courier.write_request(anna.store, 5000)
    assert (first.files, first.left) == (1, 1)
    # The record of a file that was in a lost courier file waits for its bytes, and all behind it.
    anna.records.update("account", account, {"employees": 3})
    lost = courier.write_request(anna.store, 10)
    assert (lost.files, lost.left) == (0, 2)
    report = courier.read_answer(anna.store, exchange(storage, lost.data))
    assert (report.pushed, report.refused, waiting(anna)) == (1, 0, 2)
    second = courier.write_request(anna.store)
    assert (second.files, second.left) == (2, 0)
    report = courier.read_answer(anna.store, exchange(storage, second.data))
    assert (report.error, report.refused, waiting(anna)) == (None, 0, 0)
    # The answer has a bound as well, and says what it left behind.
    asked = courier.write_request(bert.store)
    told = courier.read_answer(bert.store, exchange(storage, asked.data, 5000))
    assert told.error is not None
    assert (told.error.code, told.error.values) == ("courier_files_left", {"count": 1})
    assert places(bert, account) == [("large.jpg", "away"), ("small.jpg", "here")]
    assert courier.read_answer(bert.store, exchange(storage, courier.write_request(bert.store).data)).error is None
    assert places(bert, account) == [("large.jpg", "here"), ("small.jpg", "here")]
    storage.close()


def test_an_answer_of_an_earlier_history_is_left_alone(house: RunningServer, pair: tuple[App, App]) -> None:
    anna, _ = pair
    storage = Storage.open(house.database)
    answer = exchange(storage, courier.write_request(anna.store).data)
    epoch = storage.new_epoch(storage.state()[0])
    assert courier.read_answer(anna.store, exchange(storage, courier.write_request(anna.store).data)).error is not None
    assert anna.store.sync_state().epoch == epoch
    with pytest.raises(KnownError) as caught:
        courier.read_answer(anna.store, answer)
    assert caught.value.code == "courier_old_answer"
    assert anna.store.sync_state().epoch == epoch
    storage.close()


def test_what_a_grant_made_visible_comes_by_courier_too(house: RunningServer, pair: tuple[App, App]) -> None:
    bert = pair[1]
    far = new_id()
    storage = Storage.open(house.database)
    storage.write_records([("territory", far, {"code": "FAR", "name": "Far"})], actor="test")
    storage.write_records([("account", "far-away", {"name": "Weit weg", "territory_id": far})], actor="test")
    assert bert.sync_once().error is None  # older than the grant: it makes them visible and nothing else
    with storage.write(actor="test") as commit:
        users.change_territories(commit, bert.user_id, grant=[far])
    line = bert.connect()  # it breaks off before the lane of the grant was asked
    here = bert.store.sync_state()
    cursor = {"seq": here.cursor_seq, "commit_id": here.cursor_commit}
    page = line.pull({"epoch": here.epoch, "cursor": cursor, "backfill": bert.store.backfill.after()})
    assert page["backfill"]
    bert.store.apply_page(page)
    line.close()
    assert "Weit weg" not in names(bert)
    answer = exchange(storage, courier.write_request(bert.store).data)
    assert courier.read_answer(bert.store, answer).digest_ok is True
    assert "Weit weg" in names(bert)
    assert courier.read_answer(bert.store, answer).pulled == 0
    storage.close()


def test_a_copy_that_comes_by_parts_takes_no_news_by_file(house: RunningServer, tmp_path: Path) -> None:
    house.add_user("carla")
    app = App(tmp_path / "carla", ClientStore.open(tmp_path / "carla", KEY, SystemClock()), InMemory(), SystemClock())
    app.enrol(house.url, "carla", PASSWORD)
    begun = {"epoch": app.store.sync_state().epoch, "as_of": {"seq": 1, "commit_id": ""}, "snapshots": ["one"]}
    app.store.first_fill.take(begun | {"scopes": [], "scope_sets": {}, "parts": [], "complete": False})
    account = app.records.create("account", {"name": "Unterwegs", "owner_id": app.user_id})
    storage = Storage.open(house.database)
    report = courier.read_answer(app.store, exchange(storage, courier.write_request(app.store).data))
    assert report.error is not None
    assert (report.error.code, report.pushed) == ("courier_first_copy", 1)
    assert app.store.sync_state().cursor_seq == 0
    app.store.first_fill.forget()
    assert app.sync_once().digest_ok is True
    assert app.store.read(lambda reader: reader.get("account", account)) is not None
    storage.close()
    app.close()
