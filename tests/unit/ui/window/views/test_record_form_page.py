"""The form made from the declaration: typed by keys, saved as one action, wrong values said."""

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QTextCursor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QPlainTextEdit, QWidget

from crm_desktop.model.wire import field_facts
from tests.unit.ui.window.shell_for_tests import TestShell, press, receive, type_text
from ui.window import i18n
from ui.window.views.quote_forms import AskForm, LostForm, StepForm
from ui.window.views.record_form_page import RecordFormPage


def opened(shell: TestShell, **where: Any) -> RecordFormPage:
    page = RecordFormPage(shell)
    shell.put(page)
    shell.activateWindow()
    page.open(**where)
    shell.settle()
    return page


def field(page: QWidget, name: str) -> QLineEdit:
    found = page.findChild(QLineEdit, f"field_{name}")
    assert found is not None, name
    return found


def test_every_declared_field_has_an_editor(shell: TestShell) -> None:
    page = opened(shell, entity="account", record_id="acc-1")
    declared = {name for name, facts in field_facts("account").items() if facts.form}
    assert set(page.body.fields.editors) == declared


def test_typed_text_is_saved_as_one_change_of_one_field(shell: TestShell) -> None:
    page = opened(shell, entity="account", record_id="acc-2")
    industry = field(page, "industry")
    industry.setFocus()
    type_text("Feinkost für Köche")
    press(industry, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    shell.settle()
    row = shell.app.store.read(lambda reader: reader.get("account", "acc-2"))
    assert row is not None
    assert row["industry"] == "Feinkost für Köche"
    (transaction,) = shell.app.store.pending(100)
    (operation,) = transaction.ops
    assert list(operation.set) == ["industry"]  # type: ignore[union-attr]
    assert shell.visited[-1] == ("account", {"account_id": "acc-2"})


def test_a_new_record_that_says_nothing_is_not_made(shell: TestShell) -> None:
    page = opened(shell, entity="account")
    press(page.body, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    name = field(page, "name")
    name.setFocus()
    type_text("A")
    press(name, Qt.Key.Key_Backspace)
    press(name, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    shell.settle()
    assert shell.app.store.pending(100) == []
    assert shell.toasts == ["Nothing entered yet. One field is enough."] * 2
    type_text("A")
    press(name, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    shell.settle()
    assert len(shell.app.store.pending(100)) == 1


def test_a_value_that_cannot_be_read_is_said_below_and_nothing_is_lost(shell: TestShell) -> None:
    page = opened(shell, entity="task", record_id="task-1")
    due = field(page, "due_on")
    due.setFocus()
    due.clear()
    type_text("31.02.2027")
    page.save_button.click()
    shell.settle()
    row, _ = page.body.fields.editors["due_on"]
    assert "day" in row._line.plain_text()
    assert due.text() == "31.02.2027"
    assert shell.app.store.pending(100) == []
    due.clear()
    type_text("28.02.2027")
    page.save_button.click()
    shell.settle()
    task = shell.app.store.read(lambda reader: reader.get("task", "task-1"))
    assert task is not None
    assert task["due_on"] == "2027-02-28"


def test_a_new_account_with_an_address_is_one_transaction(shell: TestShell) -> None:
    page = opened(shell, entity="account")
    field(page, "name").setFocus()
    type_text("Łódź Smaki")
    page.body.child_rows["address"].add_button.click()
    city = field(page, "address_0_city")
    city.setFocus()
    type_text("Łódź")
    page.save_button.click()
    shell.settle()
    (transaction,) = shell.app.store.pending(100)
    assert [(op.k, op.e) for op in transaction.ops] == [("create", "account"), ("create", "address")]
    account_id = transaction.ops[0].id
    (address,) = shell.app.store.read(lambda reader: reader.where("address", account_id=account_id))
    assert address["city"] == "Łódź"


@pytest.mark.qt_log_ignore("This plugin does not support", extend=True)
def test_a_reference_is_found_by_typing_a_part(shell: TestShell) -> None:
    page = opened(shell, entity="task", record_id="task-1")
    account = field(page, "account_id")
    account.setFocus()
    account.selectAll()
    type_text("konig")
    QTest.qWait(200)
    shell.settle()
    popup = account.completer().popup()
    assert popup is not None
    press(popup, Qt.Key.Key_Down)
    press(popup, Qt.Key.Key_Return)
    page.save_button.click()
    shell.settle()
    task = shell.app.store.read(lambda reader: reader.get("task", "task-1"))
    assert task is not None
    assert task["account_id"] == "acc-2"


def test_leaving_keeps_what_was_typed_and_escape_does_not(shell: TestShell) -> None:
    page = opened(shell, entity="account", record_id="acc-3")
    field(page, "vat_id").setFocus()
    type_text("DE1")
    assert page.may_leave()
    shell.settle()
    row = shell.app.store.read(lambda reader: reader.get("account", "acc-3"))
    assert row is not None
    assert row["vat_id"] == "DE1"
    page.open(entity="account", record_id="acc-3")
    shell.settle()
    type_text("x")
    field(page, "vat_id").setFocus()
    type_text("23")
    press(field(page, "vat_id"), Qt.Key.Key_Escape)
    assert page.may_leave()
    shell.settle()
    row = shell.app.store.read(lambda reader: reader.get("account", "acc-3"))
    assert row is not None
    assert row["vat_id"] == "DE1"


def test_deleting_offers_the_way_back(shell: TestShell) -> None:
    page = opened(shell, entity="task", record_id="task-3")
    page.delete_button.click()
    shell.settle()
    assert shell.app.store.read(lambda reader: reader.get("task", "task-3")) is None
    assert shell.toasts[-1] == "Plan the fair deleted"
    assert shell.undo is not None


def test_labels_follow_the_language(shell: TestShell) -> None:
    page = opened(shell, entity="account", record_id="acc-1")
    i18n.set_language("de")
    page.retranslate()
    assert field(page, "vat_id").accessibleName() == "USt-IdNr."


def test_what_is_typed_while_the_record_is_read_again_stays(shell: TestShell) -> None:
    """A sync or a save elsewhere has the form read its record anew; the read was asked for before the first key."""
    page = opened(shell, entity="account", record_id="acc-2")
    industry = field(page, "industry")
    industry.setFocus()
    page.refresh(frozenset({"outbox"}), frozenset())
    type_text("Feinkost")
    shell.settle()
    assert industry.text() == "Feinkost"
    assert industry.hasFocus()
    page.save_button.click()
    shell.settle()
    row = shell.app.store.read(lambda reader: reader.get("account", "acc-2"))
    assert row is not None
    assert row["industry"] == "Feinkost"


def test_reading_again_leaves_the_cursor_where_it_was(shell: TestShell) -> None:
    page = opened(shell, entity="account", record_id="acc-2")
    industry = field(page, "industry")
    industry.setFocus()
    page.refresh(frozenset({"outbox"}), frozenset())
    shell.settle()
    assert industry.hasFocus()


@pytest.mark.parametrize("changed", [False, True])
def test_what_is_chosen_to_be_typed_over_stays_so_when_the_record_is_read_again(
    shell: TestShell, changed: bool
) -> None:
    page = opened(shell, entity="account", record_id="acc-1")
    terms, notes = field(page, "payment_terms_days"), page.body.fields.editors["notes"][1].widget
    assert isinstance(notes, QPlainTextEdit)
    notes.moveCursor(QTextCursor.MoveOperation.End)
    before = notes.textCursor().position()
    terms.setFocus(Qt.FocusReason.TabFocusReason)
    if changed:
        shell.app.records.update("account", "acc-1", {"payment_terms_days": 21})
    page.refresh(frozenset({"outbox"}), frozenset())
    shell.settle()
    assert terms.text() == ("21" if changed else "14")
    assert notes.textCursor().position() == before
    type_text("45")
    assert terms.text() == "45"


def test_keys_before_the_next_record_is_read_do_not_change_the_one_before(shell: TestShell) -> None:
    page = opened(shell, entity="account", record_id="acc-2")
    industry = field(page, "industry")
    industry.setFocus()
    page.open(entity="account", record_id="acc-1")
    QTest.keyClicks(industry, "Feinkost")
    page.save_button.click()
    shell.settle()
    assert shell.app.store.pending(100) == []
    assert page.data is not None
    assert page.data.record_id == "acc-1"
    assert field(page, "industry").text() == ""
    assert page.save_button.isEnabled()


def test_another_language_writes_what_was_read_anew_and_leaves_what_was_typed(shell: TestShell) -> None:
    receive(
        shell.app.store,
        {
            "contract": [
                {"id": "ct-1", "account_id": "acc-1", "name": "Frame", "starts_on": "2027-02-03", "amount": "1234.50"}
            ]
        },
    )
    page = opened(shell, entity="contract", record_id="ct-1")
    i18n.set_language("de")
    page.retranslate()
    starts, amount, ends = field(page, "starts_on"), field(page, "amount"), field(page, "ends_on")
    assert (starts.text(), amount.text()) == ("03.02.2027", "1.234,50")
    amount.setFocus()
    amount.selectAll()
    type_text("1.500")
    ends.setFocus()
    type_text("31.12.")
    i18n.set_language("en")
    page.retranslate()
    assert starts.text() == "03/02/2027"
    assert (amount.text(), ends.text()) == ("1.500", "31.12.")
    ends.setFocus()
    type_text("2028")
    press(ends, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    shell.settle()
    contract = shell.app.store.read(lambda reader: reader.get("contract", "ct-1"))
    assert contract is not None
    assert (contract["amount"], contract["ends_on"]) == ("1500.00", "2028-12-31"), "a German thousand is no 1.5"
    assert contract["starts_on"] == "2027-02-03"


def test_a_figure_begun_anew_is_read_in_the_language_of_the_window(shell: TestShell) -> None:
    i18n.set_language("de")
    page = opened(shell, entity="account", record_id="acc-1")
    limit = field(page, "credit_limit")
    limit.setFocus()
    type_text("1.000")
    i18n.set_language("en")
    page.retranslate()
    limit.selectAll()
    type_text("2.500")
    press(limit, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    shell.settle()
    row = shell.app.store.read(lambda reader: reader.get("account", "acc-1"))
    assert row is not None
    assert row["credit_limit"] == "2.50"


def test_what_is_wrong_with_a_field_is_said_in_the_language_of_the_window(shell: TestShell) -> None:
    page = opened(shell, entity="task", record_id="task-1")
    due = field(page, "due_on")
    due.setFocus()
    due.selectAll()
    type_text("soon")
    press(due, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    english = due.accessibleDescription()
    assert english
    i18n.set_language("de")
    page.retranslate()
    assert due.text() == "soon"
    assert due.accessibleDescription() not in ("", english)


def test_what_is_wrong_in_a_row_of_the_form_is_said_in_the_language_of_the_window(shell: TestShell) -> None:
    page = opened(shell, entity="account", record_id="acc-1")
    latitude = page.findChild(QLineEdit, "field_address_0_latitude")
    assert latitude is not None
    latitude.setText("north")
    page.save()
    english = latitude.accessibleDescription()
    assert english
    i18n.set_language("de")
    page.retranslate()
    assert latitude.accessibleDescription() not in ("", english)


@pytest.mark.parametrize("form", [lambda: AskForm(lambda _reason: None), lambda: LostForm(lambda *_typed: True)])
def test_what_a_small_form_misses_is_said_in_the_language_of_the_window(
    shell: TestShell, form: Callable[[], StepForm]
) -> None:
    made = form()
    made.retranslate()
    made.carry_out()
    english = made.first().accessibleDescription()
    assert english
    i18n.set_language("de")
    made.retranslate()
    assert made.first().accessibleDescription() not in ("", english)
