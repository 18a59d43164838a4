"""What the window offers to its own pages beyond `Shell`: sync, settings, the frame's figures."""

from typing import Any, Protocol, runtime_checkable

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

    def read_frame(self) -> None:
        """Read the counts and saved lists of the navigation again."""
        ...
