"""An opportunity as a card: name, customer, amount, when it is to be decided."""

from dataclasses import dataclass

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from ui.window.delegates.draw import RIGHT, draw_icon, draw_ring, draw_text
from ui.window.theme import color, metrics, px
from ui.window.widgets.sync_badge import SYNC_LOOK

CARD_ROLE = int(Qt.ItemDataRole.UserRole.value) + 20  # what PlainRows answers with the object itself
_HEIGHT = 76
_GAP = 8
_PADDING = 10
_LINE = 18
_BETWEEN = 8
_ANTIALIAS = QPainter.RenderHint.Antialiasing
_FOCUSED = QStyle.StateFlag.State_HasFocus
_SELECTED = QStyle.StateFlag.State_Selected
_Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, slots=True)
class CardFace:
    """What a card shows; texts in the language of the window. `tone` colours the date."""

    id: str
    title: str
    account: str
    amount: str
    date: str
    tone: str
    state: str
    spoken: str


class CardDelegate(QStyledItemDelegate):
    """Paints a `CardFace`."""

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        """All cards are of one height."""
        return QSize(10, px(_HEIGHT) + _GAP)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """One card."""
        face = index.data(CARD_ROLE)
        if not isinstance(face, CardFace):
            return
        painter.save()
        painter.setRenderHint(_ANTIALIAS)
        box = QRectF(option.rect).adjusted(1.5, 0.5, -1.5, -_GAP - 0.5)
        chosen = bool(option.state & _SELECTED) and bool(option.state & QStyle.StateFlag.State_Active)
        painter.setPen(QPen(color("line2"), 1))
        painter.setBrush(color("select" if chosen else "canvas"))
        painter.drawRoundedRect(box, 6, 6)
        inner = box.adjusted(_PADDING, 7, -_PADDING, -7)
        icon, tone = SYNC_LOOK[face.state]
        quiet = face.state == "synced"
        room = inner.width() - (0 if quiet else px(20))
        draw_text(painter, QRectF(inner.x(), inner.y(), room, px(_LINE)), face.title, 13, 600)
        if not quiet:
            draw_icon(painter, inner.right() - px(14), inner.y() + px(2), icon, tone, 14)
        second = QRectF(inner.x(), inner.y() + px(_LINE + 2), inner.width(), px(_LINE))
        draw_text(painter, second, face.account, 12, 400, "t2")
        third = QRectF(inner.x(), inner.y() + px(2 * _LINE + 4), inner.width(), px(_LINE))
        day = metrics(12, 400, True).horizontalAdvance(face.date)  # a date is read whole, an amount from its left
        draw_text(painter, third.adjusted(0, 0, -day - _BETWEEN, 0), face.amount, 13, 500, "t1", tabular=True)
        draw_text(painter, third, face.date, 12, 400, face.tone, RIGHT, True)
        if option.state & _FOCUSED:
            draw_ring(painter, box.adjusted(-1, -1, 1, 1), 8)
        painter.restore()
