"""The timeline of an account as a list that asks for more before its end is reached."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QListView, QWidget

from ui.presenters.account import TimelineItem
from ui.window.delegates import TimelineDelegate
from ui.window.models.timeline_model import TimelineModel


class TimelineList(QListView):
    """Newest first; the cursor and the place stay when entries are shown again."""

    end_near = Signal()
    """Less than a screen is left below."""

    def __init__(self, model: TimelineModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._timeline = model
        self.setProperty("ownRing", True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setModel(model)
        self.setItemDelegate(TimelineDelegate(self))
        self.setResizeMode(QListView.ResizeMode.Adjust)  # a line of text breaks where the page ends
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSelectionMode(QListView.SelectionMode.SingleSelection)
        self.viewport().setAutoFillBackground(False)
        self.verticalScrollBar().valueChanged.connect(self._scrolled)

    def show_items(self, items: tuple[TimelineItem, ...]) -> None:
        """Other entries in the place of those shown."""
        current = self.currentIndex().row()
        at = self.verticalScrollBar().value()
        self._timeline.set_items(items)
        self.verticalScrollBar().setValue(at)
        if current >= 0:
            self.setCurrentIndex(self._timeline.index(min(current, self._timeline.rowCount() - 1)))

    def _scrolled(self, value: int) -> None:
        if value >= self.verticalScrollBar().maximum() - self.height():
            self.end_near.emit()
