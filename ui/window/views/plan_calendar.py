"""Calendar files of the plan: visits go out as one, appointments come in as visits, and what came of it is told."""

from collections.abc import Callable, Sequence
from datetime import datetime, time
from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget

from crm_desktop.errors import CrmError
from crm_desktop.exchange.calendar_import import CalendarImport
from ui.presenters.day_plan import calendar_data, take_calendar, taken_back
from ui.window.i18n import tr
from ui.window.page import Shell
from ui.window.views.calendar_report import CalendarReport
from ui.window.views.file_intake import NotKept, not_kept

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

    def take(self, *paths: Path) -> None:
        """Appointments of files become visits; what cannot be read is told, the others are taken."""
        app = self._shell.app
        midnight = datetime.combine(app.clock.now().astimezone().date(), time()).astimezone()

        def work() -> tuple[list[tuple[str, CalendarImport]], NotKept]:
            taken: list[tuple[str, CalendarImport]] = []
            failed: NotKept = []
            for path in paths:
                try:
                    taken.append((path.name, take_calendar(app, path, midnight)))
                except CrmError as error:
                    failed.append((path.name, error))
            return taken, failed

        def done(result: tuple[list[tuple[str, CalendarImport]], NotKept]) -> None:
            taken, failed = result
            if failed:
                self._shell.show_error(not_kept(failed) if len(paths) > 1 else failed[0][1])
            if not taken:
                return
            self.report.show_imports(taken)
            count = sum(len(each.made) + len(each.changed) for _, each in taken)
            self._shell.toast(tr("plan.imported", count=count), self._undo_of(taken) if count else None)

        self._shell.tasks.write(work, done)

    def _undo_of(self, taken: Sequence[tuple[str, CalendarImport]]) -> Callable[[], None]:
        def take_back() -> None:
            for _, each in reversed(taken):  # a later file may have changed what an earlier one made
                taken_back(self._shell.app, each)

        return lambda: self._shell.tasks.write(take_back)
