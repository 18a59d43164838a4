"""A table in the house's look: no grid, fixed row height, the cell delegate, hover by row."""

from PySide6.QtCore import QEvent, QModelIndex, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QTableView, QWidget

from ui.window import theme
from ui.window.delegates.cell import ONE_LINE, CellDelegate

_OPEN_KEYS = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_HEADER = 31


class RecordTable(QTableView):
    """Rows of records. `row_height` is 46 with two lines, 36 with one, 30 compact.

    `margin` 24 on pages, 0 inside side columns. `cell_focus` is for tables edited cell by cell.
    """

    opened = Signal(QModelIndex)
    """Enter or a double click on a row."""

    def __init__(
        self,
        name: str,
        row_height: int = ONE_LINE,
        margin: int = 24,
        cell_focus: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setProperty("ownRing", True)
        self.setProperty("pad", str(margin))
        self.look = CellDelegate(self, row_height, margin, cell_focus)
        self.setItemDelegate(self.look)
        self.setShowGrid(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWordWrap(False)
        self.setMouseTracking(True)
        self.setTabKeyNavigation(cell_focus)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        by = QAbstractItemView.SelectionBehavior
        self.setSelectionBehavior(by.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.viewport().setAutoFillBackground(False)
        rows = self.verticalHeader()
        rows.hide()
        rows.setMinimumSectionSize(theme.px(20))
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setMinimumSectionSize(theme.px(32))
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.doubleClicked.connect(self.opened)
        self._measure()

    def changeEvent(self, event: QEvent) -> None:
        """A theme change brings another text size."""
        if event.type() == QEvent.Type.StyleChange:
            self._measure()
        super().changeEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter opens the current row; in a cell-by-cell table it belongs to the editor."""
        editing = self.state() == QAbstractItemView.State.EditingState
        if event.key() in _OPEN_KEYS and not self.look.cell_focus and not editing:
            if self.currentIndex().isValid():
                self.opened.emit(self.currentIndex())
            return
        super().keyPressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """The whole row answers the pointer."""
        self._hover(self.rowAt(event.position().toPoint().y()))
        super().mouseMoveEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        """No row is under the pointer."""
        self._hover(-1)
        super().leaveEvent(event)

    def _hover(self, row: int) -> None:
        before, self.look.hovered_row = self.look.hovered_row, row
        if before != row:
            self.viewport().update()

    def _measure(self) -> None:
        self.verticalHeader().setDefaultSectionSize(theme.px(self.look.row_height))
        self.horizontalHeader().setFixedHeight(theme.px(_HEADER))
