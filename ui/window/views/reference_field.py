"""A field that points to another record: type a part of its name, choose from what is found."""

from PySide6.QtCore import QModelIndex, QStringListModel, Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QCompleter, QLineEdit, QWidget

from ui.presenters import reference
from ui.window.page import Shell

_WAIT_MS = 80


class ReferenceField(QLineEdit):
    """Holds an id and shows a title. Text that names nothing leaves the field without a value."""

    changed = Signal()

    def __init__(self, shell: Shell, entity: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shell = shell
        self._entity = entity
        self._id: str | None = None
        self._title = ""
        self._found: list[tuple[str, str]] = []
        self._model = QStringListModel(self)
        completer = QCompleter(self._model, self)
        completer.setCompletionMode(QCompleter.CompletionMode.UnfilteredPopupCompletion)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        # The place in the list is meant, because two records may have one name.
        completer.activated[QModelIndex].connect(self._chosen)  # type: ignore[index]
        self.setCompleter(completer)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_WAIT_MS)
        self._timer.timeout.connect(self._look)
        self.textEdited.connect(self._typed)

    def value(self) -> str | None:
        """The id, None while nothing is chosen."""
        return self._id if self.text().strip() else None

    def unresolved(self) -> bool:
        """Whether something is typed that names no record yet."""
        return bool(self.text().strip()) and self._id is None

    def set_value(self, record_id: str | None, title: str = "") -> None:
        """Point to a record."""
        self._id = record_id or None
        self._title = title
        self.setText(title)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """A single find that is spelled like what was typed is taken."""
        super().focusOutEvent(event)
        if self._id is None:
            typed = self.text().strip().casefold()
            same = [item for item in self._found if item[1].casefold() == typed]
            if len(same) == 1:
                self._take(*same[0])

    def _typed(self, text: str) -> None:
        self._id = None
        self._timer.start()
        if not text.strip():
            self.changed.emit()

    def _look(self) -> None:
        text, store, entity = self.text(), self._shell.app.store, self._entity
        self._shell.tasks.read(
            lambda: store.read(lambda reader: reference.candidates(reader, entity, text)),
            self._offer,
            key=f"reference {id(self)}",
        )

    def _offer(self, found: list[tuple[str, str]]) -> None:
        self._found = found
        self._model.setStringList([title for _, title in found])
        exact = [item for item in found if item[1].casefold() == self.text().strip().casefold()]
        if len(exact) == 1:
            self._take(*exact[0])
        if self.hasFocus() and found and not (len(found) == 1 and exact):
            self.completer().complete()

    def _chosen(self, index: QModelIndex) -> None:
        if 0 <= index.row() < len(self._found):
            self._take(*self._found[index.row()])

    def _take(self, record_id: str, title: str) -> None:
        self._id = record_id
        self._title = title
        if self.text() != title:
            self.setText(title)
        self.changed.emit()
