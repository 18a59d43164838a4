"""Where what is typed stands: not saved yet, a draft, saved; and when that was."""

from datetime import datetime

from PySide6.QtWidgets import QWidget

from ui.window.i18n import tr
from ui.window.views.layout import row
from ui.window.widgets.icon_label import IconLabel
from ui.window.widgets.label import Label

_LOOKS = {"saved": ("check", "ok"), "drafted": ("hard-drive", "t2"), "unsaved": ("pen-line", "t3")}


class NotePhase(QWidget):
    """An icon and words; nothing while nothing was typed."""

    def __init__(self) -> None:
        super().__init__()
        self._phase, self._at = "clean", ""
        self.icon, self.text = IconLabel("check", "ok", 14), Label("", "sec")
        self.setLayout(row(self.icon, self.text, spacing=6))

    def show_phase(self, phase: str, at: datetime | None) -> None:
        """`phase` as `NoteEditor` names it; `at` in UTC, told to the second in the local zone."""
        self._phase, self._at = phase, at.astimezone().strftime("%H:%M:%S") if at else ""
        self.retranslate()

    def retranslate(self) -> None:
        """The words again."""
        self.icon.set_icon(*_LOOKS.get(self._phase, ("check", "t3")))
        self.icon.setVisible(self._phase != "clean")
        self.text.set_text("" if self._phase == "clean" else tr(f"note.phase.{self._phase}", time=self._at))
