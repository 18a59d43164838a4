"""Runs of the sync as rows: when, sent, received, how long, how it ended."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from crm_desktop.model.columns import parse_instant
from ui.presenters.sync_history import Run
from ui.window.delegates import ACCESSIBLE_ROLE, ALIGN_ROLE, CELL_ROLE, TEXT_ROLE, Cell
from ui.window.i18n import fmt_near_day, fmt_number, tr

SHORT = ("run", "sent", "received", "time")
LONG = ("run", "sent", "received", "conflicts", "gone", "bytes", "time", "verified", "said")
_FIGURES = frozenset({"sent", "received", "conflicts", "gone", "bytes", "time"})
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
_TOP = QModelIndex()
_Index = QModelIndex | QPersistentModelIndex


class RunsModel(QAbstractTableModel):
    """`columns` is SHORT for the side of the outbox, LONG for the page of its own."""

    def __init__(self, columns: Sequence[str], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._columns = tuple(columns)
        self._runs: tuple[Run, ...] = ()
        self._now: datetime | None = None

    def set_runs(self, runs: Sequence[Run], now: datetime) -> None:
        """Show these runs, the newest first."""
        self.beginResetModel()
        self._runs, self._now = tuple(runs), now
        self.endResetModel()

    def run(self, row: int) -> Run:
        """The run of a row."""
        return self._runs[row]

    def rowCount(self, parent: _Index = _TOP) -> int:
        """Runs."""
        return 0 if parent.isValid() else len(self._runs)

    def columnCount(self, parent: _Index = _TOP) -> int:
        """Columns."""
        return 0 if parent.isValid() else len(self._columns)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = TEXT_ROLE) -> Any:
        """Names of the columns."""
        if orientation != Qt.Orientation.Horizontal:
            return None
        name = self._columns[section]
        if role == TEXT_ROLE:
            return tr(f"sync_history.column.{name}")
        return _RIGHT if role == ALIGN_ROLE and name in _FIGURES else None

    def data(self, index: _Index, role: int = TEXT_ROLE) -> Any:
        """One cell."""
        name, run = self._columns[index.column()], self._runs[index.row()]
        if role == CELL_ROLE:
            return self._cell(name, run)
        if role in (TEXT_ROLE, ACCESSIBLE_ROLE):
            text = self._cell(name, run).text or ""
            return f"{tr(f'sync_history.column.{name}')}: {text}" if role == ACCESSIBLE_ROLE else text
        return _RIGHT if role == ALIGN_ROLE and name in _FIGURES else None

    def _cell(self, name: str, run: Run) -> Cell:
        if name == "run":
            assert self._now is not None
            when = fmt_near_day(parse_instant(run.started_at), self._now) if run.started_at else ""
            icon, tone = ("triangle-alert", "warn") if run.error_code else ("circle-check", "ok")
            return Cell(when, icon=icon, icon_tone=tone, icon_size=14)
        if name == "time":
            return _figure(tr("sync_history.seconds", value=fmt_number(run.seconds, 1)))
        if name == "bytes":
            return _figure(tr("sync_history.kilobytes", value=fmt_number(run.kilobytes, 1)))
        if name == "verified":
            word = {True: "verified", False: "differs", None: "unchecked"}[run.verified]
            tone = {True: "ok", False: "warn", None: "t3"}[run.verified]
            return Cell(tr(f"sync_history.{word}"), tone=tone)
        if name == "said":
            return Cell(said(run), tone="warn" if run.error_code else "t2")
        return _figure(fmt_number(getattr(run, name)), tone="t1" if getattr(run, name) else "t3")


def said(run: Run) -> str:
    """How a run ended, in one plain sentence."""
    if run.error_code:
        return tr(f"sync_history.error.{run.reason}")
    return tr("sync_history.nothing" if not (run.sent or run.received or run.gone) else "sync_history.done")


def _figure(text: str, tone: str = "t1") -> Cell:
    return Cell(text, tone=tone, tabular=True, right=True)
