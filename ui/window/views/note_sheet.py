"""The sheet of a visit note: when and with whom, template, text, outcome, follow-up; what the user fills in."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from crm_desktop.model.wire import Row, field_facts
from ui.catalogue import catalogue
from ui.window.i18n import LANGUAGES, language, tr
from ui.window.views.follow_up_row import FollowUpRow
from ui.window.views.layout import STRETCH, column, row
from ui.window.views.note_text import TEMPLATES, NoteText, prompts
from ui.window.views.visit_details import VisitDetails
from ui.window.widgets.button import Button
from ui.window.widgets.choice_pills import ChoicePills
from ui.window.widgets.icon_label import IconLabel
from ui.window.widgets.label import Label
from ui.window.widgets.surface import hline

_DUE_DAYS = 7


class NoteSheet(QWidget):
    """`past` stands in the place of the text while a former version is looked at."""

    edited = Signal()
    """The user changed something; not sent while values are shown."""
    case_wanted = Signal()
    """A complaint or a suggestion came up in the visit."""

    def __init__(self, text: NoteText, past: QWidget, now: Callable[[], datetime]) -> None:
        super().__init__()
        self._now = now
        self._filling = False
        self._template_names: set[str] = set()
        self.title = Label("", "h1", wrap=True)
        self.when, self.who = Label(), Label("", elide=False)
        self.details = VisitDetails()
        self.details.edited.connect(self._on_edited)
        self.change_button = Button("", "link")
        self.change_button.clicked.connect(self.details.toggle)
        self.templates, self.outcomes = ChoicePills(""), ChoicePills("")
        self.templates.chosen.connect(self._on_template)
        self.outcomes.chosen.connect(lambda _value: self._on_edited())
        self.text = text
        self.text.text_edited.connect(self._on_edited)
        self.outcome_title, self.follow_up_title = Label("", "h3"), Label("", "h3")
        self.follow_up = FollowUpRow(now().astimezone().date() + timedelta(days=_DUE_DAYS))
        self.case_button = Button("", "link", "life-buoy")
        self.case_button.clicked.connect(self.case_wanted)
        facts = row(
            IconLabel("calendar", "t3", 15), self.when, 6, IconLabel("users", "t3", 15), self.who,
            self.change_button, STRETCH, spacing=6,
        )  # fmt: skip
        self.setLayout(
            column(
                self.title, 8, facts, 12, self.details, 4,
                self.templates, 16, hline(), 16, past, self.text, 12,
                self.outcome_title, 8, self.outcomes, 18,
                row(self.follow_up_title, STRETCH, self.case_button), 8, self.follow_up, STRETCH,
            )
        )  # fmt: skip

    def values(self, started: str | None) -> Row:
        """Wire values. `started` is the start that was read: a minute shown is no change of its seconds."""
        return {"outcome": self.outcomes.value() or "", "note": self.text.text()} | self.details.values(started)

    def show_values(self, values: Row) -> None:
        """Fill the fields without calling it an edit."""
        with self._fill():
            self.text.set_text(str(values.get("note") or ""))
            self.outcomes.set_value(str(values["outcome"]) if values.get("outcome") else None)
            self.details.show_values(values, self._now())
            self.templates.set_value(_template_of(self.details.subject.text()))
        self._show_when()

    def set_people(self, people: Sequence[Row]) -> None:
        """Whom one can have met: other people to choose from are nothing the user did."""
        with self._fill():
            self.details.set_people(people)

    def clear(self) -> None:
        """Neither text nor outcome: another note is coming."""
        with self._fill():
            self.text.set_text("")
            self.outcomes.set_value(None)

    def retranslate(self) -> None:
        """All words again; what the user typed stays."""
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
        self.text.setAccessibleName(tr("note.text"))
        self.text.setPlaceholderText(tr("note.placeholder"))
        self._template_names = {tr_name for name in TEMPLATES if name != "free" for tr_name in _names_of_template(name)}
        self._show_when()

    @contextmanager
    def _fill(self) -> Iterator[None]:
        self._filling = True
        try:
            yield
        finally:
            self._filling = False

    def _show_when(self) -> None:
        self.when.set_text(self.details.when_words(self._now()))
        self.who.set_text(self.details.who_words())

    def _on_template(self, template: str) -> None:
        self.text.ask(prompts(template, language()))
        if not self.details.subject.text() or self.details.subject.text() in self._template_names:
            self.details.subject.setText("" if template == "free" else tr(f"note.template.{template}"))
        self.text.setFocus()
        self._on_edited()

    def _on_edited(self) -> None:
        if not self._filling:
            self._show_when()
            self.edited.emit()


def _template_of(subject: str) -> str | None:
    return next((name for name in TEMPLATES if subject in _names_of_template(name)), None)


def _names_of_template(name: str) -> tuple[str, ...]:
    return tuple(str(catalogue(lang)[f"note.template.{name}"]) for lang in LANGUAGES)
