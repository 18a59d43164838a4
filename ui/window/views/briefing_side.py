"""Beside the briefing: what to ask, what was promised, open quotes and cases."""

from collections.abc import Callable
from datetime import date

from PySide6.QtWidgets import QVBoxLayout, QWidget

from crm_desktop.model.columns import parse_instant
from crm_desktop.model.wire import Row
from ui.presenters.account import question_place
from ui.presenters.visit_briefing import VisitBriefing
from ui.window.i18n import fmt_date, fmt_money, fmt_near_day, fmt_number, tr
from ui.window.page import Shell
from ui.window.views.account_words import question
from ui.window.views.briefing_words import case_title, quote_words
from ui.window.views.layout import STRETCH, clear, column, row
from ui.window.views.rows import side_line
from ui.window.widgets.button import normal
from ui.window.widgets.icon_label import IconLabel
from ui.window.widgets.label import Label
from ui.window.widgets.section_header import SectionHeader
from ui.window.widgets.side_row import SideRow
from ui.window.widgets.surface import Panel


class BriefingSide(QWidget):
    """Each line leads to its record."""

    def __init__(self, shell: Shell) -> None:
        super().__init__()
        self._shell = shell
        self._column = QVBoxLayout()
        self._column.setSpacing(0)
        self.setLayout(column(self._column, STRETCH, margins=(20, 20, 20, 16)))

    def show_briefing(self, found: VisitBriefing) -> None:
        """Replace what is shown."""
        clear(self._column)
        self._show_question(found)
        self._show_promises(found)
        self._show_quotes(found)
        self._show_cases(found)

    def _show_question(self, found: VisitBriefing) -> None:
        asked = found.briefing.question
        if asked is None:
            return
        self._column.addWidget(SectionHeader(tr("account.next_question")))
        panel = Panel()
        line = row(IconLabel("message-circle-question", "accent"), Label(question(asked), "m", wrap=True), spacing=8)
        line.setStretch(1, 1)
        panel.body.addLayout(line)
        answer = normal(tr("account.answer"))
        contact = found.people[0]["id"] if found.people else None
        place = question_place(asked, found.account["id"], contact)
        answer.clicked.connect(lambda: self._shell.navigate("record", **place))
        panel.body.addLayout(row(answer, STRETCH))
        self._column.addWidget(panel)
        self._column.addSpacing(16)

    def _show_promises(self, found: VisitBriefing) -> None:
        tasks = found.briefing.tasks
        last = next((visit for visit in found.briefing.visits if visit["next_step"]), None)
        count = fmt_number(len(tasks)) if tasks else ""
        self._column.addWidget(SectionHeader(tr("briefing.promises"), count))
        if last is not None:
            day = fmt_date(parse_instant(last["starts_at"])) if last["starts_at"] else ""
            self._column.addWidget(
                SideRow("handshake", last["next_step"], tr("briefing.promised", day=day), tone="accent")
            )
        for task in tasks:
            self._column.addWidget(self._dated("task", task, task["subject"], "square-check-big"))
        if last is None and not tasks:
            self._column.addWidget(Label(tr("briefing.no_promises"), "sec", wrap=True))
        self._column.addSpacing(16)

    def _show_quotes(self, found: VisitBriefing) -> None:
        quotes = found.briefing.quotes
        self._column.addWidget(SectionHeader(tr("note.open_quotes"), fmt_number(len(quotes)) if quotes else ""))
        if not quotes:
            self._column.addWidget(Label(tr("account.no_quotes"), "sec", wrap=True))
        for quote in quotes:
            title, sub = quote_words(quote)
            total = fmt_money(quote.total, quote.currency)
            self._column.addWidget(side_line("file-text", title, sub, total, self._opens_quote(quote.quote_id)))
        self._column.addSpacing(16)

    def _opens_quote(self, quote_id: str) -> Callable[[], None]:
        return lambda: self._shell.navigate("quote", quote_id=quote_id)

    def _show_cases(self, found: VisitBriefing) -> None:
        cases = found.briefing.cases
        self._column.addWidget(SectionHeader(tr("briefing.cases"), fmt_number(len(cases)) if cases else ""))
        if not cases:
            self._column.addWidget(Label(tr("briefing.no_cases"), "sec", wrap=True))
        for case in cases:
            self._column.addWidget(self._dated("case", case, case_title(case), "life-buoy"))

    def _dated(self, entity: str, record: Row, title: str, icon: str) -> QWidget:
        now = self._shell.app.clock.now()
        due = date.fromisoformat(record["due_on"]) if record["due_on"] else None
        late = due is not None and due < now.astimezone().date()
        sub = tr("note.due", day=fmt_near_day(due, now, capital=False)) if due else tr("note.no_date")
        record_id = record["id"]

        def go() -> None:
            self._shell.navigate("record", entity=entity, record_id=record_id)

        return side_line(icon, title, sub, "", go, "bad" if late else "t2")
