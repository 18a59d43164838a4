"""The server of a history: the product's own calls on a database file, without HTTP in between."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import event

from server.api.errors import ApiError, translate
from server.api.mending_calls import MendingCalls
from server.api.requests import Caller
from server.api.sync_calls import SyncCalls
from server.identity.enrolment import Identity
from server.settings import Settings
from server.storage.devices import Device
from server.storage.restored import Repeated, is_there, restored
from server.storage.snapshot import Snapshots
from server.storage.snapshot_about import Snapshot
from server.storage.snapshot_rows import Audience
from server.storage.storage import Storage
from sync.protocol import Code
from tests.simulation.chance import Chance, SimClock


class Compiled(dict[Any, Any]):
    """Statements compiled once per process: the dialect in their key is another object for each engine."""

    def get(self, key: Any, default: Any = None) -> Any:
        """As SQLAlchemy asks for it."""
        return super().get(key[1:], default)

    def __setitem__(self, key: Any, value: Any) -> None:
        super().__setitem__(key[1:], value)


_COMPILED = Compiled()
POISON = "POISON"  # an operation with this word in it can be read by no server


@dataclass(frozen=True, slots=True)
class Request:
    """What reached, or will reach, the server."""

    path: str
    token: str
    device_id: str
    body: bytes
    schema_ver: int


@dataclass(frozen=True, slots=True)
class Answer:
    """Status and JSON body."""

    status: int
    body: bytes


class ServerKilled(BaseException):
    """The server process ends here; its open transaction is rolled back by whoever opens the file next."""


class AtOnce(Snapshots):
    """Prepared parts are ready when they are asked for: nothing here may depend on another thread's pace."""

    def _begin(self, audience: Audience) -> Snapshot:
        one = super()._begin(audience)
        with self._change:
            self._change.wait_for(lambda: one.done or one.failed)
        return one


class Central:
    """Storage and calls of the server; may be killed, restarted and restored from a copy."""

    def __init__(self, path: Path, chance: Chance, settings: Settings) -> None:
        self.path = path
        self.clock = SimClock(chance)
        self.settings = settings
        self.deaths = 0
        self._fuse: int | None = None
        self._open()

    def _open(self) -> None:
        self.storage = Storage.open(str(self.path), self.settings, self.clock)
        self.storage.engine.update_execution_options(compiled_cache=_COMPILED)
        identity = Identity(self.storage)
        self.identity = identity
        self.snapshots = AtOnce(self.storage, self.path.with_name("parts"))
        self.calls = SyncCalls(self.storage, identity)
        self.mending = MendingCalls(self.storage, identity)
        event.listen(self.storage.engine, "before_cursor_execute", self._burn)
        event.listen(self.storage.engine, "commit", self._burn)

    def _burn(self, *_event: Any) -> None:
        if self._fuse is None:
            return
        self._fuse -= 1
        if self._fuse < 0:
            self._fuse = None
            raise ServerKilled

    @contextmanager
    def fused(self, statements: int | None) -> Iterator[None]:
        """Inside the block the process dies at its n-th database statement or commit."""
        self._fuse = statements
        try:
            yield
        finally:
            self._fuse = None

    def handle(self, request: Request, fuse: int | None = None) -> Answer:
        """Answer one request. Raises ServerKilled where the fuse burns down; the server is up again then."""
        who = Caller(request.token, request.device_id, request.schema_ver)
        try:
            with self.fused(fuse):
                return Answer(200, self._call(who, request))
        except ServerKilled:
            self.restart()
            raise
        except Exception as error:
            refusal = translate(error)
            if refusal.after_s:
                refusal.body.details.setdefault("after", refusal.after_s)
            return Answer(refusal.status, refusal.body.model_dump_json().encode())

    def _call(self, who: Caller, request: Request) -> bytes:
        if request.path == "push" and POISON.encode() in request.body:
            raise self._unreadable(request)
        if request.path == "hello":
            return self.calls.hello(who, request.body)
        if request.path == "push":
            return self.calls.push(who, request.body)
        if request.path == "snapshot":
            asked = orjson.loads(request.body)
            self._fuse = None  # a thread of the server's makes the parts: it would die alone
            return orjson.dumps(self.snapshots.manifest(self.device(who), asked["resume"], asked["have"], 0))
        if request.path != "pull":
            call: Callable[[Caller, bytes], bytes] = getattr(self.mending, request.path)
            return call(who, request.body)
        return self.calls.pull(who, self.calls.pull_request(request.body), first=True).body

    def device(self, who: Caller) -> Device:
        """Who asks. ApiError where the server does not know him."""
        return self.identity.device(who.token, who.device_id)

    @staticmethod
    def _unreadable(request: Request) -> ApiError:
        """What a server answers that cannot read an operation (made by another version, say)."""
        for txn in orjson.loads(request.body)["txns"]:
            for op in txn["ops"]:
                if POISON.encode() in orjson.dumps(op):
                    named = {"op_id": op["op_id"], "txn_id": txn["txn_id"]}
                    return ApiError(422, Code.MALFORMED, "The request does not fit.", "Update the program.", **named)
        raise AssertionError("nothing of it is poison")

    def restart(self) -> None:
        """The process ends and starts again on the same file."""
        self.deaths += 1
        self.storage.close()
        self._open()

    def copy_to(self, target: Path) -> None:
        """A backup: the file as it stands between two requests."""
        with self.storage.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        shutil.copyfile(self.path, target)

    def restore_from(self, source: Path) -> None:
        """The administrator puts an older copy in place and starts the server; nobody tells the laptops."""
        self.storage.close()
        for suffix in ("-wal", "-shm"):
            self.path.with_name(self.path.name + suffix).unlink(missing_ok=True)
        shutil.copyfile(source, self.path)
        self._open()

    def repeat_journal(self) -> Repeated:
        """The administrator's second step: what was written here since the backup is repeated from the journal."""
        return restored(self.storage)

    def forgotten(self) -> list[dict[str, Any]]:
        """Records of the journal's commits that this file does not hold, as the journal tells them."""
        journal = self.storage.journal
        with self.storage.read() as connection:
            lost = [entry for entry in journal.entries() if not is_there(connection, entry)] if journal else []
        return [told for entry in lost for told in entry.get("records", ())]

    def close(self) -> None:
        """End without ceremony."""
        self.storage.close()
