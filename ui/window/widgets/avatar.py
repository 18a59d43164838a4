"""Initials in a circle for people, in a square for firms."""

from PySide6.QtCore import QEvent, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from ui.window import theme


def initials(name: str) -> str:
    """At most two letters: of the first and the last word."""
    words = [word for word in name.split() if word[0].isalnum()]
    if not words:
        return ""
    return (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper()


class Avatar(QWidget):
    """Initials made from `name`; `size` in px at 100 %."""

    def __init__(self, name: str, size: int = 28, square: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._size = size
        self._square = square
        self._letters = ""
        self._measure()
        self.set_name(name)

    def set_name(self, name: str) -> None:
        """Show another person or firm."""
        self._letters = initials(name)
        self.setAccessibleName(name)
        self.setToolTip(name)
        self.update()

    def changeEvent(self, event: QEvent) -> None:
        """A theme change brings another text size."""
        if event.type() == QEvent.Type.StyleChange:
            self._measure()
        super().changeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Circle or square, then the letters."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("selectdim"))
        rect = QRectF(self.rect())
        if self._square:
            painter.drawRoundedRect(rect, 6, 6)
        else:
            painter.drawEllipse(rect)
        painter.setPen(theme.color("t2"))
        painter.setFont(theme.font(max(10, int(self._size * 0.38)), 600))
        painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, self._letters)
        painter.end()

    def _measure(self) -> None:
        side = theme.px(self._size)
        self.setFixedSize(side, side)
