"""What is asked before a step of a quote: the reason for an approval, why it was lost. In the page, never over it."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QLineEdit, QWidget

from crm_desktop.model.wire import field_facts
from crm_desktop.rules.closing import loss_lacks
from ui.window.i18n import language, tr
from ui.window.views.layout import STRETCH, column, row
from ui.window.widgets.button import Button
from ui.window.widgets.field_row import FieldRow
from ui.window.widgets.label import Label
from ui.window.widgets.surface import Panel
from ui.window.window_keys import part_keys


class StepForm(Panel):
    """A title, fields, one button that does it and one that does not. Esc closes it, Enter in a line does it."""

    closed = Signal()

    def __init__(self, fields: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(margin=14, parent=parent)
        self.title = Label("", "h3")
        self.done, self.cancel = Button("", "primary"), Button("", "normal")
        self.done.clicked.connect(self.carry_out)
        self.cancel.clicked.connect(self.close_form)
        self.body.addWidget(self.title)
        self.body.addWidget(fields)
        self.body.addLayout(row(self.done, self.cancel, STRETCH))
        part_keys(self, {"Escape": self.close_form})
        self.hide()

    def begin(self) -> None:
        """Show it, ready for the first key."""
        self.clear()
        self.show()
        self.first().setFocus(Qt.FocusReason.OtherFocusReason)

    def close_form(self) -> None:
        """Nothing is done."""
        self.hide()
        self.closed.emit()

    def first(self) -> QWidget:
        """Where typing begins."""
        raise NotImplementedError

    def clear(self) -> None:
        """Empty the fields."""
        raise NotImplementedError

    def carry_out(self) -> None:
        """Do the step; a mistake is said at its field."""
        raise NotImplementedError

    def retranslate(self) -> None:
        """The words again."""
        self.cancel.set_text(tr("action.cancel"))


class AskForm(StepForm):
    """Why this price; the lines above the ceiling are named by the warning."""

    def __init__(self, ask: Callable[[str], None]) -> None:
        self._ask = ask
        self.reason = QLineEdit()
        self._reason = FieldRow("", self.reason)
        super().__init__(self._reason)
        self.reason.returnPressed.connect(self.carry_out)
        self.reason.textEdited.connect(lambda _text: self._reason.set_error(None))

    def first(self) -> QWidget:
        """The reason."""
        return self.reason

    def clear(self) -> None:
        """A new reason."""
        self.reason.clear()
        self._reason.set_error(None)

    def carry_out(self) -> None:
        """A reason is needed: who decides has nothing else to go by."""
        reason = self.reason.text().strip()
        if not reason:
            self._reason.set_error(partial(tr, "approvals.reason_missing"))
            self.reason.setFocus()
            return
        self.hide()
        self._ask(reason)

    def retranslate(self) -> None:
        """The words again."""
        super().retranslate()
        self.title.set_text(tr("approvals.ask_title"))
        self._reason.set_label(tr("approvals.reason"))
        self.done.set_text(tr("approvals.ask"))


class LostForm(StepForm):
    """Reason, competitor, price gap, a word. `lose` says whether the figures could be read."""

    def __init__(self, lose: Callable[[str, str, str, str], bool]) -> None:
        self._lose = lose
        self.reason, self.competitor, self.gap, self.note = QComboBox(), QLineEdit(), QLineEdit(), QLineEdit()
        self._fields = [FieldRow("", field) for field in (self.reason, self.competitor, self.gap, self.note)]
        holder = QWidget()
        first = row(*self._fields[:3], spacing=12)
        for place, share in enumerate((3, 4, 2)):
            first.setStretch(place, share)
        holder.setLayout(column(first, self._fields[3], spacing=8))
        super().__init__(holder)
        for line in (self.competitor, self.gap, self.note):
            line.returnPressed.connect(self.carry_out)
        self.gap.textEdited.connect(lambda _text: self._fields[2].set_error(None))
        self.reason.activated.connect(lambda _at: self._fields[0].set_error(None))

    def first(self) -> QWidget:
        """The reason."""
        return self.reason

    def clear(self) -> None:
        """Nothing is chosen beforehand: a default would become the most frequent reason."""
        for line in (self.competitor, self.gap, self.note):
            line.clear()
        self.reason.setCurrentIndex(0)
        for field in self._fields:
            field.set_error(None)

    def carry_out(self) -> None:
        """Without a reason, and a name where somebody else made the sale, it stays open."""
        chosen = str(self.reason.currentData() or "")
        lacking = loss_lacks({"lost_reason": chosen, "competitor": self.competitor.text()})
        for field, name in ((self._fields[0], "reason"), (self._fields[1], "competitor")):
            field.set_error(partial(tr, f"lost.{name}_missing") if lacking == name else None)
        if lacking:
            (self.reason if lacking == "reason" else self.competitor).setFocus()
            return
        if self._lose(chosen, self.competitor.text(), self.gap.text(), self.note.text()):
            self.hide()
        else:
            self._fields[2].set_error(partial(tr, "lost.bad_gap"))
            self.gap.setFocus()

    def retranslate(self) -> None:
        """The words again, what is chosen stays."""
        super().retranslate()
        self.title.set_text(tr("lost.title"))
        self.done.set_text(tr("lost.close"))
        facts = field_facts("quote")
        for field, name in zip(
            self._fields, ("lost_reason", "competitor", "price_gap_percent", "lost_note"), strict=True
        ):
            field.set_label(facts[name].label(language()))
        chosen = self.reason.currentIndex()
        self.reason.clear()
        self.reason.addItem(tr("lost.choose"), "")
        for choice in facts["lost_reason"].choices:
            self.reason.addItem(choice.label(language()), choice.value)
        self.reason.setCurrentIndex(max(0, chosen))
