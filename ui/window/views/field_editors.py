"""One editor for each kind of field, made from the declaration."""

from typing import Any

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QLineEdit, QPlainTextEdit, QWidget

from crm_desktop.errors import BugError, InvalidInput
from crm_desktop.model.facts import Choice, Facts, Kind
from crm_desktop.model.wire import Value
from ui.presenters.entry import read_entry, write_entry
from ui.window import theme
from ui.window.i18n import Language, language, tr
from ui.window.page import Shell
from ui.window.views.reference_field import ReferenceField

_LONG_TEXT_HEIGHT = 96


class Editor(QObject):
    """A field on the screen."""

    changed = Signal()

    def __init__(self, widget: QWidget) -> None:
        super().__init__()
        self.widget = widget

    def value(self) -> Value:
        """Wire value; InvalidInput where what was typed is none."""
        raise BugError(f"{type(self).__name__} tells no value")

    def set_value(self, value: Value, title: str = "") -> None:
        """Show a wire value; `title` names a referenced record."""
        raise BugError(f"{type(self).__name__} shows no value")

    def kept(self) -> Any:
        """What stands in the field, also what cannot be read, for `give_back`."""
        raise BugError(f"{type(self).__name__} keeps nothing")

    def give_back(self, kept: Any) -> None:
        """What stood in the field before."""
        raise BugError(f"{type(self).__name__} takes nothing back")

    def retranslate(self) -> None:
        """The language changed; most fields show no words of their own."""


class TextEditor(Editor):
    """One line: texts, figures, dates, sets.

    What was typed keeps its letters and the meaning they had when the language changes: 1.000 stays a thousand.
    """

    def __init__(self, name: str, facts: Facts) -> None:
        self.field = QLineEdit()
        super().__init__(self.field)
        self._name = name
        self._facts = facts
        self._value: Value = None
        self._shown = ""
        self._language = language()  # which the text in the field is written in
        self.field.textEdited.connect(self._typed)
        self.retranslate()

    def retranslate(self) -> None:
        """What stands as it was read is written anew; placeholders show how to write a value."""
        if self.field.text() == self._shown:
            self.set_value(self._value)
        if self._facts.kind in (Kind.DATE, Kind.INSTANT):
            self.field.setPlaceholderText(tr(f"form.{self._facts.kind.value}_hint"))
        elif self._facts.kind is Kind.SET:
            self.field.setPlaceholderText(tr("form.set_hint"))

    def value(self) -> Value:
        """What was typed."""
        return read_entry(self._name, self._facts, self.field.text(), self._language)

    def set_value(self, value: Value, title: str = "") -> None:
        """Show it as it would be typed. What is chosen to be typed over stays chosen."""
        text, shown = write_entry(self._facts, value, language()), self.field.text()
        self._value, self._shown, self._language = value, text, language()
        if text == shown:
            return
        chosen = bool(shown) and self.field.selectedText() == shown
        self.field.setText(text)
        if chosen:
            self.field.selectAll()

    def kept(self) -> tuple[str, Language]:
        """The letters and the language they are meant in."""
        return self.field.text(), self._language

    def give_back(self, kept: tuple[str, Language]) -> None:
        """The same letters with the same meaning."""
        text, self._language = kept
        self.field.setText(text)

    def _typed(self, text: str) -> None:
        if len(text) <= 1:  # begun anew
            self._language = language()
        self.changed.emit()


class LongTextEditor(Editor):
    """Several lines."""

    def __init__(self) -> None:
        self.field = QPlainTextEdit()
        super().__init__(self.field)
        self.field.setProperty("k", "field")
        self.field.setTabChangesFocus(True)
        self.field.setFixedHeight(theme.px(_LONG_TEXT_HEIGHT))
        self.field.textChanged.connect(self.changed)

    def value(self) -> Value:
        """The text as it stands."""
        return self.field.toPlainText()

    def set_value(self, value: Value, title: str = "") -> None:
        """Show it; the cursor stays where it is in a text that is there already."""
        if str(value or "") != self.field.toPlainText():
            self.field.setPlainText(str(value or ""))

    def kept(self) -> str:
        """The text."""
        return self.field.toPlainText()

    def give_back(self, kept: str) -> None:
        """The text again."""
        self.set_value(kept)


