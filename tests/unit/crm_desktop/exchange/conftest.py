from collections.abc import Iterator
from pathlib import Path

import pytest

from crm_desktop.clock import SystemClock
from crm_desktop.services.records import RecordService
from crm_desktop.store.client_store import ClientStore
from tests.fresh_files import open_fresh


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ClientStore]:
    with open_fresh(tmp_path / "profile", b"k" * 32, SystemClock()) as opened:
        yield opened


@pytest.fixture
def records(store: ClientStore) -> RecordService:
    return RecordService(store, "user-1")
