"""Widths a person gave to the columns of a list: by the mouse or by keys, kept with the profile."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QMouseEvent

from ui.window import theme
from ui.window.page import Shell
from ui.window.widgets.record_table import RecordTable

LEAST = 48
MOST = 640
STEP = 16
_KEY = "widths"


class KeptWidths(QObject):
    """`of` is px at 100 % by the key of a column; `key_of` names the column of a section, '' where there is none.

    A column that was drawn keeps its width until a double click on its edge gives the page's own back.
    """

    changed = Signal()

    def __init__(self, shell: Shell, page: str, table: RecordTable, key_of: Callable[[int], str]) -> None:
        super().__init__(table)
        self.of: dict[str, int] = {}
        self._shell = shell
        self._name = f"{_KEY}.{page}"
        self._table = table
        self._key_of = key_of
        self._held = False
        self._drawn: dict[int, int] = {}
        header = table.horizontalHeader()
        header.viewport().installEventFilter(self)
        header.sectionResized.connect(self._resized)
        header.sectionHandleDoubleClicked.connect(lambda section: self.forget(self._key_of(section)))

    def read(self) -> None:
        """What was kept for this page."""
        store, name = self._shell.app.store, self._name
        self._shell.tasks.read(lambda: store.get_setting(name) or "", self._read, key=name)

    def keep(self, key: str, wide: int) -> None:
        """Give a column a width, px at 100 %."""
        if key:
            self.of[key] = max(LEAST, min(MOST, wide))
            self._write()

    def step(self, key: str, by: int) -> None:
        """Make a column wider (1) or narrower (-1) than it is now."""
        header = self._table.horizontalHeader()
        for section in range(header.count()):
            if self._key_of(section) == key and not header.isSectionHidden(section):
                self.keep(key, _at_100(header.sectionSize(section)) + by * STEP)

    def forget(self, key: str = "") -> None:
        """The page's own width again, of one column or of all."""
        gone = [key] if key else list(self.of)
        if any(self.of.pop(each, None) is not None for each in gone):
            self._write()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Only what is resized while the button is held was drawn by a person."""
        if isinstance(event, QMouseEvent) and event.button() == Qt.MouseButton.LeftButton:
            if event.type() == QEvent.Type.MouseButtonPress:
                self._held = True
            elif event.type() == QEvent.Type.MouseButtonRelease:
                self._held = False
                drawn, self._drawn = self._drawn, {}
                for section, wide in drawn.items():
                    self.keep(self._key_of(section), _at_100(wide))
        return super().eventFilter(watched, event)

    def _resized(self, section: int, _before: int, wide: int) -> None:
        if self._held:
            self._drawn[section] = wide

    def _read(self, kept: str) -> None:
        for part in kept.split(","):
            key, _, wide = part.partition(":")
            if wide.isdecimal():
                self.of[key] = max(LEAST, min(MOST, int(wide)))
        if self.of:
            self.changed.emit()

    def _write(self) -> None:
        store, name = self._shell.app.store, self._name
        kept = ",".join(f"{key}:{wide}" for key, wide in self.of.items())
        self._shell.tasks.write(lambda: store.set_setting(name, kept))
        self.changed.emit()


def _at_100(wide: int) -> int:
    return round(wide * 100 / theme.px(100))
