"""What a page is and what it may ask of the window around it."""

from collections.abc import Callable
from typing import Any, Protocol

from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QWidget

from crm_desktop.errors import CrmError
from ui.compose import App
from ui.presenters.tasks import Tasks


class Shell(Protocol):
    """The window as pages see it."""

    app: App
    tasks: Tasks

    def navigate(self, page: str, **where: Any) -> None:
        """Open a page by name ('account', 'quote', …) with its parameters; goes into back and forward."""
        ...

    def toast(self, text: str, undo: Callable[[], Any] | None = None) -> None:
        """Tell what was done, with an undo."""
        ...

    def cover(self, view: QWidget | None) -> None:
        """Show this instead of everything in the window, navigation and strip too; None brings all of it back."""
        ...

    def show_error(self, error: CrmError) -> None:
        """A banner with title and advice; never modal."""
        ...


class Page(QWidget):
    """Base of every page. `name` is its key in navigation; `keys` are the hints of its footer."""

    name = ""

    def __init__(self, shell: Shell) -> None:
        super().__init__()
        self.shell = shell
        self._start: QWidget | None = None

    def setFocusProxy(self, widget: QWidget | None) -> None:
        """Where the keys go when the page is opened. Tab would jump over all that stands before a real proxy."""
        self._start = widget

    def focusInEvent(self, event: QFocusEvent) -> None:
        """The page itself does nothing with keys that its first part could use."""
        super().focusInEvent(event)
        if self._start is not None and self._start.isVisible() and self._start.isEnabled():
            self._start.setFocus(event.reason())

    def open(self, **where: Any) -> None:
        """Show the page for these parameters; reads start here, off the main thread."""

    def refresh(self, kinds: frozenset[str], ids: frozenset[tuple[str, str]]) -> None:
        """Something changed in the store; read again only what this page shows."""

    def retranslate(self) -> None:
        """The language changed: set every text again."""

    def may_leave(self) -> bool:
        """Flush drafts before another page comes; False keeps the page (nothing does today)."""
        return True
