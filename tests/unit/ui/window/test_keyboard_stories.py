"""The main story of the pages that test_keyboard_alone leaves out: lists, forms, stages, leads, runs, connecting."""

from PySide6.QtTest import QTest

from tests.unit.ui.window.keyboard_story import ALT, CTRL, Key, go, here, rows, tab_to, tells_of
from tests.unit.ui.window.shell_for_tests import focus, press, type_text
from tests.unit.ui.window.window_for_tests import settle
from ui.window.main_window import MainWindow
from ui.window.views.enrol_page import EnrolPage
from ui.window.views.sync_history_page import SyncHistoryPage
from ui.window.window_keys import NUMBERED

OPENS = {"accounts": "account", "contacts": "record", "visits": "note", "quotes": "quote", "orders": "order",
         "tasks": "record"}  # fmt: skip


@tells_of(*OPENS)
def test_every_list_is_found_in_opened_and_left(window: MainWindow) -> None:
    for page, opens in OPENS.items():
        press(window, Key(Key.Key_0.value + NUMBERED.index(page) + 1), CTRL)
        settle(window)
        press(focus(), Key.Key_Slash)
        type_text("no such thing anywhere")
        QTest.qWait(1)
        settle(window)
        press(focus(), Key.Key_Escape)
        settle(window)
        press(focus(), Key.Key_Return)
        settle(window)
        assert here(window)[0] == opens, page
        press(window, Key.Key_Left, ALT)
        settle(window)
        assert here(window)[0] == page


@tells_of("record", "stages")
def test_a_record_is_corrected_and_a_stage_begun(window: MainWindow) -> None:
    press(window, Key.Key_2, CTRL)
    settle(window)
    press(focus(), Key.Key_Return)
    settle(window)
    press(focus(), Key.Key_E)
    settle(window)
    press(focus(), Key.Key_A, CTRL)
    type_text("Alfreds Futterkiste und Söhne")
    press(focus(), Key.Key_S, CTRL)
    settle(window)
    go(window, "stages", "stages")
    press(focus(), Key.Key_N)
    settle(window)
    type_text("Trial order")
    press(focus(), Key.Key_S, CTRL)
    settle(window)
    names = window.app.store.read(
        lambda reader: {row["name"] for kind in ("account", "opportunity_stage") for row in reader.where(kind)}
    )
    assert {"Alfreds Futterkiste und Söhne", "Trial order"} <= names


@tells_of("lead_capture", "sync_history")
def test_a_lead_is_captured_and_the_runs_are_read(window: MainWindow) -> None:
    go(window, "capture leads", "lead_capture")
    type_text("Ursel Neumann\n")
    settle(window)
    press(focus(), Key.Key_2, ALT)  # a sheet for many
    settle(window)
    type_text("Paul Weber")
    press(focus(), Key.Key_S, CTRL)
    settle(window)
    assert {row["name"] for row in rows(window, "lead")} == {"Ursel Neumann", "Paul Weber"}
    go(window, "sync history", "sync_history")
    page = window.pages["sync_history"]
    assert isinstance(page, SyncHistoryPage)
    before = page.table.currentIndex().row()
    press(focus(), Key.Key_Down)
    assert page.table.currentIndex().row() == before + 1


@tells_of("enrol")
def test_connecting_asks_for_what_is_missing_and_says_what_failed(window: MainWindow) -> None:
    press(window, Key.Key_Comma, CTRL)
    settle(window)
    tab_to("Connect to a server")
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
