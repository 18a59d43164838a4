"""What the window offers to its own pages beyond `Shell`: sync, settings, the frame's figures."""

from typing import Any, Protocol, runtime_checkable

from ui.compose import App
from ui.window.bridges import StatusBridge


@runtime_checkable
class PageFrame(Protocol):
    """Met by the main window."""

    status_bridge: StatusBridge

    def start_sync(self) -> None:
        """Begin to sync in the background."""
        ...

    def change_settings(self, **changes: Any) -> None:
        """Language, theme, text size; at once."""
        ...

    def change_profile(self, app: App | None) -> None:
        """Show the window on another open profile; None: on one's own again."""
        ...

    def back(self) -> bool:
        """Show the page before this one, as it was left; False where there is none."""
        ...

    def read_frame(self) -> None:
        """Read the counts and saved lists of the navigation again."""
        ...
