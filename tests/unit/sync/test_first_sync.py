"""The steps of a first sync by parts, without a network: what is asked, in which order, and when it is given up."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from crm_desktop.errors import SessionError
from sync.effects import Effect, StartPull
from sync.first_sync import PATIENCE, AskManifest, AwaitPart, StartPart, fill
from sync.ports import Body
from tests.unit.sync import scripted_engine

EPOCH = "e1"


@dataclass(frozen=True)
class State:
    """As the store tells it."""

    begun: bool = False
    epoch: str = EPOCH
    snapshots: tuple[str, ...] = ()
    parts: tuple[dict[str, Any], ...] = ()
    complete: bool = False
    next: int = 0


@dataclass
class Store:
    """Remembers what it was told."""

    now: State | None = field(default_factory=State)
    applied: list[bytes] = field(default_factory=list)
    kept: tuple[str, bytes] = ("", b"")
    ended: str = ""

    def state(self) -> State | None:
        return self.now

    def take(self, manifest: Body) -> State:
        before = self.now or State()
        at = before.next if list(before.snapshots) == manifest["snapshots"] else 0
        self.now = State(True, EPOCH, tuple(manifest["snapshots"]), tuple(manifest["parts"]), manifest["complete"], at)
        return self.now

    def decode(self, packed: bytes) -> bytes:
        return packed

    def apply(self, number: int, part: bytes) -> int:
        assert self.now is not None
        assert number == self.now.next
        self.applied.append(part)
        self.now = replace(self.now, next=number + 1)
        return 2

    def keep_piece(self, sha256: str, data: bytes) -> None:
        self.kept = (sha256, data)

    def piece(self, sha256: str) -> bytes:
        return self.kept[1] if self.kept[0] == sha256 else b""

    def finish(self) -> None:
        self.now, self.ended = None, "finished"

    def forget(self) -> None:
        self.now, self.ended = None, "forgotten"


def part(number: int, snapshot_id: str = "s1") -> dict[str, Any]:
    """A part whose bytes are its name."""
    data = content(number, snapshot_id)
    return {
        "snapshot_id": snapshot_id, "i": number, "entity": "tag", "rows": 2, "bytes": len(data),
        "sha256": hashlib.sha256(data).hexdigest(),
    }  # fmt: skip


def content(number: int, snapshot_id: str = "s1") -> bytes:
    """Bytes of a part."""
    return f"{snapshot_id}/{number}".encode()


def manifest(count: int, *, complete: bool = True, snapshot_id: str = "s1") -> Body:
    """What a server offers."""
    listed = [part(number, snapshot_id) for number in range(count)]
    return {"snapshots": [snapshot_id], "parts": listed, "complete": complete}


Answer = Callable[[Any], Any]


def drive(store: Store, manifests: list[Body | SessionError], fetch: Answer | None = None) -> tuple[int, list[Any]]:
    """Run it; `fetch` may return an error for a part, or change its bytes. Returns (rows, effects)."""
    steps = fill(store, EPOCH)
    effects: list[Any] = []
    answer: Any = None
    under_way: list[StartPart] = []
    while True:
        try:
            effect = steps.throw(answer) if isinstance(answer, SessionError) else steps.send(answer)
        except StopIteration as end:
            return end.value, effects
        effects.append(effect)
        answer = {}
        if isinstance(effect, AskManifest):
            answer = manifests.pop(0)
        elif isinstance(effect, StartPart):
            under_way.append(effect)
        elif isinstance(effect, AwaitPart):
            begun = under_way[-1]
            begun.data += content(begun.number, begun.snapshot_id)[len(begun.data) :]
            error = fetch(begun) if fetch else None
            begun.arrived()
            answer = error or {}


def test_a_part_is_applied_while_the_next_one_travels() -> None:
    store = Store()
    rows, effects = drive(store, [manifest(3)])
    assert rows == 6
    assert store.applied == [content(0), content(1), content(2)]
    assert store.ended == "finished"
    kinds = [f"{type(effect).__name__}{getattr(effect, 'number', '')}" for effect in effects]
    assert kinds == ["AskManifest", "StartPart0", "AwaitPart", "StartPart1", "AwaitPart", "StartPart2", "AwaitPart"]


def test_the_rest_of_a_growing_list_is_asked_for() -> None:
    store = Store()
    _, effects = drive(store, [manifest(1, complete=False), manifest(1, complete=False), manifest(2)])
    asked = [effect.body for effect in effects if isinstance(effect, AskManifest)]
    assert asked == [
        {"resume": [], "have": 0},
        {"resume": ["s1"], "have": 1},
        {"resume": ["s1"], "have": 1},
    ]
    assert store.applied == [content(0), content(1)]


def test_a_list_that_never_grows_is_given_up() -> None:
    store = Store()
    drive(store, [manifest(1, complete=False)] * (PATIENCE + 3))
    assert store.ended == "forgotten"


@pytest.mark.parametrize("offer", [{"parts": [], "complete": True}, SessionError("not_found", "no such address")])
def test_where_nothing_is_offered_pages_begin(offer: Body | SessionError) -> None:
    store = Store()
    rows, effects = drive(store, [offer])
    assert (rows, len(effects), store.ended) == (0, 1, "")


def test_a_copy_with_rows_asks_for_nothing() -> None:
    assert drive(Store(None), []) == (0, [])


def test_a_filling_of_another_history_is_dropped() -> None:
    store = Store(State(begun=True, epoch="e0", snapshots=("s1",), parts=(part(0),)))
    assert drive(store, []) == (0, [])
    assert store.ended == "forgotten"


def test_bytes_that_came_before_a_cut_are_kept_and_not_asked_again() -> None:
    store = Store()

    def cut(begun: StartPart) -> SessionError | None:
        if begun.number != 1:
            return None
        del begun.data[2:]
        return SessionError("offline", "cut")

    with pytest.raises(SessionError):
        drive(store, [manifest(2)], cut)
    assert store.kept == (part(1)["sha256"], content(1)[:2])
    _, effects = drive(store, [])
    assert [bytes(effect.data) for effect in effects if isinstance(effect, StartPart)] == [content(1)]
    assert store.applied == [content(0), content(1)]


def test_damaged_bytes_are_thrown_away_and_asked_again_but_not_for_ever() -> None:
    store, tries = Store(), []

    def harm(begun: StartPart) -> None:
        tries.append(begun.number)
        if len(tries) < 3:
            begun.data[0] ^= 1

    drive(store, [manifest(1)], harm)
    assert store.applied == [content(0)]

    def always(begun: StartPart) -> None:
        begun.data[0] ^= 1

    given_up = Store()
    drive(given_up, [manifest(1)], always)
    assert (given_up.applied, given_up.ended) == ([], "forgotten")  # pages need no part


def test_parts_that_are_gone_are_replaced_by_a_new_list() -> None:
    store = Store()

    def gone(begun: StartPart) -> SessionError | None:
        return SessionError("not_found", "gone") if (begun.snapshot_id, begun.number) == ("s1", 1) else None

    drive(store, [manifest(2), manifest(2, snapshot_id="s2")], gone)
    assert store.applied == [content(0), content(0, "s2"), content(1, "s2")]
    assert store.ended == "finished"


def test_a_copy_filled_by_parts_goes_on_with_pages_at_once() -> None:
    engine = scripted_engine.Store()

    class Filled(Store):
        def finish(self) -> None:
            super().finish()
            engine.state.cursor_seq, engine.state.cursor_commit = 5, "c5"

    def server(effect: Effect) -> scripted_engine.Answer:
        if isinstance(effect, AskManifest):
            return manifest(2)
        if isinstance(effect, StartPart):
            effect.data += content(effect.number)
            effect.arrived()
            return {}
        return {} if isinstance(effect, AwaitPart) else scripted_engine.page(6)

    engine.first_fill = Filled()
    report, asked = scripted_engine.run(engine, server)
    (pull,) = [effect for effect in asked if isinstance(effect, StartPull)]
    assert pull.body["cursor"]["seq"] == 5
    assert report.pulled == 2 * 2 + 1


def test_the_listening_half_begins_no_copy() -> None:
    """A full session may be filling it just now: pages from the start would get in between."""
    engine = scripted_engine.Store(first_fill=Store())
    report, asked = scripted_engine.run(engine, scripted_engine.scripted(), push=False)
    assert (asked, report.error) == ([], None)
