"""A small table of ready cells: what a page has read in one go and shows as it is."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from ui.window.delegates import ACCESSIBLE_ROLE, ALIGN_ROLE, CELL_ROLE, ID_ROLE, TEXT_ROLE, TOOLTIP_ROLE, Cell

_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
_TOP = QModelIndex()
_Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, slots=True)
class CellRow:
    """One row: its cells, and what it is about."""

    id: str
    cells: tuple[Cell, ...]


class CellRows(QAbstractTableModel):
    """Rows of `Cell`s under headings."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._headings: tuple[str, ...] = ()
        self._rows: tuple[CellRow, ...] = ()

    def set_headings(self, headings: Sequence[str]) -> None:
        """Names of the columns, in the language of the window."""
        self.beginResetModel()
        self._headings = tuple(headings)
        self.endResetModel()

    def set_rows(self, rows: Sequence[CellRow]) -> None:
        """Replace all rows."""
        self.beginResetModel()
        self._rows = tuple(rows)
        self.endResetModel()

    def change_rows(self, first: int, rows: Sequence[CellRow]) -> None:
        """Other cells in the rows from `first` on; what is chosen and scrolled to stays."""
        if not rows:
            return
        self._rows = (*self._rows[:first], *rows, *self._rows[first + len(rows) :])
        self.dataChanged.emit(self.index(first, 0), self.index(first + len(rows) - 1, self.columnCount() - 1))

    def row_id(self, row: int) -> str:
        """What a row is about; '' outside."""
        return self._rows[row].id if 0 <= row < len(self._rows) else ""

    def rowCount(self, parent: _Index = _TOP) -> int:
        """Rows."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: _Index = _TOP) -> int:
        """Columns."""
        return 0 if parent.isValid() else len(self._headings)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = TEXT_ROLE) -> Any:
        """Names of the columns."""
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(self._headings):
            return None
        if role == ALIGN_ROLE and self._rows and self._rows[0].cells[section].right:
            return _RIGHT
        return self._headings[section] if role == TEXT_ROLE else None

    def data(self, index: _Index, role: int = TEXT_ROLE) -> Any:
        """One cell."""
        if not index.isValid():
            return None
        row = self._rows[index.row()]
        cell = row.cells[index.column()]
        if role == CELL_ROLE:
            return cell
        if role == ID_ROLE:
            return row.id
        text = cell.text or (cell.chip[0] if cell.chip else "")
        if role == TEXT_ROLE:
            return text
        if role == TOOLTIP_ROLE:  # a cell may be too narrow for it
            return text or None
        return f"{self._headings[index.column()]}: {text}" if role == ACCESSIBLE_ROLE else None
