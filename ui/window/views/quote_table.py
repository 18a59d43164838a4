"""The line table of the quote editor: everything by keyboard, cell by cell."""

from collections.abc import Callable

from PySide6.QtCore import QAbstractItemModel, QEvent, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemDelegate,
    QAbstractItemView,
    QLineEdit,
    QStyleOptionViewItem,
    QWidget,
)

from ui.presenters.quote_contents import Offered
from ui.window import theme
from ui.window.delegates import CellDelegate
from ui.window.i18n import tr
from ui.window.models.quote_lines import DISCOUNT, MARGIN, PRODUCT, QUANTITY, QuoteLinesModel
from ui.window.views.product_field import LEAVING_KEYS, ProductField
from ui.window.widgets.record_table import RecordTable

_Index = QModelIndex | QPersistentModelIndex
_WIDTHS = (56, 230, 92, 78, 90, 88, 88, 62, 108)
_LEAST_PRODUCT = 180
_ROW = 38
_HEADER = 31
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_FILLED = "filled"
_NO_MODIFIER = Qt.KeyboardModifier.NoModifier


def key_hints(*, editable: bool) -> list[tuple[str, str]]:
    """The keys of the table for the footer; of a frozen paper only those that look."""
    keys = [
        (tr("key.tab"), tr("quote.key_cell")),
        (tr("key.enter"), tr("quote.key_line")),
        (f"{tr('key.ctrl')} D", tr("quote.key_duplicate")),
        ("Alt ↑↓", tr("key.move")),
        ("F2", tr("quote.key_explain")),
        ("F8", tr("customer.key")),
        (f"{tr('key.ctrl')} Z", tr("key.undo")),
    ]
    return keys if editable else [keys[4], keys[5], (f"{tr('key.ctrl')} P", tr("key.preview"))]


