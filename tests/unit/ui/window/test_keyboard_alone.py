"""The main story of each page with Tab, arrows, Enter and the keys of its footer; the mouse stays in its hole."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QAbstractButton, QApplication, QLineEdit, QTextEdit, QWidget

from tests.unit.ui.window.every_page import show
from tests.unit.ui.window.keyboard_story import here, tells_of
from tests.unit.ui.window.shell_for_tests import focus, press, type_text
from tests.unit.ui.window.window_for_tests import settle
from ui.window.main_window import MainWindow
from ui.window.navigation_panel import JumpButton
from ui.window.views.conflicts_page import ConflictsPage
from ui.window.views.outbox_page import OutboxPage
from ui.window.widgets.button import Button
from ui.window.widgets.choice_pills import ChoicePills
from ui.window.widgets.empty_state import EmptyState
from ui.window.window_keys import NUMBERED

SETTLES = 5


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
        for _ in range(SETTLES):  # a route comes behind its page, whose rows are made anew with it
            if seen(window):
                break
            settle(window)
        else:
            found.append(f"{page}: nothing shows what has the keys")
    app.removeEventFilter(flashes)
    assert not found, "\n".join(found)


def seen(window: MainWindow) -> bool:
    """A ring of the window, one of its own, or a caret; a page that takes keys and has no part that could may go."""
    at, page = QApplication.focusWidget(), window.stack.currentWidget()
    if at is None or page is None:
        return False
    if at is page or isinstance(at, EmptyState):
        stops = [part for part in page.findChildren(QWidget) if part.isVisible() and part.isEnabled()]
        return not any(part.focusPolicy() & Qt.FocusPolicy.TabFocus for part in stops if part is not at)
    return window.ring.target() is not None or bool(at.property("ownRing")) or isinstance(at, QLineEdit | QTextEdit)


@pytest.mark.parametrize("make", [lambda: Button("Open", "ghost"), JumpButton, lambda: ChoicePills("", [("a", "A")])])
@pytest.mark.parametrize("enter", [Qt.Key.Key_Return, Qt.Key.Key_Enter])
def test_enter_presses_what_has_the_keys(app: QApplication, make: Callable[[], QWidget], enter: Qt.Key) -> None:
    made = make()
    button = made if isinstance(made, QAbstractButton) else made.findChildren(QAbstractButton)[0]
    pressed: list[bool] = []
    button.clicked.connect(lambda: pressed.append(True))
    made.show()
    press(button, enter)
    press(button, enter, Qt.KeyboardModifier.ControlModifier)
    assert pressed == [True]


@tells_of("conflicts")
def test_a_conflict_is_decided_by_one_key_on_arrival(window: MainWindow) -> None:
    press(window, Qt.Key.Key_9, Qt.KeyboardModifier.ControlModifier)
    settle(window)
    page = window.pages["conflicts"]
    assert isinstance(page, ConflictsPage)
    press(focus(), Qt.Key.Key_1)
    assert page.decided.plain_text() == "1 of 1 marked"
    press(focus(), Qt.Key.Key_2)
    assert [card.theirs.radio.isChecked() for card in page.case_view.cards] == [True]


@tells_of("accounts", "account", "note")
def test_from_the_list_to_a_finished_note(window: MainWindow) -> None:
    to_page(window, "accounts")
    press(focus(), Qt.Key.Key_Down)
    press(focus(), Qt.Key.Key_Return)
    settle(window)
    assert here(window)[0] == "account"
    press(focus(), Qt.Key.Key_V)
    settle(window)
    assert here(window)[0] == "note"
    type_text("Wants samples of Tofu")
    press(focus(), Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    settle(window)
    notes = window.app.store.read(lambda reader: [row["note"] for row in reader.where("visit")])
    assert "Wants samples of Tofu" in notes


@tells_of("quote")
def test_from_an_account_to_a_line_of_a_quote(window: MainWindow) -> None:
    to_page(window, "accounts")
    press(focus(), Qt.Key.Key_Return)
    settle(window)
    press(focus(), Qt.Key.Key_Q)
    settle(window)
    assert here(window)[0] == "quote"
    type_text("Chai\n12\n")
    settle(window)
    lines = window.app.store.read(lambda reader: reader.where("quote_line"))
    assert ("Chai", Decimal(12)) in {(line["name"], Decimal(line["quantity"])) for line in lines}


@tells_of("outbox")
def test_a_change_is_taken_back_from_the_outbox(window: MainWindow) -> None:
    to_page(window, "outbox")
    page = window.pages["outbox"]
    assert isinstance(page, OutboxPage)
    line, before = page.waiting.current(), len(window.app.outbox.entries())
    assert line is not None
    press(focus(), Qt.Key.Key_Delete)
    settle(window)
    assert len(window.app.outbox.entries()) == before - len(line.entries)


@tells_of("settings")
def test_the_language_changes_by_an_arrow_in_the_settings(window: MainWindow) -> None:
    press(window, Qt.Key.Key_Comma, Qt.KeyboardModifier.ControlModifier)
    settle(window)
    press(focus(), Qt.Key.Key_Right)
    settle(window)
    assert window.app.settings.language == "de"
    press(focus(), Qt.Key.Key_Tab)
    press(focus(), Qt.Key.Key_Right)
    settle(window)
    assert window.app.settings.theme == "light", "from the last round to the first"


def to_page(window: MainWindow, page: str) -> None:
    """By Ctrl and its number."""
    number = NUMBERED.index(page) + 1
    press(window, Qt.Key(Qt.Key.Key_0.value + number), Qt.KeyboardModifier.ControlModifier)
    settle(window)
    assert here(window)[0] == page
