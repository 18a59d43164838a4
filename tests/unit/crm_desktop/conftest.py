"""A real encrypted store of one enrolled person in a temporary folder, at an hour that stands."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crm_desktop.services.records import RecordService
from crm_desktop.store.client_store import ClientStore
from tests.fresh_files import open_fresh
from tests.standing_clock import StandingClock

USER = "01900000-0000-7000-8000-000000000001"
NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)  # a Wednesday


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock(NOW)


@pytest.fixture
def store(tmp_path: Path, clock: StandingClock) -> Iterator[ClientStore]:
    with open_fresh(tmp_path / "profile", b"k" * 32, clock) as opened:
        opened.enrol("device-1", "D7F", USER, "epoch-1")
        yield opened


@pytest.fixture
def records(store: ClientStore) -> RecordService:
    return RecordService(store, USER)
