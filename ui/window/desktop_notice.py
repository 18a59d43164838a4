"""A notice of the desktop, where it has a tray; nothing where it has none."""

from collections.abc import Callable

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QSystemTrayIcon

from ui.window.icons import icon

_SHOWN_MS = 10_000


class DesktopNotice(QObject):
    """Made once per window; its icon appears with the first notice. A click calls what the notice leads to."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._tray: QSystemTrayIcon | None = None
        self._act: Callable[[], object] | None = None

    def tell(self, title: str, text: str, act: Callable[[], object]) -> bool:
        """Show it; False where this desktop shows none."""
        if not (QSystemTrayIcon.isSystemTrayAvailable() and QSystemTrayIcon.supportsMessages()):
            return False
        if self._tray is None:
            self._tray = QSystemTrayIcon(icon("inbox", "accent", 32), self)
            self._tray.messageClicked.connect(self._clicked)
        self._act = act
        self._tray.show()
        self._tray.showMessage(title, text, self._tray.icon(), _SHOWN_MS)
        return True

    def _clicked(self) -> None:
        if self._act is not None:
            self._act()
