"""A sheet of every component, rendered in both themes, and what must hold on it."""

import os
from pathlib import Path

import pytest
from PySide6.QtCore import (
    QAbstractListModel,
    QAbstractTableModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QSize,
    Qt,
)
from PySide6.QtGui import QAccessible, QImage, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QCheckBox,
    QComboBox,
    QDateEdit,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListView,
    QRadioButton,
    QStyleOptionViewItem,
    QTabBar,
    QVBoxLayout,
    QWidget,
)
from pytestqt.qtbot import QtBot

from ui.window import theme
from ui.window.delegates import (
    ALIGN_ROLE,
    CELL_ROLE,
    TEXT_ROLE,
    TIMELINE_ROLE,
    TWO_LINES,
    Cell,
    NavGroup,
    NavItem,
    TimelineDelegate,
    TimelineEntry,
    TimelineMonth,
)
from ui.window.widgets.avatar import Avatar
from ui.window.widgets.banner import Banner
from ui.window.widgets.button import danger, ghost, icon_button, link, normal, primary
from ui.window.widgets.chip import Chip
from ui.window.widgets.choice_pills import ChoicePills
from ui.window.widgets.empty_state import EmptyState
from ui.window.widgets.field_row import FieldRow
from ui.window.widgets.filter_bar import FilterBar
from ui.window.widgets.flow_layout import FlowLayout
from ui.window.widgets.focus_ring import FocusRing
from ui.window.widgets.key_hints import KeyHints
from ui.window.widgets.label import Label
from ui.window.widgets.navigation_list import NavigationList
from ui.window.widgets.progress_bar import ProgressBar
from ui.window.widgets.record_table import RecordTable
from ui.window.widgets.section_header import SectionHeader
from ui.window.widgets.side_panel import SidePanel
from ui.window.widgets.side_row import FactRow, PersonRow, SideRow
from ui.window.widgets.status_strip import StatusStrip
from ui.window.widgets.surface import Panel, hline, surface, vline
from ui.window.widgets.sync_badge import SYNC_LOOK, SyncBadge
from ui.window.widgets.top_bar import TopBar
from ui.window.widgets.undo_toast import UndoToast

Index = QModelIndex | QPersistentModelIndex
ROOT = QModelIndex()

CELLS = [
    [
        Cell("Alfreds Futterkiste", "Maria Anders", weight=600),
        Cell("A", chip=("Key", "accent")),
        Cell("21 Aug", tone="warn", tabular=True),
        Cell("€3,011.22", tabular=True, right=True),
        Cell("82 %", bar=0.82, size=12, tone="t2"),
        Cell(icon="git-compare-arrows", icon_tone="ask", centred_icon=True),
    ],
    [
        Cell("Blauer See Delikatessen mit einem sehr langen Namen", "Hanna Moos", weight=600),
        Cell("B"),
        Cell("2 Sep", tabular=True),
        Cell("", right=True),
        Cell("64 %", bar=0.64, size=12, tone="t2"),
        Cell(icon="circle-check", icon_tone="t3", centred_icon=True),
    ],
    [
        Cell("Sirop d’érable", after="24 - 500 ml bottles"),
        Cell(None),
        Cell(diff=("19 November", "11 February")),
        Cell("20 %", weight=600, tone="warn", right=True, icon="triangle-alert", icon_tone="warn"),
        Cell("97 %", bar=0.97, bar_fill="okfill", size=12, tone="t2"),
        Cell("Remind", check=True, struck=True, tone="t3"),
    ],
]
SIZE = QSize(2700, 1400)
HEADERS = ("Account", "Class", "Last visit", "Open quotes", "Complete", "Sync")

ENTRIES: list[TimelineMonth | TimelineEntry] = [
    TimelineMonth("November 2026"),
    TimelineEntry(
        "Wed 18",
        "file-text",
        "Quote D7F-00012, revision 2",
        ("Draft", "plain"),
        "you",
        "€3,011.22",
        "waiting",
        ("Chai, Tofu, Queso Cabrales and 3 more lines.",),
    ),
    TimelineEntry(
        "Fri 21",
        "map-pin",
        "Visit: quarterly review",
        ("Quote wanted", "accent"),
        "you, 55 min",
        state="synced",
        lines=("Tofu sells well in the new branch.", ("handshake", "Promised: Chai"), ("paperclip", "3 photos")),
    ),
]


