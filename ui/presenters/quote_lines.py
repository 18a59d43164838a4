"""The lines of the quote on the screen, under keys that stay when a new line gets its id from the store."""

from collections.abc import Iterator
from dataclasses import replace

from ui.presenters.quote_contents import LineView


class QuoteLines:
    """`shown` are the lines in order. A line made here has a key at once and its id when it was written."""

    def __init__(self) -> None:
        self.shown: tuple[LineView, ...] = ()
        self._ids: dict[str, str] = {}
        self._keys: dict[str, str] = {}
        self._made = 0

    def __iter__(self) -> Iterator[LineView]:
        return iter(self.shown)

    def __len__(self) -> int:
        return len(self.shown)

    def forget(self) -> None:
        """Another quote begins."""
        self._ids, self._keys = {}, {}

    def new_key(self) -> str:
        """A key for a line the store does not know yet."""
        self._made += 1
        return f"new-{self._made}"

    def written(self, key: str, line_id: str) -> None:
        """The store made the line of a key."""
        self._ids[key], self._keys[line_id] = line_id, key

    def id_of(self, key: str) -> str | None:
        """The id of a key's line; None while (or because) it could not be written."""
        return self._ids.get(key)

    def adopt(self, lines: tuple[LineView, ...]) -> tuple[LineView, ...]:
        """Show what the store holds, each line under the key it has here."""
        for line in lines:
            self._ids[self._keys.get(line.id, line.id)] = line.id
        self.shown = tuple(replace(line, key=self._keys.get(line.id, line.id)) for line in lines)
        return self.shown

    def line(self, key: str) -> LineView:
        """The line of a key. KeyError for none."""
        return self.shown[self.index(key)]

    def has(self, key: str) -> bool:
        """Whether the line is still there; it may go by a sync while its cell is open."""
        return any(line.key == key for line in self.shown)

    def index(self, key: str) -> int:
        """Its place. KeyError for none."""
        for number, line in enumerate(self.shown):
            if line.key == key:
                return number
        raise KeyError(key)
