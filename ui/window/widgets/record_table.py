"""A table in the house's look: no grid, fixed row height, the cell delegate, hover by row."""

from collections.abc import Collection, Sequence

from PySide6.QtCore import QEvent, QModelIndex, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHeaderView, QTableView, QWidget

from ui.window import theme
from ui.window.delegates.cell import ONE_LINE, CellDelegate

_OPEN_KEYS = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_HEADER = 31
_PADDING = 8


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
        self._widths: tuple[int, ...] = ()
        self._stretch = self._least = 0
        self._figures: frozenset[int] = frozenset()
        self.doubleClicked.connect(self.opened)
        self._measure()

    def set_widths(self, widths: Sequence[int], stretch: int, least: int = 0, *, figures: Collection[int] = ()) -> None:
        """Widths of the columns in px at 100 %, more where a heading needs it; `stretch` takes what is left.

        With `least` the table asks for room enough to leave so much to it. `figures` are columns that grow with what
        stands in them: a figure is never shortened.

        Called once the model is set; the words of the headings may change later.
        """
        self._widths, self._stretch, self._least = tuple(widths), stretch, least
        self._figures = frozenset(figures)
        model = self.model()
        if figures:
            model.dataChanged.connect(self._share)
            model.rowsInserted.connect(self._share)
            model.rowsRemoved.connect(self._share)
        model.headerDataChanged.connect(self._share)
        model.modelReset.connect(self._share)
        self._share()
        self.horizontalHeader().setSectionResizeMode(stretch, QHeaderView.ResizeMode.Stretch)

    def heading_width(self, section: int) -> int:
        """What the heading of a column needs, its paddings included."""
        text = str(self.model().headerData(section, Qt.Orientation.Horizontal) or "")
        return self.horizontalHeader().fontMetrics().horizontalAdvance(text) + 2 * _PADDING + self._edges(section) + 2

    def column_places(self) -> list[tuple[float, float]]:
        """Where the words of each shown column begin in the viewport, and how much room they have."""
        header, places = self.horizontalHeader(), []
        for section in range(header.count()):
            if not self.isColumnHidden(section):
                before = self.look.margin if section == 0 else _PADDING
                x, wide = header.sectionViewportPosition(section), header.sectionSize(section)
                places.append((float(x + before), float(wide - before - _PADDING)))
        return places

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

    def _share(self) -> None:
        for section, width in enumerate(self._widths):
            wide = max(theme.px(width), self.heading_width(section))
            self.setColumnWidth(section, max(wide, self._figure_width(section)))
        if self._least:
            others = (self.columnWidth(at) for at in range(len(self._widths)) if at != self._stretch)
            self.setMinimumWidth(sum(others) + theme.px(self._least))

    def _figure_width(self, section: int) -> int:
        if section not in self._figures:
            return 0
        return self.sizeHintForColumn(section) + self._edges(section)

    def _edges(self, section: int) -> int:
        """What the first and the last column leave free at the edge of the table, beyond the padding of a cell."""
        last = self.model().columnCount() - 1
        return (self.look.margin - _PADDING) * ((section == 0) + (section == last))

    def _measure(self) -> None:
        self.verticalHeader().setDefaultSectionSize(theme.px(self.look.row_height))
        self.horizontalHeader().setFixedHeight(theme.px(_HEADER))
        self._share()
