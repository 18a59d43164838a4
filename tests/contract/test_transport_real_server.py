"""The transport and the engine against a real server process: sizes, refusals, clones and restored servers."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crm_desktop.clock import SystemClock
from crm_desktop.errors import SessionError
from crm_desktop.services.records import RecordService
from crm_desktop.store.client_store import ClientStore
from crm_desktop.store.connection import Connection
from server.cli import main as crm_server
from sync.driver import run_session
from sync.protocol.messages import EnrolAnswer
from sync.session_report import SessionReport
from sync.transport import HttpTransport
from tests import quick_start

PASSWORD = "a long password"


@dataclass
class Laptop:
    """A profile with its connection."""

    store: ClientStore
    line: HttpTransport
    token: str

    def sync(self) -> SessionReport:
        """One session that must succeed."""
        report = self.try_sync()
        assert report.error is None, report.error
        return report

    def try_sync(self) -> SessionReport:
        """One session."""
        return run_session(self.store, self.line, now=lambda: datetime.now(UTC))

    def add(self, name: str) -> str:
        """An account of one's own."""
        return RecordService(self.store, self.store.sync_state().user_id).create("account", {"name": name})

    def names(self) -> set[str]:
        """Names of the accounts here."""
        return self.store.read(lambda reader: {row["name"] for row in reader.where("account")})


@dataclass
class House:
    """A server process, and what was opened against it."""

    folder: Path
    url: str = ""
    process: quick_start.Program | None = None
    laptops: list[Laptop] = field(default_factory=list)

    @property
    def database(self) -> Path:
        return self.folder / "server.db"

    def admin(self, *words: str, said: str = "") -> str:
        """An administrator's command."""
        done = quick_start.run("server", [*words, "--database", str(self.database)], said=said + "\n")
        assert done.returncode == 0, done
        return done.stdout

    def start(self, port: int = 0) -> None:
        """Serve."""
        words = ["serve", "--database", str(self.database), "--port", str(port)]
        with (self.folder / "server.log").open("a") as log:
            self.process = quick_start.start("server", words, stderr=log)
        assert self.process.stdout is not None
        self.url = self.process.stdout.readline().split()[-1]

    def stop(self) -> None:
        """Close the port."""
        if self.process is not None:
            self.process.terminate()
            self.process.wait(30)
            assert self.process.stdout is not None
            self.process.stdout.close()
            self.process = None

    def laptop(self, name: str) -> Laptop:
        """A newly enrolled profile."""
        door = HttpTransport(self.url, "", 1)
        answer = EnrolAnswer.model_validate(door.enrol("anna", PASSWORD, name))
        door.close()
        store = ClientStore.open(self.folder / name, b"k" * 32, SystemClock())
        store.enrol(answer.device_id, answer.device_code, answer.user_id, answer.epoch)
        return self.opened(store, answer.token)

    def opened(self, store: ClientStore, token: str) -> Laptop:
        """A profile with a connection."""
        laptop = Laptop(store, HttpTransport(self.url, token, store.sync_state().schema_ver), token)
        self.laptops.append(laptop)
        return laptop


def copy_database(source: Path, target: Path) -> None:
    """A backup as an administrator takes it, while the server runs."""
    with closing(sqlite3.connect(source)) as one, closing(sqlite3.connect(target)) as other:
        one.backup(other)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    house = House(tmp_path)
    house.admin("init")
    house.admin("user", "add", "anna", "--password-stdin", said=PASSWORD)
    house.start()
    yield house
    for laptop in house.laptops:
        laptop.line.close()
        laptop.store.close()
    house.stop()


@pytest.mark.parametrize("territories", [0, 9])
def test_nothing_to_do_costs_one_request_of_at_most_1_kib(house: House, territories: int) -> None:
    for number in range(territories):
        assert crm_server(["territory", "add", "--database", str(house.database), f"T{number}"]) == 0
        assert crm_server(["territory", "grant", "--database", str(house.database), f"T{number}", "anna"]) == 0
    laptop = house.laptop("a")
    laptop.add("Alpha")
    laptop.sync()
    before = laptop.line.traffic()
    report = laptop.sync()
    cost = laptop.line.traffic().since(before)
    assert (report.moved, report.digest_ok, cost.requests) == (False, True, 1)
    assert len(laptop.store.sync_state().scopes) == 2 + territories
    assert cost.bytes_in + cost.bytes_out <= 1024, (cost.bytes_in, cost.bytes_out)


def test_refusals_have_their_codes(house: House) -> None:
    door = HttpTransport(house.url, "", 1)
    with pytest.raises(SessionError) as caught:
        door.enrol("anna", "wrong password", "x")
    assert caught.value.code == "wrong_login"
    with pytest.raises(SessionError) as caught:
        door.pull({"epoch": "", "cursor": {"seq": 0, "commit_id": ""}})
    assert caught.value.code == "token_expired"
    door.close()
    laptop = house.laptop("a")
    laptop.sync()
    with pytest.raises(SessionError) as caught:
        laptop.line.push({"epoch": laptop.store.sync_state().epoch, "txns": [{"client_seq": 1}]}, lambda: None)
    assert caught.value.code == "malformed"
    house.admin("device", "revoke", laptop.store.sync_state().device_id)
    laptop.add("kept")
    report = laptop.try_sync()
    assert report.error is not None
    assert report.error.code == "device_revoked"
    assert len(laptop.store.pending(10)) == 1


