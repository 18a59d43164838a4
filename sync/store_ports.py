"""The parts of the store beside rows and outbox: a first filling by parts, granted records, mending.

Met by structure, like `sync.ports`. Each method is one durable step.
"""

from collections.abc import Iterable
from typing import Any, Protocol

Key = tuple[str, str]
"""Entity and id of a record."""


class FillState(Protocol):
    """How far the first filling is. `begun` False: nothing of it is known yet."""

    @property
    def begun(self) -> bool:
        """Whether a manifest is known."""
        ...

    @property
    def epoch(self) -> str:
        """The history of the server it is of."""
        ...

    @property
    def snapshots(self) -> tuple[str, ...]:
        """Ids of the prepared copies it is made of."""
        ...

    @property
    def parts(self) -> tuple[dict[str, Any], ...]:
        """Their parts in order, as the manifest lists them: snapshot_id, i, entity, rows, bytes, sha256."""
        ...

    @property
    def complete(self) -> bool:
        """Whether the manifest names all parts; else the server still prepares some."""
        ...

    @property
    def next(self) -> int:
        """Index in `parts` of the first that is not in yet."""
        ...


class FirstFill(Protocol):
    """The store as far as the first filling goes."""

    def state(self) -> FillState | None:
        """None where this copy has rows of the server already."""
        ...

    def take(self, manifest: dict[str, Any]) -> FillState:
        """Keep what the server offers."""
        ...

    def decode(self, packed: bytes) -> Any:
        """A part as it travelled, ready to be applied; any thread may do it ahead."""
        ...

    def apply(self, number: int, part: Any) -> int:
        """Put a decoded part in; returns its rows."""
        ...

    def keep_piece(self, sha256: str, data: bytes) -> None:
        """Keep what came of a part before the line broke."""
        ...

    def piece(self, sha256: str) -> bytes:
        """What was kept of a part."""
        ...

    def finish(self) -> None:
        """All parts are in: the pull goes on from their moment."""
        ...

    def forget(self) -> None:
        """Give it up: pages do the rest."""
        ...


class Backfill(Protocol):
    """The store as far as the lane of granted records goes."""

    def after(self) -> int | None:
        """Grants up to this commit are here; None: they come in the live lane."""
        ...

    def begin(self) -> None:
        """Everything up to the cursor is here: what grants make visible later comes in this lane."""
        ...

    def apply(self, page: dict[str, Any]) -> int:
        """Put granted rows in; returns how many."""
        ...


class Mending(Protocol):
    """The store as far as mending goes."""

    def differing(self, told: dict[str, dict[str, list[str]]]) -> dict[str, list[int]]:
        """Buckets that are not the server's, by scope."""
        ...

    def look_over(self, now: str) -> bool:
        """Compute the sums anew from the rows where that was long ago."""
        ...

    def mend(self, page: dict[str, Any]) -> tuple[Key, ...]:
        """Make them so; returns what had been different."""
        ...

    def removals(self, page: dict[str, Any]) -> list[Key]:
        """What a page would take away, where that is suspiciously much."""
        ...

    def left(self) -> list[dict[str, Any]]:
        """Some of what nobody else may have any more."""
        ...

    def let_go(self, keys: Iterable[Key]) -> None:
        """The server has copies of these."""
        ...
