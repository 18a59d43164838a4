"""What was lost or won as rows of a table."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from crm_desktop.model.wire import field_facts
from ui.presenters.outcomes import Outcome
from ui.window.delegates import ACCESSIBLE_ROLE, ALIGN_ROLE, CELL_ROLE, TEXT_ROLE, Cell
from ui.window.formats import MISSING
from ui.window.i18n import fmt_date, fmt_money, fmt_percent, language, tr

COLUMNS = ("what", "account", "day", "amount", "reason", "competitor", "gap")
WIDTHS = (142, 160, 80, 104, 164, 142, 84)
_FIGURES = frozenset({"amount", "gap"})
FIGURES = tuple(at for at, name in enumerate(COLUMNS) if name in _FIGURES)
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
_TOP = QModelIndex()
_Index = QModelIndex | QPersistentModelIndex


class OutcomesModel(QAbstractTableModel):
    """One row a quote or opportunity."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._found: tuple[Outcome, ...] = ()

    def set_outcomes(self, found: Sequence[Outcome]) -> None:
        """Show these."""
        self.beginResetModel()
        self._found = tuple(found)
        self.endResetModel()

    def outcome(self, row: int) -> Outcome | None:
        """What a row shows."""
        return self._found[row] if 0 <= row < len(self._found) else None

    def rowCount(self, parent: _Index = _TOP) -> int:
        """Decided ones."""
        return 0 if parent.isValid() else len(self._found)

    def columnCount(self, parent: _Index = _TOP) -> int:
        """Columns."""
        return 0 if parent.isValid() else len(COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = TEXT_ROLE) -> Any:
        """Names of the columns."""
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == TEXT_ROLE:
            return tr(f"outcomes.column.{COLUMNS[section]}")
        return _RIGHT if role == ALIGN_ROLE and COLUMNS[section] in _FIGURES else None

    def data(self, index: _Index, role: int = TEXT_ROLE) -> Any:
        """One cell."""
        name = COLUMNS[index.column()]
        if role == ALIGN_ROLE:
            return _RIGHT if name in _FIGURES else None
        if role not in (CELL_ROLE, TEXT_ROLE, ACCESSIBLE_ROLE):
            return None
        cell = _cell(name, self._found[index.row()])
        if role == CELL_ROLE:
            return cell
        return f"{tr(f'outcomes.column.{name}')}: {cell.text}" if role == ACCESSIBLE_ROLE else cell.text


def reason_words(reason: str) -> str:
    """A reason in the user's language; what was not told is said so."""
    return field_facts("quote")["lost_reason"].choice_label(reason, language()) if reason else tr("outcomes.untold")


def _cell(name: str, one: Outcome) -> Cell:
    if name == "what":
        return Cell(one.title, weight=600)
    if name == "day":
        return Cell(fmt_date(one.day, "short"), tone="t2")
    if name == "amount":
        text = fmt_money(one.amount, one.currency) if one.amount is not None else MISSING
        return Cell(text, tabular=True, right=True)
    if name == "gap":
        text = fmt_percent(one.gap, 1) if one.gap is not None else MISSING
        return Cell(text, tone="t1" if one.gap is not None else "t3", tabular=True, right=True)
    if name == "reason":
        return Cell(MISSING if one.won else reason_words(one.reason), tone="t3" if one.won else "t1")
    text = one.account if name == "account" else one.competitor
    return Cell(text or MISSING, tone="t1" if text else "t3")
