"""The error tree.

::

    CrmError
    ├── KnownError      the world is not as hoped: shown to the user as it stands
    │   ├── InvalidInput        a value the user can correct
    │   ├── NotFound            a record that is not on this device
    │   ├── StoreError          wrong key, full disk, newer or damaged database
    │   └── SessionError        the sync session stops; nothing is lost
    └── BugError        we are wrong: reported with its context, never shown raw
"""

from typing import Any


class CrmError(Exception):
    """Root of every error this product raises on purpose."""


class KnownError(CrmError):
    """A situation with a name, fit to be shown.

    `code` is stable and language-free, `title` says what happened, `advice` what to do. The faces
    translate by code and fall back to the English text carried here.
    """

    def __init__(self, code: str, title: str, advice: str = "", **values: Any) -> None:
        super().__init__(f"{title} {advice}".strip())
        self.code = code
        self.title = title
        self.advice = advice
        self.values = values

    @property
    def message(self) -> str:
        """Title and advice as one sentence pair."""
        return f"{self.title} {self.advice}".strip()


class InvalidInput(KnownError):
    """A value was refused before anything was written."""


class NotFound(KnownError):
    """The record asked for is not on this device."""


class StoreError(KnownError):
    """The local database cannot be opened or written."""


class SessionError(KnownError):
    """A sync session cannot go on (offline, refused, other protocol); what waits keeps waiting."""


class BugError(CrmError):
    """An invariant of ours does not hold. Reported, never swallowed."""
