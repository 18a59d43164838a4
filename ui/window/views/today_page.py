"""Today: the day line of visits, tasks due, the next days, quotes to follow up, what colleagues added."""

from datetime import date
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QSizePolicy, QVBoxLayout, QWidget

from crm_desktop.model.columns import parse_instant
from ui.presenters.today import Fresh, TaskDue, TodayContents, load_today
from ui.window.i18n import fmt_date, fmt_money, fmt_near_day, fmt_number, fmt_time, tr
from ui.window.page import Page, Shell
from ui.window.theme import px
from ui.window.views.folding import FoldingColumns
from ui.window.views.layout import STRETCH, boxed, clear, column, row
from ui.window.views.value_words import entity_word
from ui.window.views.visit_line import VisitLine
from ui.window.widgets.banner import Banner
from ui.window.widgets.button import Button
from ui.window.widgets.label import Label
from ui.window.widgets.section_header import SectionHeader
from ui.window.widgets.side_row import SideRow
from ui.window.widgets.surface import hline

_SIDE = 386
_KINDS = frozenset({"visit", "task", "quote", "quote_revision", "quote_line", "account", "order", "activity",
                    "contact", "address", "sync_log", "everything"})  # fmt: skip
_ICONS = {"order": "package", "quote": "file-text", "visit": "map-pin", "activity": "phone",
          "account": "building-2", "contact": "user-plus"}  # fmt: skip


