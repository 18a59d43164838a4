"""A company without a process: the server's own calls in this one, so that a test has full control and is quick."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from crm_desktop.errors import SessionError
from crm_desktop.ids import new_id
from crm_desktop.model.schema import SCHEMA_VERSION
from crm_desktop.store.client_store import ClientStore
from server.api.errors import translate
from server.api.mending_calls import MendingCalls
from server.api.requests import Caller
from server.api.sync_calls import SyncCalls
from server.identity.enrolment import Identity
from server.settings import Settings
from server.storage import devices, users
from server.storage.record_writing import write_chunk
from server.storage.storage import Storage
from sync.driver import run_session
from sync.ports import Traffic
from sync.session_report import SessionReport
from tests.fresh_files import open_fresh
from tests.integration.server_process import Laptop
from tests.records_only import RecordsOnly
from tests.standing_clock import StandingClock

START = datetime(2026, 1, 5, 10, 0, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a request would have brought back."""

    status_code: int
    text: str

    def json(self) -> Any:
        """The body."""
        return json.loads(self.text)


@dataclass(slots=True)
class Company:
    """A database with the calls over it. `open` again after the file was exchanged."""

    database: str
    settings: Settings = field(default_factory=Settings)
    clock: StandingClock = field(default_factory=lambda: StandingClock(START))
    storage: Storage = field(init=False)
    identity: Identity = field(init=False)
    calls: SyncCalls = field(init=False)

    def __post_init__(self) -> None:
        self.open()

    def open(self) -> None:
        """Open the database as it is now."""
        self.storage = Storage.open(self.database, self.settings, self.clock)
        self.identity = Identity(self.storage)
        self.calls = SyncCalls(self.storage, self.identity)

    def user(self, login: str, role: str = "rep", territories: Sequence[str] = ()) -> str:
        """A user who can only enrol by `laptop`. Returns his id."""
        user_id = new_id()
        with self.storage.write(actor="admin") as commit:
            write_chunk(commit, [("user", user_id, {"name": login, "login": login, "role": role})])
            users.add_account(commit, user_id, login, "-", role)
            if territories:
                users.change_territories(commit, user_id, grant=territories)
        return user_id

    def laptop(self, user_id: str) -> "Direct":
        """A device of a user."""
        device_id = new_id()
        with self.storage.plain_write() as connection:
            token, code = devices.enrol_device(connection, user_id, "test", device_id, "2026-01-05T10:00:00.000Z")
        made = Direct(self, token=token, device_id=device_id, user_id=user_id, code=code)  # type: ignore[arg-type]
        made.epoch = self.storage.state()[0]
        return made

    def write(self, entity: str, record_id: str = "", **values: Any) -> str:
        """A record written at the desk. Returns its id."""
        record_id = record_id or new_id()
        self.storage.write_records([(entity, record_id, values)], "desk")
        return record_id

    def call(self, who: Caller, path: str, body: Any) -> Answer:
        """One call, its refusals told as the server tells them."""
        raw = json.dumps(body).encode()
        try:
            return Answer(200, self._routes(who, raw)[path]().decode())
        except Exception as error:
            refusal = translate(error)
            if refusal.status == 500:
                raise
            return Answer(refusal.status, refusal.body.model_dump_json())

    def _routes(self, who: Caller, raw: bytes) -> dict[str, Callable[[], bytes]]:
        calls, mending = self.calls, MendingCalls(self.storage, self.identity)
        return {
            "/sync/v1/hello": lambda: calls.hello(who, raw),
            "/sync/v1/push": lambda: calls.push(who, raw),
            "/sync/v1/digest": lambda: mending.digest(who, raw),
            "/sync/v1/refetch": lambda: mending.refetch(who, raw),
            "/sync/v1/backfill": lambda: mending.backfill(who, raw),
            "/sync/v1/standing": lambda: mending.standing(who, raw),
            "/sync/v1/copies": lambda: mending.copies(who, raw),
            "/sync/v1/pull": lambda: calls.pull(who, calls.pull_request(raw), first=True).body,
        }


