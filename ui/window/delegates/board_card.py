"""An opportunity as a card: name, customer, amount, when it is to be decided."""

from dataclasses import dataclass

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QAbstractItemView, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from ui.window.delegates.draw import RIGHT, draw_icon, draw_ring, draw_text, two_lines
from ui.window.theme import color, metrics, px
from ui.window.widgets.sync_badge import SYNC_LOOK

CARD_ROLE = int(Qt.ItemDataRole.UserRole.value) + 20  # what PlainRows answers with the object itself
_HEIGHT = 76
_GAP = 8
_PADDING = 10
_LINE = 18
_BETWEEN = 8
_EDGE = 1.5  # left free at both sides, for the ring
_MARK = 20  # the mark of a card that is not synced, and the gap before it
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
    """Paints a `CardFace`; a name that is too long for one line gets a second, as do amount and date."""

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        """As high as the name needs in the width the stage has now."""
        face, view = index.data(CARD_ROLE), self.parent()
        more = 0
        if isinstance(face, CardFace) and isinstance(view, QAbstractItemView):
            wide = view.viewport().width() - 2 * (_EDGE + _PADDING)
            more = px(_LINE) * (len(_title(face, wide)) - 1 + _needs_two(face, wide))
        return QSize(10, px(_HEIGHT) + more + _GAP)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """One card."""
        face = index.data(CARD_ROLE)
        if not isinstance(face, CardFace):
            return
        painter.save()
        painter.setRenderHint(_ANTIALIAS)
        box = QRectF(option.rect).adjusted(_EDGE, 0.5, -_EDGE, -_GAP - 0.5)
        chosen = bool(option.state & _SELECTED) and bool(option.state & QStyle.StateFlag.State_Active)
        painter.setPen(QPen(color("line2"), 1))
        painter.setBrush(color("select" if chosen else "canvas"))
        painter.drawRoundedRect(box, 6, 6)
        inner = box.adjusted(_PADDING, 7, -_PADDING, -7)
        icon, tone = SYNC_LOOK[face.state]
        quiet = face.state == "synced"
        room = inner.width() - (0 if quiet else px(_MARK))
        top = inner.y()
        if not quiet:
            draw_icon(painter, inner.right() - px(14), top + px(2), icon, tone, 14)
        for words in _title(face, inner.width()):
            draw_text(painter, QRectF(inner.x(), top, room, px(_LINE)), words, 13, 600)
            top += px(_LINE)
        second = QRectF(inner.x(), top + px(2), inner.width(), px(_LINE))
        draw_text(painter, second, face.account, 12, 400, "t2")
        third = QRectF(inner.x(), top + px(_LINE + 4), inner.width(), px(_LINE))
        draw_text(painter, third, face.amount, 13, 500, "t1", tabular=True)
        if _needs_two(face, inner.width()):
            draw_text(painter, third.translated(0, px(_LINE)), face.date, 12, 400, face.tone, tabular=True)
        else:
            draw_text(painter, third, face.date, 12, 400, face.tone, RIGHT, True)
        if option.state & _FOCUSED:
            draw_ring(painter, box.adjusted(-1, -1, 1, 1), 8)
        painter.restore()


def _title(face: CardFace, wide: float) -> list[str]:
    return two_lines(face.title, wide - (0 if face.state == "synced" else px(_MARK)))


def _needs_two(face: CardFace, wide: float) -> bool:
    """Whether amount and date need a line each: neither is ever shortened for the other."""
    day = metrics(12, 400, True).horizontalAdvance(face.date)
    return metrics(13, 500, True).horizontalAdvance(face.amount) + _BETWEEN + day > wide
