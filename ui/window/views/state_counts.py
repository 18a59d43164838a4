"""How many records of a list stand how with the server: an icon and a figure for each state there is."""

from collections.abc import Mapping

from PySide6.QtWidgets import QWidget

from ui.window.i18n import fmt_number, tr
from ui.window.views.layout import boxed, clear, row
from ui.window.widgets.icon_label import IconLabel
from ui.window.widgets.label import Label
from ui.window.widgets.sync_badge import SYNC_LOOK

_ICON = 14


class StateCounts(QWidget):
    """At the right end of a list's footer."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._counts: Mapping[str, int] = {}
        self._row = row(spacing=12)
        self.setLayout(self._row)

    def set_counts(self, counts: Mapping[str, int]) -> None:
        """Counts by state; a state of no record is not shown."""
        self._counts = counts
        clear(self._row)
        sentences = []
        for state, (icon, tone) in SYNC_LOOK.items():
            count = counts.get(state, 0)
            if count:
                sentences.append(f"{fmt_number(count)} {tr(f'state.{state}')}")
                figure = Label(fmt_number(count), "cap", "" if tone in ("t2", "t3") else tone)
                pair = boxed(row(IconLabel(icon, tone, _ICON), figure, spacing=4))
                pair.setToolTip(sentences[-1])
                self._row.addWidget(pair)
        self.setAccessibleName(", ".join(sentences))

    def retranslate(self) -> None:
        """The same counts in the words of the window."""
        self.set_counts(self._counts)
