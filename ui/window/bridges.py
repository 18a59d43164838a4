"""From the store's writer thread and the sync runner's threads to Qt signals on the main thread."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from crm_desktop.store.changes import ChangeSet
from crm_desktop.store.client_store import ClientStore
from ui.presenters.last_run import LastRun, last_run

_GATHER_MS = 40


class StoreBridge(QObject):
    """Gathers the store's changes for a moment and tells them once."""

    changed = Signal(object, object)
    """Kinds and ids of the records that changed (two frozensets)."""
    _arrived = Signal(object)

    def __init__(self, store: ClientStore, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._kinds: set[str] = set()
        self._ids: set[tuple[str, str]] = set()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_GATHER_MS)
        self._timer.timeout.connect(self._tell)
        self._arrived.connect(self._gather)
        self._leave: Callable[[], None] = store.on_change(self._from_writer)

    @property
    def gathering(self) -> bool:
        """True while changes were heard and not told yet."""
        return self._timer.isActive()

    def close(self) -> None:
        """Hear no more."""
        self._leave()
        self._timer.stop()

    def _from_writer(self, change: ChangeSet) -> None:
        self._arrived.emit(change)

    def _gather(self, change: ChangeSet) -> None:
        self._kinds |= change.kinds
        self._ids |= change.ids
        self._timer.start()

    def _tell(self) -> None:
        kinds, ids = frozenset(self._kinds), frozenset(self._ids)
        self._kinds.clear()
        self._ids.clear()
        self.changed.emit(kinds, ids)


class StatusBridge(QObject):
    """The runner's status on the main thread; the newest is kept."""

    changed = Signal(object)
    _arrived = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.latest: Any = None
        self._remembered: LastRun | None = None
        self._arrived.connect(self._take)

    @property
    def last_run(self) -> LastRun | None:
        """The last success; after a start without network the one the history remembers."""
        return last_run(self.latest, self._remembered)

    def remember(self, found: LastRun | None) -> None:
        """What the history knows; it counts until the runner knows better."""
        self._remembered = found
        self.changed.emit(self.latest)

    def from_runner(self, status: Any) -> None:
        """Called by the runner's threads."""
        self._arrived.emit(status)

    def _take(self, status: Any) -> None:
        self.latest = status
        self.changed.emit(status)
