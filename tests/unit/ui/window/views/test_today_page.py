"""Today and the order page on a real store."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QLabel, QWidget

from tests.unit.ui.window.shell_for_tests import LAURA, TestShell, focus, press, receive, shots, type_text
from ui.window.views.note_page import NotePage
from ui.window.views.order_page import OrderPage
from ui.window.views.today_page import TodayPage


def open_today(shell: TestShell) -> TodayPage:
    page = TodayPage(shell)
    shell.put(page)
    page.open()
    shell.settle()
    return page


def said(widget: QWidget) -> str:
    return "\n".join(label.accessibleName() for label in widget.findChildren(QLabel) if label.isVisible())


def test_the_day_with_its_briefing(shell: TestShell) -> None:
    shell.app.quotes.new_quote("acc-1")
    quote = shell.app.store.read(lambda reader: reader.where("quote"))[0]
    shell.app.records.update("quote", quote["id"], {"follow_up_on": "2026-11-16"})
    receive(
        shell.app.store,
        {"activity": [{"id": "act-1", "account_id": "acc-2", "kind": "call", "subject": "Delivery date moved",
                       "created_at": "2026-11-19T07:10:00.000Z", "created_by": LAURA}]},
    )  # fmt: skip
    page = open_today(shell)
    text = said(page)
    assert "Thursday, 19 November" in text
    assert "2 visits · 2 tasks due · 1 quote past its follow-up date" in text
    assert "Promised on 21 August 2026: Sample box of Chai" in text
    assert "Maria Anders · Obere Str. 57, 12209 Berlin · Quarterly review" in text
    assert "Activity Delivery date moved" in text
    assert quote["number"] in text
    assert "Plan the fair" not in text
    shots(shell, "today")


def test_a_task_is_ticked_off_and_comes_back(shell: TestShell) -> None:
    page = open_today(shell)
    boxes = page.findChildren(QCheckBox)
    assert [box.text() for box in boxes] == ["Send the 2027 price list to Maria", "Ask for the new VAT number"]
    press(boxes[0], Qt.Key.Key_Space)
    shell.settle()
    assert next(task["id"] for task in shell.app.tasks.due()) == "task-2"
    assert len(page.findChildren(QCheckBox)) == 1
    assert shell.undo is not None
    shell.undo()
    shell.settle()
    assert len(page.findChildren(QCheckBox)) == 2


def test_an_unfinished_note_is_offered(shell: TestShell) -> None:
    note = NotePage(shell)
    shell.put(note)
    note.open(account_id="acc-2")
    shell.settle()
    note.text.setFocus()
    assert focus() is note.text
    type_text("half")
    note.editor.write_draft()
    shell.settle()
    note.hide()
    page = open_today(shell)
    assert page.unfinished.isVisible()
    page.unfinished.buttons[0].click()
    assert shell.visited[-1] == ("note", {"visit_id": note.editor.visit_id})


def test_an_empty_day_says_so(shell: TestShell) -> None:
    receive(
        shell.app.store, {}, gone=[("visit", f"vis-{n}") for n in (2, 3, 4)] + [("task", "task-1"), ("task", "task-2")]
    )
    page = open_today(shell)
    assert "No visit is planned for today." in said(page)
    assert "Nothing is due." in said(page)
    shots(shell, "today-empty")


def test_an_order_is_read_with_its_totals(shell: TestShell) -> None:
    page = OrderPage(shell)
    shell.put(page)
    page.open(order_id="ord-1")
    shell.settle()
    text = said(page)
    assert "Order 11011" in text
    assert "€933.50" in text
    assert "€998.85" in text
    assert page.model.rowCount() == 2
    shots(shell, "order")
    page.open(order_id="nowhere")
    shell.settle()
    assert page.missing.isVisible()
