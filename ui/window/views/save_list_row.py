"""Asking for the name of a saved list, in a row below the filters."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from ui.window.i18n import tr
from ui.window.views.layout import STRETCH, boxed, column, row
from ui.window.widgets.button import ghost, normal
from ui.window.widgets.label import Label
from ui.window.widgets.surface import hline, surface


class SaveListRow(QWidget):
    """Enter saves, Escape closes."""

    named = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        surface(self, "sunken")
        self.field = QLineEdit()
        self.field.setObjectName("list_name")
        self.field.setMinimumWidth(240)
        self._label = Label("", "sec")
        self._save = normal("")
        self._close = ghost("")
        line = row(self._label, self.field, self._save, self._close, STRETCH, margins=(24, 10, 20, 10))
        self.setLayout(column(boxed(line), hline()))
        self._save.clicked.connect(self._done)
        self._close.clicked.connect(self.hide)
        self.hide()

    def ask(self, name: str) -> None:
        """Open with a proposed name."""
        self._label.set_text(tr("list.name"))
        self.field.setAccessibleName(tr("list.name"))
        self._save.set_text(tr("action.save"))
        self._close.set_text(tr("action.cancel"))
        self.field.setText(name)
        self.show()
        self.field.setFocus(Qt.FocusReason.OtherFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter saves, Escape closes."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._done()
        elif event.key() == Qt.Key.Key_Escape:
            self.hide()
        else:
            super().keyPressEvent(event)

    def _done(self) -> None:
        name = self.field.text().strip()
        if name:
            self.hide()
            self.named.emit(name)
