"""A thin bar beside a figure in words."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from ui.window.theme import color


class ProgressBar(QWidget):
    """4 to 6 px high. `value` and `mark` are shares from 0 to 1; the mark shows a limit."""

    def __init__(
        self,
        value: float = 0.0,
        fill: str = "accent",
        height: int = 4,
        mark: float | None = None,
        name: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._value = value
        self._fill = fill
        self._mark = mark
        self._name = name
        self.setFixedHeight(height)
        self.set_value(value)

    def set_value(self, value: float, fill: str | None = None) -> None:
        """Show another share, in another fill token if given."""
        self._value = min(1.0, max(0.0, value))
        self._fill = fill or self._fill
        self.setAccessibleName(self._name)
        self.setAccessibleDescription(f"{round(self._value * 100)} %")
        self.update()

    def value(self) -> float:
        """The share shown."""
        return self._value

    def paintEvent(self, event: QPaintEvent) -> None:
        """Track, fill, mark."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_bar(painter, QRectF(self.rect()), self._value, self._fill)
        if self._mark is not None:
            painter.setBrush(color("t1"))
            painter.drawRect(QRectF(self.width() * self._mark - 1, 0, 2, self.height()))
        painter.end()


def paint_bar(painter: QPainter, rect: QRectF, value: float, fill: str) -> None:
    """Draw a bar into a rectangle; shared with the cells of lists."""
    radius = rect.height() / 2
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(color("line"))
    painter.drawRoundedRect(rect, radius, radius)
    if value > 0:
        painter.setBrush(color(fill))
        width = max(rect.height(), rect.width() * value)
        painter.drawRoundedRect(QRectF(rect.x(), rect.y(), width, rect.height()), radius, radius)
