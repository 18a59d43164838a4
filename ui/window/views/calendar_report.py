"""What came of taking a calendar file: how many visits, and which entries were left out and why."""

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
        self._shown: tuple[str, CalendarImport] | None = None
        self.hide()

    def retranslate(self) -> None:
        """The same in the language of the window."""
        if self._shown is not None and not self.isHidden():
            self.show_import(*self._shown)

    def show_import(self, name: str, taken: CalendarImport) -> None:
        """Tell of a file."""
        self._shown = (name, taken)
        clear(self._column)
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
        self.show()
