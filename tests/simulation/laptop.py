"""A laptop of a history: the product's own store and engine, stepped effect by effect, killed and cloned."""

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import orjson

from crm_desktop.errors import SessionError
from crm_desktop.model.columns import format_instant
from crm_desktop.model.schema import SCHEMA_VERSION
from crm_desktop.store.client_store import FILE_NAME, ClientStore
from sync.effects import AwaitPull, Hello, Push, StartPull
from sync.engine import session
from sync.files import BlobTransport, FileMover, named
from sync.first_sync import AskManifest, AwaitPart, StartPart
from sync.mending import Ask
from sync.session_report import SessionReport
from tests.simulation.central import Request
from tests.simulation.chance import Chance, SimClock
from tests.simulation.net import Net

KEY = bytes(range(32))
# Store calls of the engine at which a laptop may be killed, before or after.
PORT = frozenset(
    {"pending", "mark_attempted", "record_results", "apply_page", "quarantine_locally", "adopt_device", "adopt_epoch",
     "begin_repair", "adopt_server"}
)  # fmt: skip

FILES = "files"  # folder of the bytes of files in a profile


class FileLine(BlobTransport, Protocol):
    """What carries the bytes of files and prepared parts of one laptop (tests.simulation.lines)."""

    def fetch_part(self, part: StartPart) -> None: ...
    def of(self, laptop: "Laptop") -> "FileLine": ...


PARTS = frozenset({"first_fill", "mending", "backfill"})  # of the store, beside its own calls
NOT_FLUSHED = frozenset({"apply_page", "apply", "begin"})  # what a power cut takes of them is asked for again


class LaptopKilled(BaseException):
    """The program ends at once; what was committed is in the file."""


@dataclass(frozen=True, slots=True)
class Person:
    """Who uses a laptop."""

    user_id: str
    role: str


class WatchedStore:
    """The store as the engine sees it, with a fuse and an ear."""

    def __init__(self, laptop: "Laptop") -> None:
        self._laptop = laptop

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._laptop.store, name)
        if name == "first_fill" and self._laptop.line is None:
            return NothingPrepared()
        if name in PARTS:
            return WatchedPart(self._laptop, method)
        if name not in PORT:
            return method

        def call(*args: Any, **kwargs: Any) -> Any:
            return self._laptop.port_call(name, method, args, kwargs)

        return call


class NothingPrepared:
    """The first filling of a history whose server prepares no parts."""

    def state(self) -> None:
        """There is nothing to fill."""


class WatchedPart:
    """What the store offers beside, with the same fuse."""

    def __init__(self, laptop: "Laptop", part: Any) -> None:
        self._laptop = laptop
        self._part = part

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._part, name)
        return lambda *args: self._laptop.port_call(name, method, args, {})


