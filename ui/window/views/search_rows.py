"""Rows of the search overlay and their painting."""

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from ui.presenters.search import Segment
from ui.window.delegates.draw import draw_icon, draw_text
from ui.window.models.plain_rows import ROW_ROLE
from ui.window.theme import color, metrics, px

_HEAD, _ONE, _TWO = 32, 38, 48
_Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, slots=True)
class Head:
    """A heading between groups."""

    text: str


@dataclass(frozen=True, slots=True)
class Line:
    """A result or a command; `act` carries it out. `keys` stand at the right as key caps, of the chosen row or,
    with `own_keys`, always; `aside` is a short fact there. With `stays` the overlay remains open.
    """

    id: str
    icon: str
    title: tuple[Segment, ...]
    second: tuple[Segment, ...]
    act: Callable[[], None]
    keys: tuple[str, ...] = ()
    own_keys: bool = False
    aside: str = ""
    stays: bool = False

    @property
    def text(self) -> str:
        """What a screen reader says."""
        first = "".join(piece.text for piece in self.title)
        second = "".join(piece.text for piece in self.second)
        return ", ".join(part for part in (first, second, self.aside) if part)


def spoken(found: Head | Line) -> str:
    """The sentence of a row; nothing for a heading."""
    return found.text if isinstance(found, Line) else ""


class SearchDelegate(QStyledItemDelegate):
    """Icon, title with the matches marked, second line, keys."""

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        """By what the row holds."""
        found = index.data(ROW_ROLE)
        if isinstance(found, Head):
            return QSize(10, px(_HEAD))
        return QSize(10, px(_TWO if isinstance(found, Line) and found.second else _ONE))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """One row."""
        found = index.data(ROW_ROLE)
        rect = QRectF(option.rect)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if isinstance(found, Head):
            draw_text(painter, rect.adjusted(20, px(6), 0, 0), found.text, 12, 500, "t3")
        elif isinstance(found, Line):
            chosen = bool(option.state & QStyle.StateFlag.State_Selected)
            if chosen:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(color("select"))
                painter.drawRoundedRect(rect.adjusted(8, 0, -8, 0), 6, 6)
            self._paint_line(painter, rect, found, chosen)
        painter.restore()

    def _paint_line(self, painter: QPainter, rect: QRectF, found: Line, chosen: bool) -> None:
        top = rect.y() + px(9) if found.second else rect.center().y() - px(8)
        draw_icon(painter, rect.x() + 20, top, found.icon, "accent" if chosen else "t2")
        right = rect.right() - 20
        for key in reversed(found.keys if chosen or found.own_keys else ()):
            wide = metrics(11).horizontalAdvance(key) + 10
            cap = QRectF(right - wide, rect.center().y() - px(9), wide, px(18)).adjusted(0.5, 0.5, -0.5, -0.5)
            painter.setPen(QPen(color("line2"), 1))
            painter.setBrush(color("raised"))
            painter.drawRoundedRect(cap, 4, 4)
            draw_text(painter, cap, key, 11, 400, "t2", Qt.AlignmentFlag.AlignHCenter)
            right -= wide + 4
        if found.aside and not (chosen and found.keys):
            wide = metrics(12).horizontalAdvance(found.aside) + 2
            box = QRectF(right - wide, rect.center().y() - px(9), wide, px(18))
            draw_text(painter, box, found.aside, 12, 400, "t2" if chosen else "t3")
            right -= wide + 12
        left = rect.x() + 50
        if found.second:
            _segments(painter, QRectF(left, rect.y() + px(6), right - left - 8, px(19)), found.title, 13, 500, "t1")
            _segments(painter, QRectF(left, rect.y() + px(26), right - left - 8, px(17)), found.second, 12, 400, "t2")
        else:
            box = QRectF(left, rect.center().y() - px(9), right - left - 8, px(19))
            _segments(painter, box, found.title, 13, 400, "t1")


def _segments(painter: QPainter, rect: QRectF, pieces: tuple[Segment, ...], size: int, weight: int, tone: str) -> None:
    x = rect.x()
    for piece in pieces:
        room = rect.right() - x
        if room <= 8:
            return
        strong = 700 if piece.hit else weight
        wide = min(room, metrics(size, strong).horizontalAdvance(piece.text))
        if piece.hit:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(color("warnsoft"))
            painter.drawRoundedRect(QRectF(x - 1, rect.y() + 1, wide + 2, rect.height() - 2), 3, 3)
        draw_text(
            painter, QRectF(x, rect.y(), room, rect.height()), piece.text, size, strong, "t1" if piece.hit else tone
        )
        x += wide
