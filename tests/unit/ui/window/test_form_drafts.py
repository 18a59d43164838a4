"""What was typed into a form outlives the program that ended before it was saved."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit

from crm_desktop.store.client_store import ClientStore
from tests.unit.ui.window.keyboard_story import CTRL, Key, here
from tests.unit.ui.window.shell_for_tests import KEY as SECRET
from tests.unit.ui.window.shell_for_tests import (
    FixedClock,
    NoSecrets,
    focus,
    open_app,
    press,
    receive,
    type_text,
    world,
)
from tests.unit.ui.window.window_for_tests import open_window, settle, shut
from ui.compose import App
from ui.window.main_window import MainWindow
from ui.window.views.left_draft import KEY
from ui.window.views.record_form_page import RecordFormPage

NOW = datetime(2026, 11, 19, 9, 4, tzinfo=UTC)


def form_of(window: MainWindow) -> RecordFormPage:
    form = window.pages["record"]
    assert isinstance(form, RecordFormPage)
    return form


def typed_and_on_the_disk(window: MainWindow) -> None:
    window.navigate("record", entity="contact", values={"account_id": "acc-2"})
    settle(window)
    type_text("Greta Neu")
    form_of(window).body.fields.editors["birthday"][1].widget.setFocus()
    type_text("31.02.")
    QTest.mouseClick(form_of(window).body.child_rows["channel"].add_button, Qt.MouseButton.LeftButton)
    form_of(window).body.child_rows["channel"].rows[0].editors["value"][1].widget.setFocus()
    type_text("greta@neu.example")
    for _ in range(2000):
        draft = window.app.store.load_draft(KEY)
        if draft is not None and "channel" in draft["rows"]:
            return
        QTest.qWait(5)
    raise AssertionError("nothing of it is on the disk")


@pytest.fixture
def folder(app: QApplication, tmp_path: Path) -> Path:
    """The profile as the disk holds it when the power goes while a form is filled in."""
    profile = open_app(tmp_path / "profile", NOW)
    receive(profile.store, world(NOW))
    window = open_window(profile)
    settle(window)
    typed_and_on_the_disk(window)
    left = tmp_path / "left"
    shutil.copytree(tmp_path / "profile", left)
    press(focus(), Key.Key_Escape)
    settle(window)
    assert window.app.store.load_draft(KEY) is None, "what was given up is not kept"
    shut(window)
    return left


def begun_again(folder: Path) -> MainWindow:
    clock = FixedClock(NOW)
    profile = App(folder, ClientStore.open(folder, SECRET, clock), NoSecrets(), clock)
    window = open_window(profile)
    window.begin()
    settle(window)
    return window


def test_the_next_start_leads_to_what_was_typed_and_saves_it_once(folder: Path) -> None:
    window = begun_again(folder)
    try:
        assert window.toast_widget.accessibleName() == "A form was not saved before the program ended"
        QTest.mouseClick(window.toast_widget.button, Qt.MouseButton.LeftButton)
        settle(window)
        assert here(window) == ("record", {"entity": "contact", "values": {"account_id": "acc-2"}})
        form = form_of(window)
        birthday = form.body.fields.editors["birthday"][1].widget
        assert isinstance(birthday, QLineEdit)
        assert (form.body.fields.editors["name"][1].value(), birthday.text()) == ("Greta Neu", "31.02.")
        assert window.app.store.pending(100) == []
        birthday.setFocus()
        press(birthday, Key.Key_A, CTRL)
        press(birthday, Key.Key_Delete)
        press(birthday, Key.Key_S, CTRL)
        settle(window)
        found = [row for row in window.app.store.read(lambda reader: reader.where("contact")) if "Greta" in row["name"]]
        assert [row["account_id"] for row in found] == ["acc-2"]
        (channel,) = window.app.store.read(lambda reader: reader.where("channel", contact_id=found[0]["id"]))
        assert channel["value"] == "greta@neu.example"
        assert window.app.store.load_draft(KEY) is None
        window.navigate("record", entity="contact", values={"account_id": "acc-2"})
        settle(window)
        assert form.body.fields.editors["name"][1].value() == "", "the next one is a new one"
    finally:
        shut(window)


def test_a_form_left_by_escape_after_it_came_back_is_gone(folder: Path) -> None:
    window = begun_again(folder)
    try:
        window.navigate("record", entity="contact", values={"account_id": "acc-2"})
        settle(window)
        assert form_of(window).body.fields.editors["name"][1].value() == "Greta Neu"
        press(focus(), Key.Key_Escape)
        settle(window)
        assert window.app.store.load_draft(KEY) is None
        assert window.app.store.pending(100) == []
    finally:
        shut(window)
