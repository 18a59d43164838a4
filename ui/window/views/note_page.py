"""The visit note: template, text, outcome, follow-up; saved by itself, with the briefing beside it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QTextCursor

from crm_desktop.model.wire import Row
from crm_desktop.store.file_views import Parent
from crm_desktop.store.reader import Reader
from ui.presenters.note_contents import NoteContents
from ui.presenters.note_editor import NoteEditor
from ui.presenters.note_view import Incoming
from ui.window.i18n import tr
from ui.window.page import Page, Shell
from ui.window.views.attachments_panel import AttachmentsPanel
from ui.window.views.briefing_column import BriefingColumn
from ui.window.views.file_intake import FileDrop
from ui.window.views.folding import FoldingColumns
from ui.window.views.layout import STRETCH, Crumbs, boxed, column, crumb_bar, row
from ui.window.views.note_notices import NoteNotices
from ui.window.views.note_past import NotePast
from ui.window.views.note_phase import NotePhase
from ui.window.views.note_sheet import NoteSheet
from ui.window.views.note_text import NoteText
from ui.window.views.qt_timer import QtTimer
from ui.window.views.record_standing import RecordStanding
from ui.window.widgets.button import Button
from ui.window.widgets.key_hints import KeyHints
from ui.window.widgets.label import Label
from ui.window.widgets.surface import hline
from ui.window.window_keys import Actions, part_keys

_TEXT_WIDTH = 700
_SIDE = 320


class NotePage(Page):
    """Open with `visit_id`, or with `account_id` for a new note. Nothing typed here can be lost."""

    name = "note"

    def __init__(self, shell: Shell) -> None:
        super().__init__(shell)
        app = shell.app
        draft, idle = QtTimer(self, lambda: self.editor.write_draft()), QtTimer(self, lambda: self.editor.save())
        self.editor = NoteEditor(app.store, shell.tasks, app.clock, app.user_id, self, (draft, idle))
        self._contents: NoteContents | None = None
        self._build()
        self.retranslate()
        actions: Actions = {
            "Ctrl+S": self.save,
            "Ctrl+Return": self.finish,
            "Ctrl+.": self.begin_follow_up,
            "Ctrl+Shift+C": self.new_case,
        }
        part_keys(self, actions)

    def open(self, **where: Any) -> None:
        """Read the visit, or begin one at the account."""
        self.editor.open(str(where.get("visit_id") or ""), str(where.get("account_id") or ""))

    def refresh(self, kinds: frozenset[str], ids: frozenset[tuple[str, str]]) -> None:
        """Look only when the open visit is among what changed."""
        if ("visit", self.editor.visit_id) in ids or "everything" in kinds:
            self.editor.record_changed()
            self._read_standing()
        self.files.refresh(kinds)

    def may_leave(self) -> bool:
        """What is typed becomes an operation."""
        self.save()
        return True

    def save(self) -> None:
        """Make it one operation now."""
        self.editor.save()

    def finish(self) -> None:
        """The visit is done: save and go back to the account."""
        account_id = self.editor.account_id
        self._status = "done"
        self.editor.edited()
        self.editor.save(then=lambda: self._after_finish(account_id))

    def _with_visit(self, then: Callable[[Parent], None]) -> None:
        """A file needs a visit it belongs to: a new one is saved first."""
        if self._contents is not None and not self._contents.exists:
            self.editor.edited()
        self.editor.save(then=lambda: then(("visit", self.editor.visit_id)))

    def begin_follow_up(self) -> None:
        """Put the cursor where the follow-up is written."""
        self.sheet.follow_up.subject.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.columns.area.ensureWidgetVisible(self.sheet.follow_up.subject)

    def new_case(self) -> None:
        """What the customer complains about or suggests, from this visit; the note is saved first."""

        def begin() -> None:
            shown = self._contents.row if self._contents is not None else {}
            values = {name: shown[name] for name in ("account_id", "contact_id") if shown.get(name)}
            values["visit_id"] = self.editor.visit_id
            self.shell.navigate("record", entity="case", values=values, focus="subject")

        self.editor.save(then=begin)

    def add_follow_up(self, subject: str, due: date) -> None:
        """Save the task together with the note."""
        self.editor.add_follow_up(subject, due)
        self.shell.toast(tr("note.follow_up_added", subject=subject))

    def _build(self) -> None:
        self._status = "planned"
        self.crumbs = Crumbs()
        self.phase = NotePhase()
        self.standing = RecordStanding(self.shell)
        self.save_button, self.finish_button = Button(), Button("", "primary")
        self.save_button.clicked.connect(self.save)
        self.finish_button.clicked.connect(self.finish)
        bar = crumb_bar(self.crumbs, self.phase, self.standing, self.save_button, self.finish_button)
        self.briefing = BriefingColumn(lambda quote_id: self.shell.navigate("quote", quote_id=quote_id))
        self.hints = KeyHints()
        self.safe = Label("", "cap")
        self.hints.add_right(self.safe)
        self.notices = NoteNotices(self.editor.take_incoming)
        self.text = NoteText()
        self.past = NotePast(self.shell, self.text, self.save)
        self.sheet = NoteSheet(self.text, self.past.pane, self.shell.app.clock.now)
        self.sheet.edited.connect(self.editor.edited)
        self.sheet.follow_up.wanted.connect(self.add_follow_up)
        self.sheet.case_wanted.connect(self.new_case)
        written = boxed(column(self.notices, 10, self.sheet, margins=(0, 20, 0, 16)))
        written.setMaximumWidth(_TEXT_WIDTH)
        centred = row(STRETCH, written, STRETCH, spacing=0, margins=(28, 0, 28, 0))
        # What is written takes all the width there is up to its maximum, the margins share the rest.
        centred.setStretch(1, 1000)
        self.files = AttachmentsPanel(self.shell, self._with_visit, wide=False)
        self.text.given.connect(self.files.take)
        FileDrop(self, self.files.add_paths, self.files.dragging)
        files = boxed(column(self.files, margins=(20, 14, 16, 4)))
        side = boxed(column(files, hline(), self.past.list, self.briefing))
        self.columns = FoldingColumns(boxed(centred), side, _SIDE, self.hints)
        self.setLayout(column(bar, self.columns))

    # What the presenter asks for.

    def values(self) -> Row:
        """The form in wire values."""
        shown = self._contents.row if self._contents is not None else {}
        found: Row = {
            "account_id": shown.get("account_id"),
            "owner_id": shown.get("owner_id"),
            "zone": shown.get("zone", ""),
            "status": self._status,
        }
        return found | self.sheet.values(shown.get("starts_at"))

    def show_reading(self, new: bool) -> None:
        """The note before this one goes; a new one can be written before its account is read."""
        self._contents, self._status = None, "planned"
        self.sheet.clear()
        self.past.leave()
        self.text.setReadOnly(not new)
        self.text.setFocus()

    def show_contents(self, contents: NoteContents) -> None:
        """Another visit: fill everything."""
        self._contents = contents
        self.text.setReadOnly(False)
        self.files.show_files_of(("visit", contents.visit_id) if contents.exists else None)
        self.sheet.set_people(contents.contacts)
        self.show_values(contents.row)
        self.sheet.details.hide()
        if contents.draft is not None:  # "go on writing": where it broke off
            self.text.moveCursor(QTextCursor.MoveOperation.End)
        self.text.setFocus()
        self._show_words()
        self.past.read(contents.visit_id)

    def show_values(self, values: Row) -> None:
        """Fill the fields without calling it an edit."""
        self._status = str(values.get("status") or "planned")
        self.sheet.show_values(values)

    def show_phase(self, phase: str, at: datetime | None) -> None:
        """Say where the text is."""
        self.phase.show_phase(phase, at)

    def show_incoming(self, incoming: Incoming | None) -> None:
        """Offer the merge; the editor itself stays as it is."""
        self.notices.show_incoming(incoming)

    def retranslate(self) -> None:
        """All words again; what the user typed stays."""
        self.finish_button.set_text(tr("note.finish"))
        self.save_button.set_text(tr("action.save"))
        self.sheet.retranslate()
        self.files.retranslate()
        self.past.retranslate()
        self.hints.set_hints(
            [
                (f"{tr('key.ctrl')} {tr('key.enter')}", tr("note.key_finish")),
                (f"{tr('key.ctrl')} S", tr("note.key_save")),
                (f"{tr('key.ctrl')} .", tr("note.key_follow_up")),
                (f"{tr('key.ctrl')} ⇧ C", tr("account.key_case")),
            ]
        )
        self.safe.set_text(tr("note.safe"))
        self.phase.retranslate()
        self._show_words()

    def _show_words(self) -> None:
        contents = self._contents
        if contents is None:
            return
        account = contents.account["name"] if contents.account else tr("note.no_account")
        self.sheet.title.set_text(tr("note.title", account=account))
        way = []
        if contents.account is not None:
            account_id = contents.account["id"]
            way.append((account, lambda: self.shell.navigate("account", account_id=account_id)))
        self.crumbs.set_path(way, tr("word.visit_note" if contents.exists else "action.new_visit_note"))
        self.standing.show_state(contents.state)
        self.standing.setVisible(contents.exists)
        self.briefing.show_briefing(contents.briefing, self.shell.app.clock.now())
        self.notices.show_restored(contents)

    def _read_standing(self) -> None:
        """A new note becomes one of this laptop with its first save; a sync makes it one of the server."""
        store, visit_id = self.shell.app.store, self.editor.visit_id

        def read(reader: Reader) -> str:
            return reader.record_state("visit", visit_id) if reader.get("visit", visit_id) is not None else ""

        def show(state: str) -> None:
            if state and self._contents is not None and self._contents.visit_id == visit_id:
                new, self._contents = not self._contents.exists, replace(self._contents, exists=True, state=state)
                self.standing.show_state(state)
                if new:
                    self._show_words()

        self.shell.tasks.read(lambda: store.read(read), show, key="note.standing")
        self.past.read(visit_id)

    def _after_finish(self, account_id: str) -> None:
        self.shell.toast(tr("note.finished"))
        if account_id:
            self.shell.navigate("account", account_id=account_id)
        else:
            self.shell.navigate("visits")
