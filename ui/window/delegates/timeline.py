"""What happened with an account, along one line: months, dates, icons on a rail."""

from functools import lru_cache

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRectF, QSize
from PySide6.QtGui import QPainter, QPen, QTextLayout
from PySide6.QtWidgets import QAbstractItemView, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from ui.window.delegates.draw import RIGHT, chip_width, draw_chip, draw_icon, draw_ring, draw_text
from ui.window.delegates.roles import TIMELINE_ROLE, TimelineEntry, TimelineMonth
from ui.window.theme import color, font, metrics, px
from ui.window.widgets.sync_badge import SYNC_LOOK

_ANTIALIAS = QPainter.RenderHint.Antialiasing
_FOCUSED = QStyle.StateFlag.State_HasFocus
_MONTH = 34
_ENTRY = 40
_LINE = 19
_DATE = 54
_RAIL = 74
_TEXT = 28
_DOT = 13
_MOST_LINES = 3
_LEAST_TITLE = 80
_AFTER_TEXT = 40
_Line = str | tuple[str, str]
_Index = QModelIndex | QPersistentModelIndex


class TimelineDelegate(QStyledItemDelegate):
    """Paints `TIMELINE_ROLE`: a `TimelineMonth` or a `TimelineEntry`, its height by its content."""

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        """A month 34 px, an entry 40 px and 19 px for each line of content."""
        found = index.data(TIMELINE_ROLE)
        if not isinstance(found, TimelineEntry):
            return QSize(10, px(_MONTH))
        view = option.widget
        wide = view.viewport().width() if isinstance(view, QAbstractItemView) else option.rect.width()
        lines = len(_broken(found.lines, _text_room(wide)))
        return QSize(10, px(_ENTRY + (_LINE * lines + 6 if lines else 0)))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """One row."""
        found = index.data(TIMELINE_ROLE)
        rect = QRectF(option.rect)
        painter.save()
        painter.setRenderHint(_ANTIALIAS)
        if isinstance(found, TimelineMonth):
            _paint_month(painter, rect, found.text)
        elif isinstance(found, TimelineEntry):
            _paint_entry(painter, rect, found)
            if option.state & _FOCUSED:
                left = rect.x() + px(_RAIL) + px(_TEXT) - 8
                draw_ring(painter, QRectF(left, rect.y() + 3, rect.right() - left, rect.height() - 5), 6)
        painter.restore()


def _paint_month(painter: QPainter, rect: QRectF, text: str) -> None:
    wide = draw_text(painter, rect.adjusted(4, px(8), 0, 0), text, 12, 600, "t2")
    y = round(rect.center().y() + px(4)) + 0.5
    painter.setPen(QPen(color("line"), 1))
    painter.drawLine(QPointF(rect.x() + 4 + wide + 10, y), QPointF(rect.right(), y))


def _paint_entry(painter: QPainter, rect: QRectF, entry: TimelineEntry) -> None:
    rail = rect.x() + px(_RAIL)
    top = rect.y() + px(10)
    middle = rect.y() + px(19) + 0.5
    painter.setPen(QPen(color("line2"), 1))
    painter.drawLine(QPointF(rail + 0.5, rect.top()), QPointF(rail + 0.5, rect.bottom()))
    draw_text(painter, QRectF(rect.x(), top, px(_DATE), px(18)), entry.date, 12, 400, "t2", RIGHT, True)
    painter.setPen(QPen(color("line2"), 1))
    painter.setBrush(color("canvas"))
    painter.drawEllipse(QPointF(rail + 0.5, middle), px(_DOT), px(_DOT))
    half = px(15) / 2
    draw_icon(painter, rail + 0.5 - half, middle - half, entry.icon, entry.icon_tone, 15)

    end = rect.right() - 4
    if entry.state:
        icon, tone = SYNC_LOOK[entry.state]
        draw_icon(painter, end - px(14), middle - px(7), icon, tone, 14)
    end -= px(24)
    if entry.amount:
        wide = metrics(13, 500, True).horizontalAdvance(entry.amount)
        box = QRectF(end - wide - 1, top, wide + 1, px(19))
        draw_text(painter, box, entry.amount, 13, 500, "t1", RIGHT, True)
        end -= wide + 16

    x = rail + px(_TEXT)
    room = max(0.0, end - x)
    reserved = chip_width(*entry.chip) + 10 if entry.chip is not None else 0.0
    with_chip = entry.chip is not None and room - reserved > px(_LEAST_TITLE)
    title = QRectF(x, top, room - reserved if with_chip else room, px(19))
    at = x + draw_text(painter, title, entry.title, 13, 600) + 10
    if entry.chip is not None and with_chip:
        at += draw_chip(painter, at, middle, *entry.chip) + 8
    if entry.who and at < end - px(20):
        draw_text(painter, QRectF(at, top, end - at, px(19)), entry.who, 12, 400, "t3")

    y = rect.y() + px(31)
    wide = max(0.0, rect.right() - x - _AFTER_TEXT)
    for line in _broken(entry.lines, _text_room(round(rect.width()))):
        if isinstance(line, tuple):
            draw_icon(painter, x, y + px(2), line[0], "t3", 13)
            draw_text(painter, QRectF(x + px(20), y, wide - px(20), px(18)), line[1], 13, 400, "t2")
        else:
            draw_text(painter, QRectF(x, y, wide, px(18)), line, 13, 400, "t2")
        y += px(_LINE)


def _text_room(wide: int) -> int:
    return wide - px(_RAIL) - px(_TEXT) - _AFTER_TEXT


def _broken(lines: tuple[_Line, ...], room: int) -> list[_Line]:
    """Content in as many lines as it needs, three at most; the last one is shortened where it is drawn."""
    found: list[_Line] = []
    for line in lines:
        found += [line] if isinstance(line, tuple) else _wrapped(line, room, px(100))
    if len(found) <= _MOST_LINES:
        return found
    last = found[_MOST_LINES - 1]
    return [*found[: _MOST_LINES - 1], last if isinstance(last, tuple) else f"{last} {found[_MOST_LINES]}"]


@lru_cache(maxsize=4096)
def _wrapped(text: str, room: int, _text_size: int) -> list[str]:
    if room <= 0 or metrics(13).horizontalAdvance(text) <= room:
        return [text]
    found: list[str] = []
    layout = QTextLayout(text, font(13))
    layout.beginLayout()
    while len(found) <= _MOST_LINES and (line := layout.createLine()).isValid():
        line.setLineWidth(room)
        found.append(text[line.textStart() : line.textStart() + line.textLength()].strip())
    layout.endLayout()
    return found
