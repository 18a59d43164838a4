"""A one-shot timer in the shape presenters ask for."""

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer


class QtTimer:
    """Calls back once, some milliseconds after `start`."""

    def __init__(self, parent: QObject, fired: Callable[[], None]) -> None:
        self._timer = QTimer(parent)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(fired)

    def start(self, ms: int) -> None:
        """Begin to wait, again if it waits already."""
        self._timer.start(ms)

    def stop(self) -> None:
        """Forget it."""
        self._timer.stop()

    def running(self) -> bool:
        """True while it waits."""
        return self._timer.isActive()
