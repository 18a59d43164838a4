"""Today: the day line of visits, what is due, who waits for a visit, the next days, the departure check."""

from dataclasses import replace
from datetime import date
from functools import partial
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QVBoxLayout

from crm_desktop.services.rhythm import OverdueVisit
from crm_desktop.store.lists import ListQuery
from ui.presenters import day_lists
from ui.presenters.today import TodayContents, VisitToday, load_overdue, load_today
from ui.window.i18n import fmt_number, tr
from ui.window.page import Page, Shell
from ui.window.pages_frame import PageFrame
from ui.window.views.folding import FoldingColumns
from ui.window.views.layout import STRETCH, boxed, clear, column, row
from ui.window.views.today_lines import TodayLines, short_day
from ui.window.views.today_side import TodaySide
from ui.window.views.visit_line import VisitLine, way_line
from ui.window.widgets.banner import Banner
from ui.window.widgets.button import link, normal, primary
from ui.window.widgets.key_hints import KeyHints
from ui.window.widgets.label import Label
from ui.window.widgets.section_header import SectionHeader
from ui.window.widgets.skeleton import skeleton_lines
from ui.window.widgets.surface import hline
from ui.window.window_keys import part_keys

_SIDE = 386
_ROW, _ROWS = 46, 8
_BESIDE = (8, 18, 28, 16)
_KINDS = frozenset({"visit", "task", "quote", "quote_revision", "quote_line", "account", "order", "activity", "case",
                    "contract", "contact", "address", "channel", "price_list", "visit_rhythm", "attachment", "files",
                    "lead", "sync_log", "sync_status", "everything"})  # fmt: skip
_WAITING_KINDS = frozenset({"visit", "account", "visit_rhythm", "everything"})
_LIST_PAGES = {"visit": "visits", "task": "tasks", "case": "cases", "contract": "contracts", "account": "accounts"}


