"""Where the user has been: back and forward through pages."""

from dataclasses import dataclass, field
from typing import Any

_MOST = 100


@dataclass(frozen=True)
class Place:
    """A page with its parameters."""

    page: str
    where: dict[str, Any] = field(default_factory=dict)


class PageHistory:
    """Like a browser's: going somewhere new forgets what lay ahead."""

    def __init__(self) -> None:
        self._places: list[Place] = []
        self._at = -1

    def go(self, place: Place) -> None:
        """Note a visit; the same place twice in a row counts once."""
        if self.here() == place:
            return
        self._places = [*self._places[: self._at + 1], place][-_MOST:]
        self._at = len(self._places) - 1

    def here(self) -> Place | None:
        """The present place."""
        return self._places[self._at] if self._at >= 0 else None

    def step(self, by: int) -> Place | None:
        """Move back (-1) or forward (1); None where nothing lies there."""
        wanted = self._at + by
        if not 0 <= wanted < len(self._places):
            return None
        self._at = wanted
        return self._places[wanted]

    def can(self, by: int) -> bool:
        """Whether there is a place in that direction."""
        return 0 <= self._at + by < len(self._places)
