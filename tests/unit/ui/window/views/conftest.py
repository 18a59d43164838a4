"""A page in a window on a store of its own."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from tests.unit.ui.window.shell_for_tests import TestShell, open_app, receive, world
from ui.window import i18n, theme


@pytest.fixture
def app(qapp: QApplication) -> Iterator[QApplication]:
    """The application in the light theme, in English."""
    theme.apply_theme(qapp, "light")
    i18n.set_language("en")
    yield qapp
    i18n.set_language("en")


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
