"""Calendar files of the plan: visits go out as one, appointments come in as visits, and what came of it is told."""

from collections.abc import Callable
from datetime import datetime, time
from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget

from crm_desktop.exchange.calendar_import import CalendarImport
from ui.presenters.day_plan import calendar_data, take_calendar, taken_back
from ui.window.i18n import tr
from ui.window.page import Shell
from ui.window.views.calendar_report import CalendarReport

_KIND = "iCalendar (*.ics)"


class PlanCalendar:
    """Asks for a file over `parent`; `report` stands on the page and tells of the file that was taken last."""

    def __init__(self, shell: Shell, parent: QWidget) -> None:
        self._shell = shell
        self._parent = parent
        self.report = CalendarReport()

    def export(self) -> None:
        """The visits of the next four weeks as a calendar file."""
        app, shell = self._shell.app, self._shell
        name = str(Path.home() / f"{tr('plan.file_name')}.ics")
        chosen, _ = QFileDialog.getSaveFileName(self._parent, tr("plan.export"), name, _KIND)
        if not chosen:
            return
        path = Path(chosen)
        shell.tasks.read(
            lambda: calendar_data(app, path),
            lambda count: shell.toast(tr("plan.exported", count=count, file=path.name)),
            key="calendar out",
        )

    def choose(self) -> None:
        """Ask for a calendar file and take it."""
        chosen, _ = QFileDialog.getOpenFileName(self._parent, tr("plan.import"), str(Path.home()), _KIND)
        if chosen:
            self.take(Path(chosen))

    def take(self, path: Path) -> None:
        """Appointments of a file become visits."""
        app = self._shell.app
        midnight = datetime.combine(app.clock.now().astimezone().date(), time()).astimezone()

        def done(taken: CalendarImport) -> None:
            self.report.show_import(path.name, taken)
            count = len(taken.made) + len(taken.changed)
            self._shell.toast(tr("plan.imported", count=count), self._undo_of(taken) if count else None)

        self._shell.tasks.write(lambda: take_calendar(app, path, midnight), done)

    def _undo_of(self, taken: CalendarImport) -> Callable[[], None]:
        return lambda: self._shell.tasks.write(lambda: taken_back(self._shell.app, taken))
