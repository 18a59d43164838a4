"""What the window offers to its own pages beyond `Shell`: sync, settings, the frame's figures."""

from typing import Any, Protocol, runtime_checkable

from ui.compose import App
from ui.window.bridges import StatusBridge


class Pages(Protocol):
    """The pages one came by, as a form that ends sees them."""

    def back_with(self, entity: str, record_id: str) -> bool:
        """Back from a form, to its record on the page before; False where no page lies there."""
        ...

    def made(self, where: dict[str, Any], entity: str, record_id: str) -> None:
        """The form of a new record, opened with `where`, is from now on the place of this record."""
        ...

    def back_without(self, record_id: str) -> bool:
        """Back to the last page that does not show this record; False where there is none."""
        ...


@runtime_checkable
class PageFrame(Protocol):
    """Met by the main window."""

    status_bridge: StatusBridge
    stack: Pages

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
