"""The reading of a list: one at a time, stopped by the user, and once more for the news that came meanwhile."""

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from crm_desktop.errors import CrmError
from crm_desktop.store.lists import ListQuery
from ui.presenters.list_columns import ListSpec
from ui.presenters.list_contents import ListContents, ListReading, load_contents
from ui.window.i18n import tr
from ui.window.page import Shell
from ui.window.progress_strip import ProgressStrip

# Other records a list shows something of.
_SHOWN_WITH = {
    "account": ("contact", "address", "channel", "visit", "quote_line", "quote_revision", "task", "conflict"),
    "contact": ("channel", "account"),
    "visit": ("account",),
    "quote": ("quote_revision", "quote_line", "account"),
    "order": ("order_line", "account"),
    "task": ("account",),
}


class ListReader(QObject):
    """`wanted` gives the list to be read; `wait` says that a reading takes long, and stops it."""

    found = Signal(object, object)
    """Row numbers of a list, how they stand, and how many records there are in all (ListContents); the ListQuery."""
    stopped = Signal(object)
    """The list of this ListQuery is not read."""

    def __init__(self, shell: Shell, spec: ListSpec, wanted: Callable[[], ListQuery], wait: ProgressStrip) -> None:
        super().__init__(wait)
        self._shell = shell
        self._spec = spec
        self._wanted = wanted
        self._wait = wait
        self._sought = ""
        self._reading = ListReading()
        self._under_way = self._again = False
        wait.stop_clicked.connect(self.stop)

    def read(self) -> None:
        """Read the list that is wanted now; one that is read already is not waited for any more."""
        query, store, sought = self._wanted(), self._shell.app.store, self._sought
        today = self._shell.app.clock.now().astimezone().date()
        self._under_way, self._again = True, False
        self.stop()  # a list nobody waits for any more gives its connection back
        reading = self._reading = ListReading()
        self._shell.tasks.read(
            lambda: store.read(lambda reader: load_contents(reader, query, today, sought), reading.go_on),
            lambda contents: self._stopped(query) if reading.stop.is_set() else self._found(contents, query),
            lambda error: self._not_read(error, query),
            key=f"list {self._spec.page}",
        )

    def read_anew(self, total: int) -> None:
        """Another list of so many records (0: not known) is wanted: what takes longer than a moment says so."""
        self.read()
        self._wait.start(tr("list.ordering", count=total) if total else tr("list.ordering_all"))

    def seek(self, record_id: str) -> None:
        """Read, with the place of this record as soon as the list holds it."""
        self._sought = record_id
        self.read()

    def stop(self) -> None:
        """Read no further."""
        self._reading.stop.set()

    def hear(self, kinds: frozenset[str]) -> bool:
        """Read again where the list or what it shows of other records changed; False where nothing of it did."""
        if not kinds & {self._spec.entity, "outbox", "everything", *_SHOWN_WITH.get(self._spec.entity, ())}:
            return False
        if self._under_way:
            self._again = True  # else news that come faster than a long list is read would keep it away
        else:
            self.read()
        return True

    def _found(self, contents: ListContents, query: ListQuery) -> None:
        if contents.sought is not None:
            self._sought = ""
        self._end()
        self.found.emit(contents, query)
        self._once_more()

    def _stopped(self, query: ListQuery) -> None:
        self._end()
        self.stopped.emit(query)
        self._once_more()

    def _not_read(self, error: CrmError, query: ListQuery) -> None:
        if getattr(error, "code", "") == "reading_stopped":
            self._stopped(query)
            return
        self._end()
        self._shell.show_error(error)

    def _end(self) -> None:
        self._under_way = False
        self._wait.finish()

    def _once_more(self) -> None:
        if self._again:
            self.read()
