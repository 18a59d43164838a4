"""Whether the navigation is wide or a rail of icons: as the user folded it, and always a rail in a narrow window."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QMainWindow

from ui.window import theme
from ui.window.navigation_panel import NavigationPanel
from ui.window.window_state import WindowState

RAIL_BELOW = 1100


class NavigationFold(QObject):
    """`state` keeps what the user chose; `fitted` is called when the room in the window may be another one."""

    def __init__(
        self, window: QMainWindow, nav: NavigationPanel, state: WindowState, fitted: Callable[[], Any]
    ) -> None:
        super().__init__(window)
        self._window = window
        self._nav = nav
        self._state = state
        self._fitted = fitted

    def is_narrow(self) -> bool:
        """Whether the window is below 1100 logical px."""
        return self._window.width() < theme.px(RAIL_BELOW)

    def fit(self) -> None:
        """As the width of the window wants it; else as the user chose."""
        rail = self.is_narrow() or bool(self._state.folded)
        if rail != self._nav.is_rail():
            self._nav.set_rail(rail)
        self._fitted()

    def toggle(self) -> None:
        """The user wants the other one; that is kept."""
        self._state.folded = not self._nav.is_rail()
        self.fit()
