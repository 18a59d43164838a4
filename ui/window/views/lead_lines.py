"""Lines to type leads into: one that is emptied by Enter, or a sheet of them that grows as it is filled."""

from collections.abc import Callable, Mapping
from functools import partial

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QGridLayout, QLineEdit, QWidget

from crm_desktop.model.wire import field_facts
from ui.presenters.lead_capture import FIELDS
from ui.window.i18n import language, tr
from ui.window.views.layout import row
from ui.window.widgets.field_row import FieldRow
from ui.window.widgets.label import Label
from ui.window.widgets.undo_way import UndoWay

_SHARES = (3, 3, 3, 2, 4)
_FIRST_LINES = 8


class LeadLine(QWidget):
    """One lead in one line. Enter in any field saves it."""

    entered = Signal()
    edited = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.fields = {name: QLineEdit() for name in FIELDS}
        self._rows = {name: FieldRow("", field) for name, field in self.fields.items()}
        line = row(*self._rows.values(), spacing=10)
        for place, share in enumerate(_SHARES):
            line.setStretch(place, share)
        self.setLayout(line)
        for name, field in self.fields.items():
            field.setObjectName(f"lead_{name}")
            field.returnPressed.connect(self.entered)
            UndoWay(field)
            field.textEdited.connect(lambda _text: self._edited())
        self.retranslate()

    def values(self) -> dict[str, str]:
        """What was typed."""
        return {name: text for name, field in self.fields.items() if (text := field.text().strip())}

    def clear(self) -> None:
        """The next lead."""
        for field in self.fields.values():
            field.setText("")  # not clear(): that would be one more step of typing to undo
        self.say(None)
        self.begin()

    def put_back(self, values: Mapping[str, str]) -> None:
        """What could not be saved, unless the next lead is begun already."""
        if not self.values():
            for name, field in self.fields.items():
                field.setText(str(values.get(name) or ""))

    def begin(self) -> None:
        """Where typing begins."""
        self.fields["name"].setFocus(Qt.FocusReason.OtherFocusReason)

    def say(self, sentence: Callable[[], str] | None) -> None:
        """What is wrong, below the first field; None for nothing."""
        self._rows["name"].set_error(sentence)

    def retranslate(self) -> None:
        """Labels in the language of the window."""
        facts = field_facts("lead")
        for name, field in self._rows.items():
            field.set_label(facts[name].label(language()))

    def _edited(self) -> None:
        self.say(None)
        self.edited.emit()


class LeadSheet(QWidget):
    """Lines below each other. Enter goes one down, the last line that is begun brings a new one."""

    edited = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(8)
        self._grid.setVerticalSpacing(6)
        self._heads = [Label("", "sec") for _ in FIELDS]
        for place, head in enumerate(self._heads, 1):
            self._grid.addWidget(head, 0, place)
            self._grid.setColumnStretch(place, _SHARES[place - 1])
        self.lines: list[dict[str, QLineEdit]] = []
        self._watchers: list[_Down] = []
        for _ in range(_FIRST_LINES):
            self._add()
        self.retranslate()

    def values(self) -> list[dict[str, str]]:
        """The leads typed, without empty lines."""
        typed = [{name: text for name, field in line.items() if (text := field.text().strip())} for line in self.lines]
        return [values for values in typed if values]

    def clear(self) -> None:
        """A new sheet."""
        for line in self.lines:
            for field in line.values():
                field.setText("")
        self.begin()

    def begin(self) -> None:
        """Where typing begins."""
        self.lines[0]["name"].setFocus(Qt.FocusReason.OtherFocusReason)

    def retranslate(self) -> None:
        """Headings in the language of the window."""
        facts = field_facts("lead")
        for head, name in zip(self._heads, FIELDS, strict=True):
            head.set_text(facts[name].label(language()))
        for number, line in enumerate(self.lines, 1):
            for name, field in line.items():
                field.setAccessibleName(tr("leads.cell", field=facts[name].label(language()), line=number))

    def _add(self) -> None:
        number = len(self.lines)
        line = {name: QLineEdit() for name in FIELDS}
        self._grid.addWidget(Label(str(number + 1), "cap", tabular=True), number + 1, 0)
        facts = field_facts("lead")
        for place, (name, field) in enumerate(line.items(), 1):
            field.setObjectName(f"sheet_{number}_{name}")
            field.setAccessibleName(tr("leads.cell", field=facts[name].label(language()), line=number + 1))
            field.textEdited.connect(lambda _text, number=number: self._typed(number))
            UndoWay(field)
            self._watchers.append(_Down(field, partial(self._go, number, name)))
            self._grid.addWidget(field, number + 1, place)
            field.show()  # the focus may come before the next layout
        self.lines.append(line)

    def _typed(self, number: int) -> None:
        if number == len(self.lines) - 1:
            self._add()
        self.edited.emit()

    def _go(self, number: int, name: str, by: int) -> None:
        number += by
        if 0 <= number < len(self.lines):
            self.lines[number][name].setFocus(Qt.FocusReason.OtherFocusReason)


class _Down(QObject):
    """Enter and the arrow keys go from line to line."""

    def __init__(self, field: QLineEdit, go: Callable[[int], None]) -> None:
        super().__init__(field)
        self._go = go
        field.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """One line down or up."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress and not event.modifiers():
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Down):
                self._go(1)
                return True
            if event.key() == Qt.Key.Key_Up:
                self._go(-1)
                return True
        return super().eventFilter(watched, event)
