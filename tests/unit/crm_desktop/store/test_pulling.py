"""Pulled pages: cursor, mirror, and pages that are none."""

from typing import TYPE_CHECKING, Any

import orjson
import pytest

from crm_desktop.errors import SessionError
from crm_desktop.store.client_store import ClientStore
from crm_desktop.store.intents import patch
from tests.unit.crm_desktop.store.pulled import A, found_by, held, name_held, stored

if TYPE_CHECKING:
    from tests.unit.crm_desktop.store.conftest import Pages


def test_page_and_cursor_go_in_together(store: ClientStore, pages: "Pages") -> None:
    done = store.apply_page(pages.page({A: {"name": "Adler", "credit_limit": "1.50", "tags": ["x"]}}))
    assert (done.applied, done.rows, done.digest_ok) == (True, 1, True)
    state = store.sync_state()
    assert (state.cursor_seq, state.cursor_commit, state.scopes) == (1, "c1", ("catalogue", "territory:t1"))
    row = held(store)
    assert row is not None
    assert (row["credit_limit"], row["tags"]) == ("1.50", ["x"])
    assert store.read(lambda reader: reader.digest()) == pages.digest()


@pytest.mark.parametrize(
    ("more", "backfill", "caught_up"), [(False, False, "1"), (True, False, "0"), (False, True, "0")]
)
def test_all_is_here_after_the_last_page_alone(
    store: ClientStore, pages: "Pages", more: bool, backfill: bool, caught_up: str
) -> None:
    store.apply_page(pages.page({A: {"name": "Adler"}}, more=more) | ({"backfill": True} if backfill else {}))
    assert stored(store, "SELECT value FROM meta WHERE key = 'caught_up'") == [(caught_up,)]


@pytest.mark.parametrize(
    ("begun", "more", "waits", "lane"),
    [(True, False, False, 2), (True, True, False, 1), (True, False, True, 1), (False, False, False, None)],
    ids=["nothing waits", "more to come", "grants wait", "no lane yet"],
)
def test_the_lane_of_grants_goes_on_with_a_page_behind_which_nothing_waits(
    store: ClientStore, pages: "Pages", begun: bool, more: bool, waits: bool, lane: int | None
) -> None:
    store.apply_page(pages.page({A: {"name": "Adler"}}))
    if begun:
        store.backfill.begin()
    store.apply_page(pages.page({A: {"name": "Bussard"}}, more=more) | ({"backfill": True} if waits else {}))
    assert store.backfill.after() == lane


def test_page_that_no_longer_fits_is_dropped(store: ClientStore, pages: "Pages") -> None:
    first = pages.page({A: {"name": "Adler"}})
    assert store.apply_page(first).applied
    again = store.apply_page(first)
    assert not again.applied
    other = pages.page({A: {"name": "Bussard"}})
    other["asked"]["commit_id"] = "another history"
    assert not store.apply_page(other).applied
    assert (name_held(store), store.sync_state().cursor_seq) == ("Adler", 1)


def test_page_of_another_epoch_is_dropped(store: ClientStore, pages: "Pages") -> None:
    assert not store.apply_page(pages.page({A: {"name": "Adler"}}) | {"epoch": "e2"}).applied


def test_row_is_updated_and_found_anew(store: ClientStore, pages: "Pages") -> None:
    store.apply_page(pages.page({A: {"name": "Adler"}, ("visit", "v"): {"account_id": "a", "note": "alt"}}))
    done = store.apply_page(pages.page({A: {"name": "Bussard"}, ("visit", "v"): {"account_id": "a", "note": "neu"}}))
    assert (done.digest_ok, done.changed) == (True, frozenset({A, ("visit", "v")}))  # open pages show it at once
    assert name_held(store) == "Bussard"
    found = {word: found_by(store, word) for word in ("adler", "bussard", "alt", "neu")}
    assert found == {"adler": [], "bussard": ["a"], "alt": [], "neu": ["v"]}


@pytest.mark.parametrize("work", [False, True])
def test_older_row_is_skipped_but_its_scopes_are_taken(store: ClientStore, pages: "Pages", work: bool) -> None:
    store.apply_page(pages.page({A: {"name": "Adler"}}, seq=9))
    if work:
        store.commit([patch("account", "a", {"industry": "Bau"})])
    (amount, _), late = pages.rows[A], pages.page({A: {"name": "Alt"}}, seq=10, scopes=["catalogue"])
    late["commits"][0]["seq"] = 9
    pages.rows[A] = (amount, ["catalogue"])
    assert store.apply_page(late | {"digest": pages.digest()}).digest_ok
    assert name_held(store) == "Adler"
    where = "SELECT scopes FROM mirror" if work else "SELECT sync_scopes FROM account"
    assert stored(store, where) == [('["catalogue"]',)]


def test_column_order_of_the_page_is_its_own(store: ClientStore, pages: "Pages") -> None:
    page = pages.page({A: {"name": "Adler", "industry": "Bau"}})
    rows = page["commits"][0]["put"][0]
    packed = rows["rows"][0]
    rows["cols"] = [*reversed(rows["cols"]), "of_a_newer_server"]
    rows["rows"] = [[*packed[:3], *reversed(packed[3:]), "x"]]
    page["commits"][0]["put"].append({"e": "newer_entity", "cols": ["a"], "rows": [["n", "n", 0, 1]]})
    assert store.apply_page(page).digest_ok
    row = held(store)
    assert row is not None
    assert (row["name"], row["industry"]) == ("Adler", "Bau")


def break_page(page: dict[str, Any], *path: Any, to: Any) -> None:
    for step in path[:-1]:
        page = page[step]
    page[path[-1]] = to


_ROW = ("commits", 0, "put", 0, "rows", 0)


@pytest.mark.parametrize(
    ("path", "to"),
    [
        (("commits",), 7),
        (("commits", 0), {"seq": 3}),
        (("commits", 0, "seq"), "three"),
        (("commits", 0, "put", 0, "cols"), None),
        (("commits", 0, "gone"), [["account"]]),
        (("commits", 0, "evict"), "x"),
        (_ROW, []),
        ((*_ROW, 0), {"id": 1}),
        ((*_ROW, 2), 9),
        ((*_ROW, 3), {"a": 1}),
        (("cursor",), None),
        (("asked",), "c0"),
        (("scopes",), 5),
        (("scope_sets",), [None]),
        (("digest",), ["0"]),
    ],
)
def test_a_page_that_is_broken_inside_changes_nothing_and_says_so(
    store: ClientStore, pages: "Pages", path: tuple[Any, ...], to: Any, caplog: pytest.LogCaptureFixture
) -> None:
    good = pages.page({A: {"name": "Adler"}})
    broken = orjson.loads(orjson.dumps(good))
    break_page(broken, *path, to=to)
    with pytest.raises(SessionError) as caught:
        store.apply_page(broken)
    assert caught.value.code == "bad_answer"
    assert "Adler" not in caplog.text
    assert " in apply:" not in caplog.text  # where it broke, not where it was caught
    assert (held(store), store.sync_state().cursor_seq) == (None, 0)
    assert store.apply_page(good).applied
    assert (name_held(store), store.read(lambda reader: reader.digest())) == ("Adler", pages.digest())


@pytest.mark.parametrize("answer", [[], "page", {}, {"cursor": {"seq": 1, "commit_id": "c1"}, "more": False}])
def test_an_answer_that_is_no_page_is_told_as_such(store: ClientStore, answer: Any) -> None:
    with pytest.raises(SessionError, match="an answer this program does not know"):
        store.apply_page(answer)
