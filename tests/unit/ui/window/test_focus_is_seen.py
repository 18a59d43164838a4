"""Every kind of widget that takes the keys looks different while it has them, in both themes."""

from collections.abc import Callable
from typing import Literal

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QStandardItem, QStandardItemModel
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from ui.window import theme
from ui.window.navigation_panel import JumpButton
from ui.window.widgets.button import danger, ghost, icon_button, link, normal, primary
from ui.window.widgets.choice_pills import ChoicePills
from ui.window.widgets.focus_ring import FocusRing
from ui.window.widgets.record_table import RecordTable


def _table() -> QWidget:
    table = RecordTable("Records")
    model = QStandardItemModel(table)
    model.appendRow([QStandardItem("Alfreds Futterkiste")])
    table.setModel(model)
    table.setCurrentIndex(model.index(0, 0))
    return table


def _pill() -> QWidget:
    pills = ChoicePills("Period", [("a", "This year"), ("b", "Last year")])
    pills.set_value("a")
    return pills


def _text() -> QWidget:
    field = QPlainTextEdit("Words")
    field.setProperty("k", "field")
    return field


KINDS: dict[str, Callable[[], QWidget]] = {
    "primary": lambda: primary("Save"),
    "normal": lambda: normal("Cancel"),
    "ghost": lambda: ghost("Later"),
    "danger": lambda: danger("Delete"),
    "link": lambda: link("Open"),
    "icon": lambda: icon_button("search", "Search"),
    "jump": JumpButton,
    "box": lambda: QCheckBox("Yes"),
    "choice": QComboBox,
    "line": lambda: QLineEdit("Words"),
    "text": _text,
    "pill": _pill,
    "table": _table,
}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_what_has_the_keys_looks_different(app: QApplication, scheme: Literal["light", "dark"]) -> None:
    theme.apply_theme(app, scheme)
    window, column = QWidget(), QVBoxLayout()
    column.setSpacing(16)
    made = {name: make() for name, make in KINDS.items()}
    for widget in made.values():
        column.addWidget(widget)
    window.setLayout(column)
    FocusRing(window)
    window.resize(500, 1100)
    window.show()
    window.activateWindow()
    QTest.qWaitForWindowActive(window)
    same = []
    for name, widget in made.items():
        target = next(iter(widget.findChildren(QPushButton)), widget) if isinstance(widget, ChoicePills) else widget
        if isinstance(target, QLineEdit | QPlainTextEdit):
            target.setReadOnly(True)  # no caret: the frame alone has to tell
        focused = app.focusWidget()
        if focused is not None:
            focused.clearFocus()
        without = window.grab().toImage()
        target.setFocus(Qt.FocusReason.TabFocusReason)
        assert target.hasFocus(), name
        if window.grab().toImage() == without:
            same.append(name)
    window.close()
    assert not same, f"{scheme}: nothing shows the keys on {', '.join(same)}"