class CellModel(QAbstractTableModel):
    def rowCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(CELLS)

    def columnCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(HEADERS)

    def data(self, index: Index, role: int = TEXT_ROLE) -> object:
        cell = CELLS[index.row()][index.column()]
        return cell if role == CELL_ROLE else cell.text if role == TEXT_ROLE else None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = TEXT_ROLE) -> object:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == ALIGN_ROLE and section == 3:
            return (Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter).value
        return HEADERS[section] if role == TEXT_ROLE else None


class EntryModel(QAbstractListModel):
    def rowCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(ENTRIES)

    def data(self, index: Index, role: int = TEXT_ROLE) -> object:
        return ENTRIES[index.row()] if role == TIMELINE_ROLE else None


def row(*widgets: QWidget, spacing: int = 8) -> QWidget:
    holder = QWidget()
    line = QHBoxLayout(holder)
    line.setContentsMargins(0, 0, 0, 0)
    line.setSpacing(spacing)
    for widget in widgets:
        line.addWidget(widget)
    line.addStretch(1)
    return holder


def nothing() -> None:
    """An action whose effect is of no interest here."""


def navigation() -> NavigationList:
    bar = NavigationList("Navigation")
    bar.set_rows(
        [
            NavItem("today", "Today", "sun", "7"),
            NavItem("accounts", "Accounts", "building-2", "91"),
            NavGroup("Saved lists"),
            NavItem("list1", "Germany, class A", "list", "6", in_rail=False),
            NavGroup("Sync"),
            NavItem("outbox", "Outbox", "cloud-upload", "4", "warn"),
            NavItem("conflicts", "Conflicts", "git-compare-arrows", "1", "ask"),
        ]
    )
    bar.set_current("accounts")
    return bar


def fields() -> QWidget:
    plain, focus, wrong, owned = (
        QLineEdit(text) for text in ("030-0074321", "Fri 27 Nov", "27 Nov 2025", "from the ERP")
    )
    focus.setObjectName("focus")
    bad = FieldRow("Day", wrong)
    bad.set_error(lambda: "This day is in the past")
    locked = FieldRow("Limit", owned)
    locked.set_read_only("Owned by the ERP")
    return row(FieldRow("Phone", plain), FieldRow("Follow-up", focus), bad, locked, spacing=12)


def choices() -> QWidget:
    ticked, empty, chosen, other = (
        QCheckBox("Remind me"),
        QCheckBox("Wi-Fi only"),
        QRadioButton("Theirs"),
        QRadioButton("Yours"),
    )
    ticked.setChecked(True)
    chosen.setChecked(True)
    box = QComboBox()
    box.addItems(["70 % · wants one delivery per week", "30 %"])
    box.setAccessibleName("Chance")
    day = QDateEdit()
    day.setCalendarPopup(True)
    day.setAccessibleName("Day")
    return row(ticked, empty, chosen, other, box, day, spacing=16)


def middle() -> QWidget:
    content = QWidget()
    column = QVBoxLayout(content)
    column.setContentsMargins(24, 12, 24, 8)
    column.setSpacing(8)
    for kind, text in (("h0", "Thursday, 19 November"), ("h1", "Alfreds Futterkiste"), ("h2", "Why €15.42?")):
        column.addWidget(Label(text, kind))
    column.addWidget(row(*(SyncBadge(state, state.title()) for state in SYNC_LOOK)))
    off = normal("Disabled")
    off.setEnabled(False)
    column.addWidget(
        row(
            primary("Finish visit"),
            normal("Keep as draft"),
            normal("Visit note", "pen-line"),
            ghost("Reschedule"),
            danger("Discard"),
            off,
            link("All 17 changes"),
            icon_button("ellipsis", "More"),
        )
    )
    pills = ChoicePills("Outcome", [("quote", "Quote wanted"), ("follow", "Follow up"), ("none", "No interest")])
    pills.set_value("quote")
    column.addWidget(pills)
    chips = QWidget()
    flow = FlowLayout(chips, 8)
    for text, kind in (
        ("A", "plain"),
        ("Revision 2", "line"),
        ("Key account", "accent"),
        ("Delivered", "ok"),
        ("94 days", "warn"),
        ("Refused", "bad"),
        ("Decision open", "ask"),
    ):
        flow.addWidget(Chip(text, kind))
    column.addWidget(chips)
    filters = FilterBar("Filters", "Filter")
    filters.set_filters([("country", "Country: DE, AT, CH", "Remove"), ("owner", "Owner: me or my team", "Remove")])
    column.addWidget(filters)
    column.addWidget(fields())
    column.addWidget(choices())
    column.addWidget(
        Banner(
            "bad",
            "octagon-alert",
            "Quote D7F-00011 was not accepted",
            "The discount of 22 % is above your ceiling of 15 %. The quote is safe on this laptop and on the server.",
            [("Ask Laura to approve", nothing), ("Change discount", nothing)],
            primary=False,
        )
    )
    column.addWidget(Banner("ask", "git-compare-arrows", "Two payment terms", "21 or 30 days.", [("Decide", nothing)]))
    column.addWidget(Banner("ok", "check", "All 4 changes were accepted"))
    column.addWidget(ProgressBar(0.58, "okfill", 6, mark=0.44, name="Margin"))
    tabs = QTabBar()
    tabs.setDrawBase(False)
    tabs.setExpanding(False)
    for text in ("All 47", "Visits 9", "Calls 12"):
        tabs.addTab(text)
    column.addWidget(tabs)
    column.addWidget(hline())
    column.addStretch(1)
    return content


