"""What the presenter of the visit note asks of its page and of its timers."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from crm_desktop.model.wire import Row
from ui.presenters.note_contents import NoteContents


class Timer(Protocol):
    """One shot after some milliseconds; a new start replaces the old one."""

    def start(self, ms: int) -> None:
        """Go off once after `ms` milliseconds; a shot still to come is given up for it."""
        ...

    def stop(self) -> None:
        """No shot comes any more."""
        ...

    def running(self) -> bool:
        """Whether a shot is still to come."""
        ...


@dataclass(frozen=True, slots=True)
class Incoming:
    """The record changed under the editor. `overlaps`: both rewrote the same words."""

    fields: tuple[str, ...]
    overlaps: bool


class NoteView(Protocol):
    """What the presenter asks of the page."""

    def values(self) -> Row:
        """The form as it stands, every field of `FIELDS` the page edits."""
        ...

    def show_reading(self, new: bool) -> None:
        """Another visit is being read. A `new` note may be written at once; an existing one takes no keys yet."""
        ...

    def show_contents(self, contents: NoteContents) -> None:
        """The visit that was read, in place of what is shown."""
        ...

    def show_values(self, values: Row) -> None:
        """Other values in the fields of the same visit: another change was taken in."""
        ...

    def show_phase(self, phase: str, at: datetime | None) -> None:
        """How far what is typed has come: `clean`, `unsaved`, `drafted` or `saved`; `at`: since when, in UTC."""
        ...

    def show_incoming(self, incoming: Incoming | None) -> None:
        """Offer the change that came in meanwhile; None: there is none any more."""
        ...
