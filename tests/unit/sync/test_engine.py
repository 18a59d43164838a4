"""The engine as a table: what it asks, given what the server says. No thread, no clock, no network."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import orjson
import pytest

from crm_desktop.errors import SessionError, StoreError
from crm_desktop.model.operations import Delete, Transaction
from sync.effects import AwaitPull, Effect, Hello, Push, StartPull
from sync.engine import session
from sync.mending import Ask
from sync.protocol.messages import Code, Limits
from sync.session_report import SessionReport

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

    def adopt_server(self, scopes: list[str], limits: Any) -> None:
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
    steps = session(store, now=NOW, new_id=lambda: "fresh", **options)
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
) -> Server:
    def server(effect: Effect) -> Answer:
        if isinstance(effect, Push):
            return on_push(effect)
        if isinstance(effect, Hello):
            return on_hello(effect)
        assert isinstance(effect, StartPull)
        assert not effect.ahead
        return on_pull(effect)

    return server


def kinds(asked: list[Effect]) -> list[str]:
    return [type(effect).__name__ for effect in asked]


def seqs(effect: Effect) -> list[int]:
    assert isinstance(effect, Push)
    return [sent["client_seq"] for sent in effect.body["txns"]]


def test_with_nothing_to_do_it_asks_once() -> None:
    report, asked = run(Store(), scripted(on_pull=lambda _: page(0, commits=0)))
    assert kinds(asked) == ["StartPull"]
    assert (report.error, report.moved) == (None, False)


def test_push_comes_first_and_is_marked_before() -> None:
    store = Store([txn(1), txn(2)])
    report, asked = run(store, scripted())
    assert kinds(asked) == ["Push", "StartPull"]
    assert store.calls == [("attempted", 1, 2)]
    assert (report.pushed, report.pulled, store.waiting) == (2, 1, [])
    assert report.outcomes == {"applied": 2}


def test_next_page_is_asked_by_the_page_at_hand_before_it_is_applied() -> None:
    store = Store()
    order: list[str] = []

    def applying(one: dict[str, Any]) -> Applied:
        order.append(f"apply {one['cursor']['seq']}")
        return Applied(rows=1, digest_ok=None if one["more"] else True)

    store.apply = applying
    steps = session(store, now=NOW)
    effect = next(steps)
    assert isinstance(effect, StartPull)
    assert isinstance(steps.send({}), AwaitPull)
    ahead = steps.send(page(5, more=True))
    assert isinstance(ahead, StartPull)
    assert ahead.ahead
    assert ahead.body["cursor"] == {"seq": 5, "commit_id": "c5"}
    assert ahead.body["limit"] == Limits().page_rows * Limits().catch_up
    assert order == []
    assert isinstance(steps.send({}), AwaitPull)
    assert order == ["apply 5"]
    with pytest.raises(StopIteration) as end:
        steps.send(page(7))
    assert (end.value.value.pulled, end.value.value.digest_ok) == (2, True)


def test_without_a_connection_nothing_is_marked_and_what_was_handed_out_is_free() -> None:
    store = Store([txn(1)])
    report, _ = run(store, scripted(on_push=lambda _: refusal("offline")), connected=False)
    assert (store.calls, store.released) == ([], 1)
    assert report.error is not None
    assert report.error.code == "offline"


@pytest.mark.parametrize("code", ["retry", "server_error", "no_progress", "upgrade_required", "not_found"])
def test_pull_goes_on_when_push_is_stuck(code: str) -> None:
    store = Store([txn(1)])
    report, asked = run(store, scripted(on_push=lambda _: refusal(code)))
    assert kinds(asked) == ["Push", "StartPull"]
    assert report.error is not None
    assert (report.error.code, report.pulled, len(store.waiting)) == (code, 1, 1)


@pytest.mark.parametrize("code", ["offline", "token_expired", "device_revoked", "other_protocol", "stopped"])
def test_some_refusals_end_the_session(code: str) -> None:
    report, asked = run(Store([txn(1)]), scripted(on_push=lambda _: refusal(code)))
    assert kinds(asked) == ["Push"]
    assert report.error is not None
    assert report.error.code == code


def test_upgrade_required_still_lets_the_outbox_drain() -> None:
    store = Store([txn(1)])
    report, _ = run(store, scripted(on_pull=lambda _: refusal("upgrade_required")))
    assert store.waiting == []
    assert report.error is not None
    assert report.error.code == "upgrade_required"


def test_too_large_is_halved_until_the_culprit_is_alone_and_sent_as_void() -> None:
    store = Store([txn(number) for number in range(1, 9)])

    def on_push(effect: Push) -> Answer:
        bad = any(sent["client_seq"] == 6 and not sent.get("void") for sent in effect.body["txns"])
        return refusal(Code.TOO_LARGE) if bad else accept(effect)

    report, asked = run(store, scripted(on_push=on_push))
    assert ("quarantine", 6, "too_large") in store.calls
    assert (store.waiting, report.error, report.pushed, report.refused) == ([], None, 8, 1)
    assert [seqs(effect) for effect in asked[:2]] == [[1, 2, 3, 4, 5, 6, 7, 8], [1, 2, 3, 4]]


def test_malformed_names_its_operation_and_the_rest_goes_on() -> None:
    store = Store([txn(1), txn(2), txn(3)])

    def on_push(effect: Push) -> Answer:
        ops = [op["op_id"] for sent in effect.body["txns"] for op in sent["ops"]]
        return refusal(Code.MALFORMED, op_id="op2.0") if "op2.0" in ops else accept(effect)

    report, asked = run(store, scripted(on_push=on_push))
    assert [call for call in store.calls if call[0] == "quarantine"] == [("quarantine", 2, "malformed")]
    assert kinds(asked) == ["Push", "Push", "StartPull"]
    assert (store.waiting, report.error) == ([], None)


def test_a_void_the_server_cannot_read_does_not_turn_for_ever() -> None:
    store = Store([txn(1)])
    report, _ = run(store, scripted(on_push=lambda _: refusal(Code.MALFORMED)))
    assert report.error is not None
    assert (report.error.code, report.pulled) == ("malformed", 1)


def test_batches_keep_the_limits() -> None:
    store = Store([txn(1, 3), txn(2, 3), txn(3, 9), txn(4, 1)])
    report, asked = run(store, scripted(), limits=Limits(push_ops=5))
    assert [seqs(effect) for effect in asked[:4]] == [[1], [2], [3], [4]]
    assert report.pushed == 4


@pytest.mark.parametrize("results", [[7], [{}], [{"client_seq": 1, "txn_id": "t1", "commit_seq": 1, "ops": [{}]}], {}])
def test_results_that_are_none_end_the_push_and_not_the_program(results: Any) -> None:
    store = Store([txn(1)])
    report, asked = run(store, scripted(on_push=lambda _: {"results": results, "last_client_seq": 0}))
    assert kinds(asked) == ["Push", "StartPull"]
    assert report.error is not None
    assert (report.error.code, report.pulled) == ("bad_answer", 1)


def test_an_answer_without_results_is_no_endless_loop() -> None:
    store = Store([txn(1)])
    report, asked = run(store, scripted(on_push=lambda _: {"results": [], "last_client_seq": 0}))
    assert kinds(asked) == ["Push", "Push", "Push", "StartPull"]
    assert report.error is not None
    assert report.error.code == "no_progress"


@pytest.mark.parametrize(
    ("code", "action", "call"),
    [
        (Code.EPOCH_CHANGED, "replay", ("epoch", "e2", 4)),
        (Code.CURSOR_EXPIRED, "rebootstrap", ("epoch", "e2", 4)),
        (Code.DEVICE_FORK, "new_device_id", ("device", "fresh")),
    ],
)
@pytest.mark.parametrize("where", ["push", "pull"])
def test_hello_heals(code: str, action: str, call: tuple[Any, ...], where: str) -> None:
    store = Store([txn(1)])
    greeted: list[Hello] = []

    def on_hello(effect: Hello) -> Answer:
        greeted.append(effect)
        return hello(action, "e2" if call[0] == "epoch" else "e1", last=4)

    def on_push(effect: Push) -> Answer:
        return refusal(code) if where == "push" and not greeted else accept(effect)

    def on_pull(_: StartPull) -> Answer:
        return refusal(code) if where == "pull" and not greeted else page(3)

    report, _ = run(store, scripted(on_push, on_pull, on_hello))
    assert call in store.calls
    assert (len(greeted), report.error, store.waiting) == (1, None, [])


def test_healing_that_does_not_help_ends() -> None:
    report, asked = run(Store(), scripted(on_pull=lambda _: refusal(Code.EPOCH_CHANGED)))
    assert kinds(asked).count("Hello") == 3
    assert report.error is not None
    assert report.error.code == "epoch_changed"


def test_a_gap_is_closed_from_the_retained_log() -> None:
    store = Store([txn(5)])
    store.state.client_seq = 5

    def adopt_epoch(epoch: str, last_client_seq: int | None = None, last_txn_id: str = "") -> None:
        store.calls.append(("epoch", epoch, last_client_seq))
        store.waiting = [txn(4), *store.waiting]

    store.adopt_epoch = adopt_epoch  # type: ignore[method-assign]

    def on_push(effect: Push) -> Answer:
        return refusal(Code.SEQ_GAP, expected=4) if seqs(effect)[0] > 4 else accept(effect)

    report, asked = run(store, scripted(on_push, on_hello=lambda _: hello(last=3)))
    assert [seqs(effect) for effect in asked if isinstance(effect, Push)] == [[5], [4, 5]]
    assert (store.waiting, report.error) == ([], None)
    assert ("epoch", "e1", 3) in store.calls


def test_a_gap_that_nobody_can_place_ends_the_push_and_changes_nothing() -> None:
    store = Store([txn(5)])
    report, _ = run(store, scripted(lambda _: refusal(Code.SEQ_GAP), on_hello=lambda _: hello(last=3)))
    assert [call for call in store.calls if call[0] == "epoch"] == []
    assert report.error is not None
    assert [one.client_seq for one in store.waiting] == [5]


def test_a_page_that_no_longer_fits_is_asked_again_and_what_was_fetched_ahead_is_dropped() -> None:
    store = Store()
    tries: list[int] = []

    def applying(one: dict[str, Any]) -> Applied:
        tries.append(one["cursor"]["seq"])
        if len(tries) == 1:  # the listening half was quicker
            store.state.cursor_seq, store.state.cursor_commit = 6, "c6"
            return Applied(applied=False)
        return Applied(rows=1)

    store.apply = applying
    answers = iter([page(5, more=True), page(8)])
    report, asked = run(store, scripted(on_pull=lambda _: next(answers)))
    assert [effect.body["cursor"]["seq"] for effect in asked] == [0, 6]  # type: ignore[union-attr]
    assert (report.error, tries) == (None, [5, 8])


def test_listening_waits_pulls_and_heals_nothing() -> None:
    store = Store([txn(1)])
    report, asked = run(store, scripted(on_pull=lambda _: refusal(Code.DEVICE_FORK)), push=False, wait_s=25)
    assert kinds(asked) == ["StartPull"]
    assert asked[0].body["wait"] == 25  # type: ignore[union-attr]
    assert report.error is not None
    assert (report.error.code, store.calls) == ("device_fork", [])


def test_a_full_disk_ends_the_session_with_its_own_words() -> None:
    store = Store()

    def applying(_: dict[str, Any]) -> Applied:
        raise StoreError("disk_full", "The disk is full.", "Free some space.")

    store.apply = applying
    report, _ = run(store, scripted())
    assert report.error is not None
    assert report.error.code == "disk_full"


def test_a_digest_that_differs_is_reported() -> None:
    store = Store()
    store.apply = lambda _: Applied(digest_ok=False)
    report, _ = run(store, scripted())
    assert (report.digest_ok, report.error, report.repaired) == (False, None, False)
    assert store.calls == [("repair",)]  # asked for, and refused: it was tried lately
    store.calls.clear()
    report, _ = run(store, scripted(), push=False)
    assert (report.digest_ok, store.calls) == (False, [])


def test_a_digest_that_differs_is_repaired_once() -> None:
    store = Store(repairs=True)
    store.state.cursor_seq = 5
    found = ("account", "a1")
    store.apply = lambda _: Applied(digest_ok=bool(store.calls), differed=(found,) if store.calls else ())
    report, asked = run(store, scripted())
    assert (report.digest_ok, report.repaired, report.differed) == (True, True, (found,))
    assert [one.body["cursor"]["seq"] for one in asked if isinstance(one, StartPull)] == [5, 0]
    store.apply = lambda _: Applied(digest_ok=False)
    report, _ = run(store, scripted())
    assert (report.digest_ok, report.repaired) == (False, True)


def test_wipe_stops() -> None:
    report, asked = run(Store([txn(1)]), scripted(on_hello=lambda _: hello("wipe")), full_hello=True)
    assert kinds(asked) == ["Hello"]
    assert report.error is not None
    assert report.error.code == "device_revoked"


def test_pages_are_as_large_as_the_server_says() -> None:
    small = hello() | {"limits": Limits(page_rows=7).model_dump()}
    for told, asked_for in ((small, 7), (hello(), None)):
        _, asked = run(Store(), scripted(on_hello=lambda _, told=told: told), full_hello=True)  # type: ignore[misc]
        (pull,) = [effect for effect in asked if isinstance(effect, StartPull)]
        assert pull.body.get("limit") == asked_for


def test_grants_that_nobody_asked_for_do_not_keep_the_session() -> None:
    report, asked = run(Store(), scripted(on_pull=lambda _: page(1) | {"backfill": True}))
    assert (kinds(asked), report.error) == (["StartPull"], None)


class Mending:
    """What the engine tells the store of another history."""

    def __init__(self) -> None:
        self.kept_left = 0

    def keep_left(self) -> None:
        self.kept_left += 1

    def removals(self, _page: Any) -> list[Any]:
        return []

    def left(self) -> list[Any]:
        return []

    def look_over(self, _now: str) -> bool:
        return False


@pytest.mark.parametrize(("epoch", "kept"), [("e1", 0), ("e2", 1)])
def test_what_is_left_is_kept_where_the_history_is_another(epoch: str, kept: int) -> None:
    mending = Mending()
    run(Store(), scripted(on_hello=lambda _: hello("replay", epoch)), full_hello=True, mending=mending)
    assert mending.kept_left == kept


class Filling:
    """A copy that was filled by parts before: nothing of it is under way."""

    def state(self) -> None:
        return None


def test_a_copy_filled_by_parts_goes_on_with_pages_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    def filled(_filling: Any, epoch: str) -> Any:
        assert epoch == "e1"
        store.state.cursor_seq, store.state.cursor_commit = 5, "c5"
        return 40
        yield

    store = Store()
    monkeypatch.setattr("sync.pull.fill", filled)
    report, asked = run(store, scripted(on_pull=lambda _: page(6)), first_fill=Filling())
    (pull,) = asked
    assert isinstance(pull, StartPull)
    assert pull.body["cursor"]["seq"] == 5
    assert report.pulled == 41


class Lane:
    """The lane of grants: begun where everything up to the cursor is here."""

    def __init__(self, after: int | None = None, refusals: int = 0) -> None:
        self._after = after
        self.refusals = refusals
        self.begun = 0
        self.applied = 0

    def after(self) -> int | None:
        return self._after

    def begin(self) -> None:
        self.begun += 1

    def apply(self, _page: Any) -> int:
        self.applied += 1
        return 3


@pytest.mark.parametrize(
    ("digest", "after", "begun"), [(True, None, 1), (False, None, 0), (None, None, 0), (True, 4, 0)]
)
def test_grants_get_a_lane_once_all_is_here(digest: bool | None, after: int | None, begun: int) -> None:
    lane = Lane(after)
    run(Store(apply=lambda _: Applied(digest_ok=digest)), scripted(), backfill=lane)
    assert lane.begun == begun


@pytest.mark.parametrize(("refused", "pulls", "rows"), [(False, 2, 3), (True, 1, 0)])
def test_the_lane_of_grants_goes_between_two_pulls(refused: bool, pulls: int, rows: int) -> None:
    """Where the server has no time for it the session ends: it goes on with a later one."""
    lane, store, told = Lane(4), Store([]), [page(1, commits=0) | {"backfill": True}, page(1, commits=0)]

    def server(effect: Effect) -> Answer:
        if isinstance(effect, Ask):
            store.waiting.append(txn(1))
            return refusal(Code.RETRY) if refused else {"rows": []}
        return scripted(on_pull=lambda _: told.pop(0))(effect)

    report, asked = run(store, server, backfill=lane)
    assert kinds(asked).count("StartPull") == pulls
    assert (report.pulled, lane.applied) == (rows, int(not refused))
    # What was written meanwhile goes out before the next pull.
    assert kinds(asked) == (["StartPull", "Ask"] if refused else ["StartPull", "Ask", "Push", "StartPull"])
    assert report.error is None


@pytest.mark.parametrize(("found", "again"), [((("account", "a"),), True), (None, False)])
def test_what_was_mended_is_told_and_pulled_again(
    found: tuple[tuple[str, str], ...] | None, again: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def mended(_mending: Any, _position: Any) -> Any:
        return found
        yield

    monkeypatch.setattr("sync.pull.mend", mended)
    report, asked = run(Store(apply=lambda _: Applied(digest_ok=False)), scripted(), mending=Mending())
    assert (kinds(asked).count("StartPull"), report.repaired) == (2 if again else 1, again)
    assert report.differed == (found or ())


def test_hello_tells_the_store_what_the_server_said() -> None:
    store = Store()
    run(store, scripted(), full_hello=True)
    assert ("server", ("s",)) in store.calls


def test_what_a_server_of_another_history_forgot_goes_out_in_the_same_session() -> None:
    store = Store()
    greeted: list[Hello] = []

    def adopt_epoch(epoch: str, last_client_seq: int | None = None, last_txn_id: str = "") -> None:
        store.state.epoch, store.waiting = epoch, [txn(5)]  # it was acknowledged once

    def on_hello(effect: Hello) -> Answer:
        greeted.append(effect)
        return hello("replay", "e2", last=4)

    store.adopt_epoch = adopt_epoch  # type: ignore[method-assign]
    pulled = scripted(on_hello=on_hello, on_pull=lambda _: page(3) if greeted else refusal(Code.EPOCH_CHANGED))
    report, asked = run(store, pulled)
    assert kinds(asked) == ["StartPull", "Hello", "StartPull", "Push", "StartPull"]
    assert (store.waiting, report.pushed, report.error) == ([], 1, None)


def test_an_ordinary_hello_keeps_what_is_here() -> None:
    store = Store()
    store.state.cursor_seq, store.state.cursor_commit = 5, "c5"
    _, asked = run(store, scripted(), full_hello=True)
    assert store.calls == [("server", ("s",))]
    assert asked[-1].body["cursor"]["seq"] == 5  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("push", "digest", "looks"), [(True, True, 1), (True, False, 0), (True, None, 0), (False, True, 0)]
)
def test_a_full_session_that_agrees_with_the_server_looks_over_its_sums(
    push: bool, digest: bool | None, looks: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[str] = []
    mending = Mending()
    mending.look_over = looked.append  # type: ignore[method-assign, assignment]
    monkeypatch.setattr("sync.pull.mend", lambda *_: iter(()))
    run(Store(apply=lambda _: Applied(digest_ok=digest)), scripted(), push=push, mending=mending)
    assert looked == [NOW] * looks


@pytest.mark.parametrize("after", [None, 0, 4])
def test_a_pull_says_that_grants_have_their_own_lane_and_how_far_it_is(after: int | None) -> None:
    _, (pull,) = run(Store(), scripted(), backfill=Lane(after))
    assert isinstance(pull, StartPull)
    assert ("backfill" in pull.body, pull.body.get("backfill")) == (after is not None, after)


@pytest.mark.parametrize(("moves", "error"), [((0, 1, 1, 0), None), ((1, 1, 0), None), ((1, 1, 1), "no_progress")])
def test_data_that_move_meanwhile_are_asked_for_again_until_they_never_stand(
    moves: tuple[int, ...], error: str | None
) -> None:
    """Some other half of the program is quicker with a page: once in a while, or always."""
    store, left = Store(), list(moves)
    store.apply = lambda _: Applied(applied=not left.pop(0))
    report, asked = run(store, lambda _: page(9 - len(left), more=len(left) > 3))
    assert getattr(report.error, "code", None) == error
    assert (len(asked), left) == (len(moves), [])


def test_a_server_that_takes_a_change_in_between_is_asked_on() -> None:
    """It is given up only where nothing was taken several times running."""
    store, takes = Store([txn(1), txn(2)]), [True, False, False, True]
    report, asked = run(
        store,
        scripted(on_push=lambda push: accept(push) if takes.pop(0) else {"results": [], "last_client_seq": 0}),
        limits=Limits(push_ops=1),
    )
    assert (store.waiting, report.error, kinds(asked).count("Push")) == ([], None, 4)


@pytest.mark.parametrize(
    ("ops", "spare", "batches"),
    [(5, 0, [[1, 2]]), (4, 0, [[1], [2]]), (5, -1, [[1], [2]]), (4, -1, [[1], [2]]), (3, -9999, [[1], [2]])],
)
def test_a_push_is_as_full_as_the_server_allows(ops: int, spare: int, batches: list[list[int]]) -> None:
    """Two changes of three and two operations: both limits are the last size that still goes."""
    waiting = [txn(1, 3), txn(2, 2)]
    store = Store(waiting)
    store.pending = lambda max_ops: list(store.waiting)  # type: ignore[method-assign]
    size = sum(len(orjson.dumps(one.wire())) for one in waiting)
    _, asked = run(store, scripted(), limits=Limits(push_ops=ops, body_bytes=size + spare))
    assert [seqs(effect) for effect in asked if isinstance(effect, Push)] == batches


@pytest.mark.parametrize(("action", "epoch"), [("replay", "e1"), ("rebootstrap", "e1"), ("ok", "e2")])
def test_a_history_that_is_begun_anew_or_has_another_name_is_taken_up(action: str, epoch: str) -> None:
    store = Store()
    run(store, scripted(on_hello=lambda _: hello(action, epoch, last=4)), full_hello=True)
    assert ("epoch", epoch, 4) in store.calls


@pytest.mark.parametrize(("code", "renamed"), [(Code.DEVICE_FORK, True), (Code.CURSOR_EXPIRED, False)])
def test_a_twin_that_hello_does_not_recognise_takes_a_name_of_its_own(code: str, renamed: bool) -> None:
    store, refusals = Store([txn(1)]), [refusal(code)]
    report, _ = run(store, scripted(on_push=lambda push: refusals.pop() if refusals else accept(push)))
    assert (("device", "fresh") in store.calls) is renamed
    assert (store.waiting, report.error) == ([], None)