def lists() -> QWidget:
    content = QWidget()
    column = QVBoxLayout(content)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    table = RecordTable("Accounts", TWO_LINES)
    table.setModel(CellModel(table))
    for at, width in enumerate((260, 90, 190, 110, 110, 110)):
        table.setColumnWidth(at, width)
    table.setFixedHeight(290)
    table.selectRow(0)
    column.addWidget(table)
    line = QListView()
    line.setProperty("ownRing", True)
    line.setAccessibleName("Timeline")
    line.setModel(EntryModel(line))
    line.setItemDelegate(TimelineDelegate(line))
    line.setFixedHeight(310)
    column.addWidget(line)
    column.addWidget(
        EmptyState(
            "map-pin",
            "No account has waited that long",
            "All 6 were visited.",
            [("Clear filters", nothing)],
            "Searched all 91 accounts",
        )
    )
    column.addWidget(KeyHints([("↑↓", "move"), ("Enter", "open"), ("Space", "preview")]))
    return content


def side() -> SidePanel:
    panel = SidePanel(320, "Details")
    panel.add(SectionHeader("Contacts", "3", icon_button("plus", "Add contact")))
    panel.add(PersonRow("Maria Anders", "Sales · decides", "Preferred"))
    panel.add(SideRow("file-text", "D7F-00012, revision 2", "Valid until 30 November · 70 %", "€3,011.22"))
    panel.add(FactRow("Network", "Offline since 07:42", icon="cloud-off"))
    card = Panel()
    card.body.addWidget(row(Avatar("Alfreds Futterkiste", 44, square=True), Label("Visit today at 09:00", "m")))
    card.body.addWidget(
        Label("Quarterly review. Bring the Chai sample and the price list of next year.", "sec", wrap=True)
    )
    panel.add(card, 12)
    return panel


def sheet() -> QWidget:
    window = QWidget()
    surface(window, "canvas")
    window.resize(round(2000 * max(1.0, theme.text_factor())), round(860 * max(1.0, theme.text_factor())))
    column = QVBoxLayout(window)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    body = QHBoxLayout()
    body.setSpacing(0)
    nav = QWidget()
    surface(nav, "nav")
    inner = QVBoxLayout(nav)
    inner.setContentsMargins(0, 8, 0, 0)
    inner.addWidget(navigation())
    body.addWidget(nav)
    work = QVBoxLayout()
    work.setSpacing(0)
    work.addWidget(TopBar("My accounts", "15 of 91", [normal("Import", "upload"), primary("New account", "plus")]))
    both = QHBoxLayout()
    both.setSpacing(0)
    both.addWidget(middle(), 1)
    both.addWidget(vline())
    both.addWidget(lists(), 1)
    both.addWidget(vline())
    both.addWidget(side())
    work.addLayout(both, 1)
    body.addLayout(work, 1)
    column.addLayout(body, 1)
    strip = StatusStrip("Status")
    strip.set_connection("Offline since 07:42", online=False)
    strip.set_waiting("4 changes wait", pending=True)
    strip.set_last("Last sync today 07:41 · contents verified")
    strip.set_refused("1 refused")
    strip.set_decisions("1 decision")
    column.addWidget(strip)
    return window


