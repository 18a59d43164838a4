"""The engine pushes: full batches, and a transaction the server cannot take does not stop the others."""

from typing import Any

import orjson
import pytest

from sync.effects import Push
from sync.protocol.messages import Code, Limits
from tests.unit.sync.scripted_engine import Answer, Store, accept, hello, kinds, refusal, run, scripted, seqs, txn


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


def test_after_what_was_too_large_pushes_are_as_full_as_before() -> None:
    store = Store([txn(number) for number in range(1, 8)])
    refusals = [refusal(Code.TOO_LARGE)]
    _, asked = run(store, scripted(on_push=lambda effect: refusals.pop() if refusals else accept(effect)))
    assert [seqs(effect) for effect in asked[:-1]] == [[1, 2, 3, 4, 5, 6, 7], [1, 2, 3], [4, 5, 6, 7]]


@pytest.mark.parametrize(("cursor", "told"), [(5, {"seq": 5, "commit_id": "c5"}), (0, None)])
def test_a_push_tells_what_was_read_so_that_a_restored_server_notices(cursor: int, told: dict[str, Any] | None) -> None:
    store = Store([txn(1)])
    store.state.cursor_seq, store.state.cursor_commit = cursor, f"c{cursor}"
    _, asked = run(store, scripted())
    assert asked[0].body.get("cursor") == told  # type: ignore[union-attr]


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


def test_answers_that_the_store_cannot_take_are_no_endless_loop() -> None:
    store = Store([txn(1), txn(2)])
    store.record_results = lambda results: None  # type: ignore[method-assign]
    report, asked = run(store, scripted())
    assert kinds(asked) == ["Push", "Push", "Push", "StartPull"]
    assert report.error is not None
    assert report.error.code == "no_progress"


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


def test_a_push_passes_a_proxy_that_takes_a_megabyte() -> None:
    """Its refusal is no word of our server: the laptop would only ever hear that the server cannot be reached."""
    waiting = [txn(number, 300) for number in range(1, 60)]
    size = sum(len(orjson.dumps(one.wire())) for one in waiting)
    assert size > 1_000_000
    store = Store(waiting)
    store.pending = lambda max_ops: list(store.waiting)  # type: ignore[method-assign]
    _, asked = run(store, scripted(), limits=Limits(push_ops=10**6, body_bytes=10**9))
    bodies = [len(orjson.dumps(effect.body)) for effect in asked if isinstance(effect, Push)]
    assert len(bodies) > 1
    assert max(bodies) <= 1024 * 1024
    assert store.waiting == []
