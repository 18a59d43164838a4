"""A form that was saved leads back to where one came from, on the record; back and forward stay right."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QPushButton

from crm_desktop.ids import new_id
from crm_desktop.store.intents import create
from tests.unit.ui.window.keyboard_story import ALT, CTRL, Key, here
from tests.unit.ui.window.shell_for_tests import focus, open_app, press, receive, type_text, world
from tests.unit.ui.window.window_for_tests import open_window, settle, shut
from ui.window.main_window import MainWindow
from ui.window.views.account_page import AccountPage
from ui.window.views.account_side import Opens
from ui.window.views.board_column import CardList
from ui.window.views.list_pages import ContactsPage, TasksPage
from ui.window.views.record_form_page import RecordFormPage


@pytest.fixture
def window(app: QApplication, tmp_path: Path) -> Iterator[MainWindow]:
    now = datetime(2026, 11, 19, 9, 4, tzinfo=UTC)
    profile = open_app(tmp_path / "profile", now)
    receive(profile.store, world(now))
    made = open_window(profile)
    settle(made)
    yield made
    shut(made)


def saved(window: MainWindow, text: str, entity: str) -> str:
    """Type into the field that has the keys, save by keys; the id of the record."""
    type_text(text)
    press(focus(), Key.Key_S, CTRL)
    settle(window)
    rows = window.app.store.read(lambda reader: reader.where(entity))
    return next(str(row["id"]) for row in rows if text in (row.get("name"), row.get("subject")))


def contact_begun_on(window: MainWindow, account_id: str) -> AccountPage:
    window.navigate("account", account_id=account_id)
    settle(window)
    page = window.pages["account"]
    assert isinstance(page, AccountPage)
    buttons = page.side.findChildren(QPushButton)
    QTest.mouseClick(next(b for b in buttons if b.accessibleName() == "New contact"), Qt.MouseButton.LeftButton)
    settle(window)
    form = window.pages["record"]
    assert isinstance(form, RecordFormPage)
    form.body.fields.editors["name"][1].widget.setFocus()
    return page


@pytest.mark.parametrize("width", [1440, 960])
def test_a_new_contact_of_an_account_has_the_keys_on_the_page_of_the_account(window: MainWindow, width: int) -> None:
    window.resize(width, 700)
    window.navigate("account", account_id="acc-2")
    settle(window)
    account = window.pages["account"]
    assert isinstance(account, AccountPage)
    if account.narrow:
        account.tabs.choose("side")
    page = contact_begun_on(window, "acc-2")
    contact = saved(window, "Greta Neu", "contact")
    assert here(window) == ("account", {"account_id": "acc-2"})
    row = focus()
    assert isinstance(row, Opens)
    assert row.record_id == contact
    assert page.side_area.viewport().rect().contains(row.mapTo(page.side_area.viewport(), row.rect().center()))
    # Others change something: the keys stay on the row, which is made anew.
    window.app.records.update("account", "acc-2", {"industry": "Food"})
    settle(window)
    assert focus() is not row
    assert focus().accessibleName() == "Greta Neu"


def test_forward_leads_to_the_record_and_not_to_a_form_for_another_one(window: MainWindow) -> None:
    contact_begun_on(window, "acc-2")
    contact = saved(window, "Greta Neu", "contact")
    press(window, Key.Key_Right, ALT)
    settle(window)
    assert here(window) == ("record", {"entity": "contact", "record_id": contact})
    press(window, Key.Key_Left, ALT)
    settle(window)
    assert here(window)[0] == "account"


def test_the_toast_has_a_way_to_the_record(window: MainWindow) -> None:
    contact_begun_on(window, "acc-2")
    contact = saved(window, "Greta Neu", "contact")
    assert window.toast_widget.isVisible()
    QTest.mouseClick(window.toast_widget.button, Qt.MouseButton.LeftButton)
    settle(window)
    assert here(window) == ("record", {"entity": "contact", "record_id": contact})


def test_a_form_left_by_another_way_is_the_place_of_its_record(window: MainWindow) -> None:
    contact_begun_on(window, "acc-2")
    type_text("Greta Neu")
    press(window, Key.Key_2, CTRL)
    settle(window)
    press(window, Key.Key_Left, ALT)
    settle(window)
    page, where = here(window)
    assert page == "record"
    assert where.get("record_id"), "an empty form would make a second contact"
    form = window.pages["record"]
    assert isinstance(form, RecordFormPage)
    assert form.body.fields.editors["name"][1].value() == "Greta Neu"


def test_a_task_that_was_changed_is_the_current_one_of_its_list(window: MainWindow) -> None:
    window.navigate("tasks")
    settle(window)
    page = window.pages["tasks"]
    assert isinstance(page, TasksPage)
    press(focus(), Key.Key_Down)
    press(focus(), Key.Key_Return)
    settle(window)
    task = here(window)[1]["record_id"]
    form = window.pages["record"]
    assert isinstance(form, RecordFormPage)
    form.body.fields.editors["subject"][1].widget.setFocus()
    press(focus(), Key.Key_A, CTRL)
    saved(window, "Ask again", "task")
    assert here(window) == ("tasks", {})
    assert page.body.current_id() == task
    assert focus() is page.table


def test_a_new_record_is_the_current_one_of_its_list_and_in_view(window: MainWindow) -> None:
    receive(
        window.app.store,
        {"contact": [{"id": f"c-{n}", "account_id": "acc-1", "name": f"Person {n:03d}"} for n in range(80)]},
    )
    window.navigate("contacts")
    settle(window)
    page = window.pages["contacts"]
    assert isinstance(page, ContactsPage)
    press(focus(), Key.Key_N)
    settle(window)
    contact = saved(window, "Zora Zuletzt", "contact")
    assert here(window) == ("contacts", {})
    assert page.body.current_id() == contact
    assert page.table.viewport().rect().contains(page.table.visualRect(page.table.currentIndex()).center())


def _card_at(window: MainWindow) -> str | None:
    cards = focus()
    assert isinstance(cards, CardList)
    return cards.current_id()


def test_a_new_opportunity_is_the_card_with_the_keys(window: MainWindow) -> None:
    window.navigate("board")
    settle(window)
    press(focus(), Key.Key_N)
    settle(window)
    opportunity = saved(window, "Chai for all branches", "opportunity")
    assert here(window)[0] == "board"
    assert _card_at(window) == opportunity
    # Who has gone on to another card is not taken back by what a colleague changes.
    window.app.store.commit([create("opportunity", new_id(), {"name": "Another one", "stage": "new"})])
    settle(window)
    press(focus(), Key.Key_Up)
    other = _card_at(window)
    assert other != opportunity
    window.app.records.update("opportunity", opportunity, {"name": "Chai for them all"})
    settle(window)
    assert _card_at(window) == other


def test_a_deleted_record_is_no_place_any_more(window: MainWindow) -> None:
    window.navigate("tasks")
    settle(window)
    window.navigate("record", entity="task", record_id="task-3")
    settle(window)
    form = window.pages["record"]
    assert isinstance(form, RecordFormPage)
    QTest.mouseClick(form.delete_button, Qt.MouseButton.LeftButton)
    settle(window)
    assert here(window) == ("tasks", {})
    press(window, Key.Key_Right, ALT)
    settle(window)
    assert here(window) == ("tasks", {})
    assert not window.errors.isVisible()


def test_escape_saves_nothing_and_ctrl_z_gives_everything_back(window: MainWindow) -> None:
    contact_begun_on(window, "acc-2")
    form = window.pages["record"]
    assert isinstance(form, RecordFormPage)
    type_text("Greta Neu")
    form.body.fields.editors["birthday"][1].widget.setFocus()
    type_text("31.02.")
    QTest.mouseClick(form.body.child_rows["channel"].add_button, Qt.MouseButton.LeftButton)
    form.body.child_rows["channel"].rows[0].editors["value"][1].widget.setFocus()
    type_text("greta@neu.example")
    press(focus(), Key.Key_Escape)
    settle(window)
    assert here(window)[0] == "account"
    assert window.app.store.pending(100) == []
    assert window.toast_widget.accessibleName() == "New contact: what you typed was not saved"
    press(focus(), Key.Key_Z, CTRL)
    settle(window)
    assert here(window)[0] == "record"
    assert form.body.fields.editors["name"][1].value() == "Greta Neu"
    birthday = form.body.fields.editors["birthday"][1].widget
    assert isinstance(birthday, QLineEdit)
    assert birthday.text() == "31.02.", "what cannot be read is not lost either"
    assert window.app.store.pending(100) == []
    birthday.setFocus()
    press(birthday, Key.Key_A, CTRL)
    press(birthday, Key.Key_Delete)
    press(birthday, Key.Key_S, CTRL)
    settle(window)
    (contact,) = [
        row for row in window.app.store.read(lambda reader: reader.where("contact")) if row["name"] == "Greta Neu"
    ]
    (channel,) = window.app.store.read(lambda reader: reader.where("channel", contact_id=contact["id"]))
    assert channel["value"] == "greta@neu.example"
    assert here(window)[0] == "account"


def test_escape_from_a_known_record_gives_back_only_what_was_typed(window: MainWindow) -> None:
    window.navigate("tasks")
    settle(window)
    window.navigate("record", entity="task", record_id="task-1")
    settle(window)
    form = window.pages["record"]
    assert isinstance(form, RecordFormPage)
    form.body.fields.editors["note"][1].widget.setFocus()
    type_text("Ask Maria")
    press(focus(), Key.Key_Escape)
    settle(window)
    window.app.records.update("task", "task-1", {"subject": "Another subject"})
    settle(window)
    press(focus(), Key.Key_Z, CTRL)
    settle(window)
    assert form.body.fields.editors["subject"][1].value() == "Another subject"
    press(form.body.fields.editors["note"][1].widget, Key.Key_S, CTRL)
    settle(window)
    task = window.app.store.read(lambda reader: reader.get("task", "task-1"))
    assert task is not None
    assert (task["subject"], task["note"]) == ("Another subject", "Ask Maria")


def test_who_goes_on_is_told_what_could_not_be_read_and_finds_it_again(window: MainWindow) -> None:
    window.navigate("record", entity="task", record_id="task-1")
    settle(window)
    form = window.pages["record"]
    assert isinstance(form, RecordFormPage)
    press(focus(), Key.Key_A, CTRL)
    type_text("Ask again")
    form.body.fields.editors["due_on"][1].widget.setFocus()
    press(focus(), Key.Key_A, CTRL)
    type_text("31.02.2027")
    press(window, Key.Key_2, CTRL)
    settle(window)
    assert here(window)[0] == "accounts"
    assert window.toast_widget.accessibleName() == "Not saved, as it cannot be read: Due"
    task = window.app.store.read(lambda reader: reader.get("task", "task-1"))
    assert task is not None
    assert task["subject"] == "Ask again"
    QTest.mouseClick(window.toast_widget.button, Qt.MouseButton.LeftButton)
    settle(window)
    assert here(window) == ("record", {"entity": "task", "record_id": "task-1"})
    due = form.body.fields.editors["due_on"][1].widget
    assert isinstance(due, QLineEdit)
    assert due.text() == "31.02.2027"


def test_a_new_record_of_which_nothing_can_be_read_is_found_again(window: MainWindow) -> None:
    window.navigate("record", entity="task")
    settle(window)
    form = window.pages["record"]
    assert isinstance(form, RecordFormPage)
    form.body.fields.editors["due_on"][1].widget.setFocus()
    type_text("soon")
    press(window, Key.Key_2, CTRL)
    settle(window)
    assert window.app.store.pending(100) == []
    assert here(window)[0] == "accounts"
    QTest.mouseClick(window.toast_widget.button, Qt.MouseButton.LeftButton)
    settle(window)
    assert here(window) == ("record", {"entity": "task"})
    due = form.body.fields.editors["due_on"][1].widget
    assert isinstance(due, QLineEdit)
    assert due.text() == "soon"
