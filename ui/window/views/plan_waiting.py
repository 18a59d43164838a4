"""Below a day's plan, or in its place: who waits for a visit longer than agreed, and the way to put him on the day."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, time

from PySide6.QtWidgets import QWidget

from crm_desktop.model.columns import format_instant
from crm_desktop.model.wire import Row
from ui.presenters.day_plan import Planning, Waiting
from ui.window.i18n import fmt_number, tr
from ui.window.page import Shell
from ui.window.views.rows import wide_line
from ui.window.views.today_lines import plan_visit
from ui.window.widgets.button import Button
from ui.window.widgets.empty_state import EmptyState
from ui.window.widgets.section_header import SectionHeader
from ui.window.widgets.surface import hline

_FIRST = time(9)


def waiting_lines(waiting: Waiting, shell: Shell, day: date) -> Iterator[QWidget]:
    """The section with its title; nothing where nobody waits."""
    if not waiting.first:
        return
    yield SectionHeader(tr("overdue.title"), fmt_number(waiting.count))
    for number, found in enumerate(waiting.first):
        if number:
            yield hline()
        over = tr("overdue.days", count=found.days_over) if found.last_visit_at else tr("overdue.never")
        yield _line(found.account, over, shell, day)


def nothing_planned(
    planning: Planning, waiting: Waiting | None, shell: Shell, read_calendar: Callable[[], None]
) -> EmptyState:
    """In the place of the visits of a day without any: where they come from."""
    known = "waiting" if waiting is not None and waiting.first else "anybody"
    at = format_instant(datetime.combine(planning.plan.day, _FIRST).astimezone())

    def begin() -> None:
        values = {"owner_id": shell.app.user_id, "starts_at": at, "status": "planned"}
        shell.navigate("record", entity="visit", values=values, focus="account_id")

    return EmptyState(
        "calendar",
        tr("plan.nothing"),
        tr(f"plan.nothing_{known}"),
        [(tr("plan.begin"), begin), (tr("plan.import"), read_calendar)],
    )


def _line(account: Row, over: str, shell: Shell, day: date) -> QWidget:
    def go() -> None:
        shell.navigate("account", account_id=account["id"])

    add = Button(tr("plan.add"), "ghost", "calendar-plus")
    add.setAccessibleName(f"{add.text().strip()}: {account['name']}")
    add.clicked.connect(lambda _checked=False: plan_visit(shell, account["id"], account["name"], day))
    return wide_line("clock", account["name"], account["city"] or "", over, go, "warn", add)
