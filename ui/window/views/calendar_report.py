"""What came of taking a calendar file: how many visits, and which entries were left out and why."""

from collections.abc import Sequence

from PySide6.QtWidgets import QVBoxLayout, QWidget

from crm_desktop.exchange.calendar_import import CalendarImport
from ui.window.i18n import tr
from ui.window.views.layout import clear
from ui.window.widgets.banner import Banner
from ui.window.widgets.label import Label

_SHOWN = 6


class CalendarReport(QWidget):
    """Hidden until a file was taken, and again when it is closed."""

    def __init__(self) -> None:
        super().__init__()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 8)
        self._column.setSpacing(2)
        self._shown: Sequence[tuple[str, CalendarImport]] = ()
        self.hide()

    def retranslate(self) -> None:
        """The same in the language of the window."""
        if not self.isHidden():
            self.show_imports(self._shown)

    def show_imports(self, taken: Sequence[tuple[str, CalendarImport]]) -> None:
        """Tell of files, each by its name."""
        self._shown = taken
        clear(self._column)
        for name, each in taken:
            self._tell(name, each)
        self.show()

    def _tell(self, name: str, taken: CalendarImport) -> None:
        kind = "warn" if taken.skipped else "ok"
        title = tr("plan.taken", file=name)
        text = tr("plan.taken_counts", made=len(taken.made), changed=len(taken.changed), same=taken.same)
        banner = Banner(kind, "triangle-alert" if taken.skipped else "circle-check", title, text)
        banner.set_actions([(tr("action.close"), self.hide)])
        self._column.addWidget(banner)
        if taken.whole_days:
            self._column.addWidget(Label(tr("plan.whole_days", count=taken.whole_days), "cap", wrap=True))
        for item in taken.skipped[:_SHOWN]:
            words = tr(f"plan.skip.{item.why}", line=item.line)
            self._column.addWidget(Label(" ".join(part for part in (words, item.summary) if part), "cap", wrap=True))
        if len(taken.skipped) > _SHOWN:
            self._column.addWidget(Label(tr("plan.more_skipped", count=len(taken.skipped) - _SHOWN), "cap", wrap=True))