def test_a_cloned_laptop_takes_an_identity_of_its_own_and_nothing_is_lost(house: House) -> None:
    original = house.laptop("a")
    original.add("before")
    original.sync()
    original.store.close()
    shutil.copytree(house.folder / "a", house.folder / "b")
    original.store = ClientStore.open(house.folder / "a", b"k" * 32, SystemClock())
    clone = house.opened(ClientStore.open(house.folder / "b", b"k" * 32, SystemClock()), original.token)
    identity = original.store.sync_state().device_id
    original.add("by the original")
    clone.add("by the clone")
    original.sync()
    clone.sync()
    original.sync()
    assert original.names() == clone.names() == {"before", "by the original", "by the clone"}
    assert original.store.sync_state().device_id == identity != clone.store.sync_state().device_id
    assert original.store.recompute_digest() == clone.store.recompute_digest()


def test_a_server_restored_from_an_old_backup_is_healed_by_the_laptops(house: House) -> None:
    laptop = house.laptop("a")
    laptop.add("before the backup")
    laptop.sync()
    port = int(house.url.rsplit(":", 1)[1])
    backup = house.folder / "backup.db"
    copy_database(house.database, backup)
    laptop.add("after the backup")
    laptop.sync()
    old_epoch = laptop.store.sync_state().epoch
    house.stop()
    for leftover in house.folder.glob("server.db-*"):
        leftover.unlink()
    shutil.copy(backup, house.database)  # restored by hand: nobody told the server
    house.start(port)
    laptop.add("after the restore")
    laptop.sync()
    assert laptop.store.sync_state().epoch != old_epoch
    fresh = house.laptop("fresh")
    fresh.sync()
    expected = {"before the backup", "after the backup", "after the restore"}
    assert laptop.names() == fresh.names() == expected


def test_a_copy_that_differs_is_found_named_and_read_anew(house: House) -> None:
    laptop = house.laptop("a")
    wrong, missing, fine, edited = (laptop.add(name) for name in ("Wrong", "Missing", "Fine", "Edited"))
    laptop.sync()
    store = laptop.store
    ghost = "01900000-0000-7000-8000-00000000dead"

    def damage(connection: Connection) -> None:
        connection.execute("UPDATE account SET name = 'Scribbled' WHERE id = ?", (wrong,))
        connection.execute("UPDATE account SET name = 'Scribbled, too' WHERE id = ?", (edited,))
        connection.execute("DELETE FROM account WHERE id = ?", (missing,))
        columns = [row[1] for row in connection.execute("PRAGMA table_info(account)") if row[1] != "id"]
        listed = ", ".join(f'"{name}"' for name in columns)
        connection.execute(
            f"INSERT INTO account (id, {listed}) SELECT ?, {listed} FROM account WHERE id = ?", (ghost, fine)
        )

    store._writer.call(damage, mode="apply")
    RecordService(store, "").update("account", edited, {"industry": "kept"})  # work of ours on a damaged row
    store.recompute_digest()
    house.stop()
    assert laptop.try_sync().error is not None  # nothing is repaired without the server
    house.start(int(house.url.rsplit(":", 1)[1]))
    report = laptop.sync()
    assert (report.digest_ok, report.repaired) == (True, True)
    # 'edited' was mended before: sent first, it came back whole with what this laptop had changed.
    assert set(report.differed) == {("account", i) for i in (wrong, missing, ghost)}
    assert laptop.names() == {"Wrong", "Missing", "Fine", "Edited"}
    (line,) = store.read(lambda reader: reader.sync_history(1))
    assert sorted(line["repaired"]) == sorted(f"account/{i}" for i in (wrong, missing, ghost))
    assert store.read(lambda reader: reader.get("account", edited) or {})["industry"] == "kept"
    assert store.read(lambda reader: reader.digest()) == store.recompute_digest()
    again = laptop.sync()
    assert (again.moved, again.repaired, again.digest_ok) == (False, False, True)


def test_an_account_goes_and_comes_with_its_contacts(house: House) -> None:
    one, two = house.laptop("a"), house.laptop("b")
    records = RecordService(one.store, one.store.sync_state().user_id)
    account = one.add("Adler")
    contact = records.create("contact", {"account_id": account, "name": "Weiß"})
    one.sync()
    two.sync()

    def here(laptop: Laptop) -> tuple[bool, bool]:
        return laptop.store.read(
            lambda reader: (reader.get("account", account) is not None, reader.get("contact", contact) is not None)
        )

    # The colleague's change has not been seen: the deletion is a request, and all of it returns.
    RecordService(two.store, "").update("contact", contact, {"job_title": "Einkauf"})
    two.sync()
    records.delete("account", account)
    assert here(one) == (False, False)
    report = one.sync()
    assert (report.outcomes, report.digest_ok) == ({"delete_request": 1}, True)
    assert here(one) == (True, True)
    # Seen, it applies; with a contact nobody else ever knew.
    records.create("contact", {"account_id": account, "name": "Schwarz"})
    records.delete("account", account)
    assert one.store.read(lambda reader: reader.where("contact")) == []
    report = one.sync()
    assert (report.outcomes, report.digest_ok) == ({"applied": 2}, True)
    assert two.sync().digest_ok
    assert here(one) == here(two) == (False, False)
    records.restore("account", account)
    for laptop in (one, two, one):
        assert laptop.sync().digest_ok
        assert here(laptop) == (True, True)
        assert len(laptop.store.read(lambda reader: reader.where("contact", account_id=account))) == 2
