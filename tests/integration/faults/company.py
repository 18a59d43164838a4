"""A company under test: a real server, a laptop, and what has to be true of both after every healing."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from crm_desktop import settings
from crm_desktop.clock import SystemClock
from crm_desktop.credentials import PassphraseCredentials
from crm_desktop.ids import new_id
from crm_desktop.store.client_store import ClientStore
from crm_desktop.store.intents import create, patch, set_add, text
from server.storage.storage import Storage
from sync.driver import run_session
from sync.protocol.messages import Limits
from sync.session_report import SessionReport
from sync.transport import HttpTransport
from tests.cheap_secrets import CHEAP
from tests.end2end.compare_rows import Device, compare, open_device, open_server
from tests.integration.server_process import Laptop, RunningServer, patching

PASSPHRASE = "open sesame"


@dataclass(slots=True)
class Rep:
    """A profile with the product's store and transport, and a colleague at the desk who edits the same records.

    The profile can be closed and used by the program in a process of its own.
    """

    server: RunningServer
    folder: Path
    login: str
    key: bytes
    token: str
    user_id: str
    desk: Laptop
    store: ClientStore
    steps: int = 0
    accounts: list[str] = field(default_factory=list)
    visits: list[str] = field(default_factory=list)
    expected: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    new_history: bool = False  # the server began one: it may answer `duplicate`, and its numbers have a gap

    @classmethod
    def enrol(cls, server: RunningServer, folder: Path, login: str = "anna") -> "Rep":
        """A new user with an empty laptop and a second device for the desk."""
        server.add_user(login)
        bare = server.device(login)
        folder.mkdir(parents=True)
        secrets = PassphraseCredentials(folder, lambda _new: PASSPHRASE, CHEAP)
        key = secrets.database_key()
        store = ClientStore.open(folder, key, SystemClock())
        store.enrol(bare.device_id, bare.code, bare.user_id, bare.epoch)
        secrets.save_token(store, bare.token)
        rep = cls(server, folder, login, key, bare.token, bare.user_id, server.device(login), store)
        rep.follow()
        return rep

    def follow(self) -> None:
        """Have the program find the server where it listens now."""
        settings.save(self.folder, settings.load(self.folder).changed(server_url=self.server.url))

    def open(self) -> None:
        """Open the profile again."""
        self.store = ClientStore.open(self.folder, self.key, SystemClock())

    def close(self) -> None:
        """Leave the profile to another process."""
        self.store.close()

    def edit(self, *, desk: bool = True) -> None:
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
            self.expected["account", known] |= {"industry": f"Food {n}", "tags": ["new", f"t{n}"]}
            self.expected["visit", self.visits[-1]] |= {"note": f"One, here {n}.\nTwo.\nThree.\n"}
            if desk:
                assert self.desk.push(patching("account", known, 0, employees=(None, n))) == ["applied"]
                self.expected["account", known]["employees"] = n
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
        database, device = self.server.database, self.device()
        return [
            *self.wrong_here(),
            *wrong_on_server(database, device, new_history=self.new_history),
            *compare(database, [device]),
        ]

    def device(self) -> Device:
        """The laptop as the comparing script takes it."""
        return Device(self.login, self.folder / "crm.db", self.key)

    def wrong_here(self) -> list[str]:
        """What this laptop does not show as it was written."""
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


def wrong_on_server(database: str, laptop: Device, *, new_history: bool = False) -> list[str]:
    """Every operation of the laptop's outbox has one outcome on the server; numbers have no gap and no double.

    Reads both files directly. `new_history`: `duplicate` is a right answer, and numbers have a gap.
    """
    found: list[str] = []
    device = open_device(laptop)
    server = open_server(database)
    try:
        waiting = device.execute("SELECT count(*) FROM outbox_txn WHERE state <> 'covered'").fetchone()[0]
        if waiting:
            found.append(f"{waiting} transactions are not covered")
        ops = device.execute("SELECT op_id, outcome FROM outbox_op WHERE k <> 'hidden'").fetchall()
        known = {op_id for (op_id,) in server.execute("SELECT op_id FROM op_result")}
        found += [f"operation {op_id} is not on the server" for op_id, _ in ops if op_id not in known]
        if not new_history:
            found += [f"operation {op_id} was answered {o}" for op_id, o in ops if o == "duplicate"]
        numbers = [number for (number,) in server.execute('SELECT number FROM "order"')]
        found += numbers_wrong(numbers, gaps=new_history)
    finally:
        server.close()
        device.close()
    return found


def numbers_wrong(numbers: list[str], *, gaps: bool = False) -> list[str]:
    """Official order numbers: each once, without a gap."""
    if gaps and len(set(numbers)) == len(numbers):
        return []
    wanted = [f"A-{n:06}" for n in range(1, len(numbers) + 1)]
    return [] if sorted(numbers) == wanted else [f"order numbers are {json.dumps(sorted(numbers)[-5:])}"]


def new_server(folder: Path, database: str = "") -> RunningServer:
    """A server over a new database, serving; without an address an SQLite file in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    database = database or str(folder / "server.db")
    Storage.create(database).close()
    server = RunningServer(database, folder)
    server.start()
    return server
