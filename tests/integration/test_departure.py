"""Before the trip against a real server: what is missing is named, packed, and waits where there is no line."""

import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from crm_desktop.clock import SystemClock
from crm_desktop.services.departure import Departure, check_departure
from crm_desktop.store.client_store import ClientStore
from crm_desktop.store.reader import Reader
from server.storage.storage import Storage
from tests.integration.in_memory import KEY, InMemory
from tests.integration.server_process import PASSWORD, RunningServer
from tests.integration.test_files_between_laptops import own_territory, people, synced, wait_for
from ui.compose import App
from ui.presenters.last_run import load_last_run
from ui.presenters.packing import pack

LARGE = 2_500_000  # too large to be fetched without being asked for


@pytest.fixture
def laptops(tmp_path: Path) -> Iterator[tuple[RunningServer, App, App]]:
    Storage.create(str(tmp_path / "server.db")).close()
    server = RunningServer(str(tmp_path / "server.db"), tmp_path)
    server.start()
    people(server, "NORTH", "anna", "bert")
    apps = []
    for login in ("anna", "bert"):
        folder = tmp_path / login
        app = App(folder, ClientStore.open(folder, KEY, SystemClock()), InMemory(), SystemClock())
        app.enrol(server.url, login, PASSWORD)
        synced(app)
        apps.append(app)
    yield server, apps[0], apps[1]
    for app in apps:
        app.close()
    server.stop()


def check(app: App) -> Departure:
    def read(reader: Reader) -> Departure:
        last = load_last_run(reader)
        return check_departure(reader, app.user_id, app.clock.now(), last.at if last else None)

    return app.store.read(read)


def test_a_file_of_tomorrows_customer_is_packed_and_waits_without_a_line(
    laptops: tuple[RunningServer, App, App],
) -> None:
    server, anna, bert = laptops
    account = anna.records.create("account", {"name": "Adler", "territory_id": own_territory(anna)})
    anna.records.create("contact", {"account_id": account, "name": "Maria"})
    anna.records.create("address", {"account_id": account, "city": "Berlin"})
    first = anna.attachments.add_bytes("plan.pdf", os.urandom(LARGE), ("account", account))
    synced(anna)
    synced(bert)
    tomorrow = (bert.clock.now() + timedelta(days=1)).astimezone().date()
    bert.day_plan.plan_visit(account, tomorrow)
    found = check(bert)
    assert [gap.reason for gap in found.accounts[0].gaps] == ["files_away"]
    assert (found.size, [file.id for file in found.files]) == (LARGE, [first])
    assert replace(found, files=(replace(found.files[0], sent=LARGE - 10),)).size == 10  # the rest of one broken off
    done = pack(bert, found.files, lambda _done, _total: True)
    assert (done.here, done.missing, done.waits) == (1, 0, False)
    assert check(bert).complete == 1
    # The same with the sync in the background, which shows how far it is.
    second = anna.attachments.add_bytes("film.mp4", os.urandom(LARGE), ("account", account))
    synced(anna)
    synced(bert)
    bert.start_sync(lambda _status: None)
    told: list[tuple[int, int]] = []

    def progress(done: int, total: int) -> bool:
        told.append((done, total))
        return True

    packed = pack(bert, check(bert).files, progress)
    assert (packed.missing, packed.waits) == (0, False)
    assert bert.attachments.get(second).readable
    assert all(moved < total == LARGE for moved, total in told)
    # Without a line it says so, and the file stays asked for.
    third = anna.attachments.add_bytes("scan.tif", os.urandom(LARGE), ("account", account))
    synced(anna)
    wait_for(lambda: any(file.id == third for file in check(bert).files))
    server.stop()
    wait_for(lambda: bert.runner is not None and bert.runner.status().state == "offline")
    missing = check(bert).files
    done = pack(bert, missing, lambda _done, _total: True)
    assert (done.here, done.missing, done.waits) == (0, 1, True)
    assert bert.attachments.get(third).place == "wanted"
