"""What a session does beside pages: the lane of grants, sums that differ and their repair."""

import pytest

from sync.effects import Effect, StartPull
from sync.mending import Ask
from sync.protocol.messages import Code
from tests.unit.sync.scripted_engine import NOW, Answer, Applied, Store, kinds, page, refusal, run, scripted, txn
from tests.unit.sync.scripted_parts import Lane, Mending


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


def test_grants_that_nobody_asked_for_do_not_keep_the_session() -> None:
    report, asked = run(Store(), scripted(on_pull=lambda _: page(1) | {"backfill": True}))
    assert (kinds(asked), report.error) == (["StartPull"], None)


@pytest.mark.parametrize(
    ("digest", "after", "begun"), [(True, None, 1), (False, None, 0), (None, None, 0), (True, 4, 0)]
)
def test_grants_get_a_lane_once_all_is_here(digest: bool | None, after: int | None, begun: int) -> None:
    lane = Lane(after)
    run(Store(apply=lambda _: Applied(digest_ok=digest), backfill=lane), scripted())
    assert lane.begun == begun


@pytest.mark.parametrize(("refused", "pulls", "rows"), [(False, 2, 3), (True, 1, 0)])
def test_the_lane_of_grants_goes_between_two_pulls(refused: bool, pulls: int, rows: int) -> None:
    """Where the server has no time for it the session ends: it goes on with a later one."""
    lane = Lane(4)
    store, told = Store(backfill=lane), [page(1, commits=0) | {"backfill": True}, page(1, commits=0)]

    def server(effect: Effect) -> Answer:
        if isinstance(effect, Ask):
            store.waiting.append(txn(1))
            return refusal(Code.RETRY) if refused else {"rows": []}
        return scripted(on_pull=lambda _: told.pop(0))(effect)

    report, asked = run(store, server)
    assert kinds(asked).count("StartPull") == pulls
    assert (report.pulled, lane.applied) == (rows, int(not refused))
    # What was written meanwhile goes out before the next pull.
    assert kinds(asked) == (["StartPull", "Ask"] if refused else ["StartPull", "Ask", "Push", "StartPull"])
    assert report.error is None


def test_what_was_mended_is_told_and_pulled_again() -> None:
    server = scripted(on_ask=lambda _: {})
    report, asked = run(Store(apply=lambda _: Applied(digest_ok=False)), server)
    assert [one.call for one in asked if isinstance(one, Ask)] == ["digest", "refetch"]
    assert [one.body["buckets"] for one in asked if isinstance(one, Ask) and one.call == "refetch"] == [{"s": [3]}]
    assert (kinds(asked).count("StartPull"), report.repaired) == (2, True)
    assert report.differed == (("account", "a"),)


def test_what_the_server_cannot_mend_is_not_pulled_again() -> None:
    store = Store(apply=lambda _: Applied(digest_ok=False))
    report, asked = run(store, scripted())
    assert (kinds(asked), report.repaired, report.differed) == (["StartPull", "Ask"], False, ())
    assert store.calls == [("repair",)]  # all read anew would be next, and was refused


@pytest.mark.parametrize(
    ("push", "digest", "looks"), [(True, True, 1), (True, False, 0), (True, None, 0), (False, True, 0)]
)
def test_a_full_session_that_agrees_with_the_server_looks_over_its_sums(
    push: bool, digest: bool | None, looks: int
) -> None:
    mending = Mending()
    run(Store(apply=lambda _: Applied(digest_ok=digest), mending=mending), scripted(), push=push)
    assert mending.looked == [NOW] * looks


@pytest.mark.parametrize("after", [None, 0, 4])
def test_a_pull_says_that_grants_have_their_own_lane_and_how_far_it_is(after: int | None) -> None:
    _, (pull,) = run(Store(backfill=Lane(after)), scripted())
    assert isinstance(pull, StartPull)
    assert ("backfill" in pull.body, pull.body.get("backfill")) == (after is not None, after)
