"""The cell in which a product is looked for, with the matches right below it."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QPoint, Qt, Signal
from PySide6.QtGui import QHideEvent, QKeyEvent
from PySide6.QtWidgets import QFrame, QLineEdit, QListWidget, QWidget

from ui.presenters.quote_contents import Offered
from ui.window import theme
from ui.window.i18n import tr
from ui.window.widgets.surface import surface

LEAVING_KEYS = (Qt.Key.Key_Tab, Qt.Key.Key_Backtab, Qt.Key.Key_Return, Qt.Key.Key_Enter)
_ROW = 28
_SHOWN = 8
_WIDTH = 420


class ProductField(QLineEdit):
    """Finds a product by number or name; Enter or Tab takes the marked one, else the best match.

    The list is a child of the window: a popup of its own would take the keyboard away from the cell.
    """

    left = Signal(int)
    """A key that ends the cell was pressed; the argument is the key."""

    def __init__(self, find: Callable[[str], list[Offered]], parent: QWidget) -> None:
        super().__init__(parent)
        self._find = find
        self._found: list[Offered] = []
        self._taken = False
        self.matches = QListWidget(self.window())
        surface(self.matches, "panel")
        self.matches.setFrameShape(QFrame.Shape.NoFrame)
        self.matches.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.matches.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.matches.setAccessibleName(tr("quote.matches"))
        self.matches.hide()
        self.matches.itemPressed.connect(lambda _item: self.left.emit(Qt.Key.Key_Return.value))
        self.textEdited.connect(self._on_typed)
        self.destroyed.connect(self.matches.deleteLater)

    def take(self) -> Offered | None:
        """The product meant, once: leaving the field twice must not make two lines."""
        if self._taken or not self._found or not self.text().strip():
            return None
        self._taken = True
        row = self.matches.currentRow()
        return self._found[row] if 0 <= row < len(self._found) else self._found[0]

    def event(self, event: QEvent) -> bool:
        """Tab and Enter end the cell, arrows go through the matches."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if event.key() in LEAVING_KEYS:
                event.accept()
                self.left.emit(event.key())
                return True
            if event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down) and self.matches.isVisible():
                step = 1 if event.key() == Qt.Key.Key_Down else -1
                row = (self.matches.currentRow() + step) % self.matches.count()
                self.matches.setCurrentRow(row)
                self.setAccessibleDescription(self.matches.currentItem().text())
                return True
        return super().event(event)

    def hideEvent(self, event: QHideEvent) -> None:
        """The list goes with the cell."""
        self.matches.hide()
        super().hideEvent(event)

    def _on_typed(self, text: str) -> None:
        self._found = self._find(text)
        self.matches.clear()
        self.matches.addItems([f"{item.number}   {item.name}, {item.unit}" for item in self._found])
        if not self._found:
            self.matches.hide()
            return
        self.matches.setCurrentRow(0)
        self.setAccessibleDescription(self.matches.currentItem().text())
        below = self.mapTo(self.window(), QPoint(-2, self.height() + 4))
        height = theme.px(_ROW) * min(_SHOWN, len(self._found)) + 10
        if below.y() + height > self.window().height():
            below = self.mapTo(self.window(), QPoint(-2, -height - 4))
        self.matches.setGeometry(below.x(), below.y(), theme.px(_WIDTH), height)
        self.matches.show()
        self.matches.raise_()
