"""What hello heals: other histories, clones, cursors that expired."""

from typing import Any

import pytest

from sync.effects import Hello, Push, StartPull
from sync.protocol.messages import Code
from tests.unit.sync.scripted_engine import Answer, Store, accept, hello, kinds, page, refusal, run, scripted, txn


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


def test_a_laptop_that_knows_no_history_yet_says_hello_first() -> None:
    store = Store()
    store.state.epoch = ""
    _, asked = run(store, scripted())
    assert kinds(asked)[0] == "Hello"


def test_wipe_stops() -> None:
    report, asked = run(Store([txn(1)]), scripted(on_hello=lambda _: hello("wipe")), full_hello=True)
    assert kinds(asked) == ["Hello"]
    assert report.error is not None
    assert report.error.code == "device_revoked"


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
