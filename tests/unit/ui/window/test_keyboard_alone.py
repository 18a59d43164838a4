"""The main story of each page with Tab, arrows, Enter and the keys of its footer; the mouse stays in its hole."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from tests.unit.ui.window.every_page import show, window_with_everything
from tests.unit.ui.window.shell_for_tests import focus, press
from tests.unit.ui.window.window_for_tests import settle, shut
from ui.window.main_window import MainWindow
from ui.window.views.conflicts_page import ConflictsPage


@pytest.fixture
def window(app: QApplication, tmp_path: Path) -> Iterator[MainWindow]:
    made = window_with_everything(tmp_path / "profile")
    made.navigate("today")
    settle(made)
    made.activateWindow()
    QTest.qWaitForWindowActive(made)
    yield made
    shut(made)


class Flashes(QObject):
    """Remembers what was shown as a window of its own beside the real one, if only for a moment."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self.seen: list[str] = []

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Show and isinstance(watched, QWidget) and watched.isWindow():
            plain = watched.windowType() in (Qt.WindowType.Window, Qt.WindowType.Widget)
            if plain and watched is not self._window:
                self.seen.append(f"{type(watched).__name__} {watched.objectName()}")
        return False


def test_no_page_takes_the_keys_from_the_window(window: MainWindow, app: QApplication) -> None:
    """What is shown before it has a parent is a window for a moment, flickers, and the keys go nowhere after it."""
    flashes = Flashes(window)
    app.installEventFilter(flashes)
    found = []
    for page, _ in show(window):
        found += [f"{page}: {name}" for name in flashes.seen]
        flashes.seen.clear()
        if QApplication.focusWidget() is None:
            found.append(f"{page}: nothing has the keys")
    app.removeEventFilter(flashes)
    assert not found, "\n".join(found)


def test_a_conflict_is_decided_by_one_key_on_arrival(window: MainWindow) -> None:
    press(window, Qt.Key.Key_9, Qt.KeyboardModifier.ControlModifier)
    settle(window)
    page = window.pages["conflicts"]
    assert isinstance(page, ConflictsPage)
    press(focus(), Qt.Key.Key_1)
    assert page.decided.plain_text() == "1 of 1 marked"
    press(focus(), Qt.Key.Key_2)
    assert [card.theirs.radio.isChecked() for card in page.case_view.cards] == [True]
