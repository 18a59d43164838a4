"""The first page of an empty profile, the sample to look at in its place, and the way back."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from crm_desktop.errors import KnownError
from crm_desktop.settings import Settings
from crm_desktop.store.client_store import ClientStore
from tests.unit.ui.window.shell_for_tests import KEY, FixedClock, NoSecrets, focus, press
from tests.unit.ui.window.window_for_tests import settle
from ui.compose import App
from ui.first_look import FirstLook, open_first_look
from ui.presenters.today import load_today
from ui.window.app import Windows

NOW = datetime(2026, 11, 19, 9, 4, tzinfo=UTC)


@pytest.fixture
def windows(app: QApplication, tmp_path: Path) -> Iterator[Windows]:
    """The program on a profile that was made just now."""
    clock = FixedClock(NOW)
    own = App(tmp_path, ClientStore.open(tmp_path, KEY, clock), NoSecrets(), clock)
    made = Windows(app, own)
    settle(made.current, lambda: made.current.stack.currentWidget() is not None)
    made.current.activateWindow()
    QTest.qWaitForWindowActive(made.current)
    yield made
    made.close()
    own.close()


def test_the_sample_is_looked_at_and_left_by_keys_alone(windows: Windows) -> None:
    own = windows.current.app
    start = windows.current.pages["start"]
    assert start.isAncestorOf(focus())
    assert focus().accessibleName() == "Connect"
    press(focus(), Qt.Key.Key_Tab)
    assert focus().accessibleName() == "Look at it"
    press(focus(), Qt.Key.Key_Space)
    arrive(windows, lambda app: app is not own)
    window, sample = windows.current, windows.current.app
    assert isinstance(sample, FirstLook)
    assert window.history.here().page == "today"  # type: ignore[union-attr]
    assert window.strip.connection.text().strip() == "Sample data, no server"
    assert window.invented.isVisible()
    sample.records.create("account", {"name": "Tried out"})
    settle(window)
    assert window.strip.waiting.text().strip() == "1 change waits"
    window.navigate("enrol")
    settle(window)
    assert window.history.here().page == "start"  # type: ignore[union-attr]
    assert focus().accessibleName() == "Leave the sample data"
    press(focus(), Qt.Key.Key_Space)
    arrive(windows, lambda app: app is own)
    assert not sample.folder.exists()
    assert own.store.read(lambda reader: reader.counts())["account"] == 0


def arrive(windows: Windows, where: Callable[[App], bool]) -> None:
    """Until there is a window on this profile with its first page."""
    for _ in range(4000):
        QTest.qWait(5)
        if where(windows.current.app):
            settle(windows.current, lambda: windows.current.stack.currentWidget() is not None)
            return
    raise AssertionError("no other window came")


def test_f1_helps_on_the_page_and_escape_returns(windows: Windows) -> None:
    window = windows.current
    window.navigate("outbox")
    settle(window)
    press(window, Qt.Key.Key_F1)
    settle(window)
    help_page = window.pages["help"]
    assert help_page.topic == "sync"  # type: ignore[attr-defined]
    press(focus(), Qt.Key.Key_Escape)
    settle(window)
    assert window.stack.currentWidget() is window.pages["outbox"]


def test_the_days_of_the_sample_are_those_of_its_clock(tmp_path: Path) -> None:
    sample = open_first_look(Settings(language="de"), FixedClock(NOW))
    try:
        assert sample.settings.language == "de"
        today = load_today(sample.store, sample.user_id, NOW)
        assert today.visits, "nobody to visit in the sample"
        with pytest.raises(KnownError):
            sample.enrol("http://127.0.0.1:9", "anne", "secret")
    finally:
        sample.close()
    assert not sample.folder.exists()
