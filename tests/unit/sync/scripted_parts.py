"""What a store has beside rows and outbox, for sessions against a scripted server."""

from typing import Any


class HasRows:
    """The first filling of a copy that has rows already: there is nothing to fill."""

    def state(self) -> None:
        return None

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"{name}: nothing is filled")


class Mending:
    """The store's side of mending: one bucket differs, and one record in it. Remembers what the engine tells it."""

    def __init__(self, removals: list[tuple[str, str]] | None = None) -> None:
        self.looked: list[str] = []
        self._removals = removals or []

    def differing(self, _told: Any) -> dict[str, list[int]]:
        return {"s": [3]}

    def mend(self, _page: Any) -> tuple[tuple[str, str], ...]:
        return (("account", "a"),)

    def let_go(self, _keys: Any) -> None:
        raise AssertionError("nothing was left")

    def removals(self, _page: Any) -> list[Any]:
        return self._removals

    def left(self) -> list[Any]:
        return []

    def look_over(self, now: str) -> bool:
        self.looked.append(now)
        return False


class Lane:
    """The lane of grants: begun where everything up to the cursor is here."""

    def __init__(self, after: int | None = None, refusals: int = 0) -> None:
        self._after = after
        self.refusals = refusals
        self.begun = 0
        self.applied = 0

    def after(self) -> int | None:
        return self._after

    def begin(self) -> None:
        self.begun += 1

    def apply(self, _page: Any) -> int:
        self.applied += 1
        return 3