class QuoteTable(RecordTable):
    """Tab goes to the next cell, Enter to the next line; what is typed is handed out as signals."""

    product_chosen = Signal(object)
    """An `Offered` product for a new line."""
    quantity_typed = Signal(str, str)
    """Key of the line and the text."""
    discount_typed = Signal(str, str)
    line_chosen = Signal(str)
    """Another line is the current one; empty for the new line."""
    remove_wanted = Signal(str)
    duplicate_wanted = Signal(str)
    move_wanted = Signal(str, int)
    explain_wanted = Signal(str)
    optional_wanted = Signal(str)
    undo_wanted = Signal()
    cell_left = Signal()
    """No cell is open any more: what was held back may be shown."""

    def __init__(self, model: QuoteLinesModel, find: Callable[[str], list[Offered]]) -> None:
        super().__init__("", _ROW, 24, cell_focus=True)
        self.setTabKeyNavigation(False)  # it would keep Tab in the last cell; `event` leads it from cell to cell
        self.lines = model
        self._made = ""
        self._entry = _Entry(self, find)
        self.look = self._entry
        self.setItemDelegate(self._entry)
        self.setModel(model)
        triggers = QAbstractItemView.EditTrigger
        self.setEditTriggers(triggers.DoubleClicked | triggers.AnyKeyPressed)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.set_widths(_WIDTHS, PRODUCT, _LEAST_PRODUCT, figures=range(PRODUCT + 1, len(_WIDTHS)))
        model.rowsInserted.connect(self._fit)
        model.rowsRemoved.connect(self._fit)
        model.modelReset.connect(self._fit)
        self._fit()

    def show_margin(self, shown: bool) -> None:
        """The margin column, for those who may see it."""
        self.setColumnHidden(MARGIN, not shown)

    def go_to(self, key: str, column: int, edit: bool = False) -> None:
        """Make a cell the current one; an empty key means the new line."""
        row = self.lines.row_of(key) if key else self.lines.empty_row
        if row >= 0:
            index = self.lines.index(row, column)
            self.setCurrentIndex(index)
            if edit:
                self.edit(index)

    def line_made(self, key: str) -> None:
        """The chosen product has its line: the cursor goes to its quantity when the cell is closed."""
        self._made = key

    @property
    def cell_open(self) -> bool:
        """True while a cell takes what is typed."""
        return self.state() == QAbstractItemView.State.EditingState

    def end_cell(self) -> None:
        """What is being typed counts as typed."""
        field = self.focusWidget()
        if self.cell_open and field is not None and field is not self:
            self.commitData(field)
            self.closeEditor(field, QAbstractItemDelegate.EndEditHint.NoHint)

    def current_key(self) -> str:
        """Key of the current line; empty on the new line."""
        line = self.lines.line(self.currentIndex().row())
        return line.key if line else ""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The keys of the footer; any other key begins to edit the cell."""
        key, with_keys = event.key(), event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        line = self.current_key()
        if key in _ENTER:
            self._next_line()
        elif key == Qt.Key.Key_Tab and with_keys == _NO_MODIFIER:
            self._next_cell(1)
        elif key == Qt.Key.Key_Backtab:
            self._next_cell(-1)
        elif key == Qt.Key.Key_F2:
            self.explain_wanted.emit(line)
        elif key == Qt.Key.Key_D and with_keys == Qt.KeyboardModifier.ControlModifier and line:
            self.duplicate_wanted.emit(line)
        elif key == Qt.Key.Key_O and with_keys == Qt.KeyboardModifier.ControlModifier and line:
            self.optional_wanted.emit(line)
        elif key in (Qt.Key.Key_Up, Qt.Key.Key_Down) and with_keys == Qt.KeyboardModifier.AltModifier:
            if line:
                self.move_wanted.emit(line, -1 if key == Qt.Key.Key_Up else 1)
        elif _is_undo(event):
            self.undo_wanted.emit()
        elif key == Qt.Key.Key_Delete and line:
            self.remove_wanted.emit(line)
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        """Tab stays in the table while there is a next cell; Ctrl+Z is the table's before the window's."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride and _is_undo(event):
            event.accept()
            return True
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            forward = event.key() == Qt.Key.Key_Tab
            if (forward or event.key() == Qt.Key.Key_Backtab) and self._cell_beside(1 if forward else -1):
                self.keyPressEvent(event)
                return True
        return super().event(event)

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Out of the table only where the cells end."""
        return False if self._cell_beside(1 if forward else -1) else super().focusNextPrevChild(forward)

    def currentChanged(self, current: _Index, previous: _Index) -> None:
        """Tell which line is meant now."""
        super().currentChanged(current, previous)
        line = self.lines.line(current.row())
        self.line_chosen.emit(line.key if line else "")

    def closeEditor(self, editor: QWidget, hint: QAbstractItemDelegate.EndEditHint) -> None:
        """After a cell: where to go was decided by the key that ended it."""
        after, self._entry.after = self._entry.after, ""
        made, self._made = self._made, ""
        super().closeEditor(editor, QAbstractItemDelegate.EndEditHint.NoHint)
        self.setFocus()
        self.cell_left.emit()
        if made:
            self.go_to(made, QUANTITY, edit=True)
        elif after == "cell":
            self._next_cell(1)
        elif after == "back":
            self._next_cell(-1)
        elif after == "line":
            self._next_line()

    def _cell_beside(self, step: int) -> tuple[int, int] | None:
        cells = [
            (row, column)
            for row in range(self.lines.rowCount())
            for column in (PRODUCT, QUANTITY, DISCOUNT)
            if self.lines.can_edit(row, column)
        ]
        here = (self.currentIndex().row(), self.currentIndex().column())
        if step > 0:
            return next((cell for cell in cells if cell > here), None)
        return next((cell for cell in reversed(cells) if cell < here), None)

    def _next_cell(self, step: int) -> None:
        target = self._cell_beside(step)
        if target is not None:
            self.setCurrentIndex(self.lines.index(*target))

    def _next_line(self) -> None:
        row = self.currentIndex().row()
        column = self.currentIndex().column()
        if row + 1 < self.lines.rowCount():
            below = PRODUCT if row + 1 == self.lines.empty_row else column
            self.setCurrentIndex(self.lines.index(row + 1, below))

    def _fit(self) -> None:
        height = theme.px(_ROW) * self.lines.rowCount() + theme.px(_HEADER) + 2
        self.setFixedHeight(height)


def _is_undo(event: QKeyEvent) -> bool:
    return event.key() == Qt.Key.Key_Z and event.modifiers() == Qt.KeyboardModifier.ControlModifier


class _Entry(CellDelegate):
    """Editors of the three cells that take input; `after` says where the cursor goes next."""

    def __init__(self, table: QuoteTable, find: Callable[[str], list[Offered]]) -> None:
        super().__init__(table, _ROW, 24, cell_focus=True)
        self._table = table
        self._find = find
        self.after = ""

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: _Index) -> QWidget:
        """A field in the cell."""
        if index.column() == PRODUCT:
            product = ProductField(self._find, parent)
            product.left.connect(lambda key: self._leave(product, key))
            editor: QLineEdit = product
        else:
            editor = QLineEdit(parent)
            editor.setAlignment(Qt.AlignmentFlag.AlignRight)
        editor.setAccessibleName(str(index.model().headerData(index.column(), Qt.Orientation.Horizontal)))
        return editor

    def setEditorData(self, editor: QWidget, index: _Index) -> None:
        """Begin with the value, all of it selected; a value that arrives later never replaces what is typed."""
        if isinstance(editor, QLineEdit) and not isinstance(editor, ProductField) and not editor.property(_FILLED):
            editor.setProperty(_FILLED, True)
            editor.setText(str(index.data(Qt.ItemDataRole.EditRole.value) or ""))
            editor.selectAll()

    def setModelData(self, editor: QWidget, model: QAbstractItemModel, index: _Index) -> None:
        """Hand out what was typed; the presenter decides."""
        line = self._table.lines.line(index.row())
        if isinstance(editor, QLineEdit) and line is not None:
            wanted = self._table.quantity_typed if index.column() == QUANTITY else self._table.discount_typed
            wanted.emit(line.key, editor.text())

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, index: _Index) -> None:
        """The field fills its cell."""
        editor.setGeometry(option.rect.adjusted(2, 3, -2, -4))

    def eventFilter(self, watched: QWidget, event: QEvent) -> bool:  # type: ignore[override]
        """Tab and Enter end a figure and say where to go; a product field says so itself.

        Ctrl+Z in a figure nobody has changed yet is meant for the line.
        """
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress and _is_undo(event):
            if isinstance(watched, QLineEdit) and not watched.isUndoAvailable():
                self.closeEditor.emit(watched, QAbstractItemDelegate.EndEditHint.NoHint)
                self._table.undo_wanted.emit()
                return True
            return super().eventFilter(watched, event)
        leaving = isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress and event.key() in LEAVING_KEYS
        if not leaving:
            return super().eventFilter(watched, event)
        if isinstance(watched, ProductField):
            return False
        self._say_where(event.key())  # type: ignore[attr-defined]
        self.commitData.emit(watched)
        self.closeEditor.emit(watched, QAbstractItemDelegate.EndEditHint.NoHint)
        return True

    def _say_where(self, key: int) -> None:
        self.after = "line" if key in _ENTER else "back" if key == Qt.Key.Key_Backtab else "cell"

    def _leave(self, field: ProductField, key: int) -> None:
        nothing_typed = not field.text().strip()
        product = field.take()
        if product is not None:
            field.matches.hide()
            self._table.product_chosen.emit(product)
        elif nothing_typed:
            self._say_where(key)
        else:
            return  # nothing of that name: the text stays, so that it can be corrected
        self.closeEditor.emit(field, QAbstractItemDelegate.EndEditHint.NoHint)
