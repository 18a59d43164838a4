"""The form of any record, made from the declaration. Nothing is mandatory; only what was changed is saved."""

from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from crm_desktop.errors import CrmError
from crm_desktop.model.wire import entity_facts
from crm_desktop.rules.contract_freeze import frozen_terms, stands
from crm_desktop.store.reader import Reader
from ui.presenters.form_saving import FormChanges, changed_values, save_form
from ui.presenters.new_record import new_values
from ui.presenters.record_form import REPEATED, FormData, load_form, load_refused
from ui.window.i18n import language, tr
from ui.window.page import Page, Shell
from ui.window.pages_frame import PageFrame
from ui.window.views.child_rows import ChildRows
from ui.window.views.field_editors import Editor
from ui.window.views.form_drafts import FormDrafts, Kept, give_back, typed_into, unreadable_of
from ui.window.views.form_fields import FormFields
from ui.window.views.form_known import FormKnown
from ui.window.views.form_way import leave_form, list_of, title_of, told_saved, way_to
from ui.window.views.layout import Crumbs, clear, column, crumb_bar, scrolling
from ui.window.views.record_extras import files_of, shown, steps_of
from ui.window.views.record_standing import RecordStanding
from ui.window.widgets.button import danger, normal, primary
from ui.window.widgets.field_row import FieldRow
from ui.window.widgets.key_hints import KeyHints
from ui.window.widgets.label import Label
from ui.window.widgets.surface import hline, surface
from ui.window.window_keys import part_keys


