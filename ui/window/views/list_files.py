"""Import into a list and export of what it shows, with a look at what would happen before anything does."""

from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QSizePolicy, QVBoxLayout, QWidget

from crm_desktop.exchange.csv_export import export_csv
from crm_desktop.exchange.csv_import import ImportReport, import_csv
from crm_desktop.model.wire import Row
from crm_desktop.named_files import reading, writing
from crm_desktop.rules.permissions import Permissions
from crm_desktop.store.lists import ListQuery
from crm_desktop.store.reader import Reader
from ui.presenters.list_columns import ListSpec
from ui.presenters.tasks import Progress
from ui.presenters.titles import title_of
from ui.window.i18n import fmt_number, language, tr
from ui.window.page import Shell
from ui.window.widgets.banner import Banner

_SHOWN_PROBLEMS = 5
_EXPORT_BLOCK = 500


class ImportReportPanel(QWidget):
    """What an import would do or did; hidden until there is one."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.banner = Banner("plain", "upload", "")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 10, 20, 4)
        layout.addWidget(self.banner)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.hide()


class ListFiles:
    """File dialog, dry run, import and export of one list page. `read_import` and `write_export` take a path."""

    def __init__(self, shell: Shell, spec: ListSpec) -> None:
        self._shell = shell
        self._spec = spec
        self.report = ImportReportPanel()

    def choose(self) -> None:
        """Ask for a file and say what it would bring."""
        name, _ = QFileDialog.getOpenFileName(
            self._shell if isinstance(self._shell, QWidget) else None,
            tr("import.choose"),
            "",
            f"{tr('import.tables')} (*.csv *.tsv *.txt);;{tr('import.all_files')} (*)",
        )
        if name:
            self.read_import(Path(name))

    def read_import(self, path: Path) -> None:
        """Dry run: nothing is written."""
        app, entity = self._shell.app, self._spec.entity

        def work(progress: Progress) -> tuple[bytes, ImportReport]:
            data = _bytes(path)
            return data, import_csv(
                data, entity, app.store, app.records, permissions=app.permissions, dry_run=True, progress=progress
            )

        self._shell.tasks.long(tr("import.reading", file=path.name), work, lambda found: self._propose(path, *found))

    def export(self, query: ListQuery) -> None:
        """Ask for a file and write what the list shows."""
        name, _ = QFileDialog.getSaveFileName(
            self._shell if isinstance(self._shell, QWidget) else None,
            tr("export.choose"),
            f"{tr(f'nav.{self._spec.page}')}.csv",
            f"{tr('import.tables')} (*.csv)",
        )
        if name:
            self.write_export(query, Path(name))

    def write_export(self, query: ListQuery, path: Path) -> None:
        """Write the records of a list with every field the user may see."""
        store, words, permissions = self._shell.app.store, language(), self._shell.app.permissions

        def work(progress: Progress) -> int:
            return store.read(lambda reader: _export(reader, query, path, words, permissions, progress))

        def done(count: int) -> None:
            if count:
                self._shell.toast(tr("export.done", count=count, file=path.name))

        self._shell.tasks.long(tr("export.writing", file=path.name), work, done)

    def _propose(self, path: Path, data: bytes, report: ImportReport) -> None:
        if report.cancelled:
            return
        title = tr("import.would", new=fmt_number(report.created), changed=fmt_number(report.updated), file=path.name)
        self._say("plain" if not report.problems else "warn", title, report)
        actions = [(tr("action.cancel"), self.report.hide)]
        if report.created or report.updated:
            actions.insert(0, (tr("action.import"), lambda: self._carry_out(path, data)))
        self.report.banner.set_actions(actions)

    def _carry_out(self, path: Path, data: bytes) -> None:
        self.report.hide()
        app, entity = self._shell.app, self._spec.entity

        def work(progress: Progress) -> ImportReport:
            return import_csv(data, entity, app.store, app.records, permissions=app.permissions, progress=progress)

        self._shell.tasks.long(tr("import.writing", file=path.name), work, self._told)

    def _told(self, report: ImportReport) -> None:
        key = "import.stopped" if report.cancelled else "import.done"
        title = tr(key, new=fmt_number(report.created), changed=fmt_number(report.updated))
        self._say("ok" if not report.problems and not report.cancelled else "warn", title, report)
        self.report.banner.set_actions([(tr("action.close"), self.report.hide)])

    def _say(self, kind: str, title: str, report: ImportReport) -> None:
        lines = []
        if report.unchanged:
            lines.append(tr("import.unchanged", count=report.unchanged))
        if report.unmapped:
            lines.append(tr("import.unmapped", columns=", ".join(report.unmapped)))
        lines += [problem.shown(language()) for problem in report.problems[:_SHOWN_PROBLEMS]]
        more = len(report.problems) - _SHOWN_PROBLEMS
        if more > 0:
            lines.append(tr("import.more_problems", count=more))
        self.report.banner.set_banner(kind, "upload", title, "\n".join(lines))
        self.report.show()


def _bytes(path: Path) -> bytes:
    with reading(path):
        return path.read_bytes()


def _export(
    reader: Reader, query: ListQuery, path: Path, words: str, permissions: Permissions, progress: Progress
) -> int:
    numbers = reader.row_ids(query)
    titles: dict[tuple[str, str], str] = {}

    def title(entity: str, record_id: str) -> str:
        if (entity, record_id) not in titles:
            row = reader.get(entity, record_id)
            titles[entity, record_id] = title_of(entity, row) if row is not None else ""
        return titles[entity, record_id]

    rows: list[Row] = []
    for at in range(0, len(numbers), _EXPORT_BLOCK):
        rows += reader.rows(query.entity, numbers[at : at + _EXPORT_BLOCK])
        if not progress(len(rows), len(numbers)):
            return 0
    data = export_csv(rows, query.entity, words, permissions=permissions, title=title)
    with writing(path):
        path.write_bytes(data)
    return len(rows)
