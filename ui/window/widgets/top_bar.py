"""The bar above a page: its title at the left, its actions at the right."""

from collections.abc import Sequence

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from ui.window.widgets.fitting_bar import FittingBar
from ui.window.widgets.label import Label
from ui.window.widgets.surface import hline

_HEIGHT = 52


class TopBar(QWidget):
    """52 px and a hairline. `title` is the page's name, `caption` a count or a state in t3."""

    def __init__(
        self, title: str = "", caption: str = "", right: Sequence[QWidget] = (), parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        bar = FittingBar(_HEIGHT)
        self._row = QHBoxLayout(bar)
        self._row.setContentsMargins(24, 0, 20, 0)
        self._row.setSpacing(8)
        self._title = Label(title, "h2")
        self._caption = Label(caption, "cap")
        self._row.addWidget(self._title)
        self._row.addWidget(self._caption)
        self._row.addStretch(1)
        for widget in right:
            self._row.addWidget(widget)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(bar)
        column.addWidget(hline())

    def set_title(self, title: str) -> None:
        """Name the page."""
        self._title.set_text(title)

    def set_caption(self, caption: str) -> None:
        """Say how many or since when."""
        self._caption.set_text(caption)

    def add_left(self, widget: QWidget) -> None:
        """Put something behind the caption."""
        self._row.insertWidget(self._row.indexOf(self._caption) + 1, widget)

    def add_right(self, widget: QWidget, before: QWidget | None = None) -> None:
        """Put an action at the right end, or before another: the primary one is the last."""
        at = -1 if before is None else self._row.indexOf(before)
        self._row.insertWidget(at, widget)
