"""What a screen reader and the Tab key find: names and roles of all that takes the keys, texts of cells, the ring."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QApplication,
    QHeaderView,
    QLineEdit,
    QListView,
    QScrollArea,
    QTabBar,
    QTextEdit,
    QWidget,
)

from tests.unit.ui.window.every_page import places, show, window_with_everything
from tests.unit.ui.window.shell_for_tests import press
from tests.unit.ui.window.window_for_tests import settle, shut
from ui.window.main_window import MainWindow
from ui.window.page import Page

ROLE = QAccessible.Role
TEXT = QAccessible.Text
ROLES = {
    QAbstractButton: {ROLE.Button, ROLE.CheckBox, ROLE.RadioButton, ROLE.ButtonMenu, ROLE.Link},
    QLineEdit: {ROLE.EditableText},
    QTextEdit: {ROLE.EditableText, ROLE.Document, ROLE.StaticText},
    QAbstractItemView: {ROLE.List, ROLE.Table, ROLE.Tree},
    QTabBar: {ROLE.PageTabList},
}
STOPS = 150


@pytest.fixture
def window(app: QApplication, tmp_path: Path) -> Iterator[MainWindow]:
    made = window_with_everything(tmp_path / "profile")
    made.activateWindow()
    QTest.qWaitForWindowActive(made)
    yield made
    shut(made)


def interactive(window: QWidget) -> list[QWidget]:
    """What a person can reach with Tab; the field inside a spin box belongs to the box."""
    found = []
    for widget in window.findChildren(QWidget):
        tabbed = widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        inner = isinstance(widget.parentWidget(), QAbstractSpinBox) or widget.focusProxy() is not None
        seen = widget.isVisible() and widget.isEnabled()
        if seen and tabbed and not inner and not isinstance(widget, QHeaderView | QScrollArea | Page):
            found.append(widget)
    return found


def called(widget: QWidget) -> str:
    return f"{type(widget).__name__} {widget.objectName() or widget.accessibleName()}".strip()


def unfit(page: str, shown: MainWindow) -> set[str]:
    """What takes keys and has no name, or a role that does not fit."""
    wrong = set()
    for widget in interactive(shown):
        face = QAccessible.queryAccessibleInterface(widget)
        if not face.text(TEXT.Name).strip():
            wrong.add(f"{page}: {called(widget)} in {type(widget.parentWidget()).__name__} has no name")
        fitting = next((roles for kind, roles in ROLES.items() if isinstance(widget, kind)), None)
        if fitting is not None and face.role() not in fitting:
            wrong.add(f"{page}: {called(widget)} is a {face.role().name}")
    return wrong


def silent(page: str, shown: MainWindow) -> set[str]:
    """Rows of lists and tables that say nothing."""
    rows = set()
    for view in shown.findChildren(QAbstractItemView):
        model = view.model()
        if not view.isVisible() or model is None:
            continue
        columns = 1 if isinstance(view, QListView) else model.columnCount()
        for row in range(min(model.rowCount(), 8)):
            cells = [model.index(row, column) for column in range(columns)]
            cells = [cell for cell in cells if model.flags(cell) & Qt.ItemFlag.ItemIsSelectable]
            texts = [
                str(cell.data(Qt.ItemDataRole.AccessibleTextRole) or cell.data(Qt.ItemDataRole.DisplayRole) or "")
                for cell in cells
            ]
            if cells and not any(text.strip() for text in texts):
                rows.add(f"{page}: {called(view)}, row {row} says nothing")
    return rows


def test_all_that_takes_keys_has_a_name_and_a_fitting_role_and_every_row_says_something(window: MainWindow) -> None:
    wrong = set()
    for page, shown in show(window):
        wrong |= unfit(page, shown) | silent(page, shown)
    assert not wrong, "\n".join(sorted(wrong))


def test_tab_reaches_everything_and_shows_where_it_is(window: MainWindow) -> None:
    wrong = set()
    for page, where in places(window).items():
        window.navigate(page, **where)
        settle(window)
        shown = window.stack.currentWidget()
        assert shown is not None
        reached: list[QWidget] = []
        for _ in range(STOPS):
            here = QApplication.focusWidget()
            if here is None:
                wrong.add(f"{page}: the keys are lost after {called(reached[-1]) if reached else 'the start'}")
                break
            if here in reached and len(reached) > 3 and here is reached[0]:
                break
            reached.append(here)
            if shown.isAncestorOf(here) and here is not shown and not ring_or_caret(window, here):
                wrong.add(f"{page}: nothing shows that {called(here)} has the keys")
            press(here, Qt.Key.Key_Tab)
        met = set(reached) | {widget.focusProxy() for widget in reached}
        for widget in interactive(shown):
            in_group = isinstance(widget, QAbstractButton) and widget.autoExclusive()
            if widget not in met and not in_group:
                wrong.add(f"{page}: Tab never comes to {called(widget)} in {type(widget.parentWidget()).__name__}")
    assert not wrong, "\n".join(sorted(wrong))


def ring_or_caret(window: MainWindow, widget: QWidget) -> bool:
    """The ring of the window, one of its own, or a blinking caret."""
    if window.ring.target() is not None:
        return True
    return bool(widget.property("ownRing")) or isinstance(widget, QLineEdit | QTextEdit)
