"""The runs of the sync: when, how much, how it ended."""

from typing import Any

from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSizePolicy

from crm_desktop.model.columns import parse_instant
from sync.session_report import SessionReport
from ui.errors import shown
from ui.presenters.sync_history import LIMIT, REMOVAL, Run, load_runs
from ui.window.i18n import fmt_near_day, fmt_number, language, tr
from ui.window.page import Page, Shell
from ui.window.theme import px
from ui.window.views.courier_files import CourierFiles
from ui.window.views.folding import NARROW
from ui.window.views.layout import boxed, column
from ui.window.views.removal_question import RemovalQuestion
from ui.window.views.run_table import LONG, RunsModel, said
from ui.window.views.support_panel import SupportPanel
from ui.window.widgets.banner import Banner
from ui.window.widgets.button import Button, icon_button
from ui.window.widgets.empty_state import EmptyState
from ui.window.widgets.record_table import RecordTable
from ui.window.widgets.top_bar import TopBar

_DURATION = LONG.index("time")
_WIDTHS = (100, 72, 88, 84, 80, 80, 72, 92, 280)


class SyncHistoryPage(Page):
    """Newest first; the chosen run is told in one sentence above the table."""

    name = "sync_history"

    def __init__(self, shell: Shell) -> None:
        super().__init__(shell)
        self._runs: tuple[Run, ...] = ()
        self.sync_button = Button("", "primary", "refresh-cw")
        self.sync_button.clicked.connect(self.sync_now)
        self.courier = CourierFiles(shell, self._arrived)
        self.write_button = Button("", "normal", "download")
        self.write_button.clicked.connect(lambda: self.courier.write(self))
        self.read_button = Button("", "normal", "upload")
        self.read_button.clicked.connect(lambda: self.courier.read(self))
        self.support = SupportPanel(shell)
        self.support_button = icon_button("life-buoy", tr("support.button"))
        self.support_button.clicked.connect(self.support.ask)
        self.bar = TopBar("", "", [self.support_button, self.write_button, self.read_button, self.sync_button])
        self.told = Banner("plain", "history", "")
        self.removal = RemovalQuestion(shell, self.told, lambda: self._tell(self.table.currentIndex()))
        self.told_frame = boxed(column(self.told, margins=(24, 12, 24, 12)))
        self.model = RunsModel(LONG, self)
        self.table = RecordTable("", 36)
        self.table.setModel(self.model)
        self.table.set_widths(_WIDTHS, len(LONG) - 1, figures=range(len(LONG) - 1))
        self.table.selectionModel().currentChanged.connect(lambda now, _before: self._tell(now))
        self.empty = EmptyState("history", "")
        self.empty.hide()
        self.told_frame.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        parts = column(self.bar, self.support, self.told_frame, self.table, self.empty)
        parts.setStretchFactor(self.table, 1)
        self.setLayout(parts)
        self.retranslate()

    def open(self, **where: Any) -> None:
        """Read the runs."""
        self._read()
        self.setFocus(Qt.FocusReason.OtherFocusReason)  # the runs take it from here once they are read

    def refresh(self, kinds: frozenset[str], ids: frozenset[tuple[str, str]]) -> None:
        """A run ended."""
        if kinds & {"sync_log", "sync_status", "everything"}:
            self._read_again()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """In a narrow window what happened matters more than how long it took."""
        super().resizeEvent(event)
        self.table.setColumnHidden(_DURATION, self.window().width() < px(NARROW))

    def retranslate(self) -> None:
        """All words again."""
        self.bar.set_title(tr("nav.sync_history"))
        self.sync_button.set_text(tr("action.sync_now"))
        self.write_button.set_text(tr("courier.write"))
        self.read_button.set_text(tr("courier.read"))
        self.support_button.setToolTip(tr("support.button"))
        self.support_button.setAccessibleName(tr("support.button"))
        self.support.retranslate()
        self.table.setAccessibleName(tr("nav.sync_history"))
        self.empty.set_state("history", tr("sync_history.none"), tr("sync_history.none_text"))
        self._show(self._runs)

    def sync_now(self) -> None:
        """Ask for a run at once."""
        runner = self.shell.app.runner
        if runner is not None:
            runner.sync_now()

    def _arrived(self, report: SessionReport) -> None:
        """What an answer brought, or what is left to do."""
        title = tr("courier.taken", sent=fmt_number(report.pushed), received=fmt_number(report.pulled))
        self.told_frame.show()
        self.removal.withdraw()
        if report.error is None:
            self.told.set_banner("plain", "circle-check", title, tr("sync_history.checked") if report.digest_ok else "")
        else:
            left = shown(report.error, language())
            self.told.set_banner("warn", "triangle-alert", title, f"{left.title} {left.advice}")
            if report.error.code == REMOVAL:
                self.removal.offer(self.courier.read_again)

    def _read(self) -> None:
        store = self.shell.app.store
        self.shell.tasks.read(lambda: store.read(load_runs), self._show, key="sync_history")

    def _read_again(self) -> None:
        """Show what is new; a run that only begins leaves alone what is being told or asked."""
        store = self.shell.app.store

        def show(runs: tuple[Run, ...]) -> None:
            if runs != self._runs:
                self._show(runs)

        self.shell.tasks.read(lambda: store.read(load_runs), show, key="sync_history again")

    def _show(self, runs: tuple[Run, ...]) -> None:
        at = max(0, self.table.currentIndex().row())
        self._runs = runs
        self.model.set_runs(runs, self.shell.app.clock.now())
        self.bar.set_caption(tr("sync_history.runs", count=len(runs)) if len(runs) < LIMIT else tr("sync_history.last"))
        self.sync_button.setVisible(self.shell.app.runner is not None)
        for button in (self.write_button, self.read_button):  # a file needs the keys of an enrolment, not its line
            button.setVisible(self.shell.app.enrolled)
        self.empty.setVisible(not runs)
        self.table.setVisible(bool(runs))
        self.told_frame.setVisible(bool(runs))
        if runs:
            self.table.setCurrentIndex(self.model.index(min(at, len(runs) - 1), 0))
            if self.hasFocus():
                self.table.setFocus(Qt.FocusReason.OtherFocusReason)

    def _tell(self, index: QModelIndex) -> None:
        if not index.isValid():
            return
        run = self.model.run(index.row())
        when = fmt_near_day(parse_instant(run.started_at), self.shell.app.clock.now()) if run.started_at else ""
        kind, icon = ("warn", "triangle-alert") if run.error_code else ("plain", "circle-check")
        title = tr("sync_history.title", when=when, sent=fmt_number(run.sent), received=fmt_number(run.received))
        checked = tr("sync_history.checked") if run.verified else ""
        self.told.set_banner(kind, icon, title, " ".join(part for part in (said(run), checked) if part))
        self.removal.withdraw()
        if run.error_code == REMOVAL and index.row() == 0:  # what came later has answered it
            self.removal.offer(self.sync_now)