class Laptop:
    """One profile folder and the program on it."""

    def __init__(self, name: str, person: Person, token: str, folder: Path, chance: Chance, net: Net) -> None:
        self.name = name
        self.person = person
        self.token = token
        self.folder = folder
        self.clock = SimClock(chance)
        self.device_id = ""
        self.report: SessionReport | None = None
        self.listening = False
        self._chance = chance
        self._net = net
        self._fuse: tuple[int, bool] | None = None
        self.struck = False  # it died in the middle of a statement
        self._steps: Any = None
        self._effect: Any = None
        self._page: dict[str, Any] | SessionError | Request | None = None
        self._part: StartPart | None = None
        self._lives = 0
        self._unsynced: Path | None = None  # the file as a power cut would leave it
        self.courier = b""  # the answer of a courier that is being read
        self.line: FileLine | None = None  # for bytes of files and prepared parts, where this history has them
        self.on_page: Callable[[Laptop, dict[str, Any], Any], None] = lambda laptop, page, applied: None
        # Told of answers before the store is; what it returns is called when the store has them.
        self.on_results: Callable[[Laptop, Sequence[dict[str, Any]]], Callable[[], None]] = lambda _l, _r: lambda: None
        self.store = ClientStore.open(folder, KEY, self.clock)

    # the program

    @property
    def syncing(self) -> bool:
        """Whether a session is under way."""
        return self._steps is not None

    def begin(self, *, full_hello: bool = False, push: bool = True) -> None:
        """Start a session; `step` carries it on."""
        self.device_id = self.store.sync_state().device_id
        self.report = None
        self.listening = not push
        self._page = None
        self._steps = session(
            WatchedStore(self),
            now=lambda: format_instant(self.clock.now()),
            full_hello=full_hello,
            push=push,
        )
        self._advance(lambda: next(self._steps))

    def step(self) -> bool:
        """Carry out the next effect; False when the session has ended."""
        if self._steps is None:
            return False
        effect = self._effect
        self._net.spend(self.name, effect)
        try:
            answer = self._carry_out(effect)
        except SessionError as error:
            refusal = error
            self._advance(lambda: self._steps.throw(refusal))
        else:
            self._advance(lambda: self._steps.send(answer))
        if isinstance(effect, Hello):  # its answer may have given this device another identity
            self.device_id = self.store.sync_state().device_id
        return self._steps is not None

    def run(self, *, full_hello: bool = False, push: bool = True) -> SessionReport:
        """One session from start to end."""
        if not self.syncing:
            self.begin(full_hello=full_hello, push=push)
        while self.step():
            pass
        assert self.report is not None
        return self.report

    def hang_up(self) -> None:
        """The network is taken away for good: the session under way never hears again."""
        if self._steps is not None:
            self._steps.close()
            self._steps = None

    def _advance(self, go: Callable[[], Any]) -> None:
        try:
            self._effect = go()
        except StopIteration as end:
            self.report, self._steps = end.value, None
        except BaseException:
            self._steps = None
            raise

    def _carry_out(self, effect: Any) -> dict[str, Any]:
        if isinstance(effect, Hello):
            return self._net.call(self.name, self._request("hello", effect.body))
        if isinstance(effect, Push):
            return self._push(effect)
        if isinstance(effect, Ask):
            self.synced()
            return self._net.call(self.name, self._request(effect.call, effect.body))
        if isinstance(effect, AskManifest):
            return self._net.call(self.name, self._request("snapshot", effect.body))
        if isinstance(effect, StartPart):
            self._part = effect
            return {}
        if isinstance(effect, AwaitPart):
            assert self.line is not None
            assert self._part is not None
            self.line.fetch_part(self._part)
            return {}
        if isinstance(effect, StartPull):
            # A page is on its way while the program goes on: it may be made now or as late as it is awaited.
            self._page = self._request("pull", effect.body)
            if self._chance.happens(0.5):
                self._page = self._fetch(self._page)
            return {}
        assert isinstance(effect, AwaitPull), effect
        page = self._page
        assert page is not None
        if isinstance(page, Request):
            page = self._fetch(page)
        self._page = None
        if isinstance(page, SessionError):
            raise page
        return page

    def _push(self, effect: Push) -> dict[str, Any]:
        """As `sync.files.BytesFirst`: bytes that a record names go before it."""
        txns = [txn for txn in effect.body["txns"] if named(txn)]
        mover = FileMover(self.store.files, self.line, self.epoch) if txns and self.line is not None else None
        if mover is not None:
            mover.ensure(txns)
            self.synced()
        answer = self._net.call(self.name, self._request("push", effect.body), effect.before_send)
        if mover is not None:
            mover.told(txns, answer.get("results", ()))
            self.synced()
        return answer

    def epoch(self) -> str:
        """The history this laptop believes in."""
        return self.store.sync_state().epoch

    def _fetch(self, request: Request) -> dict[str, Any] | SessionError:
        try:
            return self._net.call(self.name, request)
        except SessionError as error:
            return error

    def _request(self, path: str, body: dict[str, Any]) -> Request:
        return Request(path, self.token, self.device_id, orjson.dumps(body), SCHEMA_VERSION)

    # life and death

    def arm(self, calls: int, *, before: bool) -> None:
        """The program dies at its n-th store call of a session, before or after it."""
        self._fuse = (calls, before)

    def arm_inside(self, steps: int) -> None:
        """The program dies in the middle of a database statement, so many hundred steps of SQLite from now."""
        left = [steps]
        self.struck = False

        def tick() -> int:
            left[0] -= 1
            self.struck = left[0] < 0
            return int(self.struck)

        self.store._connection.set_progress_handler(tick, 100)

    def disarm(self) -> None:
        """No death is planned any more."""
        self._fuse = None
        self.store._connection.set_progress_handler(None, 0)

    def port_call(self, name: str, method: Callable[..., Any], args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
        """One store call of the engine."""
        before = after = False
        if self._fuse is not None:
            left, first = self._fuse
            self._fuse = (left - 1, first) if left else None
            before, after = left == 0 and first, left == 0 and not first
        if before:
            raise LaptopKilled
        if name in NOT_FLUSHED and self._unsynced is None:
            self._unsynced = self._copied("unsynced")
        elif name not in NOT_FLUSHED:
            self.synced()
        check = self.on_results(self, args[0]) if name == "record_results" else None
        result = method(*args, **kwargs)
        if name == "apply_page":
            self.on_page(self, args[0], result)
        if after:
            raise LaptopKilled
        if check is not None:
            check()
        return result

    def synced(self) -> None:
        """A durable commit was made: everything before it is on the disk too."""
        if self._unsynced is not None:
            shutil.rmtree(self._unsynced)
            self._unsynced = None

    def die(self, *, power_cut: bool = False) -> None:
        """The program is killed and started again on what is in the file.

        A power cut also takes what no fsync had reached: the pages applied since the last durable commit.
        """
        self.disarm()
        left = self._unsynced if power_cut and self._unsynced is not None else self._copied("left")
        self.hang_up()
        if left is not self._unsynced:
            self.synced()
        self._unsynced = None
        self.store.close()
        shutil.rmtree(self.folder)
        self.folder = left
        self.store = ClientStore.open(self.folder, KEY, self.clock)
        self.device_id = self.store.sync_state().device_id

    def restart(self) -> None:
        """The program is ended by its user and started again."""
        self.hang_up()
        self.synced()
        self.store.close()
        self.store = ClientStore.open(self.folder, KEY, self.clock)

    def clone(self, name: str) -> "Laptop":
        """Another laptop made from an image of this one's disk."""
        twin = Laptop(name, self.person, self.token, self._copied("clone"), self._chance, self._net)
        twin.clock.skew = self.clock.skew
        twin.device_id = self.device_id
        twin.on_page, twin.on_results = self.on_page, self.on_results
        twin.line = self.line.of(twin) if self.line is not None else None
        return twin

    def close(self) -> None:
        """End of the history."""
        self._steps = None
        self.store.close()

    def _copied(self, what: str) -> Path:
        self._lives += 1
        target = self.folder.parent / f"{self.name}.{what}.{self._lives}"
        target.mkdir()
        for file in (FILE_NAME, f"{FILE_NAME}-wal"):
            if (self.folder / file).exists():
                shutil.copyfile(self.folder / file, target / file)
        if (self.folder / FILES).exists():
            shutil.copytree(self.folder / FILES, target / FILES)
        return target
