"""Addresses and channels in a form: rows that can be added, changed and removed."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QVBoxLayout, QWidget

from crm_desktop.errors import InvalidInput
from crm_desktop.model.wire import Row, Value, default_row, entity_facts, field_facts
from ui.presenters.record_form import changed, child_fields, is_blank
from ui.window.error_banner import error_sentence
from ui.window.i18n import language, tr
from ui.window.page import Shell
from ui.window.views.field_editors import Editor, make_editor
from ui.window.views.layout import STRETCH, boxed, row
from ui.window.views.value_words import in_sentence
from ui.window.widgets.button import Button, link
from ui.window.widgets.field_row import FieldRow
from ui.window.widgets.section_header import SectionHeader
from ui.window.widgets.surface import Panel

_COLUMNS = 3
KeptRows = tuple[list[tuple[str | None, dict[str, Any]]], list[str]]


class ChildRow(Panel):
    """One address or channel."""

    edited = Signal()
    removed = Signal()

    def __init__(self, shell: Shell, entity: str, number: int, existing: Row | None) -> None:
        super().__init__(sunken=True)
        self.entity = entity
        self.record_id: str | None = existing["id"] if existing else None
        self.row: Row = existing or default_row(entity)
        self.editors: dict[str, tuple[FieldRow, Editor]] = {}
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(8)
        for at, (name, facts) in enumerate(child_fields(entity, shell.app.permissions).items()):
            editor = make_editor(name, facts, shell)
            editor.widget.setObjectName(f"field_{entity}_{number}_{name}")
            editor.set_value(self.row.get(name))
            editor.changed.connect(self.edited)
            field = FieldRow(facts.label(language()), editor.widget)
            field.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
            self.editors[name] = (field, editor)
            grid.addWidget(field, at // _COLUMNS, at % _COLUMNS, Qt.AlignmentFlag.AlignTop)
        self.body.addLayout(grid)
        self.cross = Button("", "ghost", "trash-2", name=tr("form.remove", what=entity_facts(entity).label(language())))
        self.cross.clicked.connect(self.removed)
        self.body.addWidget(boxed(row(STRETCH, self.cross)))

    def typed(self) -> dict[str, Value] | None:
        """All values, None where one cannot be read (it is said below its field)."""
        values: dict[str, Value] = {}
        good = True
        for name, (field, editor) in self.editors.items():
            try:
                values[name] = editor.value()
                field.set_error(None)
            except InvalidInput as error:
                field.set_error(partial(error_sentence, error))
                good = False
        return values if good else None

    def retranslate(self) -> None:
        """Labels in the language of the window."""
        facts = field_facts(self.entity)
        for name, (field, editor) in self.editors.items():
            field.set_label(facts[name].label(language()))
            editor.retranslate()


class ChildRows(QWidget):
    """All rows of one kind with a button for one more."""

    edited = Signal()

    def __init__(self, shell: Shell, entity: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.entity = entity
        self._shell = shell
        self._number = 0
        self.rows: list[ChildRow] = []
        self.gone: list[str] = []
        self.add_button = link("", "plus")
        self.add_button.setObjectName(f"add_{entity}")
        self.add_button.clicked.connect(self.add_blank)
        self._head = SectionHeader("", "", self.add_button)
        self._list = QVBoxLayout()
        self._list.setSpacing(8)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(self._head)
        column.addLayout(self._list)
        self.retranslate()

    def set_rows(self, rows: Sequence[Row]) -> None:
        """Show these records."""
        for child in self.rows:
            self._drop(child)
        self.rows, self.gone, self._number = [], [], 0
        for existing in rows:
            self._add(existing)
        self._count()

    def add_blank(self) -> None:
        """One more, with the focus in its first field."""
        child = self._add(None)
        self._count()
        next(iter(child.editors.values()))[1].widget.setFocus(Qt.FocusReason.OtherFocusReason)
        self.edited.emit()

    def kept(self) -> "KeptRows":
        """Every row as it stands, and which were removed, for `give_back`."""
        rows = [(child.record_id, {name: editor.kept() for name, (_, editor) in child.editors.items()})
                for child in self.rows]  # fmt: skip
        return rows, list(self.gone)

    def give_back(self, kept: "KeptRows") -> None:
        """The rows as they stood before."""
        rows, gone = kept
        for child in [child for child in self.rows if child.record_id in gone]:
            self._remove(child)
        there = {child.record_id: child for child in self.rows}
        for record_id, values in rows:
            row = there.get(record_id) if record_id else self._add(None)
            if row is None:  # removed elsewhere meanwhile
                continue
            for name, value in values.items():
                row.editors[name][1].give_back(value)
        self._count()

    def pending(self) -> list[tuple[str | None, dict[str, object]]] | None:
        """Id (None: new) and changed values of each row; None where a value cannot be read."""
        found: list[tuple[str | None, dict[str, object]]] = []
        for child in self.rows:
            typed = child.typed()
            if typed is None:
                return None
            if child.record_id is None and is_blank(self.entity, typed):
                continue
            values = changed(child.row, typed)
            if values:
                found.append((child.record_id, values))
        return found

    def retranslate(self) -> None:
        """Labels in the language of the window."""
        facts = entity_facts(self.entity)
        self._head.set_title(facts.label(language(), plural=True))
        self.add_button.set_text(tr("form.add", what=in_sentence(facts.label(language()))))
        for child in self.rows:
            child.retranslate()

    def _add(self, existing: Row | None) -> ChildRow:
        child = ChildRow(self._shell, self.entity, self._number, existing)
        self._number += 1
        child.edited.connect(self.edited)
        child.removed.connect(lambda: self._remove(child))
        self.rows.append(child)
        self._list.addWidget(child)
        return child

    def _remove(self, child: ChildRow) -> None:
        if child.record_id is not None:
            self.gone.append(child.record_id)
        self.rows.remove(child)
        self._drop(child)
        self._count()
        self.edited.emit()

    def _drop(self, child: ChildRow) -> None:
        self._list.removeWidget(child)
        child.hide()
        child.deleteLater()

    def _count(self) -> None:
        self._head.set_count(str(len(self.rows)) if self.rows else "")
