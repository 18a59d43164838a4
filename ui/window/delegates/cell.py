"""The one delegate of all tables."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, QSize
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from ui.window.delegates.draw import (
    LEFT,
    RIGHT,
    chip_width,
    draw_check,
    draw_chip,
    draw_hairline,
    draw_icon,
    draw_ring,
    draw_text,
)
from ui.window.delegates.roles import ALIGN_ROLE, CELL_ROLE, TEXT_ROLE, Cell
from ui.window.theme import color, metrics, px
from ui.window.widgets.progress_bar import paint_bar
from ui.window.widgets.skeleton import paint_word

TWO_LINES = 46
ONE_LINE = 36
COMPACT = 30
MISSING = "\u2013"

_ANTIALIAS = QPainter.RenderHint.Antialiasing
_SELECTED = QStyle.StateFlag.State_Selected
_FOCUSED = QStyle.StateFlag.State_HasFocus
_RIGHT_VALUE = RIGHT.value
_EDGE = 3
_PAD = 8
BAR_WIDTH, BAR_GAP = 44, 8
_WAITING_PART = 0.6
_Index = QModelIndex | QPersistentModelIndex


class CellDelegate(QStyledItemDelegate):
    """Paints a `Cell`; `DisplayRole` and the alignment are enough for plain columns.

    `margin` is the space before the first and after the last column. With `cell_focus` the current cell
    carries the focus ring, for tables that are edited cell by cell.
    """

    def __init__(
        self,
        parent: QWidget | None = None,
        row_height: int = ONE_LINE,
        margin: int = 24,
        cell_focus: bool = False,
    ) -> None:
        super().__init__(parent)
        self.row_height = row_height
        self.margin = margin
        self.cell_focus = cell_focus
        self.hovered_row = -1

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        """The width the content needs, the fixed row height."""
        cell = _cell(index)
        wide = metrics(cell.size, cell.weight, cell.tabular).horizontalAdvance(cell.text or "")
        if cell.second:
            wide = max(wide, metrics(12).horizontalAdvance(cell.second))
        if cell.after:
            wide += 8 + metrics(12).horizontalAdvance(cell.after)
        if cell.chip:
            wide += 8 + chip_width(*cell.chip)
        if cell.icon:
            wide += px(cell.icon_size) + 8
        if cell.bar is not None:
            wide += px(BAR_WIDTH) + BAR_GAP
        if cell.check is not None:
            wide += px(16) + 10
        return QSize(round(wide) + 2 * _PAD + 2, px(self.row_height))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """Background, hairline, edge, content, ring."""
        cell = _cell(index)
        rect = QRectF(option.rect)
        column = index.column()
        first = column == 0
        last = column == index.model().columnCount() - 1
        selected = bool(option.state & _SELECTED)
        painter.save()
        painter.setRenderHint(_ANTIALIAS)
        if selected:
            focused = option.widget is None or option.widget.hasFocus()
            painter.fillRect(rect, color("select" if focused else "selectdim"))
        elif index.row() == self.hovered_row:
            painter.fillRect(rect, color("hover"))
        elif cell.background:
            painter.fillRect(rect, color(cell.background))
        draw_hairline(painter, rect.left(), rect.right(), rect.bottom())
        if selected and first:
            painter.fillRect(QRectF(rect.x(), rect.y(), _EDGE, rect.height() - 1), color("accent"))
        inner = rect.adjusted(self.margin if first else _PAD, 0, -(self.margin if last else _PAD), -1)
        _paint_content(painter, inner, cell, selected)
        if self.cell_focus and option.state & _FOCUSED:
            draw_ring(painter, rect.adjusted(1, 1, -1, -2))
        painter.restore()


def _cell(index: _Index) -> Cell:
    found = index.data(CELL_ROLE)
    if isinstance(found, Cell):
        return found
    align = index.data(ALIGN_ROLE)
    text = index.data(TEXT_ROLE)
    right = align is not None and bool(int(align) & _RIGHT_VALUE)
    return Cell(None if text is None else str(text), right=right, tabular=right)


def _paint_content(painter: QPainter, rect: QRectF, cell: Cell, selected: bool) -> None:
    middle = rect.center().y()
    if cell.waiting:
        paint_word(painter, rect.x(), middle, rect.width() * _WAITING_PART)
        return
    if cell.check is not None:
        draw_check(painter, rect.x(), middle, cell.check)
        rect.setLeft(rect.left() + px(16) + 10)
    if cell.bar is not None:
        bar_width = px(BAR_WIDTH)
        paint_bar(painter, QRectF(rect.x(), round(middle - 2), bar_width, 4), cell.bar, cell.bar_fill)
        rect.setLeft(rect.left() + bar_width + BAR_GAP)
    if cell.diff is not None:
        _paint_diff(painter, rect, *cell.diff)
        return
    text = cell.text or ""
    if cell.icon:
        _paint_icon(painter, rect, cell, text)
    if cell.chip is not None:
        rect.setRight(rect.right() - _paint_chip(painter, rect, cell, text, selected))
    if not text and not cell.second:
        if not (cell.icon or cell.chip or cell.check is not None or cell.bar is not None):
            draw_text(painter, rect, MISSING, cell.size, 400, "t3", RIGHT if cell.right else LEFT)
        return
    if cell.second:
        tall = px(17)
        upper = QRectF(rect.x(), middle - tall - px(1), rect.width(), px(18))
        draw_text(painter, upper, text, cell.size, cell.weight, cell.tone, LEFT, cell.tabular, cell.struck)
        lower = QRectF(rect.x(), middle + px(1), rect.width(), tall)
        draw_text(painter, lower, cell.second, 12, 400, "t2")
        return
    align = RIGHT if cell.right else LEFT
    wide = draw_text(painter, rect, text, cell.size, cell.weight, cell.tone, align, cell.tabular, cell.struck)
    if cell.after and not cell.right:
        draw_text(painter, rect.adjusted(wide + 8, 0, 0, 0), cell.after, 12, 400, "t3")


def _paint_icon(painter: QPainter, rect: QRectF, cell: Cell, text: str) -> None:
    """Draw the icon and take its place from `rect`; a right-aligned one stands close before its figure."""
    side = px(cell.icon_size)
    top = rect.center().y() - side / 2
    if cell.centred_icon:
        draw_icon(painter, rect.center().x() - side / 2, top, cell.icon, cell.icon_tone, cell.icon_size)
    elif cell.right:
        wide = metrics(cell.size, cell.weight, cell.tabular).horizontalAdvance(text)
        draw_icon(painter, rect.right() - wide - side - 6, top, cell.icon, cell.icon_tone, cell.icon_size)
    else:
        draw_icon(painter, rect.x(), top, cell.icon, cell.icon_tone, cell.icon_size)
        rect.setLeft(rect.left() + side + 8)


def _paint_chip(painter: QPainter, rect: QRectF, cell: Cell, text: str, selected: bool) -> float:
    """Draw the chip at the right end if a text stands before it, else at the left; the width taken."""
    if cell.chip is None:
        return 0.0
    label, kind = cell.chip
    wide = chip_width(label, kind)
    x = rect.x() if not text else max(rect.x(), rect.right() - wide)
    draw_chip(painter, x, rect.center().y(), label, kind, selected=selected)
    return wide + 8


def _paint_diff(painter: QPainter, rect: QRectF, old: str, new: str) -> None:
    """Old struck through, an arrow, new."""
    wide = draw_text(painter, rect, old or MISSING, 12, 400, "t3", struck=bool(old))
    x = rect.x() + wide + 8
    draw_icon(painter, x, rect.center().y() - px(7), "arrow-right", "t3", 14)
    x += px(14) + 8
    draw_text(painter, QRectF(x, rect.y(), max(0.0, rect.right() - x), rect.height()), new or MISSING, 12, 500)
