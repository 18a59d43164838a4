"""Ten values that did not stand are taken back on a real page by real keys, and arrive on the other laptop."""

from collections.abc import Sequence

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from benchmarks.lost_edits import measure
from tests.unit.ui.window.shell_for_tests import TestShell
from ui.compose import App
from ui.window import theme
from ui.window.views.conflicts_page import ConflictsPage

# The platform without a screen says with each window that it has no size hints to pass on.
pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", extend=True)


def restore_in_the_window(app: App, conflict_ids: Sequence[str]) -> None:
    shell = TestShell(app)
    page = ConflictsPage(shell)
    shell.put(page)
    for conflict_id in conflict_ids:
        page.open(conflict_id=conflict_id)
        shell.settle()
        page.setFocus()
        case = page.list.case()
        assert case is not None
        assert case.holds(conflict_id)
        QTest.keyClick(page.focusWidget(), Qt.Key.Key_1)
        QTest.mouseClick(page.save_button, Qt.MouseButton.LeftButton)
        shell.settle()
    assert shell.errors == []
    assert len(shell.toasts) == len(conflict_ids)
    shell.shut()


def test_ten_of_the_losers_are_taken_back_and_arrive(qapp: QApplication) -> None:
    theme.apply_theme(qapp, "light")
    stand, listed, arrived, lost = measure(records=40, restored=10, restore=restore_in_the_window)
    assert (stand.value, listed.value, arrived.value, lost.value) == (40, 20, 10, 0)
