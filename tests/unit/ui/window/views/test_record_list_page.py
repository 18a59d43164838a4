"""Lists on a real store: lazily read rows, keys, filters, order, saved lists."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QAbstractSlider, QApplication, QComboBox, QLineEdit, QPushButton

from crm_desktop.services.quotes import NewLine
from crm_desktop.store.lists import Filter
from tests.unit.ui.window.shell_for_tests import TestShell, open_app, press, type_text
from tests.unit.ui.window.window_for_tests import many_accounts
from ui.presenters import saved_lists
from ui.window import i18n
from ui.window.delegates import CELL_ROLE, TEXT_ROLE
from ui.window.views.list_pages import AccountsPage, QuotesPage, TasksPage
from ui.window.views.record_list_page import RecordListPage
from ui.window.widgets.label import Label

MANY = 100_000


def opened(shell: TestShell, kind: type[RecordListPage] = AccountsPage, **where: Any) -> RecordListPage:
    page = kind(shell)
    shell.put(page)
    shell.activateWindow()
    page.open(**where)
    shell.settle()
    return page


def titles(page: RecordListPage) -> list[str]:
    """The first column once its rows are here: they are fetched when somebody looks."""
    for _ in range(2000):
        found = [page.model.index(row, 0).data(TEXT_ROLE) for row in range(page.model.rowCount())]
        if None not in found:
            return [str(text) for text in found]
        QTest.qWait(1)
    raise AssertionError("rows did not come")


def test_rows_come_and_the_model_keeps_the_rules_of_models(shell: TestShell) -> None:
    page = AccountsPage(shell)
    QAbstractItemModelTester(page.model, QAbstractItemModelTester.FailureReportingMode.Fatal, page)
    shell.put(page)
    page.open()
    shell.settle()
    assert titles(page) == ["Alfreds Futterkiste", "Kaffeehaus Müller & Sohn", "Königlich Essen"]
    first = page.model.index(0, 0).data(CELL_ROLE)
    assert first.second == "Maria Anders"
    assert page.model.index(0, 2).data(TEXT_ROLE) == "Berlin"


def test_a_row_that_is_not_here_yet_is_an_empty_cell(shell: TestShell) -> None:
    page = AccountsPage(shell)
    page.model.set_ids(shell.app.store.read(lambda reader: reader.row_ids(page.query)))
    assert page.model.index(0, 0).data(TEXT_ROLE) is None
    shell.settle()
    assert page.model.index(0, 0).data(TEXT_ROLE) == "Alfreds Futterkiste"


def test_enter_opens_the_account_under_the_cursor(shell: TestShell) -> None:
    page = opened(shell)
    press(page.table, Qt.Key.Key_Down)
    press(page.table, Qt.Key.Key_Return)
    assert shell.visited == [("account", {"account_id": "acc-3"})]


def test_letters_act_on_the_list_and_not_inside_the_search_field(shell: TestShell) -> None:
    page = opened(shell)
    press(page.table, Qt.Key.Key_V)
    press(page.table, Qt.Key.Key_N)
    assert shell.visited == [("note", {"account_id": "acc-1"}), ("record", {"entity": "account"})]
    page.head.finder.setFocus()
    type_text("vn")
    assert page.head.finder.text() == "vn"
    assert len(shell.visited) == 2


def test_space_shows_the_preview_in_a_narrow_window(shell: TestShell) -> None:
    shell.resize_to(1000, 700)
    page = opened(shell)
    assert page.body.preview.isHidden()
    press(page.table, Qt.Key.Key_Space)
    shell.settle()
    assert page.body.preview.isVisible()


def test_the_preview_of_a_quote_says_what_the_list_worked_out(shell: TestShell) -> None:
    shell.app.quotes.new_quote("acc-1", lines=[NewLine("p-chai", Decimal(40))])
    page = opened(shell, QuotesPage)
    titles(page)
    shell.settle()
    said = {label.plain_text() for label in page.body.preview.findChildren(Label)}
    assert {"Net", "€662.40", "Status", "Draft"} <= said


def test_typing_into_the_list_finds_with_a_wrong_umlaut(shell: TestShell) -> None:
    page = opened(shell)
    page.head.finder.setFocus()
    type_text("mueler")
    page.head.finder.clear()
    type_text("Muller")
    QTest.qWait(250)
    shell.settle()
    assert titles(page) == ["Kaffeehaus Müller & Sohn"]
    assert (len(page.ids), page.total) == (1, 3)


def test_a_filter_on_any_field_is_made_by_keys(shell: TestShell) -> None:
    page = opened(shell)
    press(page.table, Qt.Key.Key_F)
    fields = page.editor.findChild(QComboBox, "filter_field")
    assert fields is not None
    offered = {fields.itemData(row) for row in range(fields.count())}
    assert {"name", "credit_limit", "tags", "owner_id", "notes"} <= offered
    fields.setCurrentIndex(fields.findData("payment_terms_days"))
    value = page.editor.findChild(QLineEdit, "filter_value")
    assert value is not None
    value.setFocus()
    type_text("14")
    press(value, Qt.Key.Key_Return)
    shell.settle()
    assert titles(page) == ["Alfreds Futterkiste"]
    assert page.head.filters.blocks[0].text().strip() == "Payment terms (days): 14"
    page.head.filters.blocks[0].cross.click()
    shell.settle()
    assert len(titles(page)) == 3


def test_an_empty_list_answers_and_offers_the_way_back(shell: TestShell) -> None:
    page = opened(shell)
    page.conditions.set_filters((Filter("customer_class", "=", "C"),))
    shell.settle()
    assert page.body.stack.currentWidget() is page.body.empty
    assert "3" in page.body.empty._searched.plain_text()
    page.body.empty.buttons[0].click()
    shell.settle()
    assert page.body.stack.currentWidget() is page.body.table


def choose(shell: TestShell, page: RecordListPage, field: str, op: str, typed: str) -> None:
    """Make a condition by keys, as a person does."""
    press(page.table, Qt.Key.Key_F)
    for name, wanted in (("filter_field", field), ("filter_comparison", op)):
        box = page.editor.findChild(QComboBox, name)
        assert box is not None
        assert box.findData(wanted) >= 0, wanted
        box.setCurrentIndex(box.findData(wanted))
    shell.settle()  # the field for another kind of value is gone
    value = page.editor.findChild(QLineEdit, "filter_value")
    assert value is not None
    value.setFocus()
    type_text(typed)
    press(value, Qt.Key.Key_Return)


@pytest.mark.parametrize(
    ("field", "op", "typed", "sentence", "found"),
    [
        ("city", "contains", "berl", "City: contains berl", ["Alfreds Futterkiste"]),
        ("country", "=", "Germany", "Country: Germany", ["Alfreds Futterkiste", "Königlich Essen"]),
        ("last_visit_at", "older", "60", "Last visit: more than 60 days ago", ["Alfreds Futterkiste"]),
        ("next_task_on", "<", "20/11/2026", "Next step due: before 20 November 2026",
         ["Alfreds Futterkiste", "Königlich Essen"]),
    ],
)  # fmt: skip
def test_computed_columns_are_filtered_like_fields(
    shell: TestShell, field: str, op: str, typed: str, sentence: str, found: list[str]
) -> None:
    page = opened(shell)
    choose(shell, page, field, op, typed)
    shell.settle()
    assert titles(page) == found
    assert page.head.filters.blocks[0].text().strip() == sentence


def test_an_empty_list_offers_the_shorter_wait(shell: TestShell) -> None:
    page = opened(shell)
    page.conditions.set_filters((Filter("customer_class", "=", "A"), Filter("last_visit_at", "older", 365)))
    shell.settle()
    said = page.body.empty._text.plain_text()
    assert said == "Last visit: the longest ago is Alfreds Futterkiste, 90 days."
    assert [button.text().strip() for button in page.body.empty.buttons] == [
        "Show “Last visit: more than 60 days ago”", "Clear filters",
    ]  # fmt: skip
    page.body.empty.buttons[0].click()
    shell.settle()
    assert titles(page) == ["Alfreds Futterkiste"]


def test_an_empty_list_offers_to_leave_out_the_narrowest_condition(shell: TestShell) -> None:
    page = opened(shell)
    page.conditions.set_filters((Filter("customer_class", "=", "B"), Filter("city", "=", "Berlin")))
    shell.settle()
    assert page.body.empty.buttons[0].text().strip() == "Leave out “Class: B”"
    page.head.finder.setFocus()
    type_text("nobody")
    press(page.head.finder, Qt.Key.Key_Return)
    page.conditions.search()
    shell.settle()
    page.body.empty.buttons[-1].click()
    shell.settle()
    assert (len(page.ids), page.head.finder.text()) == (3, "")


def test_a_search_without_a_hit_in_a_filtered_list_can_be_left_out(shell: TestShell) -> None:
    page = opened(shell)
    page.conditions.set_filters((Filter("customer_class", "=", "B"),))
    page.head.finder.setText("nobody")
    page.conditions.search()
    shell.settle()
    assert page.body.empty._text.plain_text() == "2 of the accounts fit without the word in the search."
    page.body.empty.buttons[0].click()
    shell.settle()
    assert len(page.ids) == 2
    assert page.head.finder.text() == ""


def test_lists_sort_by_the_account_they_belong_to(shell: TestShell) -> None:
    page = opened(shell, TasksPage)
    page.conditions.sort_by(page.columns[1])
    shell.settle()
    assert len(titles(page)) == 3
    accounts = [page.model.index(row, 1).data(TEXT_ROLE) for row in range(3)]
    assert accounts == sorted(accounts, key=str)
    page.conditions.sort_by(page.columns[1])
    shell.settle()
    assert titles(page)[0] == "Ask for the new VAT number"


def test_the_footer_counts_how_the_rows_stand(shell: TestShell) -> None:
    page = opened(shell)
    assert page.body.states.accessibleName() == "3 Synced"
    shell.app.records.update("account", "acc-1", {"industry": "Food"})
    shell.app.records.create("account", {"name": "Aachener Spezialitäten"})
    shell.settle()
    assert page.body.states.accessibleName() == "2 Synced, 1 Waiting, 1 On this laptop only"
    page.conditions.set_filters((Filter("industry", "=", "Food"),))
    shell.settle()
    assert page.body.states.accessibleName() == "1 Waiting"


def test_a_heading_sorts_and_turns_round(shell: TestShell) -> None:
    page = opened(shell)
    page.conditions.sort_by(page.columns[0])
    shell.settle()
    assert titles(page)[0] == "Königlich Essen"
    page.conditions.sort_by(page.columns[0])
    shell.settle()
    assert titles(page)[0] == "Alfreds Futterkiste"


def test_a_list_is_saved_found_again_and_removed(shell: TestShell) -> None:
    page = opened(shell)
    page.conditions.set_filters((Filter("customer_class", "=", "B"),))
    shell.settle()
    page.head.save_link.click()
    type_text("Class B")
    press(page.save_row.field, Qt.Key.Key_Return)
    shell.settle()
    (saved,) = saved_lists.load(shell.app.store)
    assert shell.visited[-1] == ("accounts", {"list_id": saved.id})
    page.open()
    page.open(list_id=saved.id)
    shell.settle()
    assert titles(page) == ["Kaffeehaus Müller & Sohn", "Königlich Essen"]
    page.head.remove_link.click()
    shell.settle()
    assert saved_lists.load(shell.app.store) == []
    assert shell.undo is not None
    shell.undo()
    shell.settle()
    assert [item.name for item in saved_lists.load(shell.app.store)] == ["Class B"]


def test_a_change_elsewhere_comes_into_the_list_and_the_cursor_stays(shell: TestShell) -> None:
    page = opened(shell)
    press(page.table, Qt.Key.Key_Down)
    shell.app.records.update("account", "acc-3", {"customer_class": "A"})
    shell.app.records.create("account", {"name": "Aachener Spezialitäten"})
    shell.settle()
    assert titles(page)[0] == "Aachener Spezialitäten"
    assert page.body.current_id() == "acc-3"


def test_words_follow_the_language(shell: TestShell) -> None:
    page = opened(shell, TasksPage)
    i18n.set_language("de")
    page.retranslate()
    assert page.model.headerData(2, Qt.Orientation.Horizontal, TEXT_ROLE) == "Fällig"
    assert page.head.new_button.text().strip() == i18n.tr("action.new_task")


def test_the_preview_follows_the_language(shell: TestShell) -> None:
    page = opened(shell)
    assert any(button.text().strip() == "Open" for button in page.body.preview.findChildren(QPushButton))
    i18n.set_language("de")
    page.retranslate()
    shell.settle()
    said = {button.text().strip() for button in page.body.preview.findChildren(QPushButton) if button.isVisible()}
    assert i18n.tr("action.open") in said
    assert "Open" not in said


def test_quotes_without_any_say_so(shell: TestShell) -> None:
    page = opened(shell, QuotesPage)
    assert page.body.stack.currentWidget() is page.body.empty
    assert page.body.empty.buttons


def test_a_file_is_looked_at_first_then_imported_and_exported(shell: TestShell, tmp_path: Path) -> None:
    page = opened(shell)
    table = tmp_path / "fair.csv"
    table.write_text("Account Name,City,Shoe size\nŁódź Smaki,Łódź,42\nbroken\n", encoding="utf-8")
    page.files.read_import(table)
    shell.settle()
    banner = page.files.report.banner
    assert banner.accessibleName() == "fair.csv: 1 new, 0 to change. Nothing is written yet."
    assert "Shoe size" in banner.accessibleDescription()
    assert "Line 3" in banner.accessibleDescription()
    assert len(page.ids) == 3
    banner.buttons[0].click()
    shell.settle()
    assert banner.accessibleName() == "Imported: 1 new, 0 changed"
    assert "Łódź Smaki" in titles(page)
    target = tmp_path / "list.csv"
    page.files.write_export(page.query, target)
    shell.settle()
    assert "Łódź Smaki" in target.read_text(encoding="utf-8-sig")
    assert shell.toasts[-1] == "4 records written to list.csv"


@pytest.fixture
def crowded(app: QApplication, tmp_path: Path) -> Iterator[TestShell]:
    profile = open_app(tmp_path / "crowded")
    many_accounts(profile.store, MANY)
    window = TestShell(profile)
    yield window
    window.shut()
    profile.close()


def test_a_hundred_thousand_accounts_read_only_what_is_seen(crowded: TestShell) -> None:
    before = crowded.app.store.rows_fetched
    page = opened(crowded)
    page.body.toggle_preview()
    visible = page.table.viewport().height() // page.table.rowHeight(0)
    page.table.verticalScrollBar().triggerAction(QAbstractSlider.SliderAction.SliderPageStepAdd)
    QTest.qWait(100)
    crowded.settle()
    read = crowded.app.store.rows_fetched - before
    assert page.model.rowCount() == MANY
    assert page.model.view(visible + 2) is not None
    assert visible < read <= 3 * visible
