"""Below a day's plan: customers who wait for a visit longer than agreed, each with a way to put him on the day."""

from collections.abc import Iterator
from datetime import date

from PySide6.QtWidgets import QWidget

from crm_desktop.model.wire import Row
from ui.presenters.day_plan import Planning
from ui.window.i18n import fmt_number, tr
from ui.window.page import Shell
from ui.window.views.rows import wide_line
from ui.window.views.today_lines import plan_visit
from ui.window.widgets.button import Button
from ui.window.widgets.section_header import SectionHeader
from ui.window.widgets.surface import hline


def waiting_lines(planning: Planning, shell: Shell, day: date) -> Iterator[QWidget]:
    """The section with its title; nothing where nobody waits."""
    if not planning.waiting:
        return
    yield SectionHeader(tr("overdue.title"), fmt_number(planning.waiting_count))
    for number, found in enumerate(planning.waiting):
        if number:
            yield hline()
        over = tr("overdue.days", count=found.days_over) if found.last_visit_at else tr("overdue.never")
        yield _line(found.account, over, shell, day)


def _line(account: Row, over: str, shell: Shell, day: date) -> QWidget:
    def go() -> None:
        shell.navigate("account", account_id=account["id"])

    add = Button(tr("plan.add"), "ghost", "calendar-plus")
    add.setAccessibleName(f"{add.text().strip()}: {account['name']}")
    add.clicked.connect(lambda _checked=False: plan_visit(shell, account["id"], account["name"], day))
    return wide_line("clock", account["name"], account["city"] or "", over, go, "warn", add)
