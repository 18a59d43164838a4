"""A widget of one height that grows with the text size, also while it is open."""

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QWidget

from ui.window import theme


class FixedHeight(QWidget):
    """`height` in px at 100 % text size."""

    def __init__(self, height: int, parent: QWidget | None = None) -> None:
        self._height_at_100 = height
        super().__init__(parent)
        self.setFixedHeight(theme.px(height))

    def changeEvent(self, event: QEvent) -> None:
        """A theme change brings another text size."""
        if event.type() == QEvent.Type.StyleChange:
            self.setFixedHeight(theme.px(self._height_at_100))
        super().changeEvent(event)
