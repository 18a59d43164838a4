"""The main story of the pages that test_keyboard_alone leaves out: lists, forms, stages, leads, runs, connecting."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication

from tests.unit.ui.window.every_page import window_with_everything
from tests.unit.ui.window.shell_for_tests import focus, press, type_text
from tests.unit.ui.window.window_for_tests import settle, shut
from ui.window.main_window import MainWindow
from ui.window.views.enrol_page import EnrolPage
from ui.window.views.sync_history_page import SyncHistoryPage
from ui.window.window_keys import NUMBERED

Key, Modifier = Qt.Key, Qt.KeyboardModifier
OPENS = {"accounts": "account", "contacts": "record", "visits": "note", "quotes": "quote", "orders": "order",
         "tasks": "record"}  # fmt: skip


@pytest.fixture
def window(app: QApplication, tmp_path: Path) -> Iterator[MainWindow]:
    made = window_with_everything(tmp_path / "profile")
    made.navigate("today")
    settle(made)
    made.activateWindow()
    QTest.qWaitForWindowActive(made)
    yield made
    shut(made)


def shown(window: MainWindow) -> str:
    here = window.history.here()
    return here.page if here is not None else ""


def go(window: MainWindow, command: str) -> None:
    """By the palette: its key, some words, Enter."""
    press(window, Key.Key_K, Modifier.ControlModifier)
    settle(window)
    type_text(f"> {command}")
    settle(window)
    press(focus(), Key.Key_Return)
    settle(window)


def tab_to(window: MainWindow, text: str) -> None:
    for _ in range(60):
        here = focus()
        if isinstance(here, QAbstractButton) and here.text().strip() == text:
            return
        press(here, Key.Key_Tab)
    raise AssertionError(f"Tab never comes to “{text}”")


def test_every_list_is_found_in_opened_and_left(window: MainWindow) -> None:
    for page, opens in OPENS.items():
        press(window, Key(Key.Key_0.value + NUMBERED.index(page) + 1), Modifier.ControlModifier)
        settle(window)
        press(focus(), Key.Key_Slash)
        type_text("no such thing anywhere")
        QTest.qWait(1)
        settle(window)
        press(focus(), Key.Key_Escape)
        settle(window)
        press(focus(), Key.Key_Return)
        settle(window)
        assert shown(window) == opens, page
        press(window, Key.Key_Left, Modifier.AltModifier)
        settle(window)
        assert shown(window) == page


def test_a_record_is_corrected_and_a_stage_begun(window: MainWindow) -> None:
    press(window, Key.Key_2, Modifier.ControlModifier)
    settle(window)
    press(focus(), Key.Key_Return)
    settle(window)
    press(focus(), Key.Key_E)
    settle(window)
    press(focus(), Key.Key_Tab)
    press(focus(), Key.Key_A, Modifier.ControlModifier)
    type_text("Alfreds Futterkiste und Söhne")
    press(focus(), Key.Key_S, Modifier.ControlModifier)
    settle(window)
    go(window, "stages")
    assert shown(window) == "stages"
    press(focus(), Key.Key_N)
    settle(window)
    for _ in range(2):  # pipeline, code
        press(focus(), Key.Key_Tab)
    type_text("Trial order")
    press(focus(), Key.Key_S, Modifier.ControlModifier)
    settle(window)
    names = window.app.store.read(
        lambda reader: {row["name"] for kind in ("account", "opportunity_stage") for row in reader.where(kind)}
    )
    assert {"Alfreds Futterkiste und Söhne", "Trial order"} <= names


def test_a_lead_is_captured_and_the_runs_are_read(window: MainWindow) -> None:
    go(window, "capture leads")
    assert shown(window) == "lead_capture"
    type_text("Ursel Neumann\n")
    settle(window)
    assert [row["name"] for row in window.app.store.read(lambda reader: reader.where("lead"))] == ["Ursel Neumann"]
    go(window, "sync history")
    page = window.pages["sync_history"]
    assert isinstance(page, SyncHistoryPage)
    before = page.table.currentIndex().row()
    press(focus(), Key.Key_Down)
    assert page.table.currentIndex().row() == before + 1


def test_connecting_asks_for_what_is_missing_and_says_what_failed(window: MainWindow) -> None:
    press(window, Key.Key_Comma, Modifier.ControlModifier)
    settle(window)
    tab_to(window, "Connect to a server")
    press(focus(), Key.Key_Space)
    settle(window)
    page = window.pages["enrol"]
    assert isinstance(page, EnrolPage)
    type_text("http://127.0.0.1:9\n")
    assert focus() is page.login
    type_text("anne")
    press(focus(), Key.Key_Tab)
    type_text("secret\n")
    settle(window)
    assert page.banner.isVisible()
    assert focus() is page.password
