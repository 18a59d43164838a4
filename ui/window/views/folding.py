"""Main part and side column; in a narrow window the side folds below the main part."""

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui.window.views.layout import boxed, column, row, scrolling
from ui.window.widgets.surface import hline, surface, vline

NARROW = 1100
"""Width of the window below which there is one column only."""


class FoldingColumns(QWidget):
    """`main` with `side` beside it at a fixed width; `footer` stands below `main`.

    A sunken side scrolls by itself; on the ground of the page both scroll as one, with `head` across them. The side
    also folds where one of them would be cut beside the other.
    """

    folded = Signal(bool)
    """The side went below the main part, or came back beside it."""

    def __init__(
        self,
        main: QWidget,
        side: QWidget,
        width: int,
        footer: QWidget | None = None,
        *,
        sunken: bool = True,
        head: QWidget | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.main = main
        self.side = side
        self.narrow = False
        self._has_side = True
        self._below = QVBoxLayout()
        inner = self._inner = boxed(column(main, self._below))
        self._beside = QVBoxLayout()
        self._beside.setContentsMargins(0, 0, 0, 0)
        self._beside.addWidget(side)
        self._beside.addStretch(1)
        holder = boxed(self._beside)
        self._side_area: QWidget = scrolling(holder) if sunken else holder
        self._side_area.setFixedWidth(width)
        if sunken:
            self.area = scrolling(inner)
        else:
            both = row(inner, holder, spacing=0)
            both.setStretch(0, 1)
            self.area = scrolling(boxed(column(head, both)))
        # With large letters in a small window even one column may be too narrow: then one scrolls, nothing is cut.
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        left = boxed(column(self.area, hline() if footer else None, footer))
        if footer is not None:
            footer.setMinimumWidth(1)  # hints may be cut at the end before they widen the window
        self._edge = vline() if sunken else None
        if sunken:
            surface(holder, "sunken")
            surface(side, "sunken")
        self.setLayout(row(left, self._edge, self._side_area if sunken else None, spacing=0))
        self._watched: QWidget | None = None
        inner.installEventFilter(self)
        side.installEventFilter(self)

    def show_side(self) -> None:
        """Bring the side into view where it has folded below."""
        if self.narrow:
            self.area.ensureWidgetVisible(self.side, 0, 0)

    def show_beside(self, shown: bool) -> None:
        """Whether there is anything to show at the side; without it the main part has the whole width."""
        self._has_side = shown
        self.side.setVisible(shown)
        self._show_area()

    def event(self, event: QEvent) -> bool:
        """Follow the window this stands in."""
        if event.type() in (QEvent.Type.Show, QEvent.Type.ParentChange):
            window = self.window()
            if window is not self._watched:
                window.installEventFilter(self)
                self._watched = window
            self._fold()
        elif event.type() in (QEvent.Type.Resize, QEvent.Type.LayoutRequest):
            self._fold()
        return super().event(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The window was resized, or the main part needs other room."""
        resized = watched is self._watched and isinstance(event, QResizeEvent)
        if resized or (watched in (self._inner, self.side) and event.type() == QEvent.Type.LayoutRequest):
            self._fold()
        return super().eventFilter(watched, event)

    def _fold(self) -> None:
        wide = self._side_area.minimumWidth()
        cut = self.main.minimumSizeHint().width() > self.width() - wide - 1 or (
            self.side.minimumSizeHint().width() > wide
        )
        narrow = self.window().width() < NARROW or (self.isVisible() and cut)
        if narrow == self.narrow:
            return
        self.narrow = narrow
        if narrow:
            self._beside.removeWidget(self.side)
            self._below.addWidget(self.side)
        else:
            self._below.removeWidget(self.side)
            self._beside.insertWidget(0, self.side)
        self._show_area()
        self.folded.emit(narrow)

    def _show_area(self) -> None:
        beside = self._has_side and not self.narrow
        self._side_area.setVisible(beside)
        if self._edge is not None:
            self._edge.setVisible(beside)
