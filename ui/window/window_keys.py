"""Keys that act wherever one is in the window."""

from collections.abc import Callable, Mapping

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget

# Ctrl+1 opens the first, in the order of the navigation.
NUMBERED = ("today", "accounts", "contacts", "visits", "quotes", "orders", "tasks", "outbox", "conflicts")


def bind_keys(window: QWidget, actions: Mapping[str, Callable[[], object]]) -> None:
    """Each key sequence carries out its action while the window is the active one."""
    for keys, act in actions.items():
        shortcut = QShortcut(QKeySequence(keys), window)
        shortcut.setContext(Qt.ShortcutContext.WindowShortcut)
        shortcut.activated.connect(act)
