"""Every text on the screen of a window: what it says, and whether it has the room it needs."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QFontMetricsF, QTextDocument
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QComboBox,
    QHeaderView,
    QLabel,
    QLineEdit,
    QListView,
    QScrollArea,
    QTabBar,
    QTextEdit,
    QWidget,
)

from ui.window import theme
from ui.window.delegates import CELL_ROLE, NAV_ROLE, TEXT_ROLE, TIMELINE_ROLE, Cell, NavItem, TimelineEntry
from ui.window.widgets.key_hints import KeyCap
from ui.window.widgets.label import Label

_PADDING = 8
_FIELD_PADDING = 18
_NAV_TAKEN = 16 + 26 + 24  # icon and margins of a row of the navigation


@dataclass(frozen=True)
class Seen:
    """A text and its widget. `lacks`: the pixels it is short of; 0 where it fits or may be shortened."""

    text: str
    where: str
    lacks: int


def seen_texts(window: QWidget) -> Iterator[Seen]:
    """All of them, also those inside lists and fields."""
    for widget in window.findChildren(QWidget):
        if not widget.isVisible() or widget.visibleRegion().isEmpty():
            continue
        for text, lacks in _texts(widget):
            if text.strip():
                yield Seen(text, f"{type(widget).__name__} {widget.objectName() or _home(widget)}".strip(), lacks)


def _home(widget: QWidget) -> str:
    parent = widget.parentWidget()
    while parent is not None and type(parent).__module__.startswith("PySide6"):
        parent = parent.parentWidget()
    return f"in {type(parent).__name__}" if parent is not None else ""


def _texts(widget: QWidget) -> Iterator[tuple[str, int]]:
    if isinstance(widget, KeyCap):
        return  # a key is written as it stands on the keyboard
    if isinstance(widget, QLabel):
        yield _label(widget)
    elif isinstance(widget, QAbstractButton):
        plain = widget.text().replace("&&", "&")
        yield plain, max(0, widget.sizeHint().width() - widget.width() - 1) if plain else 0
    elif isinstance(widget, QLineEdit):
        hint = "" if widget.text() else widget.placeholderText()
        yield hint, _short_of(widget, hint, widget.width() - _FIELD_PADDING)
    elif isinstance(widget, QTextEdit):
        yield ("" if widget.toPlainText() else widget.placeholderText()), 0
    elif isinstance(widget, QComboBox):
        yield widget.currentText(), 0
    elif isinstance(widget, QTabBar):
        for at in range(widget.count()):
            yield widget.tabText(at), _short_of(widget, widget.tabText(at), widget.tabRect(at).width())
    elif isinstance(widget, QHeaderView):
        yield from _headings(widget)
    elif isinstance(widget, QAbstractItemView):
        yield from _rows(widget)


def _label(label: QLabel) -> tuple[str, int]:
    text = label.plain_text() if isinstance(label, Label) else re.sub(r"<[^>]*>", "", label.text())
    if not text or (isinstance(label, Label) and label.elides()):
        return text, 0
    if label.wordWrap():
        high = label.heightForWidth(label.width()) - label.height() - 2
        page = QTextDocument()
        page.setDefaultFont(label.font())
        page.setDocumentMargin(0)
        page.setHtml(label.text())
        page.setTextWidth(label.width())
        return text, max(0, high, round(page.idealWidth()) - label.width() - 1)
    hint = label.sizeHint()
    return text, max(0, hint.width() - label.width() - 1, hint.height() - label.height() - 2)


def _headings(header: QHeaderView) -> Iterator[tuple[str, int]]:
    if header.orientation() is Qt.Orientation.Vertical:
        return
    table = header.parentWidget()
    outer = int(table.property("pad") or _PADDING) if table is not None else _PADDING
    for section in range(header.count()):
        text = header.model().headerData(section, Qt.Orientation.Horizontal)
        if text and not header.isSectionHidden(section):
            edges = [outer if end else _PADDING for end in (section == 0, section == header.count() - 1)]
            yield str(text), _short_of(header, str(text), header.sectionSize(section) - sum(edges))


def _rows(view: QAbstractItemView) -> Iterator[tuple[str, int]]:
    model = view.model()
    if model is None:
        return
    for row in range(min(model.rowCount(), 60)):
        for column in range(model.columnCount() if not isinstance(view, QListView) else 1):
            index = model.index(row, column)
            if not view.visualRect(index).intersects(view.viewport().rect()):
                continue
            item = index.data(NAV_ROLE)
            if isinstance(item, NavItem):
                room = view.viewport().width() - _NAV_TAKEN - theme.metrics(12).horizontalAdvance(item.count)
                wide = theme.metrics(13, 600).horizontalAdvance(item.text)
                yield item.text, max(0, round(wide - room)) if view.viewport().width() > 100 else 0
                continue
            for text in _painted(index.data(CELL_ROLE), index.data(TIMELINE_ROLE), index.data(TEXT_ROLE)):
                yield text, 0


def _painted(cell: object, entry: object, plain: object) -> list[str]:
    if isinstance(cell, Cell):
        chip = cell.chip[0] if cell.chip else ""
        return [cell.text or "", cell.second, cell.after, chip, *(cell.diff or ())]
    if isinstance(entry, TimelineEntry):
        lines = [line if isinstance(line, str) else line[1] for line in entry.lines]
        chips = [entry.chip[0]] if isinstance(entry.chip, tuple) else []
        return [entry.title, entry.who, *lines, *chips]
    return [str(plain or "")]


def _short_of(widget: QWidget, text: str, room: int) -> int:
    return max(0, round(QFontMetricsF(widget.font()).horizontalAdvance(text) - room)) if text else 0


def outside(window: QWidget) -> list[str]:
    """Visible texts and pages that reach over the edge of what holds them, where nothing scrolls."""
    found = []
    for area in window.findChildren(QScrollArea):
        off = area.horizontalScrollBarPolicy() is Qt.ScrollBarPolicy.ScrollBarAlwaysOff
        inner: QWidget | None = area.widget()
        wide = inner.width() if inner is not None else 0
        if off and area.isVisible() and wide > area.viewport().width():
            found.append(f"{_home(area)}: {wide} px in {area.viewport().width()}")
    for widget in window.findChildren(QWidget):
        parent = widget.parentWidget()
        if not isinstance(widget, QLabel | QAbstractButton) or parent is None or not widget.isVisible():
            continue
        box = QRect(widget.mapTo(parent, QPoint(0, 0)), widget.size())
        if box.right() > parent.width() or box.left() < 0:
            found.append(f"{type(widget).__name__} {_home(widget)}: {box} in {parent.size()}")
    return found
