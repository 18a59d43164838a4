"""The side of the note page: what to know about the account."""

from collections.abc import Callable
from datetime import date, datetime
from functools import partial

from PySide6.QtWidgets import QVBoxLayout, QWidget

from crm_desktop.model.columns import parse_instant
from ui.presenters.briefing import Briefing
from ui.window.i18n import fmt_date, fmt_money, fmt_near_day, tr
from ui.window.models.list_cells import status_label
from ui.window.views.account_words import near_year
from ui.window.views.layout import clear
from ui.window.views.rows import side_line
from ui.window.widgets.label import Label
from ui.window.widgets.section_header import SectionHeader
from ui.window.widgets.side_row import SideRow

_EXCERPT = 260


class BriefingColumn(QWidget):
    """Last visits, open quotes, open tasks; answers also when there is nothing."""

    def __init__(self, open_quote: Callable[[str], None], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._open_quote = open_quote
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(20, 14, 20, 16)
        self._column.setSpacing(0)

    def show_briefing(self, briefing: Briefing, now: datetime) -> None:
        """Replace what is shown."""
        clear(self._column)
        self._visits(briefing, now)
        self._quotes(briefing, now)
        self._tasks(briefing, now)

    def _visits(self, briefing: Briefing, now: datetime) -> None:
        if not briefing.visits:
            self._column.addWidget(SectionHeader(tr("note.briefing")))
            self._column.addWidget(Label(tr("note.no_visit"), "sec", wrap=True))
            self._column.addSpacing(14)
            return
        for number, row in enumerate(briefing.visits):
            when = parse_instant(row["starts_at"]) if row["starts_at"] else None
            title = tr("note.last_visit" if number == 0 else "note.earlier_visit", day=fmt_date(when))
            self._column.addWidget(SectionHeader(title))
            words = row["note"].strip() or row["subject"] or tr("note.no_text")
            if len(words) > _EXCERPT:
                words = words[:_EXCERPT].rsplit(" ", 1)[0] + " …"
            self._column.addWidget(Label(words, "sec", "t1", wrap=True))
            if row["next_step"]:
                self._column.addWidget(SideRow("handshake", row["next_step"], tr("word.next_step"), tone="accent"))
            self._column.addSpacing(12)

    def _quotes(self, briefing: Briefing, now: datetime) -> None:
        if not briefing.quotes:
            return
        self._column.addWidget(SectionHeader(tr("note.open_quotes"), str(len(briefing.quotes))))
        for quote in briefing.quotes:
            until = near_year(date.fromisoformat(quote.valid_until), now) if quote.valid_until else ""
            sub = status_label("quote", "status", quote.status)
            if until:
                sub += " · " + tr("quote.valid_until", day=until)
            title = tr("note.quote_title", number=quote.number, revision=quote.revision)
            total = fmt_money(quote.total, quote.currency)
            line = side_line("file-text", title, sub, total, partial(self._open_quote, quote.quote_id))
            line.setToolTip(tr("note.open_quote", number=quote.number))
            self._column.addWidget(line)
        self._column.addSpacing(12)

    def _tasks(self, briefing: Briefing, now: datetime) -> None:
        if not briefing.tasks:
            return
        self._column.addWidget(SectionHeader(tr("note.open_tasks"), str(len(briefing.tasks))))
        for row in briefing.tasks:
            due = date.fromisoformat(row["due_on"]) if row["due_on"] else None
            late = due is not None and due < now.astimezone().date()
            sub = tr("note.due", day=fmt_near_day(due, now, capital=False)) if due else tr("note.no_date")
            self._column.addWidget(SideRow("square-check-big", row["subject"], sub, tone="bad" if late else "t2"))