class TodayPage(Page):
    """Read again whenever something it shows changed."""

    name = "today"

    def __init__(self, shell: Shell) -> None:
        super().__init__(shell)
        self._contents: TodayContents | None = None
        self._overdue: tuple[tuple[OverdueVisit, ...], int] | None = None
        self._online_before = False
        self.title, self.said = Label("", "h0"), Label("", "body", "t2", wrap=True)
        self.route_button = normal("", "route")
        self.route_button.clicked.connect(self.plan)
        self.note_button = primary("", "plus")
        self.note_button.clicked.connect(self.new_note)
        head = row(column(self.title, 4, self.said), spacing=10)
        head.setStretch(0, 1)
        for button in (self.route_button, self.note_button):
            head.addWidget(button, 0, Qt.AlignmentFlag.AlignTop)
        self.unfinished = Banner("plain", "hard-drive", "")
        self.unfinished.hide()
        self._visits = QVBoxLayout()
        self._visits.setSpacing(0)
        self.lines = TodayLines(shell)
        self.skeleton = skeleton_lines(_ROW, _ROWS)
        self.calendar_link = link("")
        self.calendar_link.clicked.connect(self.open_calendar)
        self.visits_head = SectionHeader("", right=self.calendar_link)
        main = boxed(
            column(self.unfinished, 6, self.visits_head, 4, self.skeleton, self._visits, 18, self.lines, STRETCH,
                   margins=(32, 14, 28, 16))
        )  # fmt: skip
        self.side = TodaySide(shell, self._online, self._read)
        self.side.set_margins(*_BESIDE)
        self.hints = KeyHints()
        self.columns = FoldingColumns(
            main, self.side, _SIDE, sunken=False, head=boxed(column(head, margins=(32, 26, 28, 0)))
        )
        self.columns.folded.connect(self._fold)
        layout = column(self.columns, hline(), self.hints)
        layout.setStretch(0, 1)
        self.setLayout(layout)
        actions = {"P": self.plan, "B": self.briefing, "V": self.new_note, "T": self.new_task,
                   "K": self.side.departure.pack}  # fmt: skip
        part_keys(self, {keys: partial(self._act, act) for keys, act in actions.items()})
        for part in (self.calendar_link, self.side):  # nothing to say before the day is read
            part.hide()
        self.retranslate()

    # -- page ---------------------------------------------------------------------------------------------------

    def open(self, **where: Any) -> None:
        """Read the day."""
        if self._contents is None:
            self._show_day(self.shell.app.clock.now().astimezone().date())
            self.skeleton.begin()
        self._read()
        if not isinstance(self.focusWidget(), QLineEdit):
            self.setFocus(Qt.FocusReason.OtherFocusReason)

    def refresh(self, kinds: frozenset[str], ids: frozenset[tuple[str, str]]) -> None:
        """Something of the day changed; a status alone counts only where it says whether there is a line."""
        if kinds == {"sync_status"} and self._online() == self._online_before:
            return
        if kinds & _KINDS:
            self._read(waiting=bool(kinds & _WAITING_KINDS))

    def retranslate(self) -> None:
        """All words again."""
        self.note_button.set_text(tr("action.new_visit_note"))
        self.route_button.set_text(tr("today.plan_route"))
        self.calendar_link.set_text(tr("today.open_calendar"))
        self.setAccessibleName(tr("nav.today"))
        self.hints.set_hints(
            [
                ("P", tr("today.key_route")),
                ("B", tr("today.key_briefing")),
                ("V", tr("key.visit_note")),
                ("T", tr("today.key_task")),
                ("K", tr("today.key_pack")),
            ]
        )
        if self._contents is not None:
            self._show(self._contents)

    # -- what one can do ----------------------------------------------------------------------------------------

    def plan(self) -> None:
        """The route of the day."""
        self.shell.navigate("plan")

    def briefing(self) -> None:
        """The briefing of the next visit; without one, that of the last."""
        visits = self._contents.visits if self._contents is not None else ()
        found = self._upcoming() or (visits[-1] if visits else None)
        if found is not None and found.account is not None:
            self.shell.navigate("briefing", account_id=found.account["id"], visit_id=found.visit["id"])

    def new_note(self) -> None:
        """The note of the next visit; without one, choose a customer."""
        upcoming = self._upcoming()
        if upcoming is not None:
            self.shell.navigate("note", visit_id=upcoming.visit["id"])
        else:
            self.shell.navigate("accounts")

    def new_task(self) -> None:
        """A task of one's own."""
        self.shell.navigate("record", entity="task")

    def open_calendar(self) -> None:
        """The visits of the coming days as a list."""
        app = self.shell.app
        day = app.clock.now().astimezone().date()
        self.show_list(day_lists.visits_of(app.user_id, day, 7))

    def show_list(self, query: ListQuery) -> None:
        """The whole of what a section shows the beginning of."""
        where = {"filters": query.filters, "sort": query.sort, "titles": self._titles()}
        self.shell.navigate(_LIST_PAGES[query.entity], **where)

    # -- reading and showing ------------------------------------------------------------------------------------

    def _act(self, act: Any) -> None:
        if not isinstance(self.focusWidget(), QLineEdit):
            act()

    def _read(self, *, waiting: bool = True) -> None:
        app = self.shell.app
        now = app.clock.now()
        day = now.astimezone().date()
        self.shell.tasks.read(lambda: load_today(app.store, app.user_id, now), self._show, key="today")
        if waiting or self._contents is None or self._contents.day != day:
            # Every customer is asked for it: the day does not wait for that.
            self.shell.tasks.read(
                lambda: load_overdue(app.store, app.user_id, day), self._show_overdue, key="today waiting"
            )

    def _show_overdue(self, overdue: tuple[tuple[OverdueVisit, ...], int]) -> None:
        if overdue == self._overdue:
            return
        self._overdue = overdue
        if self._contents is not None:
            self._contents = self._whole(self._contents)
            self.lines.show_overdue(self._contents, self.show_list)

    def _whole(self, contents: TodayContents) -> TodayContents:
        if self._overdue is None:
            return contents
        return replace(contents, overdue=self._overdue[0], overdue_count=self._overdue[1])

    def _show(self, contents: TodayContents) -> None:
        contents = self._whole(contents)
        self._contents = contents
        self._online_before = self._online()
        self.skeleton.end()
        for part in (self.calendar_link, self.side):
            part.show()
        self._show_day(contents.day)
        visits = tr("today.visits", count=contents.counts.visits)
        if contents.km >= 1:
            visits += ", " + tr("today.km", km=fmt_number(round(contents.km)))
        said = [
            visits,
            tr("today.tasks_due", count=contents.counts.tasks),
            tr("today.quotes_due", count=contents.counts.quotes),
        ]
        if contents.cases:
            said.append(tr("reminder.cases_due", count=contents.counts.cases))
        self.said.set_text(" · ".join(said))
        self._show_unfinished(contents)
        self._show_visits(contents)
        self.lines.show_contents(contents, self.show_list)
        self.side.show_contents(contents, self._titles())

    def _show_day(self, day: date) -> None:
        self.title.set_text(f"{tr('today.weekday.' + str(day.weekday()))}, {short_day(day)}")

    def _show_unfinished(self, contents: TodayContents) -> None:
        self.unfinished.setVisible(contents.unfinished is not None)
        if contents.unfinished is not None:
            visit_id, account = contents.unfinished
            self.unfinished.set_banner("plain", "hard-drive", tr("today.unfinished", account=account), tr("today.kept"))
            self.unfinished.set_actions(
                [(tr("action.continue"), lambda: self.shell.navigate("note", visit_id=visit_id))]
            )

    def _show_visits(self, contents: TodayContents) -> None:
        clear(self._visits)
        self.visits_head.set_title(tr("nav.visits"))
        self.visits_head.set_count(fmt_number(contents.counts.visits) if contents.visits else "")
        if not contents.visits:
            self._visits.addWidget(Label(tr("today.no_visits"), "body", "t2", wrap=True))
        start = self.note_button
        for number, found in enumerate(contents.visits):
            if number and (way := contents.ways[number - 1]) is not None:
                self._visits.addWidget(way_line(way))
            place = (number == 0, number == len(contents.visits) - 1, number == contents.current)
            line = VisitLine(found, place, self.shell)
            self._visits.addWidget(line)
            if number in (0, contents.current):
                start = line.note_button
        self.setFocusProxy(start)

    def _upcoming(self) -> VisitToday | None:
        contents = self._contents
        return contents.visits[contents.current] if contents is not None and contents.current >= 0 else None

    def _titles(self) -> dict[tuple[str, str], str]:
        name = self._contents.user_name if self._contents is not None else ""
        return {("user", self.shell.app.user_id): name}

    def _online(self) -> bool:
        status = self.shell.status_bridge.latest if isinstance(self.shell, PageFrame) else None
        return bool(status is not None and status.state in ("online", "syncing"))

    def _fold(self, below: bool) -> None:
        # Beside the day the side begins where the visits do, below it at the edge of the page.
        self.side.set_margins(*((28, 0, 28, 16) if below else _BESIDE))
