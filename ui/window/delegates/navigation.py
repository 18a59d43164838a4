"""The rows of the navigation, wide or as a rail."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from ui.window.delegates.draw import RIGHT, chip_width, draw_chip, draw_icon, draw_ring, draw_text
from ui.window.delegates.roles import NAV_ROLE, NavGroup, NavItem
from ui.window.theme import color, metrics, px

_ANTIALIAS = QPainter.RenderHint.Antialiasing
_FOCUSED = QStyle.StateFlag.State_HasFocus
_HOVERED = QStyle.StateFlag.State_MouseOver
_ROW = 30
_GROUP = 36
_RAIL_GAP = 14
_Index = QModelIndex | QPersistentModelIndex


class NavigationDelegate(QStyledItemDelegate):
    """`current` is the key of the page on the screen; `rail` draws icons and dots only."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.current = ""
        self.rail = False

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        """30 px a page, 36 px a heading."""
        if isinstance(index.data(NAV_ROLE), NavGroup):
            return QSize(10, px(_RAIL_GAP if self.rail else _GROUP))
        return QSize(10, px(_ROW))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """One row."""
        found = index.data(NAV_ROLE)
        rect = QRectF(option.rect)
        painter.save()
        painter.setRenderHint(_ANTIALIAS)
        if isinstance(found, NavGroup):
            if not self.rail:
                draw_text(painter, rect.adjusted(16, px(6), -8, 0), found.text, 12, 500, "t3")
        elif isinstance(found, NavItem):
            on = found.key == self.current
            pill = rect.adjusted(8, 1, -8, -1)
            if on or option.state & _HOVERED:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(color("select" if on else "selectdim"))
                painter.drawRoundedRect(pill, 6, 6)
            if self.rail:
                _paint_rail(painter, rect, found, on)
            else:
                _paint_wide(painter, rect, found, on)
            if option.state & _FOCUSED:
                draw_ring(painter, pill, 6)
        painter.restore()


def _paint_rail(painter: QPainter, rect: QRectF, item: NavItem, on: bool) -> None:
    half = px(16) / 2
    centre = rect.center()
    draw_icon(painter, centre.x() - half, centre.y() - half, item.icon, "accent" if on else "t2")
    if item.count and item.tone:
        painter.setPen(QPen(color("side"), 1.5))
        painter.setBrush(color(f"{item.tone}fill"))
        painter.drawEllipse(QPointF(centre.x() + half, centre.y() - half + 1), 4, 4)


def _paint_wide(painter: QPainter, rect: QRectF, item: NavItem, on: bool) -> None:
    middle = rect.center().y()
    draw_icon(painter, rect.x() + 16, middle - px(16) / 2, item.icon, "accent" if on else "t2")
    taken = 0.0
    if item.count and item.tone:
        taken = chip_width(item.count, item.tone)
        draw_chip(painter, rect.right() - 14 - taken, middle, item.count, item.tone)
    elif item.count:
        taken = metrics(12, 400, True).horizontalAdvance(item.count)
        draw_text(painter, rect.adjusted(0, 0, -18, 0), item.count, 12, 400, "t3", RIGHT, True)
    text = rect.adjusted(16 + px(16) + 10, 0, -24 - taken, 0)
    draw_text(painter, text, item.text, 13, 600 if on else 400)
