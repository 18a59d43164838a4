"""When a visit is, with whom and about what: the fields behind the two lines above a note."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from PySide6.QtCore import QDateTime, QLocale, Signal
from PySide6.QtWidgets import QComboBox, QDateTimeEdit, QLineEdit, QSpinBox, QWidget

from crm_desktop.model.columns import format_instant, parse_instant
from crm_desktop.model.wire import Row, field_facts
from crm_desktop.rules.whole_day import is_whole_day, moment_of
from ui.window.i18n import date_field_format, fmt_near_day, fmt_time, language, tr
from ui.window.views.layout import row
from ui.window.widgets.field_row import FieldRow
from ui.window.widgets.surface import Panel

_SAME_MS = 60_000
_STEP_MIN = 15


class VisitDetails(Panel):
    """Hidden until somebody wants to change them."""

    edited = Signal()
    """A field has another value, by the user or by `show_values`."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(sunken=True, parent=parent)
        self.subject, self.contact = QLineEdit(), QComboBox()
        self.starts, self.duration = QDateTimeEdit(), QSpinBox()
        self.starts.setCalendarPopup(True)
        self.duration.setRange(0, 24 * 60)
        self.duration.setSingleStep(_STEP_MIN)
        self.duration.lineEdit().setTextMargins(6, 0, 6, 0)
        self._fields = {
            "subject": FieldRow("", self.subject),
            "starts_at": FieldRow("", self.starts),
            "duration_min": FieldRow("", self.duration),
            "contact_id": FieldRow("", self.contact),
        }
        self.subject.textEdited.connect(lambda _text: self.edited.emit())
        self.contact.currentIndexChanged.connect(lambda _at: self.edited.emit())
        self.starts.dateTimeChanged.connect(lambda _when: self.edited.emit())
        self.duration.valueChanged.connect(lambda _minutes: self.edited.emit())
        subject, *others = self._fields.values()
        self.body.addWidget(subject)
        self.body.addLayout(row(*others, spacing=12))
        self.hide()

    def retranslate(self) -> None:
        """Labels and dates in the language of the window."""
        facts = field_facts("visit")
        for name, field in self._fields.items():
            field.set_label(facts[name].label(language()))
        self.starts.setLocale(QLocale())
        self.starts.setDisplayFormat(date_field_format() + " HH:mm")
        if self.contact.count():
            self.contact.setItemText(0, tr("note.nobody_named"))

    def set_people(self, people: Sequence[Row]) -> None:
        """Whom one can have met."""
        self.contact.clear()
        self.contact.addItem(tr("note.nobody_named"), None)
        for person in people:
            self.contact.addItem(person["name"], person["id"])

    def show_values(self, values: Row, now: datetime) -> None:
        """Fill the fields; a visit without a time begins now."""
        self.subject.setText(str(values.get("subject") or ""))
        self.contact.setCurrentIndex(max(0, self.contact.findData(values.get("contact_id"))))
        when = parse_instant(values["starts_at"]) if values.get("starts_at") else now
        self.starts.setDateTime(QDateTime.fromMSecsSinceEpoch(int(when.timestamp() * 1000)))
        self.duration.setValue(int(values.get("duration_min") or 0))

    def values(self, before: str | None) -> Row:
        """Wire values. `before` is the start that was read: a minute shown is no change of its seconds."""
        return {
            "subject": self.subject.text().strip(),
            "contact_id": self.contact.currentData(),
            "starts_at": self._starts_at(before),
            "duration_min": self.duration.value() or None,
        }

    def when_words(self, now: datetime) -> str:
        """The time as people say it."""
        when = parse_instant(self._starts_at(None))
        minutes = self.duration.value()
        visit = {"starts_at": self._starts_at(None), "duration_min": minutes, "zone": ""}
        text = fmt_near_day(moment_of(visit), now)
        if is_whole_day(visit):
            return f"{text}, {tr('note.whole_day')}"
        if not minutes:
            return text
        if fmt_time(when) not in text:
            text = f"{text}, {fmt_time(when)}"
        return f"{text} {tr('note.to', time=fmt_time(when + timedelta(minutes=minutes)))}"

    def who_words(self) -> str:
        """Whom one met."""
        return self.contact.currentText() or tr("note.nobody_named")

    def toggle(self) -> None:
        """Show the fields, ready to be typed into, or hide them."""
        self.setVisible(not self.isVisible())
        if self.isVisible():
            self.subject.setFocus()

    def _starts_at(self, before: str | None) -> str:
        shown = self.starts.dateTime().toMSecsSinceEpoch()
        if before and abs(parse_instant(before).timestamp() * 1000 - shown) < _SAME_MS:
            return before
        return format_instant(datetime.fromtimestamp(shown / 1000).astimezone())
