"""What the rows on the screen need of each column."""

from collections.abc import Sequence
from math import ceil

from ui.presenters.list_columns import Column
from ui.window.delegates.cell import BAR_GAP, BAR_WIDTH
from ui.window.delegates.draw import chip_width
from ui.window.delegates.roles import CELL_ROLE, Cell
from ui.window.models.row_window import RowWindow
from ui.window.theme import metrics, px
from ui.window.widgets.record_table import RecordTable

_PADDINGS = 18
_EDGE = 16  # more beside the first column


def contents_on_screen(table: RecordTable, model: RowWindow, columns: Sequence[Column]) -> dict[str, int]:
    """Px by the key of a column for the rows that are here; a second line may be shortened. Empty: none is here."""
    first = max(0, table.rowAt(0))
    last = table.rowAt(table.viewport().height() - 1)
    rows = range(first, (last if last >= 0 else model.rowCount() - 1) + 1)
    shown = [row for row in rows if model.view(row) is not None]
    found: dict[str, int] = {}
    for section, item in enumerate(columns) if shown else ():
        cells = [model.index(row, section).data(CELL_ROLE) for row in shown]
        wide = max((_width(each) for each in cells if isinstance(each, Cell)), default=0)
        found[item.key] = ceil(wide) + px(_PADDINGS) + (_EDGE if section == 0 else 0)
    return found


def _width(cell: Cell) -> float:
    wide: float = metrics(cell.size, cell.weight, cell.tabular).horizontalAdvance(cell.text or "")
    if cell.chip:
        wide += chip_width(*cell.chip) + (8 if cell.text else 0)
    if cell.bar is not None:
        wide += px(BAR_WIDTH) + BAR_GAP
    return wide
