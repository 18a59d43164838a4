"""The visit note: template, text, outcome, follow-up; saved by itself, with the briefing beside it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QWidget

from crm_desktop.model.wire import Row, field_facts
from crm_desktop.store.file_views import Parent
from crm_desktop.store.reader import Reader
from ui.catalogue import catalogue
from ui.presenters.note_contents import NoteContents
from ui.presenters.note_editor import NoteEditor
from ui.presenters.note_view import Incoming
from ui.window.i18n import LANGUAGES, language, tr
from ui.window.page import Page, Shell
from ui.window.views.attachments_panel import AttachmentsPanel
from ui.window.views.briefing_column import BriefingColumn
from ui.window.views.file_intake import FileDrop
from ui.window.views.folding import FoldingColumns
from ui.window.views.follow_up_row import FollowUpRow
from ui.window.views.layout import STRETCH, Crumbs, boxed, column, crumb_bar, row
from ui.window.views.note_notices import NoteNotices
from ui.window.views.note_past import NotePast
from ui.window.views.note_phase import NotePhase
from ui.window.views.note_text import TEMPLATES, NoteText, prompts
from ui.window.views.qt_timer import QtTimer
from ui.window.views.record_standing import RecordStanding
from ui.window.views.visit_details import VisitDetails
from ui.window.widgets.button import Button
from ui.window.widgets.choice_pills import ChoicePills
from ui.window.widgets.icon_label import IconLabel
from ui.window.widgets.key_hints import KeyHints
from ui.window.widgets.label import Label
from ui.window.widgets.surface import hline
from ui.window.window_keys import Actions, part_keys

_TEXT_WIDTH = 700
_SIDE = 320
_DUE_DAYS = 7


class NotePage(Page):
    """Open with `visit_id`, or with `account_id` for a new note. Nothing typed here can be lost."""

    name = "note"

    def __init__(self, shell: Shell) -> None:
        super().__init__(shell)
        app = shell.app
        draft, idle = QtTimer(self, lambda: self.editor.write_draft()), QtTimer(self, lambda: self.editor.save())
        self.editor = NoteEditor(app.store, shell.tasks, app.clock, app.user_id, self, (draft, idle))
        self._contents: NoteContents | None = None
        self._loading = False
        self._template_names: set[str] = set()
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
        self.follow_up.subject.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.columns.area.ensureWidgetVisible(self.follow_up.subject)

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
        sheet = self._build_text()
        self.files = AttachmentsPanel(self.shell, self._with_visit, wide=False)
        FileDrop(self, self.files.add_paths, self.files.dragging)
        files = boxed(column(self.files, margins=(20, 14, 16, 4)))
        side = boxed(column(files, hline(), self.past.list, self.briefing))
        self.columns = FoldingColumns(sheet, side, _SIDE, self.hints)
        self.setLayout(column(bar, self.columns))

    def _build_text(self) -> QWidget:
        self.notices = NoteNotices(self.editor.take_incoming)
        self.title = Label("", "h1", wrap=True)
        self.when, self.who = Label(), Label("", elide=False)
        self.details = VisitDetails()
        self.details.edited.connect(self._on_edited)
        self.change_button = Button("", "link")
        self.change_button.clicked.connect(self.details.toggle)
        self.templates, self.outcomes = ChoicePills(""), ChoicePills("")
        self.templates.chosen.connect(self._on_template)
        self.outcomes.chosen.connect(lambda _value: self._on_edited())
        self.text = NoteText()
        self.text.text_edited.connect(self._on_edited)
        self.text.given.connect(lambda data: self.files.take(data))
        self.past = NotePast(self.shell, self.text, self.save)
        self.outcome_title, self.follow_up_title = Label("", "h3"), Label("", "h3")
        today = self.shell.app.clock.now().astimezone().date()
        self.follow_up = FollowUpRow(today + timedelta(days=_DUE_DAYS))
        self.follow_up.wanted.connect(self.add_follow_up)
        self.case_button = Button("", "link", "life-buoy")
        self.case_button.clicked.connect(self.new_case)
        facts = row(
            IconLabel("calendar", "t3", 15), self.when, 6, IconLabel("users", "t3", 15), self.who,
            self.change_button, STRETCH, spacing=6,
        )  # fmt: skip
        sheet = boxed(
            column(
                self.notices, 10, self.title, 8, facts, 12, self.details, 4,
                self.templates, 16, hline(), 16, self.past.pane, self.text, 12,
                self.outcome_title, 8, self.outcomes, 18,
                row(self.follow_up_title, STRETCH, self.case_button), 8, self.follow_up, STRETCH,
                margins=(0, 20, 0, 16),
            )
        )  # fmt: skip
        sheet.setMaximumWidth(_TEXT_WIDTH)
        centred = row(STRETCH, sheet, STRETCH, spacing=0, margins=(28, 0, 28, 0))
        # The sheet takes all the width there is up to its maximum, the margins share the rest.
        centred.setStretch(1, 1000)
        return boxed(centred)

    # What the presenter asks for.

    def values(self) -> Row:
        """The form in wire values."""
        shown = self._contents.row if self._contents is not None else {}
        found: Row = {
            "account_id": shown.get("account_id"),
            "owner_id": shown.get("owner_id"),
            "zone": shown.get("zone", ""),
            "status": self._status,
            "outcome": self.outcomes.value() or "",
            "note": self.text.text(),
        }
        return found | self.details.values(shown.get("starts_at"))

    def show_reading(self, new: bool) -> None:
        """The note before this one goes; a new one can be written before its account is read."""
        self._loading = True
        self._contents, self._status = None, "planned"
        self.text.set_text("")
        self.outcomes.set_value(None)
        self._loading = False
        self.past.leave()
        self.text.setReadOnly(not new)
        self.text.setFocus()

    def show_contents(self, contents: NoteContents) -> None:
        """Another visit: fill everything."""
        self._contents = contents
        self.text.setReadOnly(False)
        self.files.show_files_of(("visit", contents.visit_id) if contents.exists else None)
        self._loading = True  # other people to choose from are nothing the user did
        self.details.set_people(contents.contacts)
        self.show_values(contents.row)
        self.details.hide()
        if contents.draft is not None:  # "go on writing": where it broke off
            self.text.moveCursor(QTextCursor.MoveOperation.End)
        self.text.setFocus()
        self._show_words()
        self.past.read(contents.visit_id)

    def show_values(self, values: Row) -> None:
        """Fill the fields without calling it an edit."""
        self._loading = True
        self._status = str(values.get("status") or "planned")
        self.text.set_text(str(values.get("note") or ""))
        self.outcomes.set_value(str(values["outcome"]) if values.get("outcome") else None)
        self.details.show_values(values, self.shell.app.clock.now())
        self.templates.set_value(self._template_of(self.details.subject.text()))
        self._loading = False
        self._show_when()

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
        self.change_button.set_text(tr("note.change"))
        self.templates.set_choices([(name, tr(f"note.template.{name}")) for name in TEMPLATES])
        outcomes = field_facts("visit")["outcome"].choices
        self.outcomes.set_choices([(c.value, c.label(language())) for c in outcomes])
        for pills, key in ((self.templates, "note.templates"), (self.outcomes, "note.outcome")):
            pills.setAccessibleName(tr(key))
        self.outcome_title.set_text(tr("note.outcome"))
        self.follow_up_title.set_text(tr("word.follow_up"))
        self.case_button.set_text(tr("action.new_case"))
        self.follow_up.retranslate()
        self.details.retranslate()
        self.files.retranslate()
        self.past.retranslate()
        self.text.setAccessibleName(tr("note.text"))
        self.text.setPlaceholderText(tr("note.placeholder"))
        self.hints.set_hints(
            [
                (f"{tr('key.ctrl')} {tr('key.enter')}", tr("note.key_finish")),
                (f"{tr('key.ctrl')} S", tr("note.key_save")),
                (f"{tr('key.ctrl')} .", tr("note.key_follow_up")),
                (f"{tr('key.ctrl')} ⇧ C", tr("account.key_case")),
            ]
        )
        self.safe.set_text(tr("note.safe"))
        self._template_names = {tr_name for name in TEMPLATES if name != "free" for tr_name in _names_of_template(name)}
        self.phase.retranslate()
        self._show_words()
        self._show_when()

    def _show_words(self) -> None:
        contents = self._contents
        if contents is None:
            return
        account = contents.account["name"] if contents.account else tr("note.no_account")
        self.title.set_text(tr("note.title", account=account))
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

    def _show_when(self) -> None:
        self.when.set_text(self.details.when_words(self.shell.app.clock.now()))
        self.who.set_text(self.details.who_words())

    def _template_of(self, subject: str) -> str | None:
        return next((name for name in TEMPLATES if subject in _names_of_template(name)), None)

    def _on_template(self, template: str) -> None:
        self.text.ask(prompts(template, language()))
        if not self.details.subject.text() or self.details.subject.text() in self._template_names:
            self.details.subject.setText("" if template == "free" else tr(f"note.template.{template}"))
        self.text.setFocus()
        self._on_edited()

    def _on_edited(self) -> None:
        if not self._loading:
            self._show_when()
            self.editor.edited()

    def _after_finish(self, account_id: str) -> None:
        self.shell.toast(tr("note.finished"))
        if account_id:
            self.shell.navigate("account", account_id=account_id)
        else:
            self.shell.navigate("visits")


def _names_of_template(name: str) -> tuple[str, ...]:
    return tuple(str(catalogue(lang)[f"note.template.{name}"]) for lang in LANGUAGES)
