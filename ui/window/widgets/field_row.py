"""A field with its label above and one line below: the error, the help, or who owns the value."""

from collections.abc import Callable

from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QLineEdit,
    QPlainTextEdit,
    QTextEdit,
    QVBoxLayout,
    QWidget,
)

from ui.window.widgets.label import Label
from ui.window.widgets.restyle import restyle


class FieldRow(QWidget):
    """Label, field, line. An error never locks the user in: the field can be left all the same."""

    def __init__(self, label: str, field: QWidget, help_text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.field = field
        self._help = help_text
        self._error: Callable[[], str] | None = None
        self._label = Label(label, "sec")
        self._label.setBuddy(field)
        self._line = Label("", "cap", wrap=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self._label)
        column.addWidget(field)
        column.addWidget(self._line)
        column.addStretch(1)
        self.set_label(label)

    def set_label(self, label: str) -> None:
        """Name the field, also for a screen reader; an error below it is said again, in the language of now."""
        self._label.set_text(label)
        self.field.setAccessibleName(label)
        self._say()

    def label(self) -> str:
        """What the field is called."""
        return self._label.plain_text()

    def set_error(self, sentence: Callable[[], str] | None) -> None:
        """Say below the field what to do, in a sentence that is asked for in each language; None takes it away."""
        self._error = sentence
        self.field.setProperty("bad", "true" if sentence else None)
        self._line.set_tone("bad" if sentence else "")
        self._say()
        restyle(self.field)

    def has_error(self) -> bool:
        """Whether the line below says what is wrong."""
        return self._error is not None

    def set_help(self, text: str) -> None:
        """Say below the field what belongs into it, as long as nothing is wrong with it."""
        self._help = text
        self._say()

    def set_read_only(self, owner: str) -> None:
        """Lock the field and say who owns the value; empty opens it again."""
        locked = bool(owner)
        if isinstance(self.field, QLineEdit | QAbstractSpinBox | QTextEdit | QPlainTextEdit):
            self.field.setReadOnly(locked)
        else:
            self.field.setEnabled(not locked)
        self.set_error(None)
        self.set_help(owner)

    def _say(self) -> None:
        text = self._help if self._error is None else self._error()
        self._line.set_text(text)
        self._line.setVisible(bool(text))
        self.field.setAccessibleDescription(text)
