"""The lines of a quote as a table, with one empty line at the end while it can be edited."""

from decimal import Decimal
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from ui.presenters.quote_contents import LineView
from ui.window.delegates import ACCESSIBLE_ROLE, ALIGN_ROLE, CELL_ROLE, ID_ROLE, TEXT_ROLE, TOOLTIP_ROLE, Cell
from ui.window.i18n import fmt_amount, fmt_number, fmt_percent, tr

NUMBER, PRODUCT, QUANTITY, LIST, DISCOUNT, NET, MARGIN, TAX, TOTAL = range(9)
COLUMNS = ("number", "product", "quantity", "list", "discount", "net", "margin", "tax", "total")
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
_EDIT_ROLE = Qt.ItemDataRole.EditRole.value
_Index = QModelIndex | QPersistentModelIndex
_TOP = QModelIndex()


class QuoteLinesModel(QAbstractTableModel):
    """Shows `LineView`s. Lines that stay keep their index, so an open cell editor survives an update."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lines: tuple[LineView, ...] = ()
        self._editable = False
        self._currency = "EUR"

    def set_lines(self, lines: tuple[LineView, ...], editable: bool, currency: str = "") -> None:
        """Show these lines; only what differs is told to the view. `currency` empty: as before."""
        currency = currency or self._currency
        if (editable, currency) != (self._editable, self._currency):
            self.beginResetModel()
            self._lines, self._editable, self._currency = lines, editable, currency
            self.endResetModel()
            return
        wanted = {line.key for line in lines}
        for row in reversed(range(len(self._lines))):
            if self._lines[row].key not in wanted:
                self.beginRemoveRows(_TOP, row, row)
                self._lines = self._lines[:row] + self._lines[row + 1 :]
                self.endRemoveRows()
        for row, line in enumerate(lines):
            if row < len(self._lines) and self._lines[row].key == line.key:
                continue
            at = next((n for n, other in enumerate(self._lines) if other.key == line.key), -1)
            if at >= 0:
                self.beginMoveRows(_TOP, at, at, _TOP, row)
                moved = list(self._lines)
                moved.insert(row, moved.pop(at))
                self._lines = tuple(moved)
                self.endMoveRows()
            else:
                self.beginInsertRows(_TOP, row, row)
                self._lines = (*self._lines[:row], line, *self._lines[row:])
                self.endInsertRows()
        self._lines = lines
        if self.rowCount():
            self.dataChanged.emit(self.index(0, 0), self.index(self.rowCount() - 1, len(COLUMNS) - 1))

    def line(self, row: int) -> LineView | None:
        """The line in a row; None for the empty one."""
        return self._lines[row] if 0 <= row < len(self._lines) else None

    def row_of(self, key: str) -> int:
        """Row of a line; −1 for none."""
        return next((row for row, line in enumerate(self._lines) if line.key == key), -1)

    @property
    def empty_row(self) -> int:
        """The row in which a product is looked for; −1 in a frozen revision."""
        return len(self._lines) if self._editable else -1

    def can_edit(self, row: int, column: int) -> bool:
        """Whether a cell takes input."""
        if not self._editable:
            return False
        return column == PRODUCT if row == self.empty_row else column in (QUANTITY, DISCOUNT)

    def rowCount(self, parent: _Index = _TOP) -> int:
        """Lines, and the empty one."""
        return 0 if parent.isValid() else len(self._lines) + (1 if self._editable else 0)

    def columnCount(self, parent: _Index = _TOP) -> int:
        """Nine."""
        return 0 if parent.isValid() else len(COLUMNS)

    def flags(self, index: _Index) -> Qt.ItemFlag:
        """What a cell can do."""
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        return flags | Qt.ItemFlag.ItemIsEditable if self.can_edit(index.row(), index.column()) else flags

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = TEXT_ROLE) -> Any:
        """Names of the columns."""
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == TEXT_ROLE:
            return tr(f"quote.column.{COLUMNS[section]}") if section else ""
        if role == ALIGN_ROLE and section > PRODUCT:
            return _RIGHT
        return None

    def data(self, index: _Index, role: int = TEXT_ROLE) -> Any:
        """One cell."""
        row, column = index.row(), index.column()
        line = self.line(row)
        if role == CELL_ROLE:
            return _empty_cell(row, column) if line is None else _cell(row, column, line, self._currency)
        if role == ID_ROLE:
            return line.key if line else ""
        if role == _EDIT_ROLE:
            return _edit_text(column, line)
        if role == ALIGN_ROLE:
            return _RIGHT if column > PRODUCT else None
        if role in (TEXT_ROLE, ACCESSIBLE_ROLE):
            cell = _empty_cell(row, column) if line is None else _cell(row, column, line, self._currency)
            text = cell.text or ""
            if column == PRODUCT and line is not None and line.optional:
                text = f"{text}, {tr('quote.line_optional')}"
            if role == ACCESSIBLE_ROLE and column:
                return f"{tr(f'quote.column.{COLUMNS[column]}')}: {text or tr('word.empty')}"
            return text
        if role == TOOLTIP_ROLE and line is not None and column == DISCOUNT:
            return tr("quote.own_discount", percent=fmt_percent(line.own_discount))
        return None


def _empty_cell(row: int, column: int) -> Cell:
    if column == NUMBER:
        return Cell(str(row + 1), tone="t3", tabular=True)
    # A thin space: nothing stands here, and nothing is missing.
    return Cell(tr("quote.product_hint"), tone="t3") if column == PRODUCT else Cell("\u2009", right=column > PRODUCT)


def _cell(row: int, column: int, line: LineView, currency: str) -> Cell:
    if column == NUMBER:
        return Cell(str(row + 1), tone="t3", tabular=True)
    if column == PRODUCT:
        after = ", ".join(part for part in (line.unit, tr("quote.line_optional") if line.optional else "") if part)
        return Cell(line.name, weight=500, after=after, tone="t2" if line.optional else "t1")
    if column == QUANTITY:
        return _figure(fmt_number(line.quantity))
    if column == LIST:
        return _figure(_price(line.list_price, currency), tone="t2")
    if column == DISCOUNT:
        percent = line.ladder.discount_percent if line.ladder is not None else line.own_discount
        # 10.01 % must not look like the ceiling of 10 % that it breaks.
        places = 1 if percent == round(percent, 1) or not line.above_ceiling else 2
        return _figure(fmt_percent(-percent, places) if percent else "", tone="t1" if percent else "t3")
    if column == NET:
        return _figure(_price(line.net_price, currency), weight=500)
    if column == MARGIN:
        if line.below_floor:
            return Cell(
                fmt_percent(line.margin, 0), tone="warn", weight=600, tabular=True, right=True,
                icon="triangle-alert", icon_tone="warn", icon_size=14,
            )  # fmt: skip
        return _figure(fmt_percent(line.margin, 0) if line.margin is not None else "")
    if column == TAX:
        return _figure(fmt_percent(line.tax_percent) if line.tax_percent is not None else "", tone="t3")
    total = fmt_amount(line.total, currency) if line.total is not None else "\u2009"
    # In parentheses, as on the paper: offered, not counted.
    return _figure(f"({total})", tone="t3") if line.optional else _figure(total, weight=600)


def _figure(text: str, tone: str = "t1", weight: int = 400) -> Cell:
    return Cell(text, tone=tone, weight=weight, tabular=True, right=True)


def _price(value: Decimal | None, currency: str) -> str:
    return fmt_amount(value, currency) if value is not None else "\u2009"


def _edit_text(column: int, line: LineView | None) -> str:
    if line is None:
        return ""
    if column == QUANTITY:
        return fmt_number(line.quantity)
    return fmt_number(line.own_discount) if column == DISCOUNT and line.own_discount else ""
