"""The conditions and the order of a list: what the bar, the editor, the finder and the headings make of them."""

from dataclasses import replace
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from crm_desktop.store.computed import list_fields
from crm_desktop.store.lists import Filter, ListQuery
from ui.presenters.list_columns import Column, ListSpec, Look
from ui.presenters.list_filters import replaced, without
from ui.window.page import Shell
from ui.window.views.filter_editor import FilterEditor
from ui.window.views.list_head import ListHead

_TYPING_MS = 160
_LAST_FIRST = (Look.DATE, Look.INSTANT, Look.MONEY, Look.NUMBER)


class ListConditions(QObject):
    """`query` is the list as it is wanted; `titles` name the records its conditions point to."""

    changed = Signal()
    """Another list is wanted."""
    finished = Signal()
    """A condition was made or given up: the keyboard belongs to the list again."""

    def __init__(self, shell: Shell, spec: ListSpec, head: ListHead, parent: QObject) -> None:
        super().__init__(parent)
        self._spec = spec
        self._head = head
        self._editing: int | None = None
        self.query = self.whole_list()
        self.titles: dict[tuple[str, str], str] = {}
        self.editor = FilterEditor(shell, spec.entity)
        self._typing = QTimer(self)
        self._typing.setSingleShot(True)
        self._typing.setInterval(_TYPING_MS)
        self._typing.timeout.connect(self.search)
        head.filters.add_clicked.connect(self.add)
        head.filters.edited.connect(self._edit)
        head.filters.removed.connect(lambda key: self.set_filters(without(self.query.filters, int(key))))
        head.finder.textEdited.connect(lambda _text: self._typing.start())
        head.finder.returnPressed.connect(self._entered)
        self.editor.applied.connect(self._made)
        self.editor.closed.connect(self._closed)

    def whole_list(self) -> ListQuery:
        """The list as it is without conditions, in its first order."""
        return ListQuery(self._spec.entity, (), self._spec.sort, self._spec.descending)

    def retranslate(self) -> None:
        """Conditions in the language of the window."""
        self.editor.retranslate()
        self._show()

    def show(self, query: ListQuery) -> None:
        """Want another list of these records; the finder says what is searched for."""
        if query.search != self._head.finder.text().strip():
            self._head.finder.setText(query.search)
        self.query = query
        self._show()
        self.changed.emit()

    def take_back(self, query: ListQuery) -> None:
        """What is wanted is what is on the screen again."""
        self._head.finder.setText(query.search)
        self.query = query
        self._show()

    def set_filters(self, filters: tuple[Filter, ...]) -> None:
        """Want the list under other conditions."""
        self.show(replace(self.query, filters=filters))

    def clear(self) -> None:
        """Want every record, in the order of now."""
        self.show(replace(self.query, filters=(), search=""))

    def search(self) -> None:
        """Want what the finder says, at once."""
        self._typing.stop()
        self.show(replace(self.query, search=self._head.finder.text().strip()))

    def sort_by(self, column: Column) -> None:
        """Sort by a column; a second time turns the order round."""
        if not column.sort:
            return
        again = self.query.sort == column.sort
        descending = not self.query.descending if again else column.look in _LAST_FIRST
        self.show(replace(self.query, sort=column.sort, descending=descending))

    def add(self) -> None:
        """Begin another condition."""
        self._editing = None
        self.editor.open_for(None)

    def _edit(self, key: str) -> None:
        self._editing = int(key)
        former = self.query.filters[self._editing]
        facts = list_fields(self._spec.entity)[former.field]
        self.editor.open_for(former, self.titles.get((facts.ref or "", str(former.value)), ""))

    def _made(self, made: Filter, words: str) -> None:
        facts = list_fields(self._spec.entity)[made.field]
        if facts.ref and words:
            self.titles[facts.ref, str(made.value)] = words
        self.set_filters(replaced(self.query.filters, self._editing, made))
        self.finished.emit()

    def _closed(self) -> None:
        self.editor.hide()
        self.finished.emit()

    def _entered(self) -> None:
        if self._typing.isActive():  # the next Enter opens a row: not one of the list before
            self.search()
        self.finished.emit()

    def _show(self) -> None:
        self._head.show_filters(self.query, self.titles)

    def know(self, names: dict[tuple[str, str], Any]) -> None:
        """Titles of records the conditions of a saved list point to."""
        self.titles |= names
