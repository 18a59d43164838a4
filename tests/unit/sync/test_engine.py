"""The engine as a table: what it asks, given what the server says."""

from typing import Any

import pytest

from crm_desktop.errors import StoreError
from sync.effects import AwaitPull, StartPull
from sync.engine import session
from sync.protocol.messages import Code, Limits
from tests.unit.sync.scripted_engine import NOW, Applied, Store, hello, kinds, page, refusal, run, scripted, txn


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
    steps = session(store, now=lambda: NOW, wait_s=20)
    effect = next(steps)
    assert isinstance(effect, StartPull)
    assert effect.body["wait"] == 20
    assert isinstance(steps.send({}), AwaitPull)
    ahead = steps.send(page(5, more=True))
    assert isinstance(ahead, StartPull)
    assert ahead.ahead
    assert ahead.body["cursor"] == {"seq": 5, "commit_id": "c5"}
    assert "wait" not in ahead.body
    assert ahead.body["limit"] == Limits().page_rows * Limits().catch_up
    assert order == []
    assert isinstance(steps.send({}), AwaitPull)
    assert order == ["apply 5"]
    with pytest.raises(StopIteration) as end:
        steps.send(page(7))
    assert (end.value.value.pulled, end.value.value.digest_ok) == (2, True)


@pytest.mark.parametrize("code", ["offline", "token_expired", "device_revoked", "other_protocol", "stopped"])
def test_some_refusals_end_the_session(code: str) -> None:
    report, asked = run(Store([txn(1)]), scripted(on_push=lambda _: refusal(code)))
    assert kinds(asked) == ["Push"]
    assert report.error is not None
    assert report.error.code == code


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
    store.state.cursor_seq = 5
    report, asked = run(store, scripted(on_pull=lambda _: refusal(Code.DEVICE_FORK)), push=False, wait_s=25)
    assert kinds(asked) == ["StartPull"]
    assert asked[0].body["wait"] == 25  # type: ignore[union-attr]
    assert report.error is not None
    assert (report.error.code, store.calls) == ("device_fork", [])


def test_only_the_first_question_waits_for_news() -> None:
    store, fits = Store(), [False, True]
    store.state.cursor_seq = 5
    store.apply = lambda _: Applied(applied=fits.pop(0))
    _, asked = run(store, scripted(on_pull=lambda _: page(6)), push=False, wait_s=25)
    assert [effect.body.get("wait") for effect in asked] == [25, None]  # type: ignore[union-attr]


def test_a_page_that_is_none_ends_the_session_and_not_the_program() -> None:
    report, _ = run(Store(), scripted(on_pull=lambda _: {"commits": []}))
    assert report.error is not None
    assert report.error.code == "bad_answer"


def test_a_full_disk_ends_the_session_with_its_own_words() -> None:
    store = Store()

    def applying(_: dict[str, Any]) -> Applied:
        raise StoreError("disk_full", "The disk is full.", "Free some space.")

    store.apply = applying
    report, _ = run(store, scripted())
    assert report.error is not None
    assert report.error.code == "disk_full"


def test_pages_are_as_large_as_the_server_says() -> None:
    small = hello() | {"limits": Limits(page_rows=7).model_dump()}
    for told, asked_for in ((small, 7), (hello(), None)):
        _, asked = run(Store(), scripted(on_hello=lambda _, told=told: told), full_hello=True)  # type: ignore[misc]
        (pull,) = [effect for effect in asked if isinstance(effect, StartPull)]
        assert pull.body.get("limit") == asked_for


@pytest.mark.parametrize(
    ("moves", "error"),
    [((0, 1, 1, 0), None), ((1, 1, 0), None), ((1, 1, 0, 1, 1, 0), None), ((1, 1, 1), "no_progress")],
)
def test_data_that_move_meanwhile_are_asked_for_again_until_they_never_stand(
    moves: tuple[int, ...], error: str | None
) -> None:
    """Some other half of the program is quicker with a page: once in a while, or always."""
    store, left = Store(), list(moves)
    store.apply = lambda _: Applied(applied=not left.pop(0))
    report, asked = run(store, lambda _: page(9 - len(left), more=len(left) > 3))
    assert getattr(report.error, "code", None) == error
    assert (len(asked), left) == (len(moves), [])
