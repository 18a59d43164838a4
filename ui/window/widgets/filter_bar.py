"""The conditions of a list in words, each with a cross, and a block that adds one."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from ui.window.widgets.button import Button
from ui.window.widgets.flow_layout import FlowLayout


class FilterBar(QWidget):
    """Blocks of 26 px that flow. Click or Enter changes a condition; its cross or Delete removes it."""

    edited = Signal(str)
    removed = Signal(str)
    add_clicked = Signal()

    def __init__(self, name: str, add_text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self._flow = FlowLayout(self, spacing=6)
        self._add = Button(add_text, "filteradd", "plus")
        self._add.clicked.connect(self.add_clicked)
        self._flow.addWidget(self._add)
        self.blocks: list[FilterBlock] = []

    def set_words(self, name: str, add_text: str) -> None:
        """Name and button in another language."""
        self.setAccessibleName(name)
        self._add.set_text(add_text)

    def set_filters(self, filters: Sequence[tuple[str, str, str]]) -> None:
        """Show these conditions: key, the condition in words, the name of the cross for a screen reader."""
        for block in self.blocks:
            self._flow.removeWidget(block)
            block.hide()
            block.deleteLater()
        self._flow.removeWidget(self._add)
        self.blocks = [FilterBlock(text, remove_name) for _key, text, remove_name in filters]
        for block, (key, _text, _name) in zip(self.blocks, filters, strict=True):
            block.clicked.connect(lambda _checked=False, key=key: self.edited.emit(key))
            block.cross.clicked.connect(lambda _checked=False, key=key: self.removed.emit(key))
            self._flow.addWidget(block)
        self._flow.addWidget(self._add)


class FilterBlock(Button):
    """One condition and its cross."""

    def __init__(self, text: str, remove_name: str) -> None:
        super().__init__(text, "filter")
        self.cross = Button("", "cross", "x", name=remove_name, icon_size=13)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 4, 0)
        row.addWidget(self.cross, 0, Qt.AlignmentFlag.AlignRight)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Delete and Backspace are the cross."""
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.cross.click()
        else:
            super().keyPressEvent(event)
