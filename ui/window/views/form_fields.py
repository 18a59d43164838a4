"""The fields of a form, made from the declaration: an editor each, in one or two columns."""

from collections.abc import Callable, Collection, Mapping
from functools import partial
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QWidget

from crm_desktop.errors import InvalidInput
from crm_desktop.model.facts import Choice, Facts, Kind
from crm_desktop.model.wire import Value
from crm_desktop.rules.permissions import Permissions
from ui.presenters.record_form import form_fields
from ui.window.error_banner import error_sentence
from ui.window.i18n import language
from ui.window.page import Shell
from ui.window.views.field_editors import ChoiceEditor, Editor, ReferenceEditor, make_editor
from ui.window.views.layout import clear
from ui.window.widgets.field_row import FieldRow

_TWO_COLUMNS_FROM = 760
_LEAST = 200


class FormFields(QWidget):
    """`editors` are label and editor of each field by its name. A value that cannot be read stays as it was typed."""

    edited = Signal(str)
    """The user changed a field."""

    def __init__(self, shell: Shell, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shell = shell
        self._facts: Mapping[str, Facts] = {}
        self._columns = 0
        self._locked: frozenset[str] = frozenset()
        self.editors: dict[str, tuple[FieldRow, Editor]] = {}
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(20)
        self._grid.setVerticalSpacing(12)

    def make(self, entity: str, permissions: Permissions) -> None:
        """Empty fields of an entity, those the permissions let one see."""
        clear(self._grid)
        self._facts = form_fields(entity, permissions)
        self._columns = 0
        self._locked = frozenset()
        self.editors = {}
        for name, facts in self._facts.items():
            editor = make_editor(name, facts, self._shell)
            field = FieldRow(facts.label(language()), editor.widget)
            field.setMinimumWidth(_LEAST)
            field.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
            editor.changed.connect(lambda name=name: self._edited(name))
            self.editors[name] = (field, editor)

    def show_values(self, value_of: Callable[[str], Value], names: Mapping[str, str]) -> None:
        """Fill every field without calling it an edit; `names` are titles of what references point to."""
        for name, (field, editor) in self.editors.items():
            blocked = editor.widget.blockSignals(True)
            editor.set_value(value_of(name), names.get(name, ""))
            editor.widget.blockSignals(blocked)
            field.set_error(None)

    def set_choices(self, choices: Mapping[str, tuple[Choice, ...]]) -> None:
        """Choices of the company's own catalogue, by field."""
        for name, listed in choices.items():
            _, editor = self.editors.get(name, (None, None))
            if isinstance(editor, ChoiceEditor):
                editor.set_choices(listed)

    def typed(self) -> tuple[dict[str, Value], FieldRow | None]:
        """What can be read, and the last field that cannot: it says so below. States move by their own actions."""
        typed: dict[str, Value] = {}
        unreadable = None
        for name, (field, editor) in self.editors.items():
            if self._facts[name].kind is Kind.STATE:
                continue
            if self._read(name):
                typed[name] = editor.value()
            else:
                unreadable = field
        return typed, unreadable

    def _read(self, name: str) -> bool:
        """Whether a field can be read; below it stands what to do where it cannot."""
        field, editor = self.editors[name]
        try:
            editor.value()
        except InvalidInput as error:
            field.set_error(partial(error_sentence, error))
            return False
        field.set_error(None)
        return True

    def unreadable(self) -> set[str]:
        """The fields below which something is said."""
        return {name for name, (field, _) in self.editors.items() if field.has_error()}

    def kept(self, names: Collection[str]) -> dict[str, Any]:
        """What stands in these fields, readable or not, for `give_back`."""
        return {name: editor.kept() for name, (_, editor) in self.editors.items() if name in names}

    def give_back(self, kept: Mapping[str, Any]) -> None:
        """What stood in the fields before, without calling it an edit."""
        for name, value in kept.items():
            if name in self.editors:
                editor = self.editors[name][1]
                blocked = editor.widget.blockSignals(True)
                editor.give_back(value)
                editor.widget.blockSignals(blocked)

    def lock(self, names: Collection[str], why: str) -> None:
        """Fields that only show what they hold, and why; all others are open."""
        for name, (field, _editor) in self.editors.items():
            if name in names:
                field.set_read_only(why)
            elif name in self._locked:
                field.set_read_only("")
        self._locked = frozenset(names)

    def focus(self, name: str) -> QWidget | None:
        """Begin with a field, the first one where the name is none; returns it."""
        if not self.editors:
            return None
        field, editor = self.editors.get(name) or next(iter(self.editors.values()))
        editor.widget.setFocus(Qt.FocusReason.OtherFocusReason)
        return field

    def retranslate(self) -> None:
        """Labels in the language of the window."""
        for name, (field, editor) in self.editors.items():
            field.set_label(self._facts[name].label(language()))
            editor.retranslate()

    def arrange(self, room: int) -> None:
        """Two columns where they fit into so many pixels; long texts go across both."""
        columns = 2 if room >= _TWO_COLUMNS_FROM else 1
        if columns == self._columns:
            return
        self._columns = columns
        at = line = 0
        for name, (field, _editor) in self.editors.items():
            wide = self._facts[name].kind is Kind.LONG_TEXT
            if wide and at:
                at, line = 0, line + 1
            self._grid.addWidget(field, line, at, 1, columns if wide else 1, Qt.AlignmentFlag.AlignTop)
            at = columns if wide else at + 1
            if at >= columns:
                at, line = 0, line + 1
        for number in range(columns):
            self._grid.setColumnStretch(number, 1)

    def _edited(self, name: str) -> None:
        self.edited.emit(name)
        field, editor = self.editors[name]
        if isinstance(editor, ReferenceEditor):
            return
        try:
            editor.value()
            field.set_error(None)
        except InvalidInput:
            # Said when the form is saved; a half-typed date is no mistake yet.
            return
