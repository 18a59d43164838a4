"""What a write changed: screens refresh by it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ChangeSet:
    """Kinds (entities, 'outbox', 'sync_log', 'everything') and records one commit changed.

    `source` is 'local' or 'sync'; `client_seq` names the transaction a local commit wrote, if it wrote one.
    """

    kinds: frozenset[str]
    ids: frozenset[tuple[str, str]] = frozenset()
    initiator: str = ""
    source: str = "local"
    client_seq: int | None = None

    def __bool__(self) -> bool:
        return bool(self.kinds)


NOTHING = ChangeSet(frozenset())
