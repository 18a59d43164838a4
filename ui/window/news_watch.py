"""Hears what a sync brought, keeps it for the feed and tells what waits for the user: each once."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from crm_desktop.store.changes import ChangeSet
from ui.compose import App
from ui.presenters.news import MANY, NewsLog, Notice, all_seen, keep_log, load_log, take
from ui.presenters.tasks import Tasks

_GATHER_MS = 250


class NewsWatch(QObject):
    """Lives as long as its window. `tell` gets what has to be told, on the main thread."""

    changed = Signal(object)
    """The feed is another one (NewsLog)."""
    _arrived = Signal(object)

    def __init__(self, app: App, tasks: Tasks, tell: Callable[[list[Notice]], Any], parent: QObject) -> None:
        super().__init__(parent)
        self._app = app
        self._tasks = tasks
        self._tell = tell
        self._ids: set[tuple[str, str]] = set()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_GATHER_MS)
        self._timer.timeout.connect(self._take)
        self._arrived.connect(self._gather)
        self._leave = app.store.on_change(self._from_writer)

    @property
    def gathering(self) -> bool:
        """True while something came that was not looked at."""
        return self._timer.isActive()

    def read(self) -> None:
        """Tell the feed as it is kept."""
        store = self._app.store
        self._tasks.read(lambda: load_log(store), self.changed.emit, key="news")

    def mark_seen(self) -> None:
        """The user has looked."""
        store = self._app.store

        def work() -> NewsLog:
            log = all_seen(load_log(store))
            keep_log(store, log)
            return log

        self._tasks.write(work, self.changed.emit)

    def close(self) -> None:
        """Hear no more."""
        self._leave()
        self._timer.stop()

    def _from_writer(self, change: ChangeSet) -> None:
        if change.source == "sync" and 0 < len(change.ids) <= MANY:
            self._arrived.emit(change.ids)

    def _gather(self, ids: frozenset[tuple[str, str]]) -> None:
        self._ids |= ids
        self._timer.start()

    def _take(self) -> None:
        ids, self._ids = frozenset(self._ids), set()
        app = self._app
        now = app.clock.now()

        def work() -> tuple[NewsLog, list[Notice]]:
            before = load_log(app.store)
            log, notices = app.store.read(lambda reader: take(reader, before, ids, now, app.user_id, app.permissions))
            if log != before:
                keep_log(app.store, log)
            return log, notices

        def done(found: tuple[NewsLog, list[Notice]]) -> None:
            log, notices = found
            self.changed.emit(log)
            if notices:
                self._tell(notices)

        self._tasks.write(work, done)  # one after the other: the log is read, added to and written
