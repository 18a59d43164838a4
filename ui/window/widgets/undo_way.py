"""Ctrl+Z in a field that has no typing to take back: it belongs to the window, which takes back what was saved."""

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QLineEdit, QPlainTextEdit


class UndoWay(QObject):
    """Watches a field; by itself it would swallow the key and do nothing with it."""

    def __init__(self, field: QLineEdit | QPlainTextEdit) -> None:
        super().__init__(field)
        self._field = field
        field.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Leaves the key to the window where the field has nothing to undo."""
        overrides = event.type() == QEvent.Type.ShortcutOverride
        undo = overrides and isinstance(event, QKeyEvent) and event.matches(QKeySequence.StandardKey.Undo)
        if undo and not self._can_undo():
            event.ignore()
            return True
        return super().eventFilter(watched, event)

    def _can_undo(self) -> bool:
        if isinstance(self._field, QLineEdit):
            return self._field.isUndoAvailable()
        return self._field.document().isUndoAvailable()
