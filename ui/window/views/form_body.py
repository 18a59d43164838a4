"""What stands in the form of a record: its title, steps, fields, repeated rows and files, and what was typed there."""

from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from crm_desktop.model.wire import entity_facts
from crm_desktop.rules.contract_freeze import frozen_terms
from ui.presenters.form_saving import FormChanges, changed_values
from ui.presenters.record_form import REPEATED, FormData
from ui.window.i18n import language, tr
from ui.window.page import Shell
from ui.window.views.child_rows import ChildRows
from ui.window.views.form_drafts import Kept, give_back, typed_into, unreadable_of
from ui.window.views.form_fields import FormFields
from ui.window.views.form_known import FormKnown
from ui.window.views.form_way import title_of
from ui.window.views.layout import STRETCH, boxed, clear, column, scrolling
from ui.window.views.record_extras import files_of, shown, steps_of
from ui.window.widgets.label import Label


class FormBody(QWidget):
    """`touched` are the fields and kinds of repeated rows that were changed since the record was shown.

    `save_first` saves before a step that needs the record saved, `begin` opens a form for a new record of a kind.
    """

    edited = Signal()
    """The user changed something."""

    def __init__(
        self, shell: Shell, save_first: Callable[[], object], begin: Callable[[str, Mapping[str, Any]], None]
    ) -> None:
        super().__init__()
        self._shell = shell
        self._save_first = save_first
        self._begin = begin
        self._shape: tuple[Any, ...] | None = None
        self._extras: list[QWidget] = []
        self.touched: set[str] = set()
        self.child_rows: dict[str, ChildRows] = {}
        self.fields = FormFields(shell)
        self.fields.edited.connect(self._edited)
        self.known = FormKnown(shell, self.fields, self.touched.add, self.touched.clear)
        self._title = Label("", "h1")
        self._above = QVBoxLayout()
        self._lists = QVBoxLayout()
        self._lists.setSpacing(16)
        inner = QWidget()
        inner.setMaximumWidth(980)
        inner.setLayout(column(self._title, 12, self._above, self.known.hint, 12, self.fields, 20, self._lists))
        self._form = boxed(column(inner, STRETCH, spacing=16, margins=(28, 20, 28, 24)))
        self._area = scrolling(self._form)
        self.setLayout(column(self._area))

    def set_open(self, is_open: bool) -> None:
        """Whether it takes keys."""
        self._form.setEnabled(is_open)

    def show_record(self, data: FormData) -> None:
        """Fill everything; nothing counts as typed any more."""
        permissions = self._shell.app.permissions
        shape = (data.entity, data.record_id is None, bool(data.refused), permissions)
        if self._shape != shape:
            self._shape = shape
            self._make(data)
        self.fields.set_choices(data.choices)
        self.fields.show_values(data.shown, data.names)
        self._lock(data)
        self.known.begin(data)
        for extra in shown(self._extras):
            extra.show_record(data)
        for entity, rows in self.child_rows.items():
            rows.set_rows(data.children.get(entity, ()))
        self.touched.clear()
        self._title.set_text(title_of(data))

    def retranslate(self, data: FormData) -> None:
        """Labels in the language of the window; what was typed stays."""
        self._title.set_text(title_of(data))
        self.fields.retranslate()
        self._lock(data)
        for rows in self.child_rows.values():
            rows.retranslate()
        self.known.hint.retranslate()
        for extra in shown(self._extras):
            extra.retranslate()

    def begin_at(self, name: str) -> None:
        """The keys go to this field or where a row of this kind is added; to the first field where there is no such."""
        rows = self.child_rows.get(name)
        if rows is not None:
            rows.add_button.setFocus(Qt.FocusReason.OtherFocusReason)
        place = rows or self.fields.focus(name)
        if place is not None:
            self._area.ensureWidgetVisible(place)

    def changes(self, data: FormData) -> tuple[FormChanges, Kept | None]:
        """What differs from the record; and what cannot be read (None: nothing), which says so below itself."""
        typed, unreadable = self.fields.typed()
        if unreadable is not None:
            self._area.ensureWidgetVisible(unreadable)
        good = unreadable is None
        changes = FormChanges(changed_values(data, typed, frozenset(self.fields.editors)))
        for entity, rows in self.child_rows.items():
            pending = rows.pending()
            good = good and pending is not None
            changes.children[entity] = pending or []
            changes.gone[entity] = list(rows.gone)
        return changes, None if good else unreadable_of(self.fields, self.child_rows)

    def kept(self) -> Kept:
        """What was typed, readable or not."""
        return typed_into(self.fields, self.child_rows, self.touched)

    def give_back(self, kept: Kept) -> None:
        """What was typed before stands there again, not saved yet."""
        give_back(kept, self.fields, self.child_rows)
        self.touched |= kept.names

    def labels_of(self, kept: Kept) -> str:
        """The fields and kinds of rows that hold it, as the user reads them."""
        names = [self.fields.editors[name][0].label() for name in kept.fields]
        names += [entity_facts(entity).label(language(), plural=True) for entity in kept.rows]
        return ", ".join(names)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """One column of fields where two do not fit."""
        super().resizeEvent(event)
        self._arrange()

    def _make(self, data: FormData) -> None:
        clear(self._lists)
        clear(self._above)
        self.child_rows = {}
        entity = data.entity
        steps = steps_of(
            entity,
            self._shell,
            self._save_first,
            lambda: self.fields.typed()[0],
            lambda values: self._begin(entity, values),
        )
        files = files_of(entity, self._shell)
        self._extras = [part for part in (steps, files) if part is not None]
        if steps is not None:
            self._above.addWidget(steps)
        self.fields.make(entity, self._shell.app.permissions)
        for kind in () if data.refused else REPEATED.get(entity, ()):
            rows = ChildRows(self._shell, kind)
            rows.edited.connect(lambda kind=kind: self._edited(kind))
            self.child_rows[kind] = rows
            self._lists.addWidget(rows)
        if files is not None:
            self._lists.addWidget(files)
        self._arrange()

    def _arrange(self) -> None:
        self.fields.arrange(self._area.viewport().width())

    def _edited(self, name: str) -> None:
        self.touched.add(name)
        self.edited.emit()
        self.known.edited(name, self.child_rows.get("channel"))

    def _lock(self, data: FormData) -> None:
        """What a signature is under is shown and not changed."""
        if data.entity == "contract":
            self.fields.lock(frozen_terms(data.row), tr("contracts.signed_term"))
