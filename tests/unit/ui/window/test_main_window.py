"""The whole window on a real store: pages, back and forward, folding, words, the truth of the strip."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget

from crm_desktop.errors import KnownError
from crm_desktop.model.columns import format_instant, parse_instant
from crm_desktop.model.wire import Row
from tests.unit.ui.window.shell_for_tests import ME, open_app, press, receive, type_text, world
from tests.unit.ui.window.window_for_tests import open_window, settle, shut
from ui.compose import SyncStatus
from ui.window import i18n, theme
from ui.window.main_window import MainWindow
from ui.window.views.lead_capture_page import LeadCapturePage
from ui.window.views.list_pages import AccountsPage
from ui.window.widgets.key_hints import KeyHints


@pytest.fixture
def window(app: QApplication, tmp_path: Path) -> Iterator[MainWindow]:
    now = datetime(2026, 11, 19, 9, 4, tzinfo=UTC)
    profile = open_app(tmp_path / "profile", now)
    receive(profile.store, world(now))
    made = open_window(profile)
    settle(made)
    yield made
    shut(made)


def test_back_and_forward_go_through_pages(window: MainWindow) -> None:
    window.navigate("accounts")
    settle(window)
    assert QApplication.activeWindow() is window, "something else became a window for a moment"
    window.navigate("account", account_id="acc-2")
    settle(window)
    press(window, Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier)
    settle(window)
    assert window.stack.currentWidget() is window.pages["accounts"]
    press(window, Qt.Key.Key_Right, Qt.KeyboardModifier.AltModifier)
    settle(window)
    assert window.stack.currentWidget() is window.pages["account"]
    assert window.nav.list.current() == "accounts"


def test_from_the_navigation_the_keys_come_back_to_what_had_them(window: MainWindow) -> None:
    for name in ("today", "accounts", "board", "approvals", "outbox", "conflicts", "sync_history", "settings", "help"):
        window.navigate(name)
        settle(window)
        page = window.pages[name]
        held = next((widget for widget in page.findChildren(QLineEdit) if widget.isVisible()), None)
        if held is not None:
            held.setFocus()
        press(window, Qt.Key.Key_F6)
        assert window.nav.list.hasFocus()
        press(window.nav.list, Qt.Key.Key_F6)
        now = QApplication.focusWidget()
        assert now is not None
        if held is not None:
            assert now is held, name
        elif any(widget.focusPolicy() & Qt.FocusPolicy.TabFocus for widget in seen(page)):
            assert page.isAncestorOf(now), f"{name}: a page as such has no use for keys"


def seen(page: QWidget) -> list[QWidget]:
    return [widget for widget in page.findChildren(QWidget) if widget.isVisible() and widget.isEnabled()]


def test_a_list_keeps_its_cursor_when_one_comes_back(window: MainWindow) -> None:
    window.navigate("accounts")
    settle(window)
    page = window.pages["accounts"]
    assert isinstance(page, AccountsPage)
    press(page.table, Qt.Key.Key_Down)
    press(page.table, Qt.Key.Key_Return)
    settle(window)
    assert window.stack.currentWidget() is window.pages["account"]
    window.back()
    settle(window)
    assert page.body.current_id() == "acc-3"


def test_below_1100_the_navigation_is_a_rail(window: MainWindow) -> None:
    window.app.change_settings(server_url="http://127.0.0.1:9")
    window.show_status()
    window.resize(1440, 900)
    settle(window)
    wide = window.nav.width()
    assert window.strip.last.isVisible()
    window.resize(960, 600)
    settle(window)
    assert (wide, window.nav.width(), window.width()) == (232, 52, 960)
    assert not window.strip.last.isVisible(), "the strip is brief beside a rail"


def test_counts_and_the_strip_tell_what_waits(window: MainWindow) -> None:
    assert window.strip.waiting.text().strip() == "Nothing waits"
    window.app.records.update("account", "acc-1", {"industry": "Food"})
    settle(window)
    assert window.strip.waiting.text().strip() == "1 change waits"
    conflict = {"id": "cf-1", "entity": "account", "record_id": "acc-1", "field": "name", "owner_id": ME}
    receive(window.app.store, {"conflict": [conflict]})
    settle(window)
    assert window.strip.decisions.text().strip() == "1 decision"
    assert window.strip.decisions.isVisible()


def test_after_a_restart_without_network_the_last_sync_is_remembered(window: MainWindow) -> None:
    window.app.change_settings(server_url="http://127.0.0.1:9")
    window.show_status()
    assert window.strip.last.text().strip() == "Not synced yet"
    ended = format_instant(window.app.clock.now() - timedelta(hours=2))
    for code, digest_ok in (("", True), ("offline", None)):
        window.app.store.log_session(
            {"started_at": ended, "ended_at": ended, "error_code": code, "digest_ok": digest_ok}
        )
    again = MainWindow(window.app, window.scheme)
    try:
        again.resize(1440, 900)
        again.show()
        again.navigate("accounts")
        settle(again)
        again.status_bridge.from_runner(SyncStatus(state="offline"))
        settle(again)
        when = i18n.fmt_near_day(parse_instant(ended), window.app.clock.now(), capital=False)
        assert again.strip.last.text().strip() == f"Last sync {when} · contents verified"
        page = again.pages["accounts"]
        assert isinstance(page, AccountsPage)
        assert page.head.as_of.plain_text() == f"as of {when}"
        again.status_bridge.from_runner(
            SyncStatus(state="online", last_success_at=window.app.clock.now(), verified=False)
        )
        settle(again)
        when = i18n.fmt_near_day(window.app.clock.now(), window.app.clock.now(), capital=False)
        assert again.strip.last.text().strip() == f"Last sync {when}"
        assert page.head.as_of.plain_text() == f"as of {when}"
    finally:
        again.close()
        again.deleteLater()


def test_language_theme_and_text_size_change_at_once(window: MainWindow) -> None:
    window.navigate("accounts")
    settle(window)
    window.change_settings(language="de", theme="dark", text_size_percent=125)
    settle(window)
    page = window.pages["accounts"]
    assert isinstance(page, AccountsPage)
    assert page.head.bar._title.plain_text() == "Kunden"
    assert theme.scheme() == "dark"
    assert theme.text_factor() == 1.25
    assert window.strip.waiting.text().strip() == i18n.tr("strip.nothing_waits")
    window.change_settings(language="en", theme="light", text_size_percent=100)


def test_an_error_is_a_banner_in_the_language_of_the_user(window: MainWindow) -> None:
    i18n.set_language("de")
    window.show_error(KnownError("disk_full", "The disk is full.", "Free some space."))
    assert window.errors.banner.accessibleName() == "Die Festplatte ist voll."
    window.show_error(KnownError("nobody_knows_this", "Something rare.", "Do this."))
    assert window.errors.banner.accessibleName() == "Something rare."
    window.errors.banner.buttons[0].click()
    assert window.errors.isHidden()


def test_undo_stays_reachable_by_the_keyboard(window: MainWindow) -> None:
    done: list[str] = []
    window.navigate("accounts")
    settle(window)
    window.toast("moved", lambda: done.append("back"))
    window.toast_widget.hide()
    press(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert done == ["back"]
    press(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert done == ["back"]


def over(window: MainWindow, widget: QWidget, rect: QRect | None = None) -> bool:
    """Whether the toast covers (part of) a widget."""
    inside = rect if rect is not None else widget.rect()
    at = QRect(widget.mapTo(window, inside.topLeft()), inside.size())
    toast = window.toast_widget
    return QRect(toast.mapTo(window, QPoint(0, 0)), toast.size()).intersects(at)


@pytest.mark.parametrize("size", [(1440, 900), (960, 600)])
def test_the_toast_stands_above_the_footer_of_every_page(window: MainWindow, size: tuple[int, int]) -> None:
    window.resize(*size)
    window.toast("Plan the fair deleted", lambda: None)
    for page, where in (
        ("accounts", {}), ("account", {"account_id": "acc-1"}), ("note", {"account_id": "acc-1"}), ("settings", {}),
    ):  # fmt: skip
        window.navigate(page, **where)
        settle(window)
        toast, work = window.toast_widget, window.toast_widget.host
        footers = [hints for hints in window.pages[page].findChildren(KeyHints) if hints.isVisible()]
        assert bool(footers) is (page != "settings")
        assert not any(over(window, hints) for hints in footers), page
        assert work.rect().contains(toast.geometry())
        assert work.height() - toast.geometry().bottom() <= 80, "it left the bottom of the page"


def test_the_toast_gives_way_to_the_row_with_the_focus(window: MainWindow) -> None:
    receive(window.app.store, {"account": [{"id": f"more-{n}", "name": f"Zoo {n:02d}"} for n in range(40)]})
    window.navigate("accounts")
    settle(window)
    page = window.pages["accounts"]
    assert isinstance(page, AccountsPage)
    window.toast("moved", lambda: None)
    places = {window.toast_widget.y()}
    for _ in range(25):
        press(page.table, Qt.Key.Key_Down)
        row = page.table.visualRect(page.table.currentIndex())
        whole = QRect(0, row.y(), page.table.viewport().width(), row.height())
        assert not over(window, page.table.viewport(), whole)
        places.add(window.toast_widget.y())
    assert len(places) > 1, "the cursor never came to where the toast stands at first"


def test_a_paste_that_was_saved_is_taken_back_by_the_keyboard(window: MainWindow) -> None:
    window.navigate("lead_capture", mode="paste")
    settle(window)
    page = window.pages["lead_capture"]
    assert isinstance(page, LeadCapturePage)
    page.paste.text.setPlainText("visitor@fair.example")
    settle(window, lambda: page.paste.preview is not None)
    press(page.paste.text, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)

    def leads() -> list[Row]:
        return window.app.store.read(lambda reader: reader.where("lead"))

    settle(window, lambda: len(leads()) == 1 and window.toast_widget.isVisible())
    assert page.paste.text.hasFocus()
    press(page.paste.text, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    settle(window, lambda: not leads())


def test_a_lead_that_was_typed_is_taken_back_by_the_keyboard(window: MainWindow) -> None:
    window.navigate("lead_capture", mode="line")
    settle(window)
    page = window.pages["lead_capture"]
    assert isinstance(page, LeadCapturePage)
    line = page.line.fields["name"]
    line.setFocus()
    type_text("Ute Voss")
    press(line, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)  # typing first: nothing is saved yet
    assert line.text() == ""
    type_text("Ute Voss\n")

    def leads() -> list[Row]:
        return window.app.store.read(lambda reader: reader.where("lead"))

    settle(window, lambda: len(leads()) == 1 and window.toast_widget.isVisible())
    assert line.hasFocus()
    press(line, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    settle(window, lambda: not leads())
    assert line.text() == ""


def test_an_unreachable_server_is_one_clear_message(window: MainWindow) -> None:
    window.navigate("enrol")
    settle(window)
    page = window.pages["enrol"]
    for name, text in (
        ("enrol_server", "http://127.0.0.1:9"), ("enrol_login", "anne"), ("enrol_password", "secret"),
    ):  # fmt: skip
        field = page.findChild(QLineEdit, name)
        assert field is not None
        field.setFocus()
        field.selectAll()
        type_text(text)
    last = page.findChild(QLineEdit, "enrol_password")
    assert last is not None
    press(last, Qt.Key.Key_Return)
    settle(window)
    banner = page.banner  # type: ignore[attr-defined]
    assert banner.isVisible()
    assert banner.accessibleName() == "The server cannot be reached."
    assert last.selectedText() != ""


def test_the_fold_survives_the_end_of_the_program(window: MainWindow) -> None:
    window.resize(1200, 700)
    settle(window)
    assert not window.nav.is_rail()
    QTest.mouseClick(window.nav._fold, Qt.MouseButton.LeftButton)
    assert window.nav.is_rail()
    window.close()
    QTest.qWait(1)
    again = MainWindow(window.app, window.scheme)
    again.resize(1200, 700)
    again.show()
    settle(again)
    folded = again.nav.is_rail()
    QTest.mouseClick(again.nav._fold, Qt.MouseButton.LeftButton)
    unfolded = not again.nav.is_rail()
    again.close()
    again.deleteLater()
    assert folded
    assert unfolded