class TodayPage(Page):
    """Read again whenever something it shows changed."""

    name = "today"

    def __init__(self, shell: Shell) -> None:
        super().__init__(shell)
        self._contents: TodayContents | None = None
        self.title, self.said = Label("", "h0"), Label("", "body", "t2", wrap=True)
        self.note_button = Button("", "primary", "plus")
        self.note_button.clicked.connect(self._new_note)
        head = row(column(self.title, 4, self.said), spacing=16)
        head.setStretch(0, 1)
        head.addWidget(self.note_button, 0, Qt.AlignmentFlag.AlignTop)
        self.unfinished = Banner("plain", "hard-drive", "")
        self.unfinished.hide()
        self._visits, self._tasks, self._later = QVBoxLayout(), QVBoxLayout(), QVBoxLayout()
        self.visits_title, self.tasks_title = SectionHeader(""), SectionHeader("")
        self.later_title = SectionHeader("")
        for layout in (self._visits, self._tasks, self._later):
            layout.setSpacing(0)
        main = boxed(
            column(
                head, 14, self.unfinished, 6, self.visits_title, 4, self._visits, 18, self.tasks_title, 2, self._tasks,
                16, self.later_title, 2, self._later, STRETCH, margins=(32, 26, 28, 16),
            )
        )  # fmt: skip
        side = QWidget()
        self._side = QVBoxLayout(side)
        self._fold(False)
        self._side.setSpacing(0)
        self.columns = FoldingColumns(main, side, _SIDE, sunken=False)
        self.columns.folded.connect(self._fold)
        self.setLayout(column(self.columns))
        self.retranslate()

    def open(self, **where: Any) -> None:
        """Read the day."""
        self._read()

    def refresh(self, kinds: frozenset[str], ids: frozenset[tuple[str, str]]) -> None:
        """Something of the day changed."""
        if kinds & _KINDS:
            self._read()

    def retranslate(self) -> None:
        """All words again."""
        self.note_button.set_text(tr("action.new_visit_note"))
        self.visits_title.set_title(tr("nav.visits"))
        self.tasks_title.set_title(tr("today.tasks"))
        self.later_title.set_title(tr("today.next_days"))
        if self._contents is not None:
            self._show(self._contents)

    def _fold(self, below: bool) -> None:
        # Beside the day the side begins where the visits do, below it at the edge of the page.
        self._side.setContentsMargins(*((28, 0, 28, 16) if below else (8, 86, 28, 16)))

    def _read(self) -> None:
        app = self.shell.app
        now = app.clock.now()
        self.shell.tasks.read(lambda: load_today(app.store, app.user_id, now), self._show, key="today")

    def _show(self, contents: TodayContents) -> None:
        self._contents = contents
        now = self.shell.app.clock.now().astimezone()
        self.title.set_text(f"{tr('today.weekday.' + str(now.weekday()))}, {_short_day(now.date())}")
        self.said.set_text(
            " · ".join(
                [
                    tr("today.visits", count=len(contents.visits)),
                    tr("today.tasks_due", count=len(contents.tasks)),
                    tr("today.quotes_due", count=len(contents.quotes)),
                ]
            )
        )
        self._show_unfinished(contents)
        self._show_visits(contents)
        self._show_tasks(contents)
        self._show_later(contents)
        self._show_side(contents)

    def _show_unfinished(self, contents: TodayContents) -> None:
        self.unfinished.setVisible(contents.unfinished is not None)
        if contents.unfinished is not None:
            visit_id, account = contents.unfinished
            self.unfinished.set_banner("plain", "hard-drive", tr("today.unfinished", account=account), tr("today.kept"))
            self.unfinished.set_actions([(tr("action.continue"), lambda: self._open_note(visit_id))])

    def _show_visits(self, contents: TodayContents) -> None:
        clear(self._visits)
        self.visits_title.set_count(fmt_number(len(contents.visits)) if contents.visits else "")
        if not contents.visits:
            self._visits.addWidget(Label(tr("today.no_visits"), "body", "t2", wrap=True))
        current = next((n for n, found in enumerate(contents.visits) if found.visit["status"] != "done"), -1)
        for number, found in enumerate(contents.visits):
            place = (number == 0, number == len(contents.visits) - 1, number == current)
            self._visits.addWidget(VisitLine(found, place, self._open_note, self._open_account))

    def _show_tasks(self, contents: TodayContents) -> None:
        clear(self._tasks)
        self.tasks_title.set_count(fmt_number(len(contents.tasks)) if contents.tasks else "")
        if not contents.tasks:
            self._tasks.addWidget(Label(tr("today.no_tasks"), "body", "t2", wrap=True))
        for number, due in enumerate(contents.tasks):
            if number:
                self._tasks.addWidget(hline())
            self._tasks.addWidget(self._task_line(due))

    def _task_line(self, due: TaskDue) -> QWidget:
        now = self.shell.app.clock.now()
        task = due.task
        day = date.fromisoformat(task["due_on"])
        late = day < now.astimezone().date()
        box = QCheckBox(task["subject"].replace("&", "&&"))
        box.setAccessibleName(tr("today.tick", subject=task["subject"]))
        box.toggled.connect(lambda _on: self._tick(task["id"], task["subject"]))
        when = Label(fmt_near_day(day, now), "sec", "bad" if late else "")
        line = row(box, Label(due.account, "cap", elide=True), when, spacing=10, margins=(0, 6, 0, 6))
        line.setStretch(1, 1)
        return boxed(line)

    def _tick(self, task_id: str, subject: str) -> None:
        tasks = self.shell.app.tasks

        def undo() -> None:
            self.shell.tasks.write(lambda: tasks.reopen(task_id, "today"))

        self.shell.tasks.write(
            lambda: tasks.done(task_id, "today"),
            lambda _changes: self.shell.toast(tr("today.ticked", subject=subject), undo),
        )

    def _show_later(self, contents: TodayContents) -> None:
        clear(self._later)
        self.later_title.setVisible(bool(contents.later))
        for found in contents.later:
            when = parse_instant(found.visit["starts_at"])
            day, time = Label(fmt_date(when, "day"), "sec"), Label(fmt_time(when), "sec", tabular=True)
            day.setFixedWidth(px(52))
            time.setFixedWidth(px(44))
            name = found.account["name"] if found.account is not None else tr("today.no_account")
            button = Button(name, "link")
            button.clicked.connect(lambda _checked=False, visit=found.visit["id"]: self._open_note(visit))
            words = Label(
                " · ".join(part for part in (found.contact, found.visit["subject"]) if part), "cap", elide=True
            )
            line = row(day, time, button, words, margins=(0, 4, 0, 4))
            line.setStretch(3, 1)
            self._later.addLayout(line)

    def _show_side(self, contents: TodayContents) -> None:
        clear(self._side)
        count = fmt_number(len(contents.quotes)) if contents.quotes else ""
        self._side.addWidget(SectionHeader(tr("today.quotes"), count))
        if not contents.quotes:
            self._side.addWidget(Label(tr("today.no_quotes"), "sec", wrap=True))
        for found in contents.quotes:
            quote = found.quote
            day = fmt_date(date.fromisoformat(quote.follow_up_on)) if quote.follow_up_on else ""
            title = f"{quote.number} · {found.account}"
            sub = tr("today.follow_up_was", day=day)
            self._side.addWidget(SideRow("file-text", title, sub, fmt_money(quote.total, quote.currency)))
            button = Button(tr("today.open_number", number=quote.number), "link")
            button.clicked.connect(
                lambda _checked=False, quote_id=quote.quote_id: self.shell.navigate("quote", quote_id=quote_id)
            )
            self._side.addWidget(button)
        self._side.addSpacing(18)
        now = self.shell.app.clock.now()
        as_of = fmt_near_day(parse_instant(contents.as_of), now, capital=False) if contents.as_of else ""
        stamp = Label(tr("day.as_of", when=as_of) if as_of else "", "cap", elide=True)
        stamp.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)  # gives way to the title
        self._side.addWidget(SectionHeader(tr("today.fresh"), right=stamp))
        if not contents.fresh:
            self._side.addWidget(Label(tr("today.no_fresh"), "sec", wrap=True))
        for fresh in contents.fresh:
            self._side.addWidget(self._fresh_row(fresh))
        history = Button(tr("today.all_runs"), "link")
        history.clicked.connect(lambda: self.shell.navigate("sync_history"))
        self._side.addSpacing(4)
        self._side.addWidget(history)
        self._side.addStretch(1)

    def _fresh_row(self, fresh: Fresh) -> QWidget:
        title = f"{entity_word(fresh.entity)} {fresh.title}".strip()
        sub = " · ".join(part for part in (fresh.account if fresh.entity != "account" else "", fresh.who) if part)
        when = fmt_near_day(parse_instant(fresh.at), self.shell.app.clock.now())
        return SideRow(_ICONS[fresh.entity], title, sub, when)

    def _open_note(self, visit_id: str) -> None:
        self.shell.navigate("note", visit_id=visit_id)

    def _open_account(self, account_id: str) -> None:
        self.shell.navigate("account", account_id=account_id)

    def _new_note(self) -> None:
        contents = self._contents
        visits = contents.visits if contents is not None else ()
        upcoming = next((found for found in visits if found.visit["status"] != "done"), None)
        if upcoming is not None:
            self._open_note(upcoming.visit["id"])
        else:
            self.shell.navigate("accounts")


def _short_day(day: date) -> str:
    # "19 November" or "19. November": the year goes without saying.
    return fmt_date(day).rsplit(" ", 1)[0]