class ChoiceEditor(Editor):
    """A choice from the declaration, or none. A state shows where it stands and cannot be typed over."""

    def __init__(self, facts: Facts) -> None:
        self.field = QComboBox()
        super().__init__(self.field)
        self._choices = facts.choices
        self._fill()
        self.field.setEnabled(facts.kind is not Kind.STATE)
        self.field.activated.connect(self.changed)

    def value(self) -> Value:
        """The chosen value."""
        return str(self.field.currentData() or "")

    def set_value(self, value: Value, title: str = "") -> None:
        """Choose it; a value nobody declares stays choosable, so that saving does not lose it."""
        if value and self.field.findData(value) < 0:
            self.field.addItem(str(value), value)
        self.field.setCurrentIndex(max(0, self.field.findData(value or "")))

    def kept(self) -> Value:
        """What is chosen."""
        return self.value()

    def give_back(self, kept: Value) -> None:
        """Chosen again."""
        self.set_value(kept)

    def set_choices(self, choices: tuple[Choice, ...]) -> None:
        """The company's own choices instead of those declared; what is chosen stays."""
        chosen = self.value()
        self._choices = choices
        self._fill()
        self.set_value(chosen)

    def retranslate(self) -> None:
        """The labels of the choices again."""
        labels = {choice.value: choice.label(language()) for choice in self._choices}
        for row in range(1, self.field.count()):
            value = str(self.field.itemData(row))
            self.field.setItemText(row, labels.get(value, value))

    def _fill(self) -> None:
        self.field.clear()
        self.field.addItem("\u2013", "")
        for choice in self._choices:
            self.field.addItem(choice.label(language()), choice.value)


class FlagEditor(Editor):
    """Yes or no."""

    def __init__(self) -> None:
        self.field = QCheckBox(tr("word.yes"))
        super().__init__(self.field)
        self.field.toggled.connect(self.changed)

    def value(self) -> Value:
        """Checked or not."""
        return self.field.isChecked()

    def set_value(self, value: Value, title: str = "") -> None:
        """Check it or not."""
        self.field.setChecked(bool(value))

    def kept(self) -> bool:
        """Whether it is checked."""
        return self.field.isChecked()

    def give_back(self, kept: bool) -> None:
        """Checked as before."""
        self.field.setChecked(kept)

    def retranslate(self) -> None:
        """The word beside the box."""
        self.field.setText(tr("word.yes"))


class ReferenceEditor(Editor):
    """Another record, found by typing."""

    def __init__(self, name: str, facts: Facts, shell: Shell) -> None:
        self.field = ReferenceField(shell, facts.ref or "")
        super().__init__(self.field)
        self._name = name
        self.field.changed.connect(self.changed)
        self.retranslate()

    def retranslate(self) -> None:
        """The placeholder again."""
        self.field.setPlaceholderText(tr("form.reference_hint"))

    def value(self) -> Value:
        """The id of the record."""
        if self.field.unresolved():
            raise InvalidInput(
                "unknown_reference", "There is no such record.", "Choose one from the list.", field=self._name
            )
        return self.field.value()

    def set_value(self, value: Value, title: str = "") -> None:
        """Point to it."""
        self.field.set_value(str(value) if value else None, title)

    def kept(self) -> tuple[str | None, str]:
        """The record and its title, or what was typed of one."""
        return self.field.value(), self.field.text()

    def give_back(self, kept: tuple[str | None, str]) -> None:
        """Point to it again."""
        self.field.set_value(*kept)


def make_editor(name: str, facts: Facts, shell: Shell) -> Editor:
    """The editor of a field; its widget carries the object name `field_<name>`."""
    editor: Editor
    if facts.kind is Kind.LONG_TEXT:
        editor = LongTextEditor()
    elif facts.kind in (Kind.CHOICE, Kind.STATE):
        editor = ChoiceEditor(facts)
    elif facts.kind is Kind.BOOLEAN:
        editor = FlagEditor()
    elif facts.kind is Kind.REFERENCE and facts.ref:
        editor = ReferenceEditor(name, facts, shell)
    else:
        editor = TextEditor(name, facts)
    editor.widget.setObjectName(f"field_{name}")
    editor.widget.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    return editor
