"""A company under test: a real server with two users, and what has to be true of it after every healing."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from crm_desktop.clock import SystemClock
from crm_desktop.ids import new_id
from crm_desktop.store.client_store import ClientStore
from crm_desktop.store.intents import create, patch, set_add, text
from server.storage.storage import Storage
from sync.driver import run_session
from sync.engine import SessionReport
from sync.protocol.messages import Limits
from sync.transport import HttpTransport
from tests.end2end.compare_rows import Device, compare, open_device, open_server
from tests.integration.server_process import Laptop, RunningServer, patching

KEY = bytes(range(32))


@dataclass(slots=True)
class Rep:
    """A laptop with the product's store and transport, and a colleague at the desk who edits the same records."""

    server: RunningServer
    folder: Path
    login: str
    store: ClientStore
    token: str
    device_id: str
    user_id: str
    desk: Laptop
    steps: int = 0
    accounts: list[str] = field(default_factory=list)
    visits: list[str] = field(default_factory=list)
    expected: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)

    @classmethod
    def enrol(cls, server: RunningServer, folder: Path, login: str = "anna") -> "Rep":
        """A new user with an empty laptop and a second device for the desk."""
        server.add_user(login)
        bare = server.device(login)
        store = ClientStore.open(folder, KEY, SystemClock())
        store.enrol(bare.device_id, bare.code, bare.user_id, bare.epoch)
        desk = server.device(login)
        return cls(server, folder, login, store, bare.token, bare.device_id, bare.user_id, desk)

    def edit(self) -> None:
        """One step of work: three transactions here, one at the desk on the same account."""
        n = self.steps = self.steps + 1
        account, visit, order = new_id(), new_id(), new_id()
        known = self.accounts[-1] if self.accounts else ""
        mine: dict[str, Any] = {"name": f"Account {n:05}", "owner_id": self.user_id, "tags": ["new"]}
        self.store.commit(
            [
                create("account", account, mine),
                create("visit", visit, {"subject": f"Visit {n:05}", "account_id": account, "owner_id": self.user_id,
                                        "note": "One.\nTwo.\nThree.\n"}),
            ]
        )  # fmt: skip
        self.store.commit([create("order", order, {"account_id": account, "owner_id": self.user_id})])
        self.expected["account", account] = {"name": mine["name"]}
        self.expected["visit", visit] = {"account_id": account}
        if known:
            self.store.commit(
                [
                    patch("account", known, {"industry": f"Food {n}"}),
                    set_add("account", known, "tags", [f"t{n}"]),
                    text("visit", self.visits[-1], "note", f"One, here {n}.\nTwo.\nThree.\n"),
                ]
            )
            self.expected["account", known] |= {"industry": f"Food {n}", "employees": n, "tags": ["new", f"t{n}"]}
            self.expected["visit", self.visits[-1]] |= {"note": f"One, here {n}.\nTwo.\nThree.\n"}
            assert self.desk.push(patching("account", known, 0, employees=(None, n))) == ["applied"]
        self.accounts.append(account)
        self.visits.append(visit)

    def sync(self, url: str, deadline_s: float = 30.0) -> SessionReport:
        """One session over this address."""
        limits = Limits(read_s=deadline_s)
        transport = HttpTransport(
            url, self.token, self.store.sync_state().schema_ver, limits=limits, deadline_s=deadline_s
        )
        try:
            return run_session(self.store, transport, now=SystemClock().now)
        finally:
            transport.close()

    def wrong(self) -> list[str]:
        """What is not as it must be when all is healed: nothing lost, nothing twice, equal rows."""
        return [*self._wrong_here(), *wrong_on_server(Path(self.server.database), self.folder), *self._differences()]

    def _wrong_here(self) -> list[str]:
        found: list[str] = []
        for (entity, record_id), values in self.expected.items():
            row = self.store.read(lambda reader, e=entity, i=record_id: reader.get(e, i))  # type: ignore[misc]
            for name, value in values.items():
                if row is None or row[name] != value:
                    shown = None if row is None else row[name]
                    found.append(f"{entity}.{name} is {shown!r}, written was {value!r}")
        self.expected = {key: self.expected[key] for key in (("account", a) for a in self.accounts[-1:])} | {
            key: self.expected[key] for key in (("visit", v) for v in self.visits[-1:])
        }
        return found

    def _differences(self) -> list[str]:
        return compare(Path(self.server.database), [Device(self.login, self.folder / "crm.db", KEY)])


def wrong_on_server(database: Path, profile: Path, *, twice_known: bool = False) -> list[str]:
    """Every operation of the profile's outbox has one outcome on the server; numbers have no gap and no double.

    Reads both files directly. `twice_known`: a clone or a restored server answers `duplicate`, which is right there.
    """
    found: list[str] = []
    device = open_device(Device("", profile / "crm.db", KEY))
    server = open_server(database)
    try:
        waiting = device.execute("SELECT count(*) FROM outbox_txn WHERE state <> 'covered'").fetchone()[0]
        if waiting:
            found.append(f"{waiting} transactions are not covered")
        ops = device.execute("SELECT op_id, outcome FROM outbox_op WHERE k <> 'hidden'").fetchall()
        known = {op_id for (op_id,) in server.execute("SELECT op_id FROM op_result")}
        found += [f"operation {op_id} is not on the server" for op_id, _ in ops if op_id not in known]
        if not twice_known:
            found += [f"operation {op_id} was answered {o}" for op_id, o in ops if o == "duplicate"]
        found += numbers_wrong([number for (number,) in server.execute('SELECT number FROM "order"')])
    finally:
        server.close()
        device.close()
    return found


def numbers_wrong(numbers: list[str]) -> list[str]:
    """Official order numbers: each once, without a gap."""
    wanted = [f"A-{n:06}" for n in range(1, len(numbers) + 1)]
    return [] if sorted(numbers) == wanted else [f"order numbers are {json.dumps(sorted(numbers)[-5:])}"]


def new_server(folder: Path) -> RunningServer:
    """A server over a new SQLite database in `folder`, serving."""
    folder.mkdir(parents=True, exist_ok=True)
    database = str(folder / "server.db")
    Storage.create(database).close()
    server = RunningServer(database, folder)
    server.start()
    return server
