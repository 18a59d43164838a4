"""What was carried out stays in the log for months: it heals a restored server, and what was set aside lies there."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from crm_desktop.store import acknowledge
from crm_desktop.store.client_store import ClientStore
from crm_desktop.store.intents import create
from tests.standing_clock import StandingClock
from tests.unit.crm_desktop.store.conftest import KEY, NOW, Pages

DAYS = timedelta(days=acknowledge.KEEP_DAYS)


def _tags_after(folder: Path, later: timedelta) -> list[str]:
    """The tags that the log still tells of when the program starts so much later."""
    with ClientStore.open(folder, KEY, StandingClock(NOW + later)) as store:
        return [op.id for entry in store.read(lambda r: r.outbox(include_covered=True)) for op in entry.ops]


@pytest.fixture
def store_of_three(store: ClientStore, pages: Pages, acknowledge: Callable[..., None]) -> ClientStore:
    """One change came by pull, one is answered, one waits."""
    for number, tag in enumerate(("covered", "answered", "waiting"), 1):
        store.commit([create("tag", tag, {"name": tag})])
        if tag != "waiting":
            acknowledge(commit_seq=number)
            store.apply_page(pages.page(seq=1))
    return store


def test_what_the_log_holds_is_dropped_when_it_is_old_and_came_by_pull(
    store_of_three: ClientStore, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(acknowledge, "KEEP_NEWEST", 0)
    store_of_three.close()
    assert _tags_after(folder, DAYS) == ["waiting", "answered", "covered"]
    assert _tags_after(folder, DAYS + timedelta(seconds=1)) == ["waiting", "answered"]


def test_the_newest_stay_whatever_the_clock_says(store_of_three: ClientStore, folder: Path) -> None:
    """One that stood years ahead for a morning would take the log along that heals a restored server."""
    store_of_three.close()
    assert _tags_after(folder, 40 * DAYS) == ["waiting", "answered", "covered"]


def test_what_was_set_aside_stays_until_it_is_decided(
    store: ClientStore, pages: Pages, acknowledge: Callable[..., None], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crm_desktop.store.acknowledge.KEEP_NEWEST", 0)
    store.commit([create("tag", "aside", {"name": "aside"})])
    store.quarantine_locally(1, "malformed", "The server cannot read this change.")
    acknowledge(commit_seq=1, outcome="void")
    store.apply_page(pages.page(seq=1))
    store.close()
    assert _tags_after(folder, 2 * DAYS) == ["aside"]
    with ClientStore.open(folder, KEY, StandingClock(NOW)) as again:
        again.close_quarantine(1, "not needed")
    assert _tags_after(folder, 2 * DAYS) == []


def test_what_was_set_aside_stays_while_its_decision_may_be_taken_back(
    store: ClientStore, pages: Pages, acknowledge: Callable[..., None], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crm_desktop.store.acknowledge.KEEP_NEWEST", 0)
    store.commit([create("tag", "aside", {"name": "aside"})])
    store.quarantine_locally(1, "malformed", "The server cannot read this change.")
    acknowledge(commit_seq=1, outcome="void")
    store.apply_page(pages.page(seq=1))
    store.commit([create("tag", "again", {"name": "aside"})], closes=1)
    store.close()
    assert _tags_after(folder, 2 * DAYS) == ["again", "aside"]
    with ClientStore.open(folder, KEY, StandingClock(NOW)) as again:
        assert again.discard(2)
        assert len(again.read(lambda reader: reader.local_quarantine())) == 1
