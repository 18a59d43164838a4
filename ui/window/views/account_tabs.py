"""The tabs of an account: everything that happened, each kind of it, files, and in a narrow window the side.

Where they do not all fit they move together, then they leave out their counts: a tip and a screen reader still tell.
"""

from collections.abc import Mapping

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QTabBar, QWidget

from ui.presenters.account import TABS
from ui.window.i18n import tr

_ALWAYS = ("all", "files", "side")
# (close together, with counts), the first that fits; with the last they can be scrolled.
_WAYS = ((False, True), (True, True), (True, False))


class AccountTabs(QTabBar):
    """A kind of which there is nothing has no tab."""

    chosen = Signal(str)
    """The name of the tab on the screen; also sent when the tabs were made anew."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setDrawBase(False)
        self.setExpanding(False)
        self.setUsesScrollButtons(True)
        self._counts: list[int] = []
        self.currentChanged.connect(lambda at: self.chosen.emit(str(self.tabData(at))))

    def current(self) -> str:
        """The name of the tab on the screen."""
        return str(self.tabData(self.currentIndex())) if self.count() else "all"

    def choose(self, name: str) -> None:
        """Go to a tab by its name; nothing happens where it is not there."""
        at = next((n for n in range(self.count()) if self.tabData(n) == name), -1)
        if at >= 0:
            self.setCurrentIndex(at)

    def show_counts(self, counts: Mapping[str, int], files: int, *, narrow: bool) -> None:
        """Tabs with their counts; the chosen one stays if it is still there."""
        before = self.current()
        wanted = [("all", sum(counts.values()))] + [(tab, counts.get(tab, 0)) for tab in TABS[1:]]
        wanted += [("files", files), *([("side", 0)] if narrow else [])]
        self.blockSignals(True)
        while self.count():
            self.removeTab(0)
        self._counts = [count for tab, count in wanted if count or tab in _ALWAYS]
        for tab, count in wanted:
            if count or tab in _ALWAYS:
                at = self.addTab("")
                self.setTabData(at, tab)
                self.setAccessibleTabName(at, self._words(at, counted=True))
        self._fit()
        self.choose("all")
        self.choose(before)
        self.blockSignals(False)
        self.chosen.emit(self.current())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Less room, fewer words."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._fit()

    def _fit(self) -> None:
        for tight, counted in _WAYS:
            if bool(self.property("tight")) != tight:
                self.setProperty("tight", tight)
                self.style().unpolish(self)
                self.style().polish(self)
            for at in range(self.count()):
                words = self._words(at, counted=counted)
                if words != self.tabText(at):
                    self.setTabText(at, words)
                    self.setTabToolTip(at, "" if counted else self._words(at, counted=True))
            if self.sizeHint().width() <= self.width():
                return

    def _words(self, at: int, *, counted: bool) -> str:
        name = tr(f"account.tab_{self.tabData(at)}")
        return f"{name} {self._counts[at]}" if counted and self._counts[at] else name
