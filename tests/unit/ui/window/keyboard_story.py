"""Steps of a story told by keys alone in the whole window, and which pages a story is about."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QShortcut
from PySide6.QtWidgets import QApplication, QWidget

from tests.unit.ui.window.shell_for_tests import focus, press, type_text
from tests.unit.ui.window.window_for_tests import settle
from ui.window.main_window import MainWindow
from ui.window.views.reference_field import ReferenceField

Key, Modifier = Qt.Key, Qt.KeyboardModifier
Story = TypeVar("Story", bound=Callable[..., None])
CTRL, ALT = Modifier.ControlModifier, Modifier.AltModifier


def tells_of(*pages: str) -> Callable[[Story], Story]:
    """The pages whose main story a test tells; the window asks at its end whether each of them had keys."""

    def mark(test: Story) -> Story:
        test.__dict__["pages"] = pages
        return test

    return mark


class KeysPerPage(QObject):
    """Remembers the pages whose parts or shortcuts took a key; those of the window around them are not theirs."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self.pages: set[str] = set()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.KeyPress, QEvent.Type.Shortcut):
            target = watched.parent() if isinstance(watched, QShortcut) else watched
            page = self._window.stack.currentWidget()
            if page is not None and isinstance(target, QWidget) and (page is target or page.isAncestorOf(target)):
                self.pages.add(here(self._window)[0])
        return False


def here(window: MainWindow) -> tuple[str, dict[str, Any]]:
    """The page on the screen and what it shows."""
    place = window.history.here()
    return (place.page, place.where) if place is not None else ("", {})


def rows(window: MainWindow, entity: str) -> list[dict[str, Any]]:
    """What the store holds of a kind."""
    return [dict(row) for row in window.app.store.read(lambda reader: reader.where(entity))]


def key(window: MainWindow, *keys: Qt.Key, held: Qt.KeyboardModifier = Modifier.NoModifier) -> None:
    """Keys to whatever has the focus; what they bring about leaves the focus on the page, or on what covers it."""
    for one in keys:
        press(focus(), one, held)
        settle(window)
        page = window.stack.currentWidget()
        searching = window.overlay is not None and window.overlay.isVisible()
        if page is not None and page.isVisible() and not searching:
            assert page is focus() or page.isAncestorOf(focus()), f"{one.name}: the keys left {here(window)[0]}"


def go(window: MainWindow, command: str, page: str) -> None:
    """By the palette: its key, the words of a command, Enter."""
    press(focus(), Key.Key_K, CTRL)
    settle(window)
    type_text(f"> {command}")
    settle(window)
    key(window, Key.Key_Return)
    assert here(window)[0] == page


def tab_to(name: str, step: Qt.Key = Key.Key_Tab) -> None:
    """Tab until what has the focus is called so."""
    met: dict[str, None] = {}
    for _ in range(60):
        found = focus().accessibleName()
        if found == name:
            return
        met[found] = None
        press(focus(), step)
    raise AssertionError(f"Tab never comes to “{name}”, only to {list(met)}")


def fill(window: MainWindow, name: str, text: str) -> None:
    """Tab to a field and type into it; what it looks up while one types has been found."""
    tab_to(name)
    type_text(text)
    field = focus()
    settle(window, (lambda: not field.unresolved()) if isinstance(field, ReferenceField) else None)


@contextmanager
def told(window: MainWindow, test: Callable[..., object]) -> Iterator[MainWindow]:
    """The window while a story is told in it; afterwards each page that the story is about has had keys."""
    pages = set(getattr(test, "pages", ()))
    if not pages:  # watching every event takes its time
        yield window
        return
    keys = KeysPerPage(window)
    application = QApplication.instance()
    assert application is not None
    application.installEventFilter(keys)
    yield window
    application.removeEventFilter(keys)
    untouched = pages - keys.pages
    assert not untouched, f"the story pressed no key on {sorted(untouched)}"
