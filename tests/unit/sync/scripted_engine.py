"""A session driven against a scripted server: no thread, no clock, no network."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from crm_desktop.errors import SessionError
from crm_desktop.model.operations import Delete, Transaction
from sync.effects import AwaitPull, Effect, Hello, Push, StartPull
from sync.engine import session
from sync.mending import Ask
from sync.protocol.messages import Code, Limits
from sync.session_report import SessionReport
from tests.unit.sync.scripted_parts import HasRows, Lane, Mending

NOW = "2026-01-01T00:00:00.000Z"


@dataclass
class State:
    """Where the device stands."""

    epoch: str = "e1"
    cursor_seq: int = 0
    cursor_commit: str = ""
    device_id: str = "d1"
    user_id: str = "u"
    client_seq: int = 0
    txn_id: str = ""
    confirmed: int = 0
    schema_ver: int = 1


@dataclass
class Applied:
    """What a page did."""

    applied: bool = True
    rows: int = 0
    evicted: int = 0
    deleted: int = 0
    digest_ok: bool | None = None
    differed: tuple[tuple[str, str], ...] = ()


@dataclass
class Store:
    """The port in memory: transactions wait in `waiting`, pages are kept in `pages`."""

    waiting: list[Transaction] = field(default_factory=list)
    state: State = field(default_factory=State)
    pages: list[dict[str, Any]] = field(default_factory=list)
    calls: list[tuple[Any, ...]] = field(default_factory=list)
    repairs: bool = False
    released: int = 0
    first_fill: Any = field(default_factory=HasRows)
    backfill: Lane = field(default_factory=Lane)
    mending: Mending = field(default_factory=Mending)
    apply: Callable[[dict[str, Any]], Applied] = lambda page: Applied(rows=len(page["commits"]))

    def sync_state(self) -> State:
        return replace(self.state)  # a moment, as the store tells it

    def pending(self, max_ops: int) -> list[Transaction]:
        taken: list[Transaction] = []
        for txn in self.waiting:
            if taken and sum(len(one.ops) for one in [*taken, txn]) > max_ops:
                break
            taken.append(txn)
        return taken

    def mark_attempted(self, client_seqs: Sequence[int]) -> None:
        self.calls.append(("attempted", *client_seqs))

    def release(self) -> None:
        self.released += 1

    def record_results(self, results: Sequence[dict[str, Any]]) -> None:
        done = {result["client_seq"] for result in results}
        self.waiting = [txn for txn in self.waiting if txn.client_seq not in done]

    def apply_page(self, page: dict[str, Any]) -> Applied:
        done = self.apply(page)
        if done.applied:
            self.pages.append(page)
            self.state.cursor_seq = page["cursor"]["seq"]
            self.state.cursor_commit = page["cursor"]["commit_id"]
        return done

    def quarantine_locally(self, client_seq: int, code: str, message: str) -> None:
        self.calls.append(("quarantine", client_seq, code))
        self.waiting = [
            txn.model_copy(update={"void": True, "ops": []}) if txn.client_seq == client_seq else txn
            for txn in self.waiting
        ]

    def adopt_device(self, device_id: str) -> None:
        self.calls.append(("device", device_id))
        self.state.device_id = device_id

    def adopt_epoch(self, epoch: str, last_client_seq: int | None = None, last_txn_id: str = "") -> None:
        self.calls.append(("epoch", epoch, last_client_seq))
        self.state.epoch, self.state.cursor_seq, self.state.cursor_commit = epoch, 0, ""

    def begin_repair(self) -> bool:
        self.calls.append(("repair",))
        if self.repairs:
            self.state.cursor_seq, self.state.cursor_commit = 0, ""
        return self.repairs

    def adopt_server(self, scopes: list[str], limits: Mapping[str, Any]) -> None:
        self.calls.append(("server", tuple(scopes)))

    def log_session(self, report: dict[str, Any]) -> None:
        raise AssertionError("the engine keeps no history")


def txn(seq: int, ops: int = 1) -> Transaction:
    made = [Delete(op_id=f"op{seq}.{n}", e="account", id=f"a{seq}", seen_cursor=0) for n in range(ops)]
    return Transaction(txn_id=f"t{seq}", client_seq=seq, seen_cursor=0, at=NOW, ops=list(made))


def page(seq: int, more: bool = False, commits: int = 1) -> dict[str, Any]:
    return {"more": more, "cursor": {"seq": seq, "commit_id": f"c{seq}"}, "commits": [{}] * commits}


def hello(action: str = "ok", epoch: str = "e1", last: int = 0) -> dict[str, Any]:
    return {
        "epoch": epoch,
        "server_seq": 9,
        "last_client_seq": last,
        "last_txn_id": "",
        "scopes": ["s"],
        "limits": Limits().model_dump(),
        "min_schema": 1,
        "action": action,
        "server_time": NOW,
    }


Answer = dict[str, Any] | SessionError


Server = Callable[[Effect], Answer]


def refusal(code: str, **values: Any) -> SessionError:
    return SessionError(code, code, "", **values)


def run(store: Store, server: Server, *, connected: bool = True, **options: Any) -> tuple[SessionReport, list[Effect]]:
    """Drive a session against `server`; also what it asked (a page is asked when it is awaited)."""
    steps = session(store, now=lambda: NOW, new_id=lambda: "fresh", **options)
    asked: list[Effect] = []
    begun: StartPull | None = None
    answer: Answer | None = None
    try:
        while True:
            effect = steps.throw(answer) if isinstance(answer, SessionError) else steps.send(answer)  # type: ignore[arg-type]
            answer = {}
            if isinstance(effect, StartPull):
                begun = effect
            elif isinstance(effect, AwaitPull):
                assert begun is not None
                asked.append(begun)
                answer, begun = server(begun), None
            else:
                asked.append(effect)
                if isinstance(effect, Push) and connected:
                    effect.before_send()
                answer = server(effect)
            assert len(asked) < 60, "the session does not end"
    except StopIteration as end:
        return end.value, asked


def accept(effect: Push) -> dict[str, Any]:
    """All transactions applied."""
    return {
        "last_client_seq": 0,
        "results": [
            {
                "client_seq": sent["client_seq"],
                "txn_id": sent["txn_id"],
                "commit_seq": 1,
                "ops": [{"op_id": op["op_id"], "outcome": "applied"} for op in sent["ops"]],
            }
            for sent in effect.body["txns"]
        ],
    }


def scripted(
    on_push: Callable[[Push], Answer] = accept,
    on_pull: Callable[[StartPull], Answer] = lambda _: page(1),
    on_hello: Callable[[Hello], Answer] = lambda _: hello(),
    on_ask: Callable[[Ask], Answer] = lambda _: refusal(Code.NOT_FOUND),
) -> Server:
    """A server that answers so; without `on_ask` it knows none of the calls beside push and pull."""

    def server(effect: Effect) -> Answer:
        if isinstance(effect, Push):
            return on_push(effect)
        if isinstance(effect, Hello):
            return on_hello(effect)
        if isinstance(effect, Ask):
            return on_ask(effect)
        assert isinstance(effect, StartPull)
        assert not effect.ahead
        return on_pull(effect)

    return server


def kinds(asked: list[Effect]) -> list[str]:
    return [type(effect).__name__ for effect in asked]


def seqs(effect: Effect) -> list[int]:
    assert isinstance(effect, Push)
    return [sent["client_seq"] for sent in effect.body["txns"]]
