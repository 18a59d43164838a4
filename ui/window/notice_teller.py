"""Tells the user what others did: in the window, and beside it where the window is not looked at."""

from collections.abc import Callable
from typing import Any

from PySide6.QtWidgets import QMainWindow

from ui.presenters.news import Notice
from ui.window.desktop_notice import DesktopNotice
from ui.window.i18n import tr
from ui.window.widgets.undo_toast import UndoToast


class NoticeTeller:
    """`navigate` opens the page a notice leads to."""

    def __init__(self, window: QMainWindow, toast: UndoToast, navigate: Callable[..., Any]) -> None:
        self._window = window
        self._toast = toast
        self._navigate = navigate
        self._desktop = DesktopNotice(window)

    def tell(self, notices: list[Notice]) -> None:
        """The first of them in words, the others by their number."""
        first = notices[0]
        text = tr(first.key, **first.values)
        if len(notices) > 1:
            text = tr("notice.more", text=text, count=len(notices) - 1)

        def open_it() -> None:
            if not self._window.isActiveWindow():
                self._window.raise_()
                self._window.activateWindow()
            self._navigate(first.target[0], **first.target[1])

        self._toast.offer(text, tr("action.open"), open_it)
        if not self._window.isActiveWindow():
            self._desktop.tell(tr("window.title"), text, open_it)
