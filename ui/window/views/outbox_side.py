"""The side of the outbox: how the connection stands and how the last runs went."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui.compose import App
from ui.presenters.last_run import last_run
from ui.presenters.outbox import OutboxContents
from ui.window import theme
from ui.window.i18n import fmt_near_day, tr
from ui.window.views.layout import boxed, clear, column
from ui.window.views.run_table import SHORT, RunsModel, said
from ui.window.widgets.button import Button
from ui.window.widgets.label import Label
from ui.window.widgets.record_table import RecordTable
from ui.window.widgets.section_header import SectionHeader
from ui.window.widgets.side_row import FactRow

_ROW = 32
_WIDTHS = (100, 84, 86, 66)


class OutboxSide(QWidget):
    """Connection, last success, contents, runs."""

    def __init__(self, all_runs: Callable[[], None], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._all_runs = all_runs
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(20, 14, 20, 16)
        self._column.setSpacing(0)

    def show_side(self, contents: OutboxContents, app: App) -> None:
        """Replace what is shown."""
        clear(self._column)
        now = app.clock.now()
        status = app.runner.status() if app.runner is not None else None
        online = status is not None and status.state in ("online", "syncing")
        self._column.addWidget(SectionHeader(tr("outbox.status")))
        since = fmt_near_day(status.since, now, capital=False) if status is not None and status.since else ""
        if online:
            network = tr("strip.online")
        else:
            network = tr("strip.offline_since", when=since) if since else tr("strip.offline")
        self._fact("outbox.network", network, "circle-dot" if online else "cloud-off", "ok" if online else "t2")
        last = last_run(status, contents.last)
        when = fmt_near_day(last.at, now) if last is not None else tr("strip.never_synced")
        self._fact("outbox.last", when, "check" if last else "", "ok")
        counted = tr("word.records", count=contents.records)
        if last is not None and last.verified:
            self._fact("outbox.contents", f"{counted}, {tr('word.contents_verified')}", "badge-check", "ok")
        else:
            self._fact("outbox.contents", counted)
        self._fact("outbox.copy", tr("outbox.encrypted"), "lock", "t2")
        self._runs(contents, app)

    def _fact(self, key: str, value: str, icon: str = "", tone: str = "") -> None:
        self._column.addWidget(FactRow(tr(key), value, theme.px(118), icon, tone))

    def _runs(self, contents: OutboxContents, app: App) -> None:
        link = Button(tr("outbox.all_runs"), "link")
        link.clicked.connect(self._all_runs)
        self._column.addSpacing(14)
        self._column.addWidget(SectionHeader(tr("outbox.runs"), right=link))
        if not contents.runs:
            self._column.addWidget(Label(tr("outbox.no_runs"), "sec", wrap=True))
            return
        table = RecordTable(tr("outbox.runs"), _ROW, 0)
        model = RunsModel(SHORT, table)
        model.set_runs(contents.runs, app.clock.now())
        table.setModel(model)
        table.set_widths(_WIDTHS, 0)
        table.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        table.setFixedHeight(theme.px(_ROW) * len(contents.runs) + theme.px(31) + 2)
        table.opened.connect(lambda _index: self._all_runs())
        self._column.addWidget(boxed(column(table)))
        broken = next((run for run in contents.runs if run.error_code), None)
        if broken is not None:
            self._column.addSpacing(8)
            self._column.addWidget(Label(said(broken), "sec", wrap=True))
