"""One view instead of everything else in a window."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QShortcut
from PySide6.QtWidgets import QMainWindow, QWidget


class Cover:
    """Takes what a window holds out of it, so that it can neither be seen nor read aloud, and puts it back."""

    def __init__(self, window: QMainWindow) -> None:
        self._window = window
        self._covered: QWidget | None = None

    def show(self, view: QWidget | None) -> None:
        """Show `view` alone; None: what was there before. The keys of the window rest meanwhile."""
        if self._covered is not None:
            shown = self._window.takeCentralWidget()
            if shown is not None:
                shown.hide()
                shown.deleteLater()
            self._window.setCentralWidget(self._covered)
            self._covered.show()
            self._covered = None
        if view is not None:
            self._covered = self._window.takeCentralWidget()
            if self._covered is not None:
                self._covered.hide()
            self._window.setCentralWidget(view)
        for shortcut in self._window.findChildren(QShortcut, options=Qt.FindChildOption.FindDirectChildrenOnly):
            shortcut.setEnabled(view is None)
