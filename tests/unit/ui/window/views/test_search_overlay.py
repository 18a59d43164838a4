"""The search overlay by keyboard: results as one types, commands, and the way back."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from tests.unit.ui.window.shell_for_tests import TestShell, focus, press, shots, type_text
from ui.window.views.note_page import NotePage
from ui.window.views.search_overlay import SearchOverlay
from ui.window.views.search_rows import Line

Key = Qt.Key


@pytest.fixture
def overlay(shell: TestShell) -> SearchOverlay:
    shell.put(NotePage(shell))
    made = SearchOverlay(shell)
    made.open()
    shell.settle()
    return made


def titles(overlay: SearchOverlay) -> list[str]:
    rows = [overlay.rows.row(at) for at in range(overlay.rows.rowCount())]
    return [line.text for line in rows if isinstance(line, Line)]


def test_a_wrong_umlaut_finds_and_enter_opens(shell: TestShell, overlay: SearchOverlay) -> None:
    type_text("konig")
    shell.settle()
    assert titles(overlay)[0].startswith("Königlich Essen")
    marked = [piece.text for piece in overlay.rows.row(0).title if piece.hit]
    assert marked == ["König"]
    press(focus(), Key.Key_Return)
    assert shell.visited[-1] == ("account", {"account_id": "acc-2"})
    assert not overlay.isVisible()


def test_groups_and_arrow_keys(shell: TestShell, overlay: SearchOverlay) -> None:
    type_text("Müll")
    shell.settle()
    shots(shell, "search")
    before = overlay.list.currentIndex().row()
    press(focus(), Key.Key_Down)
    assert overlay.list.currentIndex().row() > before
    assert overlay.field.accessibleDescription()
    assert any(title.startswith("Visit note with") for title in titles(overlay))


def test_words_of_a_note_are_found(shell: TestShell, overlay: SearchOverlay) -> None:
    type_text("Biotrend")
    shell.settle()
    press(focus(), Key.Key_Return)
    assert shell.visited[-1] == ("note", {"visit_id": "vis-1"})


def test_commands(shell: TestShell, overlay: SearchOverlay) -> None:
    type_text("sync n")
    shell.settle()
    press(focus(), Key.Key_Return)
    assert shell.visited[-1] == ("sync_now", {})
    overlay.open()
    type_text("dark")
    shell.settle()
    press(focus(), Key.Key_Return)
    assert shell.visited[-1] == ("settings", {"theme": "dark"})


def test_escape_closes_and_nothing_found_says_so(shell: TestShell, overlay: SearchOverlay) -> None:
    type_text("zzzzqq")
    shell.settle()
    assert titles(overlay) == []
    press(focus(), Key.Key_Escape)
    assert not overlay.isVisible()


def test_after_a_click_on_a_kind_one_goes_on_typing_choosing_and_closing(
    shell: TestShell, overlay: SearchOverlay
) -> None:
    type_text("Alf")
    QTest.mouseClick(overlay.kinds._pills["notes"], Qt.MouseButton.LeftButton)
    assert overlay.kinds.value() == "notes"
    type_text("reds")
    shell.settle()
    assert overlay.field.text() == "Alfreds"
    assert len(titles(overlay)) > 1  # the visits of the customer of that name
    before = overlay.list.currentIndex().row()
    press(focus(), Key.Key_Down)
    assert overlay.list.currentIndex().row() > before
    press(focus(), Key.Key_Escape)
    assert not overlay.isVisible()


def test_letters_and_escape_on_a_kind_are_those_of_the_field(shell: TestShell, overlay: SearchOverlay) -> None:
    type_text("Alf")
    press(focus(), Key.Key_Tab)
    assert focus() is overlay.kinds._pills["all"]
    press(focus(), Key.Key_Right)
    assert overlay.kinds.value() == "accounts"
    type_text("rx")
    press(overlay.kinds._pills["accounts"], Key.Key_Backspace)
    assert overlay.field.text() == "Alfr"
    overlay.kinds._pills["accounts"].setFocus()
    press(focus(), Key.Key_Escape)
    assert not overlay.isVisible()
