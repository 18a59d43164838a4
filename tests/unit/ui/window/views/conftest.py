"""A page in a window on a store of its own."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from tests.unit.ui.window.shell_for_tests import TestShell, open_app, receive, world


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The gallery first: its longest part takes minutes, the others are drawn beside it."""
    items.sort(key=lambda item: item.get_closest_marker("gallery") is None)


@pytest.fixture
def shell(app: QApplication, tmp_path: Path) -> Iterator[TestShell]:
    """An enrolled profile with a small world, on a Thursday at ten."""
    now = datetime(2026, 11, 19, 9, 4, tzinfo=UTC)
    profile = open_app(tmp_path / "profile", now)
    receive(profile.store, world(now))
    window = TestShell(profile)
    yield window
    window.shut()
    profile.close()
