"""What stands below the visits of today: tasks, cases, contracts, customers who wait, the next days."""

from collections.abc import Callable
from datetime import date, timedelta

from PySide6.QtWidgets import QCheckBox, QVBoxLayout, QWidget

from crm_desktop.model.columns import parse_instant
from crm_desktop.services.rhythm import OverdueVisit
from crm_desktop.store.lists import ListQuery
from ui.presenters import day_lists
from ui.presenters.today import OVERDUE_SHOWN, Birthday, Due, TodayContents, VisitToday
from ui.window.i18n import fmt_date, fmt_near_day, fmt_number, fmt_time, tr
from ui.window.page import Shell
from ui.window.theme import px
from ui.window.views.layout import boxed, clear, row
from ui.window.views.rows import headed, wide_line
from ui.window.widgets.button import Button, link
from ui.window.widgets.key_hints import KeyCap
from ui.window.widgets.label import Label
from ui.window.widgets.section_header import SectionHeader
from ui.window.widgets.skeleton import skeleton_lines
from ui.window.widgets.surface import hline

_ROW = 46
ShowList = Callable[[ListQuery], None]

_TIME = 60  # the words for what lasts the day


class TodayLines(QWidget):
    """Filled again with each reading of the day; a section with nothing in it is left out, but for the tasks."""

    def __init__(self, shell: Shell) -> None:
        super().__init__()
        self._shell = shell
        self._rows = QVBoxLayout(self)
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.setSpacing(0)
        self._waiting = QVBoxLayout()

    def show_contents(self, contents: TodayContents, show_list: ShowList) -> None:
        """Show a day."""
        clear(self._rows)
        user, day = self._shell.app.user_id, contents.day
        self._tasks(contents, lambda: show_list(day_lists.tasks_due(user, day)))
        if contents.cases:
            self._head("reminder.cases", contents.counts.cases, lambda: show_list(day_lists.cases_due(user, day)))
            self._each([self._due("life-buoy", "case", due, day) for due in contents.cases])
        if contents.contracts:
            query = day_lists.contracts_due(user, day)
            self._head("reminder.contracts", contents.counts.contracts, lambda: show_list(query))
            self._each([self._contract(due, day) for due in contents.contracts])
        self._waiting = QVBoxLayout()
        self._waiting.setSpacing(0)
        self._rows.addLayout(self._waiting)
        self.show_overdue(contents, show_list)
        self._next_days(contents)

    def show_overdue(self, contents: TodayContents, show_list: ShowList) -> None:
        """Who waits for a visit, alone: it is read after the rest of the day."""
        clear(self._waiting)
        if contents.overdue is None:
            shape = skeleton_lines(_ROW, OVERDUE_SHOWN)
            self._waiting.addWidget(shape)
            shape.begin()
        elif contents.overdue:
            query = day_lists.overdue_accounts(self._shell.app.user_id, contents.day)
            self._head("overdue.title", contents.overdue_count, lambda: show_list(query), self._waiting)
            self._each([self._overdue(found, contents.day) for found in contents.overdue], self._waiting)

    def _head(self, word: str, count: int, whole: Callable[[], None], rows: QVBoxLayout | None = None) -> None:
        rows = rows or self._rows
        rows.addSpacing(18)
        rows.addWidget(headed(tr(word), fmt_number(count), tr("today.whole_list"), whole))

    def _each(self, lines: list[QWidget], rows: QVBoxLayout | None = None) -> None:
        rows = rows or self._rows
        for number, line in enumerate(lines):
            if number:
                rows.addWidget(hline())
            rows.addWidget(line)

    def _tasks(self, contents: TodayContents, whole: Callable[[], None]) -> None:
        whole_list = link(tr("today.whole_list"))
        whole_list.setAccessibleName(f"{tr('today.whole_list')}: {tr('today.tasks')}")
        whole_list.clicked.connect(whole)
        right = boxed(row(KeyCap("T"), Label(tr("today.key_task"), "cap"), whole_list, spacing=6))
        count = fmt_number(contents.counts.tasks) if contents.tasks else ""
        self._rows.addWidget(SectionHeader(tr("today.tasks"), count, right=right))
        if not contents.tasks:
            self._rows.addWidget(Label(tr("today.no_tasks"), "body", "t2", wrap=True))
        self._each([self._task(due, contents.day) for due in contents.tasks])

    def _task(self, due: Due, today: date) -> QWidget:
        task = due.row
        box = QCheckBox(task["subject"].replace("&", "&&"))
        box.setAccessibleName(tr("today.tick", subject=task["subject"]))
        box.toggled.connect(lambda _on: self._tick(task["id"], task["subject"]))
        when = Label(self._near(due.day), "sec", "bad" if due.day < today else "")
        line = row(box, Label(due.account, "cap", elide=True), when, spacing=10, margins=(0, 6, 0, 6))
        line.setStretch(1, 1)
        return boxed(line)

    def _tick(self, task_id: str, subject: str) -> None:
        tasks = self._shell.app.tasks

        def undo() -> None:
            self._shell.tasks.write(lambda: tasks.reopen(task_id, "today"))

        self._shell.tasks.write(
            lambda: tasks.done(task_id, "today"),
            lambda _changes: self._shell.toast(tr("today.ticked", subject=subject), undo),
        )

    def _due(self, icon: str, entity: str, due: Due, today: date) -> QWidget:
        tone = "bad" if due.day < today else "warn"
        return wide_line(
            icon, due.row["subject"], due.account, self._near(due.day), self._record(entity, due.row["id"]), tone
        )

    def _contract(self, due: Due, today: date) -> QWidget:
        late = due.day < today
        words = tr("reminder.notice_past" if late else "reminder.notice_by", day=fmt_date(due.day, "short"))
        name = due.row["name"] or due.row["number"]
        return wide_line(
            "handshake", name, due.account, words, self._record("contract", due.row["id"]), "bad" if late else "warn"
        )

    def _overdue(self, found: OverdueVisit, today: date) -> QWidget:
        account = found.account
        last = tr("overdue.never")
        if found.last_visit_at:
            last = tr("overdue.last", day=fmt_date(parse_instant(found.last_visit_at)))
        over = tr("overdue.days", count=found.days_over) if found.last_visit_at else ""
        on = next_workday(today)
        plan = Button(tr("overdue.plan_on", day=fmt_date(on, "day")), "ghost", "calendar-plus")
        plan.setAccessibleName(f"{plan.text().strip()}: {account['name']}")
        plan.clicked.connect(lambda: plan_visit(self._shell, account["id"], account["name"], on))
        second = " · ".join(part for part in (account["city"], last) if part)

        def go() -> None:
            self._shell.navigate("account", account_id=account["id"])

        return wide_line("clock", account["name"], second, over, go, "warn", plan)

    def _next_days(self, contents: TodayContents) -> None:
        entries: list[tuple[str, QWidget]] = [
            (found.visit["starts_at"], self._later(found)) for found in contents.later
        ]
        entries += [(f"{found.day.isoformat()}T", self._birthday(found)) for found in contents.birthdays]
        if not entries:
            return
        self._rows.addSpacing(18)
        self._rows.addWidget(SectionHeader(tr("today.next_days")))
        for _, line in sorted(entries, key=lambda entry: entry[0]):
            self._rows.addWidget(line)
        more = contents.counts.birthdays - len(contents.birthdays)
        if more:
            self._rows.addWidget(Label(tr("today.more_birthdays", count=more), "cap", wrap=True))

    def _later(self, found: VisitToday) -> QWidget:
        when = parse_instant(found.visit["starts_at"])
        time = tr("today.whole_day") if found.stop.whole_day else fmt_time(when)
        name = found.account["name"] if found.account is not None else tr("today.no_account")
        said = " · ".join(part for part in (found.contact, found.visit["subject"]) if part)
        visit_id = found.visit["id"]
        return self._day_line(
            fmt_date(when, "day"), time, name, said, lambda: self._shell.navigate("note", visit_id=visit_id)
        )

    def _birthday(self, found: Birthday) -> QWidget:
        name = tr("reminder.birthday", name=found.contact["name"])
        go = self._record("contact", found.contact["id"])
        return self._day_line(self._near(found.day), "", name, found.account["name"], go)

    def _day_line(self, day: str, time: str, name: str, said: str, go: Callable[[], None]) -> QWidget:
        first, second = Label(day, "sec"), Label(time, "sec", tabular=True)
        first.setMinimumWidth(px(68))
        second.setMinimumWidth(px(_TIME))
        button = link(name)
        button.setAccessibleName(", ".join(part for part in (day, time, name, said) if part))
        button.clicked.connect(go)
        line = row(first, second, button, Label(said, "cap", elide=True), margins=(0, 4, 0, 4))
        line.setStretch(3, 1)
        return boxed(line)

    def _record(self, entity: str, record_id: str) -> Callable[[], None]:
        return lambda: self._shell.navigate("record", entity=entity, record_id=record_id)

    def _near(self, day: date) -> str:
        return fmt_near_day(day, self._shell.app.clock.now())


def next_workday(today: date) -> date:
    """The next day from Monday to Friday."""
    day = today + timedelta(days=1)
    while day.weekday() > 4:
        day += timedelta(days=1)
    return day


def plan_visit(shell: Shell, account_id: str, name: str, day: date) -> None:
    """Plan a visit on a day in one action; the toast takes it back."""
    app = shell.app

    def made(visit_id: str) -> None:
        def undo() -> None:
            shell.tasks.write(lambda: app.records.delete("visit", visit_id, "overdue"))

        shell.toast(tr("overdue.planned", account=name, day=fmt_date(day)), undo)

    shell.tasks.write(lambda: app.day_plan.plan_visit(account_id, day, initiator="overdue"), made)


def short_day(day: date) -> str:
    """19 November or 19. November: the year goes without saying."""
    return fmt_date(day).rsplit(" ", 1)[0]
