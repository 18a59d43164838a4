"""One key before the laptop is turned: nothing of ours can be seen, read aloud or reached; signing happens there."""

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible, QAccessibleInterface, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from crm_desktop.services.quotes import NewLine
from crm_desktop.store.intents import delete, patch
from tests.unit.ui.window.shell_for_tests import TestShell, focus, open_app, press, receive, shots, type_text, world
from tests.unit.ui.window.views.test_approvals_page import editor, status
from tests.unit.ui.window.window_for_tests import open_window, settle, shut
from ui.window.main_window import MainWindow
from ui.window.views.quote_page import QuotePage
from ui.window.widgets.label import Label
from ui.window.widgets.signature_pad import SignaturePad

Key = Qt.Key
# What is only ours: margin and floor, the ladder, the contract behind a price, notes, warnings, other customers.
OURS = ("margin", "floor", "why €", "scale from", "contract 2026", "your discount", "wants it cheap", "follow-up",
        "chance", "goes beyond", "revisions", "outbox", "conflicts", "königlich", "days old", "ceiling")  # fmt: skip


def read_aloud(interface: QAccessibleInterface | None) -> Iterator[str]:
    """Every name, value and description below, hidden ones too."""
    if interface is None or not interface.isValid():
        return
    for kind in (QAccessible.Text.Name, QAccessible.Text.Value, QAccessible.Text.Description, QAccessible.Text.Help):
        yield interface.text(kind)
    for at in range(interface.childCount()):
        yield from read_aloud(interface.child(at))


def all_said(window: QWidget) -> str:
    widgets = [window, *window.findChildren(QWidget)]
    tips = [text for widget in widgets for text in (widget.toolTip(), widget.whatsThis(), widget.accessibleName())]
    heard = " ".join([*read_aloud(QAccessible.queryAccessibleInterface(window)), *tips])
    return " ".join(heard.lower().split())


def quote(app_shell: TestShell | MainWindow, *, send: bool = False) -> str:
    app = app_shell.app
    lines = [
        NewLine("p-chai", Decimal(60), Decimal(2)),
        NewLine("p-sirop", Decimal(24), Decimal(12)),
        NewLine("p-tofu", Decimal(30), optional=True),
    ]
    quote_id = app.quotes.new_quote("acc-1", "con-1", lines=lines, intro="Delivery weekly")
    app.records.update("quote", quote_id, {"chance_percent": 70, "chance_reason": "Wants it cheap"})
    if send:
        (row,) = app.store.read(lambda reader: reader.where("quote_revision", quote_id=quote_id))
        app.quotes.send(row["id"])
    return quote_id


@pytest.fixture
def window(app: QApplication, tmp_path: Path) -> Iterator[MainWindow]:
    now = datetime(2026, 11, 19, 9, 4, tzinfo=UTC)
    profile = open_app(tmp_path / "profile", now)
    receive(profile.store, world(now))
    made = open_window(profile)
    settle(made)
    yield made
    shut(made)


def test_the_figures_of_optional_lines_stand_below_the_others(window: MainWindow) -> None:
    window.navigate("quote", quote_id=quote(window))
    settle(window)
    press(focus(), Key.Key_F8)
    settle(window)
    shown = {label.plain_text(): label for label in window.findChildren(Label) if label.isVisible()}
    for column in (("60", "24", "30"), ("€925.20", "€601.92", "€697.50")):
        assert len({shown[text].mapTo(window, shown[text].rect().topRight()).x() for text in column}) == 1, column
    assert "\u2013" in shown, "no discount is said, not left out"


def test_nothing_of_ours_is_left_in_the_window_and_the_same_key_brings_it_back(window: MainWindow) -> None:
    window.navigate("quote", quote_id=quote(window))
    settle(window)
    press(focus(), Key.Key_Up)  # from the empty line to one whose price is explained
    before = all_said(window)
    assert {"margin", "floor", "why €", "follow-up", "chance", "outbox"} <= {word for word in OURS if word in before}
    press(focus(), Key.Key_F8)
    settle(window)
    shown = all_said(window)
    assert [word for word in OURS if word in shown] == []
    for ours_and_his in ("alfreds futterkiste", "chai", "€925.20", "sirop", "delivery weekly", "optional", "vat 7 %"):
        assert ours_and_his in shown, ours_and_his
    # The keys of the window lead nowhere meanwhile.
    for key, modifiers in (
        (Key.Key_K, Qt.KeyboardModifier.ControlModifier),
        (Key.Key_1, Qt.KeyboardModifier.ControlModifier),
    ):
        press(focus(), key, modifiers)
        settle(window)
    assert [word for word in OURS if word in all_said(window)] == []
    press(focus(), Key.Key_F8)
    settle(window)
    assert all_said(window).count("margin") == before.count("margin")
    assert window.stack.currentWidget() is window.pages["quote"]
    press(focus(), Key.Key_1, Qt.KeyboardModifier.ControlModifier)
    settle(window)
    assert window.stack.currentWidget() is window.pages["today"]


