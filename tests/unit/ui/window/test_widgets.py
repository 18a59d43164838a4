"""What the widgets do when they are used."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QPushButton, QScrollArea, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from ui.window import theme
from ui.window.delegates import NavGroup, NavItem
from ui.window.widgets.avatar import initials
from ui.window.widgets.banner import Banner
from ui.window.widgets.button import Button
from ui.window.widgets.choice_pills import ChoicePills
from ui.window.widgets.empty_state import EmptyState
from ui.window.widgets.field_row import FieldRow
from ui.window.widgets.filter_bar import FilterBar
from ui.window.widgets.flow_layout import FlowLayout
from ui.window.widgets.focus_ring import FocusRing
from ui.window.widgets.label import Label
from ui.window.widgets.navigation_list import RAIL, WIDE, NavigationList, NavigationModel
from ui.window.widgets.progress_bar import ProgressBar
from ui.window.widgets.status_strip import StatusStrip
from ui.window.widgets.undo_toast import SHOWN_MS, UndoToast

ROWS: list[NavGroup | NavItem] = [
    NavItem("today", "Today", "sun", "7"),
    NavGroup("Lists"),
    NavItem("list", "Germany", "list", in_rail=False),
    NavItem("outbox", "Outbox", "cloud-upload"),
]


@pytest.fixture
def window(app: QApplication, qtbot: QtBot) -> QWidget:
    holder = QWidget()
    QVBoxLayout(holder)
    holder.resize(500, 400)
    qtbot.addWidget(holder)
    return holder


def put(window: QWidget, *widgets: QWidget) -> None:
    layout = window.layout()
    assert layout is not None
    for widget in widgets:
        layout.addWidget(widget)
    window.show()
    window.activateWindow()
    QApplication.processEvents()


def test_pills_are_one_stop_and_arrow_keys_move_the_choice(window: QWidget, qtbot: QtBot) -> None:
    pills = ChoicePills("Outcome", [("a", "Quote wanted"), ("b", "Follow up"), ("c", "No interest")])
    put(window, pills)
    heard: list[str] = []
    pills.chosen.connect(heard.append)
    pills.set_value("b")
    assert heard == []
    stops = [pill for pill in pills.findChildren(QPushButton) if pill.focusPolicy() & Qt.FocusPolicy.TabFocus]
    assert [pill.text() for pill in stops] == ["Follow up"]
    stops[0].setFocus()
    QTest.keyClick(stops[0], Qt.Key.Key_Right)
    assert (heard, pills.value()) == (["c"], "c")
    focused = QApplication.focusWidget()
    assert isinstance(focused, QPushButton)
    QTest.keyClick(focused, Qt.Key.Key_Down)
    assert (heard, pills.value()) == (["c", "a"], "a")
    pills.set_value(None)
    assert pills.value() is None


def test_flow_breaks_lines_and_does_not_widen_the_window(window: QWidget) -> None:
    holder = QWidget()
    flow = FlowLayout(holder, 8)
    for _ in range(6):
        flow.addWidget(Button("Follow up"))
    put(window, holder)
    one = flow.sizeHint()
    assert flow.minimumSize().width() < one.width() / 4
    assert flow.heightForWidth(one.width()) == one.height()
    assert flow.heightForWidth(one.width() // 2) == 2 * one.height() + 8


def test_banner_calls_its_action(window: QWidget) -> None:
    done: list[str] = []
    banner = Banner("ask", "git-compare-arrows", "Two terms", "21 or 30", [("Decide", lambda: done.append("decided"))])
    put(window, banner)
    banner.buttons[0].click()
    assert done == ["decided"]
    assert (banner.accessibleName(), banner.accessibleDescription()) == ("Two terms", "21 or 30")
    banner.set_actions([])
    assert banner.buttons == []


def test_toast_undoes_once_and_stays_while_its_button_has_the_focus(window: QWidget) -> None:
    put(window)
    toast = UndoToast(window)
    undone: list[int] = []
    toast.offer("Task moved", "Undo", lambda: undone.append(1), "Ctrl Z")
    assert toast.isVisible()
    assert toast.timer.interval() == SHOWN_MS
    assert abs(toast.geometry().center().x() - window.rect().center().x()) <= 1
    toast.button.setFocus()
    assert not toast.timer.isActive()
    toast.button.click()
    toast.button.click()
    assert undone == [1]
    assert not toast.isVisible()


def test_toast_goes_when_its_time_is_over(window: QWidget) -> None:
    put(window)
    toast = UndoToast(window)
    toast.tell("Saved on this laptop")
    assert not toast.button.isVisible()
    toast.timer.timeout.emit()
    assert not toast.isVisible()


def test_navigation_opens_by_key_and_skips_headings(window: QWidget) -> None:
    bar = NavigationList("Navigation")
    bar.set_rows(ROWS)
    put(window, bar)
    heard: list[str] = []
    bar.chosen.connect(heard.append)
    bar.set_current("today")
    QTest.keyClick(bar, Qt.Key.Key_Down)
    QTest.keyClick(bar, Qt.Key.Key_Return)
    assert heard == ["list"]
    assert bar.current() == "list"


def test_navigation_rail_hides_lists_and_tooltips_carry_the_names(window: QWidget) -> None:
    bar = NavigationList("Navigation")
    bar.set_rows(ROWS)
    put(window, bar)
    assert bar.width() == WIDE
    bar.set_rail(True)
    bar.set_count("outbox", "4", "warn")
    assert bar.width() == RAIL
    assert [bar.isRowHidden(at) for at in range(4)] == [False, False, True, False]
    assert bar.model().index(3, 0).data(Qt.ItemDataRole.ToolTipRole) == "Outbox, 4"


def test_navigation_model_keeps_the_rules_of_models(app: QApplication) -> None:
    model = NavigationModel()
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    model.set_rows(ROWS)
    model.set_count("outbox", "4", "warn")
    model.set_count("nowhere", "4", "warn")
    assert tester.model() is model


def test_filters_are_edited_and_removed(window: QWidget) -> None:
    bar = FilterBar("Filters", "Filter")
    bar.set_filters([("country", "Country: DE", "Remove country"), ("class", "Class: A", "Remove class")])
    put(window, bar)
    edited: list[str] = []
    removed: list[str] = []
    bar.edited.connect(edited.append)
    bar.removed.connect(removed.append)
    bar.blocks[0].click()
    bar.blocks[1].cross.click()
    QTest.keyClick(bar.blocks[0], Qt.Key.Key_Delete)
    assert (edited, removed) == (["country"], ["class", "country"])


def test_field_says_its_error_and_can_be_left(window: QWidget) -> None:
    row = FieldRow("Day", QLineEdit("27 Nov 2025"), "Day and month")
    put(window, row)
    row.set_error(lambda: "This day is in the past")
    assert row.field.property("bad") == "true"
    assert row.field.accessibleDescription() == "This day is in the past"
    row.set_help("Day, month, year")
    assert row.field.accessibleDescription() == "This day is in the past"
    row.set_help("Day and month")
    row.set_error(None)
    assert row.field.property("bad") is None
    assert row.field.accessibleDescription() == "Day and month"
    row.set_read_only("Owned by the ERP")
    assert isinstance(row.field, QLineEdit)
    assert row.field.isReadOnly()


def test_strip_hides_what_is_not_there_and_its_parts_are_buttons(window: QWidget) -> None:
    strip = StatusStrip("Status")
    put(window, strip)
    assert not strip.refused.isVisible()
    strip.set_refused("1 refused")
    assert strip.refused.isVisible()
    heard: list[str] = []
    strip.refused_clicked.connect(lambda: heard.append("refused"))
    strip.refused.click()
    assert heard == ["refused"]


def test_ring_follows_the_focus_and_leaves_when_scrolled_away(window: QWidget) -> None:
    ring = FocusRing(window)
    area = QScrollArea()
    content = QWidget()
    area.setWidget(content)
    content.resize(300, 2000)
    inside = QPushButton("Open", content)
    field = QLineEdit()
    put(window, field, area)
    field.setFocus(Qt.FocusReason.TabFocusReason)
    assert ring.target() is field
    assert ring.geometry().contains(field.geometry())
    window.resize(700, 400)
    QApplication.processEvents()
    assert ring.geometry().center().x() == field.geometry().center().x()
    inside.setFocus(Qt.FocusReason.TabFocusReason)
    assert ring.isVisible()
    area.verticalScrollBar().setValue(1500)
    QApplication.processEvents()
    assert not ring.isVisible()
    field.setProperty("k", "bare")
    field.setFocus(Qt.FocusReason.TabFocusReason)
    assert ring.target() is None


def test_ring_survives_the_end_of_its_widget(window: QWidget) -> None:
    ring = FocusRing(window)
    gone = QLineEdit()
    put(window, gone)
    gone.setFocus(Qt.FocusReason.TabFocusReason)
    assert ring.target() is gone
    gone.deleteLater()
    QApplication.sendPostedEvents(None, 52)
    QApplication.processEvents()
    assert ring.target() is None
    assert not ring.isVisible()


def test_label_escapes_and_keeps_the_plain_text(window: QWidget) -> None:
    label = Label("Chai & <b>Tofu</b>", wrap=True)
    put(window, label)
    assert label.plain_text() == label.accessibleName() == "Chai & <b>Tofu</b>"
    assert "&lt;b&gt;" in label.text()


def test_button_keeps_the_ampersand(app: QApplication, qtbot: QtBot) -> None:
    button = Button("Ernst & Sohn")
    qtbot.addWidget(button)
    assert button.accessibleName() == "Ernst & Sohn"
    assert button.text() == "Ernst && Sohn"


def test_empty_state_replaces_its_step(window: QWidget) -> None:
    done: list[str] = []
    state = EmptyState("map-pin", "Nothing waits", actions=[("Open", lambda: done.append("old"))])
    put(window, state)
    state.set_state("check", "All done", actions=[("Show", lambda: done.append("new"))])
    assert len(state.buttons) == 1
    state.buttons[0].click()
    assert done == ["new"]


@pytest.mark.parametrize("factor", [1.0, 1.5])
def test_no_word_of_an_empty_page_stands_alone(app: QApplication, window: QWidget, factor: float) -> None:
    theme.apply_theme(app, "light", factor)
    said = "Hier stehen Angebote, für die Sie um Freigabe bitten, bis sie irgendwann gesendet sind."
    state = EmptyState("check", "Nichts wartet auf Freigabe", said)
    put(window, state)
    wide = state._text.width()
    high = Label(said, "body", wrap=True).heightForWidth
    assert high(wide) == high(460) > high(4000)
    assert high(wide - 1) > high(460)
    state.set_state("check", "Nichts wartet", "Kurz gesagt.")
    assert state._text.width() < wide
    theme.apply_theme(app, "light")


def test_an_address_breaks_where_there_is_no_room_for_it(app: QApplication, qtbot: QtBot) -> None:
    address = Label("kontakt3333@beispiel.example", wrap=True)
    qtbot.addWidget(address)
    assert address.plain_text() == "kontakt3333@beispiel.example"
    assert address.minimumSizeHint().width() < address.fontMetrics().horizontalAdvance(address.plain_text())
    assert address.heightForWidth(140) > address.heightForWidth(400)


def test_bar_stays_between_its_ends(app: QApplication, qtbot: QtBot) -> None:
    bar = ProgressBar(1.7, name="Margin")
    qtbot.addWidget(bar)
    assert bar.value() == 1.0
    assert bar.accessibleDescription() == "100 %"


@pytest.mark.parametrize(
    ("name", "letters"),
    [("Maria Anders", "MA"), ("Alfreds", "A"), ("Philip von der Cramer", "PC"), ("", ""), ("– Müller & Sohn", "MS")],
)
def test_initials(name: str, letters: str) -> None:
    assert initials(name) == letters
