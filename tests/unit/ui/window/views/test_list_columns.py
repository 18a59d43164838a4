"""Columns of a list chosen by keyboard, kept for the page, and kept with a saved list."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from tests.unit.ui.window.shell_for_tests import ME, TestShell, focus, press, receive, shots, type_text
from ui.presenters import saved_lists
from ui.presenters.list_columns import Look
from ui.window import i18n
from ui.window.theme import color
from ui.window.views.list_pages import AccountsPage, TasksPage

Key = Qt.Key


@pytest.fixture
def page(shell: TestShell) -> AccountsPage:
    made = AccountsPage(shell)
    shell.put(made)
    made.open()
    shell.settle()
    return made


def headings(page: AccountsPage) -> list[str]:
    return [str(page.model.headerData(at, Qt.Orientation.Horizontal)) for at in range(page.model.columnCount())]


def toggle(page: AccountsPage, shell: TestShell, key: str) -> None:
    pill = next(pill for pill in page.columns_row.pills if pill.objectName() == key)
    pill.setFocus()
    press(focus(), Key.Key_Space)
    shell.settle()


def test_a_column_is_added_and_kept(shell: TestShell, page: AccountsPage) -> None:
    press(page.table, Key.Key_C)
    shell.settle()
    assert focus() is page.columns_row.pills[0]
    toggle(page, shell, "owner_id")
    toggle(page, shell, "city")
    assert "Owner" in headings(page)
    assert "City" not in headings(page)
    at = headings(page).index("Owner")
    assert page.model.data(page.model.index(0, at)) == "Anne Dodsworth"
    shots(shell, "list-columns")
    press(focus(), Key.Key_Escape)
    assert not page.columns_row.isVisible()
    again = AccountsPage(shell)
    shell.put(again)
    again.open()
    shell.settle()
    assert headings(again) == headings(page)


def test_a_width_that_was_drawn_is_there_after_a_restart(shell: TestShell, page: AccountsPage) -> None:
    header = page.table.horizontalHeader()
    at, before = headings(page).index("City"), header.sectionSize(headings(page).index("City"))
    edge = QPoint(header.sectionViewportPosition(at) + before - 1, header.height() // 2)
    left = Qt.MouseButton.LeftButton
    QTest.mousePress(header.viewport(), left, Qt.KeyboardModifier.NoModifier, edge)
    for step in (10, 20, 30):
        QTest.mouseMove(header.viewport(), edge + QPoint(step, 0))
    QTest.mouseRelease(header.viewport(), left, Qt.KeyboardModifier.NoModifier, edge + QPoint(30, 0))
    shell.settle()
    assert header.sectionSize(at) == before + 30
    assert header.length() == page.table.viewport().width()
    page.hide()
    again = AccountsPage(shell)
    shell.put(again)
    again.open()
    shell.settle()
    header = again.table.horizontalHeader()
    assert header.sectionSize(at) == before + 30
    edge = QPoint(header.sectionViewportPosition(at) + before + 29, header.height() // 2)
    QTest.mouseDClick(header.viewport(), left, pos=edge)
    shell.settle()
    assert header.sectionSize(at) == before


def test_keys_make_a_column_wider_and_narrower(shell: TestShell, page: AccountsPage) -> None:
    header, at = page.table.horizontalHeader(), headings(page).index("City")
    before = header.sectionSize(at)
    press(page.table, Key.Key_C)
    next(pill for pill in page.columns_row.pills if pill.objectName() == "city").setFocus()
    type_text("++")
    shell.settle()
    assert header.sectionSize(at) == before + 32
    type_text("-")
    shell.settle()
    assert header.sectionSize(at) == before + 16


def test_the_pages_own_come_back(shell: TestShell, page: AccountsPage) -> None:
    before = headings(page)
    page.head.columns_button.click()
    toggle(page, shell, "website")
    assert headings(page) != before
    page.columns_row._own.click()
    shell.settle()
    assert headings(page) == before


def test_a_saved_list_keeps_columns_and_order(shell: TestShell, page: AccountsPage) -> None:
    page.head.columns_button.click()
    toggle(page, shell, "website")
    page.conditions.sort_by(next(item for item in page.columns if item.key == "website"))
    shell.settle()
    assert page.head.save_link.isVisible(), "an order alone is worth a name"
    page.head.save_link.click()
    type_text("By website\n")
    shell.settle()
    (saved,) = saved_lists.load(shell.app.store)
    assert (saved.sort, "website" in saved.columns) == ("website", True)
    page.columns_row._own.click()
    shell.settle()
    page.open(list_id=saved.id)
    shell.settle()
    assert "Website" in headings(page)
    page.open()
    shell.settle()
    assert "Website" not in headings(page)


def test_figures_and_names_keep_their_room_where_words_are_shortened(shell: TestShell, page: AccountsPage) -> None:
    i18n.set_language("de")
    for width in (1440, 1280, 960):
        shell.resize_to(width, 800)
        shell.settle()
        header = page.table.horizontalHeader()
        shown = [at for at in range(len(page.columns)) if not page.table.isColumnHidden(at)]
        for at in shown:
            if page.columns[at].look in (Look.MONEY, Look.COMPLETE, Look.CLASS):
                assert header.sectionSize(at) >= page.columns[at].width, (width, page.columns[at].key)
        assert header.sectionSize(0) >= page.columns[0].width * 9 // 10, width
        assert sum(header.sectionSize(at) for at in shown) == page.table.viewport().width()
    i18n.set_language("en")


def test_done_tasks_stand_below_open_ones(shell: TestShell) -> None:
    tasks = [("task-done", "Long ago", "done", "2025-10-23"), ("task-late", "Overdue", "open", "2026-11-16")]
    receive(shell.app.store, {"task": [{"id": key, "subject": subject, "status": status, "due_on": due, "owner_id": ME}
                                       for key, subject, status, due in tasks]})  # fmt: skip
    page = TasksPage(shell)
    shell.put(page)
    page.open()
    shell.settle()
    subjects = [str(page.model.data(page.model.index(at, 0))) for at in range(page.model.rowCount())]
    assert subjects[0] == "Overdue"
    assert subjects[-1] == "Long ago"
    assert "2025" in str(page.model.data(page.model.index(len(subjects) - 1, 2)))


def test_what_is_still_being_read_has_the_shape_of_rows(shell: TestShell) -> None:
    page = AccountsPage(shell)
    shell.put(page)
    skeleton = page.body.skeleton
    assert not skeleton.isVisible()
    for _ in range(1000):  # it comes after a moment
        if skeleton.isVisible():
            break
        QTest.qWait(10)
    assert skeleton.isVisible()
    assert skeleton.size() == page.table.viewport().size()
    picture = skeleton.grab().toImage()
    shown = {picture.pixelColor(x, 23).name() for x in range(0, picture.width(), 4)}
    assert color("line").name() in shown
    page.open()
    shell.settle()
    assert not skeleton.isVisible()
    assert page.model.rowCount() == 3
