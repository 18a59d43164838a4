"""Size, place and fold of the window, kept beside the data of its profile."""

from pathlib import Path

from PySide6.QtCore import QByteArray, QSettings
from PySide6.QtWidgets import QMainWindow

FIRST = (1440, 900)
FILE = "window.ini"


class WindowState:
    """`folded`: the user folded (True) or unfolded (False) the navigation; None: the width decides."""

    def __init__(self, folder: Path) -> None:
        self._settings = QSettings(str(folder / FILE), QSettings.Format.IniFormat)
        self.folded: bool | None = None

    def restore(self, window: QMainWindow) -> None:
        """As it was left; a new profile begins with a size that fits the pages."""
        window.resize(*FIRST)
        geometry = self._settings.value("geometry")
        if isinstance(geometry, QByteArray):
            window.restoreGeometry(geometry)
        self.folded = {"true": True, "false": False}.get(str(self._settings.value("folded")).lower())

    def keep(self, window: QMainWindow) -> None:
        """For the next start."""
        self._settings.setValue("geometry", window.saveGeometry())
        self._settings.setValue("folded", self.folded)
        self._settings.sync()
