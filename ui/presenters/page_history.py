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

    def replace(self, old: Place, new: Place) -> None:
        """What was opened as one place is another from now on, wherever it stands."""
        self._places = [new if place == old else place for place in self._places]

    def forget(self, record_id: str) -> None:
        """Leave out every place that shows a record; the present one is then the last that stays before it."""
        before = [place for place in self._places[: self._at + 1] if not _shows(place.where, record_id)]
        after = [place for place in self._places[self._at + 1 :] if not _shows(place.where, record_id)]
        self._places, self._at = before + after, len(before) - 1

    def can(self, by: int) -> bool:
        """Whether there is a place in that direction."""
        return 0 <= self._at + by < len(self._places)


def _shows(where: dict[str, Any], record_id: str) -> bool:
    return any(value == record_id or (isinstance(value, dict) and _shows(value, record_id)) for value in where.values())
