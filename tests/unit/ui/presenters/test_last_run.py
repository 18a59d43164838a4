"""The runner's success counts once there is one; before it what the history remembers."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from crm_desktop.model.columns import format_instant
from crm_desktop.store.client_store import ClientStore
from tests.standing_clock import StandingClock
from ui.presenters.last_run import LastRun, last_run, load_last_run

AT = datetime(2026, 11, 19, 7, 41, tzinfo=UTC)
LATER = AT + timedelta(hours=1)


@dataclass
class Status:
    last_success_at: datetime | None = None
    verified: bool | None = None


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ClientStore]:
    made = ClientStore.open(tmp_path / "profile", bytes(range(32)), StandingClock(AT))
    yield made
    made.close()


def log(store: ClientStore, ended: datetime, code: str = "", digest_ok: bool | None = None) -> None:
    at = format_instant(ended)
    store.log_session({"started_at": at, "ended_at": at, "error_code": code, "digest_ok": digest_ok})


def test_nothing_has_succeeded(store: ClientStore) -> None:
    log(store, AT, "offline")
    assert store.read(load_last_run) is None


def test_the_last_success_is_found_behind_many_failures(store: ClientStore) -> None:
    log(store, AT - timedelta(hours=1), digest_ok=True)
    log(store, AT)
    for minutes in range(1, 40):
        log(store, AT + timedelta(minutes=minutes), "offline")
    assert store.read(load_last_run) == LastRun(AT, True)


def test_a_differing_digest_is_not_forgotten(store: ClientStore) -> None:
    log(store, AT - timedelta(hours=1), digest_ok=True)
    log(store, AT, digest_ok=False)
    assert store.read(load_last_run) == LastRun(AT, False)


def test_the_runner_knows_better_after_a_success() -> None:
    remembered = LastRun(AT, True)
    assert last_run(None, remembered) == remembered
    assert last_run(Status(), remembered) == remembered
    assert last_run(Status(LATER), remembered) == LastRun(LATER, True)
    assert last_run(Status(LATER, False), remembered) == LastRun(LATER, False)
    assert last_run(Status(), None) is None
