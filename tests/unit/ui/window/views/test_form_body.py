"""What stands in a form: repeated rows taken away or unreadable, where the keys begin, how wide its fields are."""

from typing import Any

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QPushButton

from tests.unit.ui.window.shell_for_tests import TestShell, receive, type_text
from ui.window import i18n
from ui.window.views.record_form_page import RecordFormPage

TOWNS: list[dict[str, Any]] = [
    {"id": "adr-8", "account_id": "acc-2", "city": "Kiel"}, {"id": "adr-9", "account_id": "acc-2", "city": "Bonn"}
]  # fmt: skip


def opened(shell: TestShell, **where: Any) -> RecordFormPage:
    page = RecordFormPage(shell)
    shell.put(page)
    page.open(**where)
    shell.settle()
    return page


def line(page: RecordFormPage, name: str) -> QLineEdit:
    found = page.findChild(QLineEdit, f"field_{name}")
    assert found is not None, name
    return found


def towns(shell: TestShell) -> set[str]:
    return {row["city"] for row in shell.app.store.read(lambda reader: reader.where("address", account_id="acc-2"))}


def test_a_row_that_was_taken_away_is_deleted_with_the_save(shell: TestShell) -> None:
    receive(shell.app.store, {"address": TOWNS})
    page = opened(shell, entity="account", record_id="acc-2")
    assert {"Kiel", "Bonn"} <= towns(shell)
    row = next(row for row in page.body.child_rows["address"].rows if row.record_id == "adr-9")
    (remove,) = row.findChildren(QPushButton)
    QTest.mouseClick(remove, Qt.MouseButton.LeftButton)
    assert "Bonn" in towns(shell), "nothing is written before it is saved"
    page.save_button.click()
    shell.settle()
    assert "Kiel" in towns(shell)
    assert "Bonn" not in towns(shell)


def test_a_row_that_cannot_be_read_keeps_the_form_open_and_is_named_when_it_is_left(shell: TestShell) -> None:
    page = opened(shell, entity="account", record_id="acc-2")
    page.body.child_rows["address"].add_button.click()
    city, latitude = (line(page, f"address_{len(towns(shell))}_{name}") for name in ("city", "latitude"))
    city.setFocus()
    type_text("Kiel")
    latitude.setFocus()
    type_text("north")
    page.save_button.click()
    shell.settle()
    assert shell.toasts == [i18n.tr("form.look_below")]
    assert shell.app.store.pending(10) == []
    assert page.may_leave()
    shell.settle()
    assert shell.toasts[1:] == [i18n.tr("form.left_out", fields="Addresses")]


def test_what_is_given_back_is_saved_when_the_form_is_left(shell: TestShell) -> None:
    page = opened(shell, entity="account", record_id="acc-2")
    line(page, "industry").setFocus()
    type_text("Feinkost")
    kept = page.body.kept()
    page.body.touched.clear()
    page.open(entity="account", record_id="acc-2")
    shell.settle()
    assert line(page, "industry").text() == ""
    page.body.give_back(kept)
    assert line(page, "industry").text() == "Feinkost"
    assert page.may_leave()
    shell.settle()
    account = shell.app.store.read(lambda reader: reader.get("account", "acc-2"))
    assert account is not None
    assert account["industry"] == "Feinkost"


def test_a_form_opened_for_a_kind_of_rows_begins_where_one_is_added(shell: TestShell) -> None:
    page = opened(shell, entity="account", record_id="acc-2", focus="channel")
    assert page.body.child_rows["channel"].add_button.hasFocus()


def test_no_field_takes_keys_before_the_record_is_read(shell: TestShell) -> None:
    page = opened(shell, entity="account", record_id="acc-2")
    page.open(entity="account", record_id="acc-1")
    assert not line(page, "industry").isEnabled()
    shell.settle()
    assert line(page, "industry").isEnabled()


def test_fields_stand_below_each_other_where_two_do_not_fit(shell: TestShell) -> None:
    page = opened(shell, entity="account", record_id="acc-2")

    def columns() -> int:
        editors = page.body.fields.editors.values()
        return len({field.mapTo(page.body.fields, QPoint()).x() for field, _ in editors})

    assert columns() == 2
    page.body.setFixedWidth(700)
    shell.settle()
    assert columns() == 1


def test_why_a_field_is_locked_follows_the_language(shell: TestShell) -> None:
    signed = {"signed_by": "Maria Anders", "signed_at": "2026-11-02T10:00:00.000Z"}
    receive(shell.app.store, {"contract": [{"id": "ct-1", "name": "Frame", "account_id": "acc-1"} | signed]})
    page = opened(shell, entity="contract", record_id="ct-1")
    assert line(page, "name").accessibleDescription() == "Signed"
    i18n.set_language("de")
    page.retranslate()
    assert line(page, "name").accessibleDescription() == "Unterschrieben"
