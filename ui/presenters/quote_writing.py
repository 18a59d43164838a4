"""Writes of an open quote, one after the other, and what is read back: the last keystroke's picture stands."""

from collections.abc import Callable
from typing import Any, Protocol

from crm_desktop.errors import CrmError
from ui.presenters.quote_contents import OpenQuote
from ui.presenters.tasks import Tasks


class WritingView(Protocol):
    """Who shows what was read and what became of a write."""

    def show_saved(self) -> None:
        """A change became durable just now."""
        ...

    def show_failure(self, error: CrmError) -> None:
        """A write did not succeed."""
        ...


class QuoteWriting:
    """`load` reads the quote off the main thread, `show` gets what was read when nothing is being written."""

    def __init__(
        self, tasks: Tasks, view: WritingView, load: Callable[[], OpenQuote], show: Callable[[OpenQuote], None]
    ) -> None:
        self._tasks = tasks
        self._view = view
        self._load = load
        self._show = show
        self._under_way = 0
        self._ended = 0
        self._read_again = False

    @property
    def busy(self) -> bool:
        """Whether something is being written: what is read now may know nothing of it."""
        return self._under_way > 0

    def read(self) -> None:
        """Read again what is shown."""
        ended = self._ended
        self._tasks.read(self._load, lambda found: self._after_read(found, ended), key="quote")

    def write(self, action: Callable[[], Any], then: Callable[[], Any] | None = None) -> None:
        """Carry out an action when its turn comes, show what stands then, and go on with `then`."""
        self._under_way += 1

        def work() -> OpenQuote:
            action()
            return self._load()

        def done(found: OpenQuote) -> None:
            self._end()
            self._show(found)
            self._view.show_saved()
            if then is not None:
                then()

        def failed(error: CrmError) -> None:
            self._end()
            self._view.show_failure(error)
            self.read()

        self._tasks.write(work, done, failed)

    def _end(self) -> None:
        self._under_way -= 1
        self._ended += 1
        if self._read_again and not self._under_way:
            self._read_again = False
            self.read()

    def _after_read(self, found: OpenQuote, ended: int) -> None:
        """A read that began before a write ended may know nothing of it, a new line even: read again."""
        if self._under_way:
            self._read_again = True
        elif ended != self._ended:
            self.read()
        else:
            self._show(found)
