"""Painting pieces the delegates share. All lengths are px at 100 % unless a rectangle is given."""

from functools import lru_cache

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen, QTextLayout

from ui.window import icons
from ui.window.theme import color, font, metrics, px

LEFT = Qt.AlignmentFlag.AlignLeft
RIGHT = Qt.AlignmentFlag.AlignRight
_MIDDLE = Qt.AlignmentFlag.AlignVCenter
_CENTRE = Qt.AlignmentFlag.AlignCenter
_ELIDE = Qt.TextElideMode.ElideRight
_NO_PEN = Qt.PenStyle.NoPen
_NO_BRUSH = Qt.BrushStyle.NoBrush
_QUIET = ("plain", "line")


def draw_text(
    painter: QPainter,
    rect: QRectF,
    text: str,
    size: int = 13,
    weight: int = 400,
    tone: str = "t1",
    align: Qt.AlignmentFlag = LEFT,
    tabular: bool = False,
    struck: bool = False,
) -> float:
    """Draw one line, shortened only when too wide; the width it took."""
    measure = metrics(size, weight, tabular)
    wide = measure.horizontalAdvance(text)
    room = rect.width()
    if wide > room:
        text = measure.elidedText(text, _ELIDE, room)
        wide = room
    painter.setFont(font(size, weight, tabular, False, struck))
    painter.setPen(color(tone))
    painter.drawText(rect, align | _MIDDLE, text)
    return max(0.0, wide)


def two_lines(text: str, room: float) -> list[str]:
    """A name in one line or two; what the second cannot hold is shortened where it is drawn."""
    return _two_lines(text, round(room), px(100))


@lru_cache(maxsize=4096)
def _two_lines(text: str, room: int, _text_size: int) -> list[str]:
    if room <= 0 or metrics(13, 600).horizontalAdvance(text) <= room:
        return [text]
    layout = QTextLayout(text, font(13, 600))
    layout.beginLayout()
    first = layout.createLine()
    first.setLineWidth(room)
    end = first.textLength()
    layout.endLayout()
    return [text[:end].strip(), text[end:].strip()] if text[end:].strip() else [text]


def draw_icon(painter: QPainter, x: float, y: float, name: str, tone: str = "t2", size: int = 16) -> None:
    """Draw an icon at whole pixels."""
    painter.drawPixmap(QPointF(round(x), round(y)), icons.pixmap(name, tone, size))


def chip_width(text: str, kind: str, size: int = 11) -> float:
    """The width a chip will take."""
    return round(metrics(size, 400 if kind in _QUIET else 500).horizontalAdvance(text) + 12)


def draw_chip(
    painter: QPainter,
    x: float,
    middle: float,
    text: str,
    kind: str,
    size: int = 11,
    height: int = 18,
    selected: bool = False,
) -> float:
    """Draw a chip left of which `x` lies, centred on `middle`; its width. On a selected row it is canvas."""
    wide = chip_width(text, kind, size)
    tall = px(height)
    rect = QRectF(round(x), round(middle - tall / 2), wide, tall)
    if kind == "line":
        painter.setPen(QPen(color("line2"), 1))
        painter.setBrush(_NO_BRUSH)
        painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
    else:
        fill = "canvas" if selected else "selectdim" if kind == "plain" else f"{kind}soft"
        painter.setPen(_NO_PEN)
        painter.setBrush(color(fill))
        painter.drawRoundedRect(rect, 4, 4)
    painter.setFont(font(size, 400 if kind in _QUIET else 500))
    painter.setPen(color("t2" if kind in _QUIET else kind))
    painter.drawText(rect, _CENTRE, text)
    return wide


def draw_hairline(painter: QPainter, left: float, right: float, y: float, tone: str = "line") -> None:
    """A horizontal line of one sharp pixel just above `y`."""
    painter.setPen(QPen(color(tone), 1))
    painter.drawLine(QPointF(left, y - 0.5), QPointF(right, y - 0.5))


def draw_ring(painter: QPainter, rect: QRectF, radius: float = 4) -> None:
    """The focus ring inside a rectangle."""
    painter.setPen(QPen(color("accent"), 2))
    painter.setBrush(_NO_BRUSH)
    painter.drawRoundedRect(rect.adjusted(1, 1, -1, -1), radius, radius)


def draw_check(painter: QPainter, x: float, middle: float, checked: bool) -> None:
    """A check box of 16 px."""
    side = px(16)
    rect = QRectF(round(x) + 0.5, round(middle - side / 2) + 0.5, side - 1, side - 1)
    painter.setPen(QPen(color("accentfill" if checked else "field"), 1.2))
    painter.setBrush(color("accentfill" if checked else "canvas"))
    painter.drawRoundedRect(rect, 4, 4)
    if checked:
        draw_icon(painter, rect.x() + px(1), rect.y() + px(1), "check", "onaccent", 13)
