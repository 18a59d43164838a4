"""The lines of an order as a table."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from crm_desktop.model.wire import Row
from ui.window.delegates import ACCESSIBLE_ROLE, ALIGN_ROLE, CELL_ROLE, TEXT_ROLE, Cell
from ui.window.i18n import fmt_amount, fmt_number, fmt_percent, fmt_unit_price, tr

COLUMNS = ("number", "product", "quantity", "price", "discount", "tax", "total")
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
_TOP = QModelIndex()
_Index = QModelIndex | QPersistentModelIndex


class OrderLinesModel(QAbstractTableModel):
    """Lines as they were ordered."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lines: Sequence[Row] = ()
        self._units: Mapping[str, str] = {}
        self._currency = "EUR"

    def set_lines(self, lines: Sequence[Row], currency: str, units: Mapping[str, str]) -> None:
        """Show these; `units`: product id to the unit it is sold in."""
        self.beginResetModel()
        self._lines, self._currency, self._units = lines, currency, units
        self.endResetModel()

    def rowCount(self, parent: _Index = _TOP) -> int:
        """Lines."""
        return 0 if parent.isValid() else len(self._lines)

    def columnCount(self, parent: _Index = _TOP) -> int:
        """Columns."""
        return 0 if parent.isValid() else len(COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = TEXT_ROLE) -> Any:
        """Names of the columns."""
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == TEXT_ROLE:
            return tr(f"order.column.{COLUMNS[section]}")
        return _RIGHT if role == ALIGN_ROLE and section > 1 else None

    def data(self, index: _Index, role: int = TEXT_ROLE) -> Any:
        """One cell."""
        if role == ALIGN_ROLE:
            return _RIGHT if index.column() > 1 else None
        if role not in (CELL_ROLE, TEXT_ROLE, ACCESSIBLE_ROLE):
            return None
        name, line = COLUMNS[index.column()], self._lines[index.row()]
        cell = _cell(name, index.row(), line, self._currency, self._units)
        if role == CELL_ROLE:
            return cell
        return f"{tr(f'order.column.{name}')}: {cell.text}" if role == ACCESSIBLE_ROLE else cell.text


def _cell(name: str, at: int, line: Row, currency: str, units: Mapping[str, str]) -> Cell:
    if name == "number":
        return Cell(str(at + 1), tone="t3", tabular=True)
    if name == "product":
        return Cell(line["name"], weight=500, after=units.get(line["product_id"] or "", ""))
    if name == "quantity":
        return _figure(fmt_number(line["quantity"]))
    if name == "price":
        return _figure(fmt_unit_price(line["unit_price"], currency))
    if name == "discount":
        percent = Decimal(line["discount_percent"] or 0)
        return _figure(fmt_percent(-percent) if percent else "", "t1" if percent else "t3")
    if name == "tax":
        return _figure(fmt_percent(line["tax_percent"]) if line["tax_percent"] else "", "t3")
    return Cell(fmt_amount(line["line_total"], currency), weight=600, tabular=True, right=True)


def _figure(text: str, tone: str = "t1") -> Cell:
    return Cell(text, tone=tone, tabular=True, right=True)
