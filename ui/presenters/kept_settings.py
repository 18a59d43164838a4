"""Where presenters keep small things of the user: inside the encrypted file, on this laptop alone."""

from typing import Protocol


class SettingsStore(Protocol):
    """The store as far as small settings go; reads and writes leave the main thread by `Tasks`."""

    def get_setting(self, key: str) -> str | None:
        """What was kept under the key; None where nothing was."""
        ...

    def set_setting(self, key: str, value: str) -> None:
        """Keep it; durable on return."""
        ...
