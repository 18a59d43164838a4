"""Which attached files go along with a courier file, within a bound of bytes.

Changes go in order and without a gap: where the bytes that a change names do not fit, it waits with all behind it.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

from sync.files import Content, named

Change = dict[str, Any]


class CarriedStore(Protocol):
    """What the courier asks of a laptop's files beside (crm_desktop.store.carried_files)."""

    def waiting(self) -> list[tuple[str, int]]:
        """(sha256, bytes) of contents whose records wait for them to go, the smallest first."""
        ...

    def go_along(self, sha256: str) -> None:
        """They go with the courier: the records that waited for them enter the outbox."""
        ...

    def here(self) -> list[str]:
        """Contents that are on this laptop."""
        ...

    def wanted(self, unasked_bytes: int) -> list[str]:
        """Contents it misses: what somebody asked for, then those up to `unasked_bytes`, the newest first."""
        ...

    def take(self, sha256: str, data: bytes, epoch: str) -> bool:
        """Keep what the courier brought, on the disk. False: it is not the content. StoreError: the disk is full."""
        ...

    def doubt(self, txn_ids: list[str]) -> None:
        """The server has not got what these transactions name, although it may have confirmed it once."""
        ...


class CourierFileStore(Protocol):
    """The laptop's files as the courier sees them (crm_desktop.store.files)."""

    @property
    def carried(self) -> CarriedStore:
        """What only the courier asks."""
        ...

    def intact(self, content: Any) -> bool:
        """Whether the bytes here are still those that were added."""
        ...

    def read(self, content: Any, first: int, most: int) -> bytes:
        """At most `most` bytes from `first` on; none where they are damaged."""
        ...

    def harmed(self, sha256: str) -> None:
        """What is here is not the content."""
        ...

    def uploaded(self, sha256: str, epoch: str) -> None:
        """The server of this history has it."""
        ...

    def unconfirmed(self, sha256s: list[str], epoch: str) -> Sequence[Content]:
        """Of these the contents that are here and that the server of this history has not confirmed."""
        ...


class CourierLoad:
    """The files of one courier file. `left` counts those that did not fit."""

    def __init__(self, store: CourierFileStore, epoch: str, most_bytes: int) -> None:
        self._store = store
        self._epoch = epoch
        self._room = most_bytes
        self._chosen: dict[str, Content] = {}
        self._full = False
        self.left = 0

    @property
    def files(self) -> list[Content]:
        """What goes along."""
        return list(self._chosen.values())

    def bytes(self) -> Iterator[bytes]:
        """The content of each."""
        return (self._store.read(file, 0, file.size) for file in self.files)

    def of_changes(self, changes: Sequence[Change]) -> list[Change]:
        """The changes that can go: all, or those before the first whose bytes do not fit."""
        for at, change in enumerate(changes):
            if not self._carries(change):
                self._full = True
                self.left += sum(bool(self._missing(later)) for later in changes[at:])
                return list(changes[:at])
        return list(changes)

    def add_waiting(self) -> bool:
        """Let files go along whose records waited for that; True where one did."""
        sent = False
        for sha256, size in self._store.carried.waiting():
            if sha256 in self._chosen:
                continue
            content = _Content(sha256, size)
            if self._full or size > self._room:
                self.left += 1
            elif self._store.intact(content):
                self._choose(content)
                self._store.carried.go_along(sha256)
                sent = True
            else:
                self._store.harmed(sha256)
        return sent

    def _carries(self, change: Mapping[str, Any]) -> bool:
        """Whether the bytes a change names can go too. What is damaged here cannot: the server will say so."""
        for content in self._missing(change):
            if not self._store.intact(content):
                self._store.harmed(content.sha256)
            elif content.size > self._room:
                return False
            else:
                self._choose(content)
        return True

    def _missing(self, change: Mapping[str, Any]) -> list[Content]:
        wanted = named(change)
        found = self._store.unconfirmed(wanted, self._epoch) if wanted else ()
        return [content for content in found if content.sha256 not in self._chosen]

    def _choose(self, content: Content) -> None:
        self._chosen[content.sha256] = content
        self._room -= content.size


class _Content:
    def __init__(self, sha256: str, size: int) -> None:
        self.sha256 = sha256
        self.size = size