def cut(window: QWidget) -> list[str]:
    """Labels and buttons that have less room than their text needs."""
    found = []
    for label in window.findChildren(QLabel):
        if not label.isVisible() or not label.text() or (isinstance(label, Label) and label.elides()):
            continue
        if label.wordWrap():
            if label.heightForWidth(label.width()) > label.height() + 1:
                found.append(label.text())
        elif label.sizeHint().width() > label.width() + 1 or label.sizeHint().height() > label.height() + 2:
            found.append(label.text())
    for button in window.findChildren(QAbstractButton):
        if button.isVisible() and button.text() and button.sizeHint().width() > button.width() + 1:
            found.append(button.text())
    return found


def picture(window: QWidget) -> QImage:
    """What is on the screen, in true colours whatever the screen has, and without the ring of the keyboard."""
    focused = window.focusWidget()
    if focused is not None:
        focused.clearFocus()
    image = QImage(window.size(), QImage.Format.Format_RGB32)
    window.render(image)
    return image


def settle(app: QApplication) -> None:
    """Views lay out their rows one turn of the event loop after their headers."""
    for _ in range(3):
        app.processEvents()


def folder(tmp_path: Path) -> Path:
    wanted = os.environ.get("CRM_SCREENSHOTS")
    target = Path(wanted) if wanted else tmp_path
    target.mkdir(parents=True, exist_ok=True)
    return target


@pytest.mark.parametrize(("scheme", "factor"), [("light", 1.0), ("dark", 1.0), ("light", 1.5)])
def test_sheet_is_rendered_with_nothing_cut(
    app: QApplication, qtbot: QtBot, tmp_path: Path, scheme: theme.Scheme, factor: float
) -> None:
    theme.apply_theme(app, scheme, factor)
    window = sheet()
    qtbot.addWidget(window)
    FocusRing(window)
    toast = UndoToast(window)
    window.show()
    window.activateWindow()
    field = window.findChild(QLineEdit, "focus")
    assert field is not None
    field.setFocus(Qt.FocusReason.TabFocusReason)
    toast.offer("Task moved to Friday", "Undo", nothing, "Ctrl Z")
    app.processEvents()
    image = picture(window)
    assert image.save(str(folder(tmp_path) / f"components-{scheme}-{round(factor * 100)}.png"))
    assert image.pixelColor(QPoint(theme.px(240), 10)) == theme.color("canvas")
    assert cut(window) == []


@pytest.mark.parametrize(("scheme", "factor"), [("dark", 1.0), ("light", 1.5), ("light", 0.9)])
def test_theme_switch_reaches_widgets_that_are_open(
    app: QApplication, qtbot: QtBot, scheme: theme.Scheme, factor: float
) -> None:
    theme.apply_theme(app, "light")
    window = sheet()
    qtbot.addWidget(window)
    window.show()
    theme.apply_theme(app, scheme, factor)
    window.resize(SIZE)
    settle(app)
    switched = picture(window)
    fresh = sheet()
    qtbot.addWidget(fresh)
    fresh.resize(SIZE)
    fresh.show()
    settle(app)
    assert switched == picture(fresh)


def test_every_control_has_an_accessible_name(app: QApplication, qtbot: QtBot) -> None:
    theme.apply_theme(app, "light")
    window = sheet()
    qtbot.addWidget(window)
    window.show()
    QAccessible.setActive(True)
    nameless = []
    for widget in window.findChildren(QWidget):
        if not widget.isVisible() or widget.focusPolicy() == Qt.FocusPolicy.NoFocus or widget.focusProxy() is not None:
            continue
        reader = QAccessible.queryAccessibleInterface(widget)
        if not reader.text(QAccessible.Text.Name) and widget.objectName() != "qt_spinbox_lineedit":
            nameless.append(type(widget).__name__)
    assert nameless == []


def test_a_long_note_of_the_timeline_stands_in_three_lines_at_most(app: QApplication) -> None:
    delegate, option, heights = TimelineDelegate(), QStyleOptionViewItem(), []
    option.rect = QRect(0, 0, 800, 40)
    for text in ("Short.", "Tofu sells well in the new branch. " * 5, "Tofu sells well in the new branch. " * 40):
        model = QStandardItemModel()
        item = QStandardItem()
        entry = TimelineEntry("Fri 21", "map-pin", "Visit", None, "you", "", "synced", (text,))
        item.setData(entry, TIMELINE_ROLE)
        model.appendRow(item)
        heights.append(delegate.sizeHint(option, model.index(0, 0)).height())
    line = heights[1] - heights[0]
    assert line > 0
    assert heights[2] == heights[0] + 2 * line
