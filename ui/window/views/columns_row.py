"""Choosing the columns of a list, in a row below its head: each column is a pill that is on or off."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.presenters.list_choice import choosable, chosen_columns, keys_of
from ui.presenters.list_columns import Column, ListSpec
from ui.window.i18n import tr
from ui.window.models.list_cells import heading
from ui.window.page import Shell
from ui.window.views.layout import STRETCH, boxed, column, row
from ui.window.widgets.button import Button, ghost, link
from ui.window.widgets.flow_layout import FlowLayout
from ui.window.widgets.label import Label
from ui.window.widgets.restyle import restyle
from ui.window.widgets.surface import hline, surface

_KEY = "columns"


class ColumnsRow(QWidget):
    """Takes effect with each press and is kept for the page; Escape closes."""

    chosen = Signal(object)
    """The columns to show (tuple[Column, ...])."""
    stepped = Signal(str, int)
    """The column of this key wider (1) or narrower (-1)."""
    own_wanted = Signal()
    """The page's own columns and widths again."""

    def __init__(self, shell: Shell, spec: ListSpec) -> None:
        super().__init__()
        surface(self, "sunken")
        self._shell = shell
        self._spec = spec
        self.columns: tuple[Column, ...] = spec.columns
        self.pills: list[Button] = []
        self._label = Label("", "sec")
        self._advice = Label("", "cap")
        self._pills = QWidget()
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self._pills.setSizePolicy(policy)
        self._flow = FlowLayout(self._pills, spacing=6)
        self._own = link("")
        self._close = ghost("")
        head = row(self._label, self._advice, STRETCH, self._own, self._close)
        self.setLayout(column(boxed(column(head, 6, self._pills, margins=(24, 8, 20, 10))), hline()))
        self._own.clicked.connect(lambda: self._choose(()))
        self._own.clicked.connect(self.own_wanted)
        self._close.clicked.connect(self.hide)
        self.hide()

    def read(self) -> None:
        """The choice kept for this page."""
        store, name = self._shell.app.store, self._name
        self._shell.tasks.read(lambda: store.get_setting(name) or "", self._read, key=name)

    def show_columns(self, keys: Sequence[str]) -> None:
        """Show these without keeping them, as a saved list wants it."""
        self._apply(chosen_columns(self._spec, keys, self._shell.app.permissions))

    def toggle(self) -> None:
        """Open or close."""
        if self.isVisible():
            self.hide()
            return
        self.retranslate()
        self.show()
        self.pills[0].setFocus(Qt.FocusReason.OtherFocusReason)

    def retranslate(self) -> None:
        """Every word again."""
        self.setAccessibleName(tr("list.columns"))
        self._label.set_text(tr("list.columns"))
        self._advice.set_text(tr("list.width_keys"))
        self._own.set_text(tr("list.own_columns"))
        self._close.set_text(tr("support.close"))
        shown = keys_of(self.columns)
        offered = choosable(self._spec, self._shell.app.permissions)
        while len(self.pills) < len(offered):
            pill = Button("", "filter")
            pill.setCheckable(True)
            pill.clicked.connect(self._pressed)
            self.pills.append(pill)
            self._flow.addWidget(pill)
        for pill, item in zip(self.pills, offered, strict=False):
            pill.setObjectName(item.key)
            pill.set_text(heading(self._spec, item))
            self._mark(pill, on=item.key in shown)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape closes; + and − make the column under the keys wider and narrower."""
        pill = self.focusWidget()
        by = {"+": 1, "-": -1, "\u2212": -1}.get(event.text(), 0)
        if event.key() == Qt.Key.Key_Escape:
            self.hide()
        elif by and isinstance(pill, Button) and pill.isChecked():
            self.stepped.emit(pill.objectName(), by)
        else:
            super().keyPressEvent(event)

    @property
    def _name(self) -> str:
        return f"{_KEY}.{self._spec.page}"

    def _read(self, kept: str) -> None:
        if kept:
            self.show_columns(kept.split(","))

    def _pressed(self) -> None:
        before = keys_of(self.columns)
        on = [pill.objectName() for pill in self.pills if pill.isChecked()]
        self._choose((*(key for key in before if key in on), *(key for key in on if key not in before)))

    def _choose(self, keys: Sequence[str]) -> None:
        self._apply(chosen_columns(self._spec, keys, self._shell.app.permissions))
        store, name, kept = self._shell.app.store, self._name, ",".join(keys)
        self._shell.tasks.write(lambda: store.set_setting(name, kept))

    def _apply(self, columns: tuple[Column, ...]) -> None:
        self.columns = columns
        shown = keys_of(columns)
        for pill in self.pills:
            self._mark(pill, on=pill.objectName() in shown)
        self.chosen.emit(columns)

    @staticmethod
    def _mark(pill: Button, *, on: bool) -> None:
        pill.setChecked(on)
        pill.setProperty("k", "filter" if on else "filteradd")
        restyle(pill)
        pill.set_icon("check" if on else "plus", "accent" if on else "")
