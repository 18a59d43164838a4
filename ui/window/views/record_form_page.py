"""The form of any record, made from the declaration. Nothing is mandatory; only what was changed is saved."""

from collections.abc import Callable
from typing import Any

from crm_desktop.errors import CrmError, NotFound
from crm_desktop.model.wire import entity_facts
from crm_desktop.rules.contract_freeze import stands
from crm_desktop.store.reader import Reader
from ui.presenters.form_saving import save_form
from ui.presenters.new_record import new_values
from ui.presenters.record_form import FormData, load_form, load_refused
from ui.window.i18n import language, tr
from ui.window.page import Page, Shell
from ui.window.pages_frame import PageFrame
from ui.window.views.form_body import FormBody
from ui.window.views.form_drafts import FormDrafts, Kept
from ui.window.views.form_way import leave_form, list_of, title_of, told_saved, way_to
from ui.window.views.layout import Crumbs, column, crumb_bar
from ui.window.views.record_standing import RecordStanding
from ui.window.widgets.button import danger, normal, primary
from ui.window.widgets.key_hints import KeyHints
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
        self._permissions = shell.app.permissions
        self._where: dict[str, Any] = {}
        self._given_back: Kept | None = None
        self.drafts = FormDrafts(shell, self)
        self._build()
        self.retranslate()

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
            self.body.begin_at(focus)
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
        if data.record_id is None or data.refused or self.body.touched:
            return
        here = (data.entity, data.record_id) in ids or kinds & {"outbox", "everything"}
        if not here and self._permissions == self.shell.app.permissions:
            return

        def show(fresh: FormData, _left: Kept | None) -> None:
            # Typed since: what is on the page stays, and is saved against the version it was read with.
            if self.data is data and not self.body.touched:
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
        self.body.set_open(is_open)
        self.save_button.setEnabled(is_open)
        self.delete_button.setEnabled(is_open)

    def retranslate(self) -> None:
        """Labels in the language of the window."""
        self.save_button.set_text(tr("action.save"))
        self.cancel_button.set_text(tr("action.cancel"))
        self.delete_button.set_text(tr("action.delete"))
        self.hints.set_hints([(f"{tr('key.ctrl')} S", tr("form.key_save")), (tr("key.escape"), tr("form.key_back"))])
        if self.data is not None:
            self._show_words(self.data)
            self.body.retranslate(self.data)

    def may_leave(self) -> bool:
        """What was typed is saved: leaving loses nothing. A value that cannot be read is left out and said."""
        if self.data is not None and self.body.touched:
            self.save(stay=True)
        return True

    # -- saving -------------------------------------------------------------------------------------------------

    def save(self, *, stay: bool = False) -> None:
        """Write what was changed as one action; unreadable values stay in their fields and are said below."""
        data = self.data
        if data is None:
            return
        changes, left_out = self.body.changes(data)
        if left_out is not None and not stay:
            self.shell.toast(tr("form.look_below"))
            return
        begun = changes.say_something() and (self.body.touched or self._where.get("values"))
        if data.record_id is None and not data.refused and not begun:
            if not stay:
                self.shell.toast(tr("form.nothing_yet"))
            elif left_out is not None:
                self._tell_left_out(left_out, self._where)
            return
        app, where, typed = self.shell.app, self._where, self.body.kept()
        self.body.touched.clear()

        def done(record_id: str) -> None:
            if not self.body.touched:
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
            self.body.touched.add("")
            self.shell.show_error(error)
            if stay:  # one has left already
                gone = isinstance(error, NotFound)  # a refusal that was settled elsewhere leaves a change of its own
                self._tell_not_saved(data, typed, {**where, "refused": None} if gone else where)

        self.shell.tasks.write(lambda: save_form(app.records, app.refusals, data, changes), done, failed)

    def _tell_not_saved(self, data: FormData, typed: Kept, where: dict[str, Any]) -> None:
        """One has left without saving: the toast gives back what was typed."""

        def back() -> None:
            self._given_back = typed
            self.shell.navigate("record", **where)

        self.shell.toast(tr("form.not_saved", what=title_of(data)), back)

    def _tell_left_out(self, left_out: Kept, where: dict[str, Any]) -> None:
        """One has gone on while something could not be read: it is not lost, the way leads back to it."""

        def back() -> None:
            self._given_back = left_out
            self.shell.navigate("record", **where)

        self.shell.toast(tr("form.left_out", fields=self.body.labels_of(left_out)), opens=back)

    def _give_back(self, left: Kept | None) -> None:
        """What was typed before the form was left without saving stands there again, not saved yet."""
        kept, self._given_back = self._given_back or left, None
        if kept is not None:
            self.body.give_back(kept)
            if kept is left:
                self.drafts.taken()
                self.shell.toast(tr("form.restored"))
            else:
                self.drafts.touched(self._where, self.body.kept)

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

        self.body.touched.clear()
        self.shell.tasks.write(lambda: records.delete(entity, record_id), done, failed)

    def cancel(self) -> None:
        """Leave without saving, to where one came from; the toast gives back what was typed."""
        data, where = self.data, dict(self._where)
        if data is not None and self.body.touched and not data.refused:
            self._tell_not_saved(data, self.body.kept(), where)
        self.body.touched.clear()
        self.drafts.clear()
        if not (isinstance(self.shell, PageFrame) and self.shell.back()):
            self._leave(self.data.record_id if self.data else None)

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
        self.body = FormBody(
            self.shell, self.may_leave, lambda entity, values: self.open(entity=entity, values=values, focus="name")
        )
        self.body.edited.connect(self._edited)
        self.setLayout(column(bar, self.body, hline(), self.hints))
        self.save_button.clicked.connect(lambda: self.save())
        self.cancel_button.clicked.connect(self.cancel)
        self.delete_button.clicked.connect(self.delete)
        part_keys(self, {"Ctrl+S": self.save, "Escape": self.cancel})

    def _show(self, data: FormData) -> None:
        self.data = data
        self._permissions = self.shell.app.permissions
        self.body.show_record(data)
        self._show_words(data)

    def _edited(self) -> None:
        if self.data is not None and not self.data.refused:
            self.drafts.touched(self._where, self.body.kept)

    def _show_words(self, data: FormData) -> None:
        new = data.record_id is None
        self.crumbs.set_path(way_to(data, self.shell), title_of(data))
        self.standing.setVisible(not new)
        self.standing.show_state(data.state)
        kept = data.entity == "company" or (data.entity == "contract" and stands(data.row))
        self.delete_button.setVisible(not (new or data.refused or kept))

    def _leave(self, record_id: str | None) -> None:
        if self.data is not None:
            leave_form(self.data, record_id, self.shell)
