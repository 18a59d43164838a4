"""Many laptops write on the same few records at once, through two servers on one PostgreSQL, while these are killed.

The simulator tells one story after another; here threads and processes really meet. What each person wrote has to be
told at the end: as what stands, as something he or another saw and wrote over, or in the ledger.
"""

import json
import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from crm_desktop.clock import SystemClock
from crm_desktop.ids import new_id
from crm_desktop.store.client_store import ClientStore
from crm_desktop.store.intents import Intent, create, patch, set_add, text
from server.storage.storage import Storage
from sync.driver import run_session
from sync.ports import UNREACHED
from sync.protocol.messages import Limits
from sync.session_report import SessionReport
from sync.transport import HttpTransport
from tests.end2end.compare_rows import Device, compare, open_server
from tests.integration.faults.cluster import Cluster
from tests.integration.faults.company import numbers_wrong, wrong_on_server
from tests.integration.faults.programs import serve
from tests.integration.faults.share import Part
from tests.integration.server_process import RunningServer

KEY = bytes(range(32))
PEOPLE = ("anna", "ben", "carla", "dan", "eva")
SHARED = 3  # accounts, each with a visit, on which everybody works
PAUSE_S = (0.2, 1.2)  # between two blows
PATIENCE_S = 120.0
# What a session may end with while servers and the database die; the next one goes on.
MEANWHILE = {*UNREACHED, "retry", "no_progress"}


@dataclass(slots=True)
class Person:
    """A laptop with the product's store, and what was written on it."""

    login: str
    store: ClientStore
    token: str
    user_id: str
    chance: random.Random
    wrote: list[tuple[str, str]] = field(default_factory=list)  # value of a shared field, and what was seen before it
    added: list[tuple[str, str]] = field(default_factory=list)  # account, element of its tags
    lines: list[tuple[str, str]] = field(default_factory=list)  # visit, line of its note
    made: list[str] = field(default_factory=list)  # orders
    met: int = 0  # sessions that the blows cut short
    errors: list[str] = field(default_factory=list)

    def work(self, shared: list[tuple[str, str]], turns: int, addresses: Callable[[], list[str]]) -> None:
        """So many turns of some edits and a session."""
        try:
            for turn in range(turns):
                for place in range(self.chance.randrange(1, 4)):
                    self._edit(*self.chance.choice(shared), f"{self.login}-{turn}-{place}")
                error = self.session(self.chance.choice(addresses())).error
                if error is not None:
                    self.met += 1
                    time.sleep(self.chance.uniform(0, PAUSE_S[1]))
                    if error.code not in MEANWHILE:
                        self.errors.append(f"{self.login}: a session was told {error.code}: {error.message}")
        except Exception as error:  # told by the thread that waits for this one
            self.errors.append(f"{self.login}: {type(error).__name__}: {error}")

    def _edit(self, account: str, visit: str, word: str) -> None:
        kind = self.chance.choice(("industry", "industry", "tag", "line", "order"))
        if self._seen("account", account) is None:  # its territory is not his just now
            return
        if kind == "industry":
            self.wrote.append((word, self._seen("account", account)["industry"]))
            self.store.commit([patch("account", account, {"industry": word})])
        elif kind == "tag":
            self.added.append((account, word))
            self.store.commit([set_add("account", account, "tags", [word])])
        elif kind == "line":
            self.lines.append((visit, word))
            before = self._seen("visit", visit)["note"].splitlines()
            before.insert(self.chance.randrange(len(before) + 1), word)
            self.store.commit([text("visit", visit, "note", "".join(f"{line}\n" for line in before))])
        else:
            self.made.append(new_id())
            self.store.commit([create("order", self.made[-1], {"account_id": account, "owner_id": self.user_id})])

    def _seen(self, entity: str, record_id: str) -> Any:
        return self.store.read(lambda reader: reader.get(entity, record_id))

    def session(self, address: str) -> SessionReport:
        """One session with the server that listens there."""
        schema = self.store.sync_state().schema_ver
        transport = HttpTransport(address, self.token, schema, limits=Limits(read_s=20.0), deadline_s=20.0)
        try:
            return run_session(self.store, transport, now=SystemClock().now)
        finally:
            transport.close()


