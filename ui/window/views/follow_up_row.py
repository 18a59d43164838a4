"""One line that makes a task out of a note: what is to be done, and until when."""

from datetime import date
from functools import partial

from PySide6.QtCore import QDate, QLocale, Qt, Signal
from PySide6.QtWidgets import QDateEdit, QLineEdit

from ui.window.i18n import date_field_format, tr
from ui.window.views.layout import row
from ui.window.widgets.button import Button
from ui.window.widgets.field_row import FieldRow
from ui.window.widgets.surface import Panel


class FollowUpRow(Panel):
    """Enter or the button asks for the task; a task that says nothing is not asked for."""

    wanted = Signal(str, object)
    """What is to be done and the date it is due."""

    def __init__(self, due: date) -> None:
        super().__init__()
        self.subject, self.due = QLineEdit(), QDateEdit()
        self.due.setCalendarPopup(True)
        self.due.setDate(QDate(due.year, due.month, due.day))
        self._what, self._until = FieldRow("", self.subject), FieldRow("", self.due)
        self.button = Button("", "normal", "square-check-big")
        self.button.clicked.connect(self.add)
        self.subject.returnPressed.connect(self.add)
        line = row(self._what, self._until, spacing=12)
        line.setStretch(0, 1)
        line.addWidget(self.button, 0, Qt.AlignmentFlag.AlignBottom)
        self.body.addLayout(line)

    def retranslate(self) -> None:
        """Labels and the date in the language of the window."""
        self._what.set_label(tr("note.what"))
        self.subject.setPlaceholderText(tr("note.follow_up_hint"))
        self._until.set_label(tr("note.until"))
        self.button.set_text(tr("note.add_task"))
        self.due.setLocale(QLocale())
        self.due.setDisplayFormat(date_field_format())

    def add(self) -> None:
        """Ask for the task and be ready for another one."""
        subject = self.subject.text().strip()
        if not subject:
            self._what.set_error(partial(tr, "note.follow_up_empty"))
            self.subject.setFocus()
            return
        self._what.set_error(None)
        self.subject.clear()
        day = self.due.date()
        self.wanted.emit(subject, date(day.year(), day.month(), day.day()))
