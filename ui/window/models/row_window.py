"""A table over any number of records that holds only what is near the screen.

The model knows the row numbers of the whole list (8 bytes each) and fetches rows in small blocks when a cell is
asked for, off the main thread; blocks that were not looked at for long are forgotten.
"""

from array import array
from collections import OrderedDict
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, QTimer, Signal

from ui.presenters.record_list import RowView
from ui.presenters.tasks import Tasks
from ui.window.delegates.roles import ACCESSIBLE_ROLE, ALIGN_ROLE, CELL_ROLE, ID_ROLE, TEXT_ROLE, TOOLTIP_ROLE, Cell

# A page of a list shows 15 to 25 rows: small blocks keep what is fetched close to what is seen.
BLOCK = 8
KEPT_BLOCKS = 128
_FETCH_BLOCKS = 12
_SCREEN_BLOCKS = 5
_Index = QModelIndex | QPersistentModelIndex
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
_WAITING = Cell("", waiting=True)

FetchRows = Callable[[Sequence[int]], list[RowView]]
MakeCell = Callable[[RowView, int], tuple[Cell, str]]
"""Row and column number -> the cell and its whole sentence for tooltip and screen reader."""


class RowWindow(QAbstractTableModel):
    """`set_ids` gives the list, `fetch` its rows by row number (called on a worker thread).

    `today` is the day by which cells are worded.
    """

    fetched = Signal(int)
    """So many rows came from the store and are here now."""

    def __init__(
        self,
        tasks: Tasks,
        fetch: FetchRows,
        make_cell: MakeCell,
        today: Callable[[], date],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self._fetch = fetch
        self._make_cell = make_cell
        self._today = today
        self._ids = _no_rows()
        self._headings: list[tuple[str, bool]] = []
        self._blocks: OrderedDict[int, list[RowView]] = OrderedDict()
        self._made: dict[int, dict[tuple[int, int], tuple[Cell, str]]] = {}  # by block; (row in it, column) -> cell
        self._made_on = date.min
        self._wanted: set[int] = set()
        self._asked: set[int] = set()
        self._generation = 0
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(0)
        self._soon.timeout.connect(self._ask)
        self.rows_fetched = 0

    def set_headings(self, headings: Sequence[tuple[str, bool]]) -> None:
        """Text and right alignment of each column."""
        self._made.clear()
        if len(headings) != len(self._headings):
            self.beginResetModel()
            self._headings = list(headings)
            self.endResetModel()
            return
        self._headings = list(headings)
        if headings:
            self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(headings) - 1)

    def set_ids(self, ids: "array[int]") -> None:
        """Show another list. The same list only forgets its rows, so that nothing jumps."""
        if ids == self._ids:
            self.invalidate()
            return
        self.beginResetModel()
        self._ids = ids
        self._forget()
        self.endResetModel()

    def invalidate(self) -> None:
        """Read again what is on the screen; the old values stay until the new ones are here."""
        self._generation += 1
        newest = list(self._blocks)[-_SCREEN_BLOCKS:]
        self._wanted |= self._asked | set(newest)
        self._asked.clear()
        for block in [known for known in self._blocks if known not in newest]:
            del self._blocks[block]
            self._made.pop(block, None)
        if self._wanted:
            self._soon.start()

    def row_number(self, row: int) -> int:
        """The store's number of a row of the table."""
        return self._ids[row]

    def row_of(self, number: int) -> int:
        """Where a store row stands now, -1 if it is gone."""
        try:
            return self._ids.index(number)
        except ValueError:
            return -1

    def view(self, row: int) -> RowView | None:
        """The row if it is here already."""
        block = self._blocks.get(row // BLOCK)
        at = row % BLOCK
        return block[at] if block is not None and at < len(block) else None

    def refetch_text(self) -> None:
        """The language or the theme changed: the same rows in other words."""
        self._made.clear()
        if self._ids and self._headings:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._ids) - 1, len(self._headings) - 1))

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        """All records of the list."""
        return 0 if parent.isValid() else len(self._ids)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        """The columns on the screen."""
        return 0 if parent.isValid() else len(self._headings)

    def data(self, index: _Index, role: int = TEXT_ROLE) -> Any:
        """The cell, or an empty one while its row is on the way."""
        if not index.isValid() or role not in _ROLES:
            return None
        if role == ALIGN_ROLE:
            return _RIGHT if self._headings[index.column()][1] else _LEFT
        view = self._row(index.row())
        if view is None:
            return _WAITING if role == CELL_ROLE else None
        if role == ID_ROLE:
            return view.id
        cell, sentence = self._cell(index.row(), index.column(), view)
        if role == CELL_ROLE:
            return cell
        if role == TEXT_ROLE:
            return cell.text or (cell.chip[0] if cell.chip else "")
        return sentence or None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = TEXT_ROLE) -> Any:
        """Headings; their alignment follows the column."""
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(self._headings):
            return None
        text, right = self._headings[section]
        if role in (TEXT_ROLE, ACCESSIBLE_ROLE):
            return text
        if role == ALIGN_ROLE:
            return _RIGHT if right else _LEFT
        return None

    def _row(self, row: int) -> RowView | None:
        number = row // BLOCK
        block = self._blocks.get(number)
        if block is not None:
            self._blocks.move_to_end(number)
            return block[row % BLOCK] if row % BLOCK < len(block) else None
        if number not in self._asked and number not in self._wanted:
            self._wanted.add(number)
            self._soon.start()
        return None

    def _cell(self, row: int, column: int, view: RowView) -> tuple[Cell, str]:
        """Made once: the pointer alone, moving over the rows, paints a page again and again."""
        today = self._today()
        if today != self._made_on:  # “Today” and “Tomorrow” are others
            self._made.clear()
            self._made_on = today
        made = self._made.setdefault(row // BLOCK, {})
        key = (row % BLOCK, column)
        if key not in made:
            made[key] = self._make_cell(view, column)
        return made[key]

    def _ask(self) -> None:
        # The newest wishes first: after a fast scroll the older ones are off the screen already.
        blocks = sorted(self._wanted)[-_FETCH_BLOCKS:]
        self._wanted.clear()
        last = (len(self._ids) - 1) // BLOCK
        blocks = [block for block in blocks if 0 <= block <= last]
        if not blocks:
            return
        self._asked.update(blocks)
        generation = self._generation
        numbers = [list(self._ids[block * BLOCK : (block + 1) * BLOCK]) for block in blocks]
        flat = [number for part in numbers for number in part]

        def done(rows: list[RowView]) -> None:
            self._arrived(generation, blocks, [len(part) for part in numbers], rows)

        self._tasks.read(lambda: self._fetch(flat), done)

    def _arrived(self, generation: int, blocks: list[int], sizes: list[int], rows: list[RowView]) -> None:
        self.rows_fetched += len(rows)
        if generation != self._generation:
            return
        self._asked.difference_update(blocks)
        if len(rows) != sum(sizes):
            # A record went away between list and read; the list itself is read again by the page.
            return
        at = 0
        columns = max(0, len(self._headings) - 1)
        for block, size in zip(blocks, sizes, strict=True):
            self._blocks[block] = rows[at : at + size]
            self._made.pop(block, None)
            self._blocks.move_to_end(block)
            at += size
            self.dataChanged.emit(self.index(block * BLOCK, 0), self.index(block * BLOCK + size - 1, columns))
        while len(self._blocks) > KEPT_BLOCKS:
            forgotten, _ = self._blocks.popitem(last=False)
            self._made.pop(forgotten, None)
        self.fetched.emit(len(rows))

    def _forget(self) -> None:
        self._generation += 1
        self._blocks.clear()
        self._made.clear()
        self._wanted.clear()
        self._asked.clear()


_ROLES = (TEXT_ROLE, ALIGN_ROLE, TOOLTIP_ROLE, ACCESSIBLE_ROLE, ID_ROLE, CELL_ROLE)


def _no_rows() -> "array[int]":
    return array("q")