def test_a_change_from_elsewhere_shows_nothing_more(window: MainWindow) -> None:
    quote_id = quote(window)
    window.navigate("quote", quote_id=quote_id)
    settle(window)
    press(focus(), Key.Key_F8)
    window.app.records.update("quote", quote_id, {"chance_reason": "margin talk"})
    line = window.app.store.read(lambda reader: reader.where("quote_line", quote_id=quote_id))[0]
    window.app.quotes.change_line(line["id"], Decimal(50))
    settle(window)
    shown = all_said(window)
    assert "€771.00" in shown
    assert [word for word in OURS if word in shown] == []


def test_prices_stand_as_on_the_paper(window: MainWindow) -> None:
    quote_id = quote(window)
    app = window.app
    line, *others = app.store.read(lambda reader: reader.where("quote_line", quote_id=quote_id))
    (revision,) = app.store.read(lambda reader: reader.where("quote_revision", quote_id=quote_id))
    app.store.commit([
        patch("quote_line", line["id"], {"list_price": "1800", "net_price": "1541.5025", "line_total": "92490"}),
        patch("quote_revision", revision["id"], {"currency": "JPY"}),
        *(delete("quote_line", other["id"]) for other in others),
    ])  # fmt: skip
    window.navigate("quote", quote_id=quote_id)
    settle(window)
    assert "1,800.00" not in all_said(window)
    press(focus(), Key.Key_F8)
    settle(window)
    shown = all_said(window)
    assert "1,541.5025" in shown
    assert "1,800 " in shown
    assert "1,800.00" not in shown


def draw(pad: SignaturePad) -> None:
    QTest.mousePress(pad, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(40, 90))
    for at in ((70, 40), (95, 100), (130, 50), (170, 95), (240, 70)):
        QTest.mouseMove(pad, QPoint(*at))
        QApplication.processEvents()
    QTest.mouseRelease(pad, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(240, 70))


def signing(shell: TestShell) -> QuotePage:
    page = editor(shell, quote(shell, send=True))
    page.bar.sign.setFocus()
    press(focus(), Key.Key_Space)
    shell.settle()
    return page


def test_a_drawn_signature_is_kept_with_name_and_time(shell: TestShell) -> None:
    page = signing(shell)
    view = page.actions_panel.desk.view
    assert view is not None
    panel = view.sign_panel
    assert panel.name.text() == "Maria Anders"
    assert focus() is panel.name
    assert not panel.done.isEnabled()
    draw(panel.pad)
    assert panel.done.isEnabled()
    shots_of_cover(shell, page, "customer-signing")
    panel.done.setFocus()
    press(focus(), Key.Key_Space)
    shell.settle()
    assert shell.errors == []
    revision = shell.app.store.read(lambda reader: reader.get("quote_revision", page.editor.revision_id))
    assert revision is not None
    assert (revision["signed_by"], revision["status"]) == ("Maria Anders", "sent")
    picture = QImage.fromData(shell.app.attachments.read(revision["signature_id"]))
    assert picture.width() > 300
    assert any(picture.pixelColor(x, picture.height() // 2).alpha() for x in range(picture.width()))
    assert not panel.isVisible()
    assert "signed by maria anders" in all_said(shell)
    press(view, Key.Key_F8)
    shell.settle()
    assert not page.bar.sign.isVisible()


def test_begin_anew_and_a_touch_by_mistake_are_no_signature(shell: TestShell) -> None:
    page = signing(shell)
    view = page.actions_panel.desk.view
    assert view is not None
    QTest.mouseClick(view.sign_panel.pad, Qt.MouseButton.LeftButton)
    assert not view.sign_panel.done.isEnabled()
    draw(view.sign_panel.pad)
    view.sign_panel.again.click()
    assert not view.sign_panel.done.isEnabled()
    assert view.sign_panel.pad.png() == b""
    draw(view.sign_panel.pad)
    view.sign_panel.name.setFocus()
    view.sign_panel.name.selectAll()
    press(focus(), Key.Key_Backspace)
    view.sign_panel.done.click()
    assert "enter the name of who signs" in all_said(shell)
    type_text("Rita")


def test_by_keyboard_alone_it_is_an_acceptance_and_no_signature(shell: TestShell) -> None:
    page = signing(shell)
    view = page.actions_panel.desk.view
    assert view is not None
    assert "a typed name is no signature" in all_said(shell)
    view.sign_panel.accept.setFocus()
    press(focus(), Key.Key_Space)
    shell.settle()
    assert page.actions_panel.desk.view is None
    assert status(shell, page.editor.revision_id) == "accepted"
    revision = shell.app.store.read(lambda reader: reader.get("quote_revision", page.editor.revision_id))
    assert revision is not None
    assert (revision["signed_by"], revision["signature_id"]) == ("", None)


def shots_of_cover(shell: TestShell, page: QuotePage, name: str) -> None:
    """The shell draws what covers it; the page below has the words."""
    before, shell.page = shell.page, page
    shots(shell, name)
    shell.page = before