@dataclass(slots=True)
class Direct(Laptop):
    """A laptop that speaks to a company in this process."""

    def post(self, path: str, body: Any, **more: Any) -> Any:
        """One call of the protocol."""
        company: Company = self.server  # type: ignore[assignment]
        schema = int((more.get("headers") or {}).get("X-Schema", 10**6))
        return company.call(Caller(self.token, self.device_id, schema), path, body)

    def hello(self) -> dict[str, Any]:
        """Exchange positions."""
        told = self.post(
            "/sync/v1/hello",
            {
                "device_id": self.device_id,
                "epoch": self.epoch,
                "cursor": self.cursor,
                "client_seq": self.client_seq,
                "txn_id": self.txn_id,
                "schema_ver": 10**6,
                "clock": "2026-01-05T10:00:00.000Z",
            },
        )
        assert told.status_code == 200, told.text
        return dict(told.json())


@contextmanager
def company_at(database: str, settings: Settings | None = None) -> Iterator[Company]:
    """A company, closed at the end."""
    company = Company(database, settings or Settings())
    try:
        yield company
    finally:
        company.storage.close()


class Wire(RecordsOnly):
    """The transport of a real client to a company in this process."""

    def __init__(self, company: Company, token: str) -> None:
        self.company = company
        self.asked: list[str] = []
        self._token = token
        self._device = ""

    def send(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """One call; a refusal is raised as the client's transport raises it."""
        self.asked.append(path)
        answer = self.company.call(Caller(self._token, self._device, SCHEMA_VERSION), path, dict(body))
        told: dict[str, Any] = answer.json()
        if answer.status_code == 200:
            return told
        raise SessionError(told["code"], told["message"], told["advice"], **told["details"])

    def identify(self, device_id: str) -> None:
        """Name this device in later requests."""
        self._device = device_id

    def hello(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Exchange positions."""
        return self.send("/sync/v1/hello", body)

    def push(self, body: Mapping[str, Any], before_send: Callable[[], None]) -> dict[str, Any]:
        """Send transactions."""
        before_send()
        return self.send("/sync/v1/push", body)

    def pull(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Ask for a page; nothing is waited for."""
        return self.send("/sync/v1/pull", body)

    def ask(self, call: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """One of the other calls."""
        return self.send(f"/sync/v1/{call}", body)

    def traffic(self) -> Traffic:
        """Requests so far."""
        return Traffic(requests=len(self.asked))

    def close(self) -> None:
        """Nothing is open."""


@dataclass(slots=True)
class Profile:
    """A laptop with its real store and engine."""

    company: Company
    store: ClientStore
    token: str
    user_id: str
    wire: Wire = field(init=False)

    def sync(self, *, full_hello: bool = False) -> SessionReport:
        """One session; what stopped it stands in the report."""
        self.wire = Wire(self.company, self.token)
        return run_session(self.store, self.wire, now=self.company.clock.now, full_hello=full_hello)

    def get(self, entity: str, record_id: str) -> dict[str, Any] | None:
        """A row as the user sees it."""
        return self.store.read(lambda reader: reader.get(entity, record_id))

    def outbox(self) -> int:
        """Transactions that are not through."""
        return self.store.read(lambda reader: reader.counts()["outbox"])


@contextmanager
def profile_at(company: Company, user_id: str, folder: Path) -> Iterator[Profile]:
    """A laptop of a user with a store of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    device_id = new_id()
    with company.storage.plain_write() as connection:
        token, code = devices.enrol_device(connection, user_id, "test", device_id, "2026-01-05T10:00:00.000Z")
    with open_fresh(folder, b"k" * 32, company.clock) as store:
        store.enrol(device_id, code, user_id, company.storage.state()[0])
        yield Profile(company, store, token, user_id)
