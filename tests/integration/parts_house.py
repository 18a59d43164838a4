"""A server with small parts, in a thread of the test over real TCP, and laptops that count what they fetch."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import uvicorn

from benchmarks.generated import Generator, Record
from crm_desktop.clock import SystemClock
from crm_desktop.errors import SessionError
from crm_desktop.ids import new_id
from crm_desktop.model.schema import SCHEMA_VERSION
from crm_desktop.model.wire import clean_row
from crm_desktop.store.client_store import ClientStore
from server.api.app import create_app
from server.settings import Settings
from server.storage.storage import Storage
from sync.driver import run_session
from sync.protocol.messages import EnrolAnswer
from sync.session_report import SessionReport
from sync.transport import HttpTransport
from tests.integration.server_process import PASSWORD, RunningServer

KEY = bytes(range(32))
SMALL = Settings(snapshot_from_rows=1, snapshot_part_rows=7, snapshot_delta_rows=20, snapshot_wait_s=5.0)


class Line(HttpTransport):
    """Counts the parts it fetches; `cut` breaks the line after so many bytes of a part, `harm` flips one."""

    def __init__(self, url: str, token: str) -> None:
        super().__init__(url, token, SCHEMA_VERSION)
        self.fetched: list[tuple[str, int, int]] = []  # snapshot, part, first byte
        self.before_part: Callable[[int], None] = lambda number: None
        self.cut: int | None = None
        self.harm = False

    def get_part(self, snapshot_id: str, number: int, size: int, data: bytearray) -> None:
        self.before_part(len(self.fetched))
        self.fetched.append((snapshot_id, number, len(data)))
        if self.cut is not None:
            super().get_part(snapshot_id, number, len(data) + self.cut, data)
            raise SessionError("offline", "The line broke.")
        super().get_part(snapshot_id, number, size, data)
        if self.harm:
            data[len(data) // 2] ^= 1
            self.harm = False


@dataclass
class Laptop:
    """A profile with its line."""

    folder: Path
    token: str
    url: str
    store: ClientStore
    line: Line

    def try_sync(self) -> SessionReport:
        """One session."""
        return run_session(self.store, self.line, now=lambda: datetime.now(UTC))

    def sync(self) -> SessionReport:
        """One session that must end with equal copies."""
        report = self.try_sync()
        assert report.error is None, report.error
        assert report.digest_ok is True
        return report

    def restart(self) -> None:
        """Close the program and open it again."""
        self.close()
        self.store = ClientStore.open(self.folder, KEY, SystemClock())
        self.line = Line(self.url, self.token)

    def close(self) -> None:
        """End it."""
        self.line.close()
        self.store.close()

    def names(self, entity: str = "account", field_name: str = "name") -> set[str]:
        """Names of the records here."""
        return self.store.read(lambda reader: {row[field_name] for row in reader.where(entity)})


@dataclass
class House:
    """A company, its server, its laptops."""

    storage: Storage
    folder: Path
    database: str
    url: str = ""
    laptops: list[Laptop] = field(default_factory=list)
    territory: str = ""
    anna: str = ""

    def run(self, *words: str) -> str:
        """An administrator's command; returns what it tells."""
        return RunningServer(self.database, self.folder).run(*words, stdin=PASSWORD + "\n")

    def add_territory(self, code: str) -> str:
        """Its id."""
        return self.run("territory", "add", code).split("(")[1].split(")")[0]

    def add_user(self, login: str, *more: str) -> str:
        """Its id."""
        return self.run("user", "add", login, *more, "--password-stdin").split("(")[1].split(")")[0]

    def fill(self, accounts: int = 9) -> None:
        """A territory, Anna in it, and generated records with letters of all kinds."""
        self.territory = self.add_territory("T1")
        self.anna = self.add_user("anna", "--territory", "T1")
        made = list(Generator(accounts, self.territory, self.anna).records())
        made += [
            self.account("Ärzte & Söhne GmbH", notes="Straße 5\nЖелезо  łódź ΣΟΦΟΣ"),
            self.account("Mueller oHG", customer_class="A"),
            ("product", new_id(), clean_row("product", {"number": "P1", "name": "Pumpe", "cost": "12.50"})),
        ]
        self.write(*made)

    def account(self, name: str, **values: Any) -> Record:
        """An account of the territory."""
        row = clean_row("account", {"name": name, "territory_id": self.territory} | values)
        return "account", new_id(), row

    def write(self, *records: Record) -> None:
        """Write records at the desk."""
        self.storage.write_records(records, actor="test")

    def delete(self, entity: str, record_id: str) -> None:
        """Delete a record at the desk."""
        with self.storage.write(actor="test") as commit:
            record = commit.get(entity, record_id)
            assert record is not None
            commit.put(entity, record_id, record.row, record.field_ver, deleted=True)

    def laptop(self, login: str = "anna") -> Laptop:
        """A new laptop of a user, nothing synced yet."""
        folder = self.folder / f"laptop{len(self.laptops)}"
        store = ClientStore.open(folder, KEY, SystemClock())
        line = HttpTransport(self.url, "", SCHEMA_VERSION)
        told = EnrolAnswer.model_validate(line.enrol(login, PASSWORD, "test"))
        line.close()
        store.enrol(told.device_id, told.device_code, told.user_id, told.epoch)
        laptop = Laptop(folder, told.token, self.url, store, Line(self.url, told.token))
        self.laptops.append(laptop)
        return laptop


@contextmanager
def house(database: str, folder: Path, settings: Settings = SMALL) -> Iterator[House]:
    """A house whose server runs."""
    storage = Storage.open(database, settings=settings)
    server = uvicorn.Server(
        uvicorn.Config(create_app(storage), port=0, log_config=None, access_log=False, timeout_graceful_shutdown=2)
    )
    ready = threading.Event()
    serving = server.startup

    async def startup(*sockets: Any, **more: Any) -> None:
        await serving(*sockets, **more)
        ready.set()

    server.startup = startup  # type: ignore[method-assign]
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    assert ready.wait(60)
    port = server.servers[0].sockets[0].getsockname()[1]
    made = House(storage, folder, database, f"http://127.0.0.1:{port}")
    try:
        yield made
    finally:
        for laptop in made.laptops:
            laptop.close()
        server.should_exit = True
        thread.join(30)
        storage.close()
