"""Plain surfaces: hairlines, panels, wells, coloured areas."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QSizePolicy, QVBoxLayout, QWidget


def hline(strong: bool = False) -> QFrame:
    """A horizontal hairline across the width."""
    line = _rule(strong)
    line.setFixedHeight(1)
    line.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
    return line


def vline(strong: bool = False, height: int = 0) -> QFrame:
    """A vertical hairline; `height` in px, 0 for the whole height."""
    line = _rule(strong)
    line.setFixedWidth(1)
    if height:
        line.setFixedHeight(height)
    return line


def _rule(strong: bool) -> QFrame:
    line = QFrame()
    line.setProperty("rule", "line2" if strong else "line")
    line.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
    return line


def surface(widget: QWidget, name: str) -> None:
    """Give a widget a background of the theme: canvas, side, sunken, nav, strip."""
    widget.setProperty("surface", name)
    widget.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)


class Panel(QFrame):
    """A bordered box with a vertical layout in `body`; `sunken` gives the well instead of the card."""

    def __init__(self, sunken: bool = False, margin: int = 12, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        surface(self, "well" if sunken else "panel")
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(margin, margin, margin, margin)
        self.body.setSpacing(8)
