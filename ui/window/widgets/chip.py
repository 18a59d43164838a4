"""A chip: a short fact in a tint of its meaning."""

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from ui.window import theme
from ui.window.widgets.restyle import restyle

_HEIGHT = 20
_QUIET = ("plain", "line")


class Chip(QLabel):
    """20 px high; `kind`: plain (facts), line (versions), accent, ok, warn, bad, ask."""

    def __init__(self, text: str, kind: str = "plain", parent: QWidget | None = None) -> None:
        self._kind = kind
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.set_chip(text, kind)

    def set_chip(self, text: str, kind: str = "plain") -> None:
        """Show another fact."""
        self._kind = kind
        self.setProperty("chip", kind)
        self.setText(text)
        self.setAccessibleName(text)
        self._measure()
        restyle(self)

    def changeEvent(self, event: QEvent) -> None:
        """A theme change brings another text size."""
        if event.type() == QEvent.Type.StyleChange:
            self._measure()
        super().changeEvent(event)

    def _measure(self) -> None:
        self.setFont(theme.font(12, 400 if self._kind in _QUIET else 500))
        self.setFixedHeight(theme.px(_HEIGHT))
