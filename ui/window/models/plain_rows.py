"""A list of ready objects for a `QListView` whose delegate knows how to paint them."""

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from ui.window.delegates import ACCESSIBLE_ROLE, ID_ROLE, TEXT_ROLE

ROW_ROLE = int(Qt.ItemDataRole.UserRole.value) + 20
_TOP = QModelIndex()


class PlainRows(QAbstractListModel):
    """Rows of any type. `spoken` gives the sentence a screen reader says; an empty one is a heading."""

    def __init__(self, spoken: Callable[[Any], str], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: list[Any] = []
        self._spoken = spoken

    def set_rows(self, rows: Sequence[Any]) -> None:
        """Replace all rows."""
        self.beginResetModel()
        self._rows = list(rows)
        self.endResetModel()

    def row(self, at: int) -> Any:
        """The object of a row; None outside."""
        return self._rows[at] if 0 <= at < len(self._rows) else None

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = _TOP) -> int:
        """How many."""
        return 0 if parent.isValid() else len(self._rows)

    def flags(self, index: QModelIndex | QPersistentModelIndex) -> Qt.ItemFlag:
        """Headings cannot be chosen."""
        if not self._spoken(self._rows[index.row()]):
            return Qt.ItemFlag.ItemIsEnabled
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = TEXT_ROLE) -> Any:
        """The object itself, or its sentence."""
        found = self.row(index.row())
        if role == ROW_ROLE:
            return found
        if role in (TEXT_ROLE, ACCESSIBLE_ROLE):
            return self._spoken(found)
        return getattr(found, "id", "") if role == ID_ROLE else None
