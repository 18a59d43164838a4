"""At the top right of a record's page: as of when it is, and how it stands with the server."""

from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.window.i18n import fmt_near_day, tr
from ui.window.page import Shell
from ui.window.pages_frame import PageFrame
from ui.window.views.layout import row
from ui.window.widgets.fitting_bar import YIELDS
from ui.window.widgets.label import Label
from ui.window.widgets.sync_badge import SyncBadge


class RecordStanding(QWidget):
    """The day comes from the same place as that of the lists, and follows each sync by itself.

    Where the bar has no room, the state stands alone; the whole is always in its tooltip and accessible name.
    """

    def __init__(self, shell: Shell) -> None:
        super().__init__()
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)
        self._shell = shell
        self._state = "synced"
        self.as_of, self.badge = Label("", "cap"), SyncBadge("synced", "")
        self.as_of.setProperty(YIELDS, True)
        self.setLayout(row(self.as_of, self.badge, spacing=12))
        if isinstance(shell, PageFrame):
            shell.status_bridge.changed.connect(lambda _status: self.retranslate())

    def show_state(self, state: str) -> None:
        """`state` as the store names it: synced, waiting, local, refused, conflict."""
        self._state = state
        self.retranslate()

    def retranslate(self) -> None:
        """The words again, with the last sync there was."""
        last = self._shell.status_bridge.last_run if isinstance(self._shell, PageFrame) else None
        now = self._shell.app.clock.now()
        as_of = tr("day.as_of", when=fmt_near_day(last.at, now, capital=False)) if last is not None else ""
        self.as_of.set_text(as_of)
        whole = ", ".join(part for part in (tr(f"state.{self._state}_long"), as_of) if part)
        self.badge.set_state(self._state, tr(f"state.{self._state}"), whole)
