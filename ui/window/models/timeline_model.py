"""The timeline as rows for its delegate: month headings and entries, one tab at a time."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from crm_desktop.model.columns import parse_instant
from ui.presenters.account import TimelineItem
from ui.window.delegates.roles import ACCESSIBLE_ROLE, ID_ROLE, TEXT_ROLE, TIMELINE_ROLE, TimelineEntry, TimelineMonth
from ui.window.i18n import fmt_date, fmt_money, fmt_month, tr
from ui.window.models.list_cells import STATUS_TONE
from ui.window.views.account_words import entry_icon, entry_status, entry_title

_MOST_LINES = 2
_LINE_CHARACTERS = 480
_Index = QModelIndex | QPersistentModelIndex
Row = TimelineMonth | TimelineItem


class TimelineModel(QAbstractListModel):
    """`set_items` takes the whole timeline as read so far, `set_tab` chooses what is shown of it."""

    def __init__(self, now: Callable[[], datetime], me: Callable[[], str], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._now = now
        self._me = me
        self._items: tuple[TimelineItem, ...] = ()
        self._tab = "all"
        self._rows: list[Row] = []
        # The view asks each row for its height whenever its width changes, and again when it paints.
        self._made: dict[int, TimelineEntry] = {}

    def set_items(self, items: Sequence[TimelineItem]) -> None:
        """Show these entries, newest first."""
        self._items = tuple(items)
        self._lay_out()

    def set_tab(self, tab: str) -> None:
        """Show one kind, or 'all'."""
        if tab != self._tab:
            self._tab = tab
            self._lay_out()

    def item(self, row: int) -> TimelineItem | None:
        """The entry of a row, None for a month."""
        found = self._rows[row] if 0 <= row < len(self._rows) else None
        return found if isinstance(found, TimelineItem) else None

    def retranslate(self) -> None:
        """Months and words again."""
        self._lay_out()

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        """Months and entries."""
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: _Index, role: int = TEXT_ROLE) -> Any:
        """A month or an entry for the delegate, its sentence for everyone else."""
        if not index.isValid():
            return None
        found = self._rows[index.row()]
        if role == TIMELINE_ROLE:
            return found if isinstance(found, TimelineMonth) else self._made_entry(index.row(), found)
        if role in (TEXT_ROLE, ACCESSIBLE_ROLE):
            return found.text if isinstance(found, TimelineMonth) else self._sentence(found)
        if role == ID_ROLE and isinstance(found, TimelineItem):
            return found.entry.id
        return None

    def flags(self, index: _Index) -> Qt.ItemFlag:
        """Months cannot be reached."""
        if isinstance(self._rows[index.row()], TimelineMonth):
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable

    def _lay_out(self) -> None:
        self.beginResetModel()
        self._rows = []
        self._made = {}
        month: tuple[int, int] | None = None
        for item in self._items:
            if self._tab not in ("all", item.kind):
                continue
            day = day_of(item.entry.at) if item.entry.at else None
            found = (day.year, day.month) if day is not None else (0, 0)
            if found != month:
                month = found
                self._rows.append(TimelineMonth(fmt_month(day) if day is not None else tr("account.no_date")))
            self._rows.append(item)
        self.endResetModel()

    def _made_entry(self, row: int, item: TimelineItem) -> TimelineEntry:
        made = self._made.get(row)
        if made is None:
            made = self._made[row] = self._entry(item)
        return made

    def _entry(self, item: TimelineItem) -> TimelineEntry:
        entry = item.entry
        status = entry_status(item)
        chip = (status, STATUS_TONE.get(str(entry.status), "plain")) if status and not _dull(item) else None
        who = tr("word.you") if entry.owner_id and entry.owner_id == self._me() else item.who
        return TimelineEntry(
            fmt_date(day_of(entry.at), "day") if entry.at else "",
            entry_icon(item),
            entry_title(item),
            chip,
            who,
            fmt_money(entry.amount, entry.currency or "EUR") if entry.amount else "",
            item.state,
            _lines(str(entry.text or "")),
        )

    def _sentence(self, item: TimelineItem) -> str:
        parts = [
            fmt_date(day_of(item.entry.at)) if item.entry.at else "",
            entry_title(item),
            entry_status(item),
            item.who,
            tr(f"state.{item.state}"),
        ]
        return ", ".join(part for part in parts if part)


def day_of(at: str) -> date:
    """The local day of an entry. A day without time stands as its last moment and keeps its date."""
    if at.endswith("T23:59:59.999Z"):
        return date.fromisoformat(at[:10])
    return parse_instant(at).astimezone().date()


def _dull(item: TimelineItem) -> bool:
    # A visit that took place and a task that is done say nothing by their chip.
    return bool(item.entry.status == "done")


def _lines(text: str) -> tuple[str, ...]:
    found = [line.strip() for line in text.splitlines() if line.strip()]
    shown = found[:_MOST_LINES]
    return tuple(line if len(line) <= _LINE_CHARACTERS else f"{line[:_LINE_CHARACTERS]}…" for line in shown)
