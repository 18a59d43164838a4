"""The lane of grants beside the live one: a page of it that is too old, or of another history, changes nothing."""

from typing import TYPE_CHECKING, Any

import pytest

from crm_desktop.store.client_store import ClientStore
from tests.unit.crm_desktop.store.pulled import A, held, name_held

if TYPE_CHECKING:
    from tests.unit.crm_desktop.store.conftest import Pages

B = ("account", "b")


@pytest.fixture
def granted(store: ClientStore, pages: "Pages") -> dict[str, Any]:
    """What the lane brings of a grant told by commit 3, asked for at 5; the live lane is there too."""
    store.apply_page(pages.page({A: {"name": "Adler"}}, seq=2))
    store.backfill.begin()
    page = type(pages)().page({B: {"name": "Bussard"}}, seq=3)
    store.apply_page(pages.page(seq=5) | {"backfill": 1, "digest": None})
    return page | {"cursor": {"seq": 5, "commit_id": "c5"}, "backfill": 3}


def test_what_is_granted_comes_and_the_lane_goes_on(store: ClientStore, granted: dict[str, Any]) -> None:
    assert store.backfill.after() == 2
    assert store.backfill.apply(granted) == 1
    assert held(store, B) is not None
    assert store.backfill.after() == 3
    store.backfill.begin()  # it has begun: what is left of the grant would be passed over
    assert store.backfill.after() == 3


def test_a_page_from_before_the_cursor_brings_nothing_back(
    store: ClientStore, pages: "Pages", granted: dict[str, Any]
) -> None:
    """The record left while the page was on its way: it would be shown for ever to somebody who may not have it."""
    store.apply_page(pages.page(evict=(B,), seq=6) | {"backfill": 1, "digest": None})
    assert store.backfill.apply(granted) == 0
    assert (held(store, B), store.backfill.after()) == (None, 2)


@pytest.mark.parametrize("epoch", ["of the page", "of the copy"])
def test_a_page_of_another_history_changes_nothing(store: ClientStore, granted: dict[str, Any], epoch: str) -> None:
    if epoch == "of the page":
        granted["epoch"] = "e2"
    else:
        store.adopt_epoch("e2")
        assert store.backfill.after() is None
    assert store.backfill.apply(granted) == 0
    assert (name_held(store), held(store, B)) == ("Adler", None)


def test_in_a_new_history_that_has_come_as_far_grants_come_in_the_live_lane(store: ClientStore, pages: "Pages") -> None:
    store.apply_page(pages.page({A: {"name": "Adler"}}, seq=2))
    store.backfill.begin()
    store.adopt_epoch("e2")
    store.apply_page(type(pages)().page(seq=9) | {"epoch": "e2"})
    assert store.backfill.after() is None


def test_while_everything_is_read_anew_grants_come_in_the_live_lane(store: ClientStore, pages: "Pages") -> None:
    """The lane would leave out what was granted before, and the reading would take it away as not named."""
    store.apply_page(pages.page({A: {"name": "Adler"}}, seq=2))
    store.backfill.begin()
    assert store.begin_repair()
    assert store.backfill.after() is None
