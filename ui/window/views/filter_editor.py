"""Making one condition of a list: any declared field, a comparison, a value."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QComboBox, QWidget

from crm_desktop.errors import InvalidInput
from crm_desktop.model.facts import Kind
from crm_desktop.store.computed import list_fields
from crm_desktop.store.lists import Filter
from ui.presenters.list_filters import comparisons, filter_fields, needs_value, value_facts, word_of
from ui.window.error_banner import error_words
from ui.window.i18n import language, tr
from ui.window.page import Shell
from ui.window.views.field_editors import Editor, make_editor
from ui.window.views.layout import STRETCH, boxed, column, row
from ui.window.widgets.button import ghost, normal
from ui.window.widgets.label import Label
from ui.window.widgets.surface import hline, surface


class FilterEditor(QWidget):
    """A row below the filters. Enter applies, Escape closes."""

    applied = Signal(object, str)
    """The filter and the words of its value."""
    closed = Signal()

    def __init__(self, shell: Shell, entity: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        surface(self, "sunken")
        self._shell = shell
        self._entity = entity
        self._permissions = shell.app.permissions
        self.fields = QComboBox()
        self.fields.setObjectName("filter_field")
        self.ops = QComboBox()
        self.ops.setObjectName("filter_comparison")
        self.editor: Editor | None = None
        self._slot = row(spacing=0)
        self._error = Label("", "cap", "bad", wrap=True)
        self._apply = normal(tr("action.apply"))
        self._cancel = ghost(tr("action.cancel"))
        line = row(
            self.fields, self.ops, boxed(self._slot), self._apply, self._cancel, STRETCH, margins=(24, 10, 20, 10)
        )
        self._error_box = boxed(row(self._error, margins=(24, 0, 20, 8)))
        self.setLayout(column(line, self._error_box, hline()))
        self._error_box.hide()
        self.fields.currentIndexChanged.connect(self._field_changed)
        self.ops.currentIndexChanged.connect(self._op_changed)
        self._apply.clicked.connect(self.apply)
        self._cancel.clicked.connect(self.closed)
        self.retranslate()
        self.hide()

    def open_for(self, former: Filter | None, title: str = "") -> None:
        """Begin a new condition or change one; `title` names the record a former condition points to."""
        self._error_box.hide()
        if self._permissions != self._shell.app.permissions:
            self._permissions = self._shell.app.permissions
            self.retranslate()
        if former is not None:
            self.fields.setCurrentIndex(max(0, self.fields.findData(former.field)))
            self.ops.setCurrentIndex(max(0, self.ops.findData(former.op)))
            if self.editor is not None and former.value is not None:
                self.editor.set_value(former.value, title)
        else:
            self._field_changed()
        self.show()
        self.fields.setFocus(Qt.FocusReason.OtherFocusReason)

    def retranslate(self) -> None:
        """Fields and buttons in the language of the window."""
        chosen = self.fields.currentData()
        self.fields.blockSignals(True)
        self.fields.clear()
        for name, facts in filter_fields(self._entity, self._permissions).items():
            self.fields.addItem(facts.label(language()), name)
        self.fields.setCurrentIndex(max(0, self.fields.findData(chosen)))
        self.fields.blockSignals(False)
        self.fields.setAccessibleName(tr("filter.field"))
        self.ops.setAccessibleName(tr("filter.comparison"))
        self._apply.set_text(tr("action.apply"))
        self._cancel.set_text(tr("action.cancel"))
        self._field_changed()

    def apply(self) -> None:
        """Take the condition; what cannot be read is said below."""
        field, op = str(self.fields.currentData()), str(self.ops.currentData())
        value, words = None, ""
        if needs_value(op) and self.editor is not None:
            try:
                value = self.editor.value()
            except InvalidInput as error:
                self._say(" ".join(error_words(error)))
                return
            if value in (None, "", []):
                self._say(tr("filter.value_missing"))
                return
            words = self._words(value)
        self.hide()
        self.applied.emit(Filter(field, op, value), words)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter applies, Escape closes."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.apply()
        elif event.key() == Qt.Key.Key_Escape:
            self.closed.emit()
        else:
            super().keyPressEvent(event)

    def _say(self, sentence: str) -> None:
        self._error.set_text(sentence)
        self._error_box.show()

    def _words(self, value: object) -> str:
        facts = list_fields(self._entity)[str(self.fields.currentData())]
        if facts.kind is Kind.REFERENCE and self.editor is not None:
            return str(getattr(self.editor.widget, "text", str)())
        return ""

    def _field_changed(self) -> None:
        facts = list_fields(self._entity)[str(self.fields.currentData())]
        self.ops.blockSignals(True)
        self.ops.clear()
        for op in comparisons(facts):
            self.ops.addItem(tr(word_of(op, facts)), op)
        self.ops.blockSignals(False)
        self._op_changed()

    def _op_changed(self) -> None:
        name, op = str(self.fields.currentData()), str(self.ops.currentData())
        facts = value_facts(list_fields(self._entity)[name], op)
        if self.editor is not None:
            self._slot.removeWidget(self.editor.widget)
            self.editor.widget.hide()
            self.editor.widget.deleteLater()
            self.editor = None
        if needs_value(op):
            self.editor = make_editor(name, facts, self._shell)
            self.editor.widget.setObjectName("filter_value")
            self.editor.widget.setMinimumWidth(180)
            self.editor.widget.setAccessibleName(tr("filter.value"))
            if facts.kind is Kind.BOOLEAN:
                self.editor.set_value(True)
            self._slot.addWidget(self.editor.widget)
            # At once, so that the next key can go there.
            self.editor.widget.show()
