"""Keys that act wherever one is in the window, and keys of one part of it."""

from collections.abc import Callable, Mapping

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget

# Ctrl+1 opens the first, in the order of the navigation.
NUMBERED = ("today", "accounts", "contacts", "visits", "quotes", "orders", "tasks", "outbox", "conflicts")
Actions = Mapping[str, Callable[[], object]]


def bind_keys(window: QWidget, actions: Actions) -> None:
    """Each key sequence carries out its action while the window is the active one."""
    _bind(window, actions, Qt.ShortcutContext.WindowShortcut)


def part_keys(part: QWidget, actions: Actions, *, alone: bool = False, repeat: bool = True) -> None:
    """Each key sequence carries out its action while the keys are in this part of the window.

    With `alone` only while the part itself has them, not what is in it. Without `repeat` a key held down acts once.
    """
    contexts = Qt.ShortcutContext
    _bind(part, actions, contexts.WidgetShortcut if alone else contexts.WidgetWithChildrenShortcut, repeat)


def _bind(owner: QWidget, actions: Actions, context: Qt.ShortcutContext, repeat: bool = True) -> None:
    for keys, act in actions.items():
        shortcut = QShortcut(QKeySequence(keys), owner)
        shortcut.setContext(context)
        shortcut.setAutoRepeat(repeat)
        shortcut.activated.connect(act)