class RecordFormPage(Page):
    """`open(entity=…, record_id=…)` changes a record, `open(entity=…, values={…})` begins one.

    With `refused=…` it shows what a refused action wanted, and saving sends that instead.
    """

    name = "record"

    def __init__(self, shell: Shell) -> None:
        super().__init__(shell)
        self.data: FormData | None = None
        self.child_rows: dict[str, ChildRows] = {}
        self._permissions = shell.app.permissions
        self._touched: set[str] = set()
        self._asked: tuple[Any, ...] | None = None
        self._where: dict[str, Any] = {}
        self._given_back: Kept | None = None
        self.drafts = FormDrafts(shell, self)
        self._form = QWidget()
        self._body = QVBoxLayout()
        self._build()
        self.retranslate()

    @property
    def editors(self) -> Mapping[str, tuple[FieldRow, Editor]]:
        """Label and editor of each field."""
        return self.fields.editors

    # -- page ---------------------------------------------------------------------------------------------------

    def open(self, **where: Any) -> None:
        """Read the record and show its form; `focus` names a field to begin with."""
        entity, record_id = str(where["entity"]), where.get("record_id")
        values = dict(where.get("values") or {})
        focus = str(where.get("focus", ""))
        # Until it is read, the record before must not be what keys and buttons reach.
        self.data = None
        self._where = where
        self._set_open(False)

        def show(data: FormData, left: Kept | None = None) -> None:
            self._set_open(True)
            self._show(data)
            self._focus(focus)
            self._give_back(left)

        if where.get("refused"):
            self._read_refused(str(where["refused"]), show)
        else:
            self._read(entity, record_id, values, show, lambda: self.drafts.left_by_another_run(where))

    def refresh(self, kinds: frozenset[str], ids: frozenset[tuple[str, str]]) -> None:
        """A record that changed elsewhere is shown anew unless something was typed."""
        if self.isHidden():  # it is read when the page is opened again
            return
        data = self.data
        if data is None:
            if self._where.get("record_id"):
                self.open(**self._where)  # the read under way may be older than the change
            return
        if data.record_id is None or data.refused or self._touched:
            return
        here = (data.entity, data.record_id) in ids or kinds & {"outbox", "everything"}
        if not here and self._permissions == self.shell.app.permissions:
            return

        def show(fresh: FormData, _left: Kept | None) -> None:
            # Typed since: what is on the page stays, and is saved against the version it was read with.
            if self.data is data and not self._touched:
                self._show(fresh)

        self._read(data.entity, data.record_id, {}, show)

    def _read(
        self,
        entity: str,
        record_id: str | None,
        values: dict[str, Any],
        show: Callable[..., None],
        left: Callable[[], Kept | None] = lambda: None,
    ) -> None:
        store, today = self.shell.app.store, self.shell.app.clock.now().astimezone().date()

        def work(reader: Reader) -> FormData:
            begun = values if record_id else new_values(reader, entity, values, today)
            return load_form(reader, entity, record_id, begun)

        self.shell.tasks.read(lambda: (store.read(work), left()), lambda found: show(*found), key="record form")

    def _read_refused(self, refused_id: str, show: Callable[[FormData], None]) -> None:
        app = self.shell.app

        def work() -> FormData:
            wanted = app.refusals.proposal(refused_id)
            return app.store.read(lambda reader: load_refused(reader, refused_id, wanted))

        self.shell.tasks.read(work, show, key="record form")

    def _set_open(self, is_open: bool) -> None:
        for widget in (self._form, self.save_button, self.delete_button):
            widget.setEnabled(is_open)

    def retranslate(self) -> None:
        """Labels in the language of the window."""
        self.save_button.set_text(tr("action.save"))
        self.cancel_button.set_text(tr("action.cancel"))
        self.delete_button.set_text(tr("action.delete"))
        self.hints.set_hints([(f"{tr('key.ctrl')} S", tr("form.key_save")), (tr("key.escape"), tr("form.key_back"))])
        if self.data is not None:
            self._words()
            self.fields.retranslate()
            self._lock()
            for rows in self.child_rows.values():
                rows.retranslate()
            self.known.hint.retranslate()
            for extra in shown(self._extras):
                extra.retranslate()

    def may_leave(self) -> bool:
        """What was typed is saved: leaving loses nothing. A value that cannot be read is left out and said."""
        if self.data is not None and self._touched:
            self.save(stay=True)
        return True

    # -- saving -------------------------------------------------------------------------------------------------

    def save(self, *, stay: bool = False) -> None:
        """Write what was changed as one action; unreadable values stay in their fields and are said below."""
        data = self.data
        if data is None:
            return
        typed, unreadable = self.fields.typed()
        if unreadable is not None:
            self.area.ensureWidgetVisible(unreadable)
        good = unreadable is None
        changes = FormChanges(changed_values(data, typed, frozenset(self.editors)))
        for entity, rows in self.child_rows.items():
            pending = rows.pending()
            good = good and pending is not None
            changes.children[entity] = pending or []
            changes.gone[entity] = list(rows.gone)
        left_out = unreadable_of(self.fields, self.child_rows) if not good else None
        if not good and not stay:
            self.shell.toast(tr("form.look_below"))
            return
        begun = changes.say_something() and (self._touched or self._where.get("values"))
        if data.record_id is None and not data.refused and not begun:
            if not stay:
                self.shell.toast(tr("form.nothing_yet"))
            elif left_out is not None:
                self._tell_left_out(left_out, self._where)
            return
        self._touched.clear()
        app, where = self.shell.app, self._where

        def done(record_id: str) -> None:
            if not self._touched:
                self.drafts.clear()
            if isinstance(self.shell, PageFrame) and record_id:
                self.shell.stack.made(where, data.entity, record_id)
            if left_out is not None:
                self._tell_left_out(left_out, {"entity": data.entity, "record_id": record_id})
            if not stay:
                told_saved(data, record_id, self.shell)
                if self.isVisible() and self._where is where:
                    self._leave(record_id)

        def failed(error: CrmError) -> None:
            self._touched.add("")
            self.shell.show_error(error)

        self.shell.tasks.write(lambda: save_form(app.records, app.refusals, data, changes), done, failed)

    def _tell_left_out(self, left_out: Kept, where: dict[str, Any]) -> None:
        """One has gone on while something could not be read: it is not lost, the way leads back to it."""

        def back() -> None:
            self._given_back = left_out
            self.shell.navigate("record", **where)

        names = [self.fields.editors[name][0].label() for name in left_out.fields]
        names += [entity_facts(entity).label(language(), plural=True) for entity in left_out.rows]
        self.shell.toast(tr("form.left_out", fields=", ".join(names)), opens=back)

    def _give_back(self, left: Kept | None) -> None:
        """What was typed before the form was left without saving stands there again, not saved yet."""
        kept, self._given_back = self._given_back or left, None
        if kept is not None:
            give_back(kept, self.fields, self.child_rows)
            self._touched |= kept.names
            if kept is left:
                self.drafts.taken()
                self.shell.toast(tr("form.restored"))
            else:
                self.drafts.touched(self._where, self._typed)

    def _typed(self) -> Kept:
        return typed_into(self.fields, self.child_rows, self._touched)

    def delete(self) -> None:
        """Delete the record; the toast takes it back."""
        data = self.data
        if data is None or data.record_id is None:
            return
        records, entity, record_id = self.shell.app.records, data.entity, data.record_id

        def back() -> None:
            self.shell.tasks.write(lambda: records.restore(entity, record_id))

        where = self._where
        # What is gone is not read again; the form takes no keys until the page before is here.
        self.data, self._where = None, {}
        self._set_open(False)

        def failed(error: CrmError) -> None:
            self.open(**where)
            self.shell.show_error(error)

        def done(_change: Any) -> None:
            self.shell.toast(tr("form.deleted", what=data.title or entity_facts(entity).label(language())), back)
            if not (isinstance(self.shell, PageFrame) and self.shell.stack.back_without(record_id)):
                self.shell.navigate(list_of(entity))

        self._touched.clear()
        self.shell.tasks.write(lambda: records.delete(entity, record_id), done, failed)

    def cancel(self) -> None:
        """Leave without saving, to where one came from; the toast gives back what was typed."""
        data, where = self.data, dict(self._where)
        if data is not None and self._touched and not data.refused:
            kept = self._typed()

            def back() -> None:
                self._given_back = kept
                self.shell.navigate("record", **where)

            self.shell.toast(tr("form.not_saved", what=title_of(data)), back)
        self._touched.clear()
        self.drafts.clear()
        if not (isinstance(self.shell, PageFrame) and self.shell.back()):
            self._leave(self.data.record_id if self.data else None)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """One column of fields where two do not fit."""
        super().resizeEvent(event)
        self._arrange()

    # -- building -----------------------------------------------------------------------------------------------

    def _build(self) -> None:
        surface(self, "canvas")
        self.crumbs = Crumbs()
        self.standing = RecordStanding(self.shell)
        self.delete_button = danger("", "trash-2")
        self.cancel_button = normal("")
        self.save_button = primary("", "check")
        self.save_button.setObjectName("save")
        bar = crumb_bar(self.crumbs, self.standing, self.delete_button, self.cancel_button, self.save_button)
        self.hints = KeyHints()
        self._title = Label("", "h1")
        self._body.setContentsMargins(28, 20, 28, 24)
        self._body.setSpacing(16)
        self.fields = FormFields(self.shell)
        self.fields.edited.connect(self._edited)
        self.known = FormKnown(self.shell, self.fields, self._touched.add, self._touched.clear)
        self._extras: list[QWidget] = []
        self._above = QVBoxLayout()
        self._lists = QVBoxLayout()
        self._lists.setSpacing(16)
        inner = QWidget()
        inner.setMaximumWidth(980)
        inner.setLayout(column(self._title, 12, self._above, self.known.hint, 12, self.fields, 20, self._lists))
        self._body.addWidget(inner)
        self._body.addStretch(1)
        self._form.setLayout(self._body)
        self.area = scrolling(self._form)
        self.setLayout(column(bar, self.area, hline(), self.hints))
        self.save_button.clicked.connect(lambda: self.save())
        self.cancel_button.clicked.connect(self.cancel)
        self.delete_button.clicked.connect(self.delete)
        part_keys(self, {"Ctrl+S": self.save, "Escape": self.cancel})

    def _show(self, data: FormData) -> None:
        self.data = data
        self._permissions = self.shell.app.permissions
        shape = (data.entity, data.record_id is None, bool(data.refused), self._permissions)
        if self._asked != shape:
            self._asked = shape
            self._make(data)
        self.fields.set_choices(data.choices)
        self.fields.show_values(data.shown, data.names)
        self._lock()
        self.known.begin(data)
        for extra in shown(self._extras):
            extra.show_record(data)
        for entity, rows in self.child_rows.items():
            rows.set_rows(data.children.get(entity, ()))
        self._touched.clear()
        self._words()

    def _make(self, data: FormData) -> None:
        clear(self._lists)
        clear(self._above)
        self.child_rows = {}
        entity, begin = data.entity, lambda values: self.open(entity=data.entity, values=values, focus="name")
        steps = steps_of(entity, self.shell, self.may_leave, lambda: self.fields.typed()[0], begin)
        files = files_of(entity, self.shell)
        self._extras = [part for part in (steps, files) if part is not None]
        if steps is not None:
            self._above.addWidget(steps)
        self.fields.make(data.entity, self._permissions)
        for entity in () if data.refused else REPEATED.get(data.entity, ()):
            rows = ChildRows(self.shell, entity)
            rows.edited.connect(lambda entity=entity: self._edited(entity))
            self.child_rows[entity] = rows
            self._lists.addWidget(rows)
        if files is not None:
            self._lists.addWidget(files)
        self._arrange()

    def _arrange(self) -> None:
        if self.data is not None:
            self.fields.arrange(self.area.viewport().width())

    def _edited(self, name: str) -> None:
        self._touched.add(name)
        if self.data is not None and not self.data.refused:
            self.drafts.touched(self._where, self._typed)
        self.known.edited(name, self.child_rows.get("channel"))

    def _words(self) -> None:
        data = self.data
        if data is None:
            return
        new, title = data.record_id is None, title_of(data)
        self.crumbs.set_path(way_to(data, self.shell), title)
        self._title.set_text(title)
        self.standing.setVisible(not new)
        self.standing.show_state(data.state)
        kept = data.entity == "company" or (data.entity == "contract" and stands(data.row))
        self.delete_button.setVisible(not (new or data.refused or kept))

    def _lock(self) -> None:
        """What a signature is under is shown and not changed."""
        if self.data is not None and self.data.entity == "contract":
            self.fields.lock(frozen_terms(self.data.row), tr("contracts.signed_term"))

    def _focus(self, name: str) -> None:
        rows = self.child_rows.get(name)
        if rows is not None:
            rows.add_button.setFocus(Qt.FocusReason.OtherFocusReason)
        shown = rows or self.fields.focus(name)
        if shown is not None:
            self.area.ensureWidgetVisible(shown)

    def _leave(self, record_id: str | None) -> None:
        if self.data is not None:
            leave_form(self.data, record_id, self.shell)
