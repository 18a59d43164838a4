"""Says above every page that what is shown is invented, with the way out."""

from collections.abc import Callable

from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui.window.i18n import tr
from ui.window.widgets.banner import Banner


class InventedBanner(QWidget):
    """For the profile to look at; it cannot be put away, so that nobody takes it for his own data."""

    def __init__(self, leave: Callable[[], None], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._leave = leave
        self.banner = Banner("info", "eye", "")
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 8, 12, 0)
        column.addWidget(self.banner)
        self.retranslate()

    def retranslate(self) -> None:
        """Its words again."""
        self.banner.set_banner("info", "eye", tr("welcome.invented"))
        self.banner.set_actions([(tr("welcome.leave"), self._leave)])
