"""What stands where rows will be: the shape of a list while it is being read."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QRectF, Qt, QTimer
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from ui.window import theme

_BAR = 8
_LATE_MS = 200
_PART = 0.6
_SHORTER = 0.09

Places = Sequence[tuple[float, float]]
"""Left edge and width in px of each column."""


def paint_word(painter: QPainter, x: float, middle: float, wide: float) -> None:
    """One grey bar in the place of words."""
    high = theme.px(_BAR)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.color("line"))
    painter.drawRoundedRect(QRectF(x, middle - high / 2, max(high, wide), high), high / 2, high / 2)


class SkeletonRows(QWidget):
    """Rows of `row_height` px at 100 % down to the end of the widget; `places` says where their columns are.

    Hidden until what was begun takes longer than a moment: a shape that flashes up says nothing.
    """

    def __init__(self, row_height: int, places: Callable[[], Places], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._row_height = row_height
        self._places = places
        self._late = QTimer(self)
        self._late.setSingleShot(True)
        self._late.setInterval(_LATE_MS)
        self._late.timeout.connect(self.show)
        self.hide()

    def begin(self) -> None:
        """Something is being read."""
        self._late.start()

    def end(self) -> None:
        """It is here."""
        self._late.stop()
        self.hide()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Bars and hairlines; each row a little shorter or longer than the one before, as words are."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        high = theme.px(self._row_height)
        for number in range(self.height() // high):
            top = number * high
            for column, (x, wide) in enumerate(self._places()):
                shorter = 1 - (number * 7 + column * 3) % 5 * _SHORTER
                paint_word(painter, x, top + high / 2, wide * _PART * shorter)
            painter.fillRect(QRectF(0, top + high - 1, self.width(), 1), theme.color("line"))
        painter.end()


def skeleton_lines(row_height: int, rows: int) -> SkeletonRows:
    """So many rows of a time and words beside it, as a day has them."""
    shape = SkeletonRows(row_height, lambda: [(0.0, 60.0), (88.0, max(60.0, shape.width() - 200.0))])
    shape.setMinimumHeight(theme.px(row_height * rows))
    return shape