class Office:
    """The two servers, the people, and the records they share."""

    def __init__(self, folder: Path, cluster: Cluster, seed: int) -> None:
        self.cluster = cluster
        self.chance = random.Random(seed)
        self.lock = threading.Lock()
        self.without: set[str] = set()  # whose territory was taken away
        database = cluster.address()
        Storage.create(database).close()
        self.servers = [RunningServer(database, folder / name) for name in ("one", "other")]
        for server in self.servers:
            server.folder.mkdir(parents=True)
            serve(server)
        self.servers[0].run("territory", "add", "N")
        self.folder = folder
        self.people = [self._enrolled(login) for login in PEOPLE]
        self.shared = [(new_id(), new_id()) for _ in range(SHARED)]
        first = self.people[0]
        territory = first.store.read(lambda reader: reader.where("territory"))[0]["id"]
        first.store.commit([made for pair in self.shared for made in _pair(*pair, territory)])
        for person in self.people:
            assert person.session(self.servers[0].url).error is None

    def _enrolled(self, login: str) -> Person:
        server = self.servers[0]
        server.add_user(login, territories=["N"])
        bare = server.device(login)
        store = ClientStore.open(self.folder / login, KEY, SystemClock())
        store.enrol(bare.device_id, bare.code, bare.user_id, bare.epoch)
        person = Person(login, store, bare.token, bare.user_id, random.Random(self.chance.random()))
        assert person.session(server.url).error is None
        return person

    def addresses(self) -> list[str]:
        """Where the servers listen now."""
        with self.lock:
            return [server.url for server in self.servers]

    def live(self, turns: int, blow_after: Callable[[], float]) -> int:
        """Everybody works, and something dies again and again. Returns how many blows there were."""
        threads = [
            threading.Thread(target=person.work, args=(self.shared, turns, self.addresses)) for person in self.people
        ]
        for thread in threads:
            thread.start()
        blows = 0
        while any(thread.is_alive() for thread in threads):
            time.sleep(blow_after())
            blows += 1
            self._blow(self.chance.choice(("server", "server", "backends", "database", "territory", "territory")))
        for thread in threads:
            thread.join()
        return blows

    def _blow(self, what: str) -> None:
        if what == "server":
            server = self.chance.choice(self.servers)
            server.kill()
            serve(server)
        elif what == "backends":
            with psycopg.connect(self.cluster.address("postgres"), autocommit=True) as connection:
                connection.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'crm' AND random() < 0.7"
                )
        elif what == "database":
            self.cluster.crash()
            self.cluster.start()
        else:
            person = self.chance.choice(self.people)
            verb = "grant" if person.login in self.without else "revoke"
            self.servers[0].run("territory", verb, "N", person.login)
            self.without ^= {person.login}

    def wrong(self) -> list[str]:
        """After a rest: what somebody wrote and nobody is told of, and where copies differ."""
        found = [error for person in self.people for error in person.errors]
        for login in self.without:
            self.servers[0].run("territory", "grant", "N", login)
        for turn in range(2):  # what the last one sends is news for the first
            for person in self.people:
                found += self._rest(person, last=turn == 1)
        database = self.servers[0].database
        devices = [Device(person.login, person.store.path, KEY) for person in self.people]
        found += compare(database, devices)
        found += [text for device in devices for text in wrong_on_server(database, device)]
        found += self._untold(database)
        return [*found, *self.cluster.damage()]

    def _rest(self, person: Person, *, last: bool) -> list[str]:
        until = time.monotonic() + PATIENCE_S
        while True:
            report = person.session(self.chance.choice(self.addresses()))
            if report.error is None:
                return [] if report.digest_ok or not last else [f"{person.login}: the digest differs"]
            if time.monotonic() > until:
                return [f"{person.login} gets no rest: {report.error.code}"]

    def _untold(self, database: str) -> list[str]:
        server = open_server(database)
        try:
            accounts = {row["id"]: row for row in _rows(server, "account", "id", "industry", "tags")}
            notes = {row["id"]: row["note"] for row in _rows(server, "visit", "id", "note")}
            kept = list(_rows(server, "conflict", "before", "mine", "theirs"))
            kept += _rows(server, "quarantine", "payload")
            ledger = "\n".join(json.dumps([json.loads(row[side] or "null") for side in row]) for row in kept)
            orders = {row["id"]: row["number"] for row in _rows(server, "order", "id", "number")}
        finally:
            server.close()
        standing = {row["industry"] for row in accounts.values()}
        written_over = {before for person in self.people for _, before in person.wrote}
        found = numbers_wrong(list(orders.values()))
        for person in self.people:
            untold = [
                *(word for word, _ in person.wrote if word not in standing | written_over and word not in ledger),
                *(
                    word
                    for account, word in person.added
                    if word not in json.loads(accounts[account]["tags"]) and word not in ledger
                ),
                *(word for visit, word in person.lines if word not in notes[visit] and word not in ledger),
                *(order for order in person.made if order not in orders and order not in ledger),
            ]
            found += [f"{word} of {person.login} is told nowhere" for word in untold]
        return found

    def close(self) -> None:
        """End everything but the cluster."""
        for person in self.people:
            person.store.close()
        for server in self.servers:
            server.stop()


def _pair(account: str, visit: str, territory: str) -> list[Intent]:
    return [
        create("account", account, {"name": f"Shared {account[-4:]}", "territory_id": territory}),
        create("visit", visit, {"subject": "Shared", "account_id": account, "note": "One.\nTwo.\nThree.\n"}),
    ]


def _rows(server: Any, table: str, *names: str) -> list[dict[str, Any]]:
    listed = ", ".join(f'"{name}"' for name in names)
    return [dict(zip(names, row, strict=True)) for row in server.execute(f'SELECT {listed} FROM "{table}"').fetchall()]


def meet(part: Part, folder: Path, turns: int, seed: int) -> None:
    """One such history of `turns` sessions a person."""
    with Cluster() as cluster:
        office = Office(folder / f"many{seed}", cluster, seed)
        try:
            blows = office.live(turns, lambda: office.chance.uniform(*PAUSE_S))
            part.failures += [f"seed {seed}: {text}" for text in office.wrong()]
            met = sum(person.met for person in office.people)
        finally:
            office.close()
    part.points += turns * len(PEOPLE)
    part.note = f"{blows} blows, {met} sessions cut short"
