"""The outbox as a person reads it: what waits, what it changes field by field, and the way to take it back."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crm_desktop.services.changes import ChangeView, change_view
from crm_desktop.services.retrying import as_written
from crm_desktop.store.client_store import ClientStore
from crm_desktop.store.reader import Reader

_MANY = 100_000


@dataclass(frozen=True, slots=True)
class OutboxView:
    """One user action in the outbox."""

    client_seq: int
    txn_id: str
    at: str
    state: str
    changes: tuple[ChangeView, ...]
    message: str
    can_discard: bool


@dataclass(frozen=True, slots=True)
class TakenBack:
    """An action that was taken back: its number and what it did."""

    client_seq: int
    operations: tuple[Mapping[str, Any], ...]


class OutboxService:
    """Reads the outbox, takes back what has not left, writes it as a file."""

    def __init__(self, store: ClientStore) -> None:
        self._store = store

    def entries(self, limit: int = 200) -> list[OutboxView]:
        """What the server has not answered or the cursor not covered yet, in the order of writing."""

        def read(reader: Reader) -> list[OutboxView]:
            return [
                OutboxView(
                    entry.client_seq,
                    entry.txn_id,
                    entry.at,
                    entry.state,
                    tuple(change_view(op.operation, op.title, op.outcome or "") for op in entry.ops),
                    entry.message or "",
                    entry.state == "waiting",
                )
                for entry in reader.outbox(limit=limit)
            ]

        return self._store.read(read)

    def take_back(self, client_seq: int) -> TakenBack | None:
        """Take back an action that was never attempted, with a way to put it back; None where it is too late."""

        def read(reader: Reader) -> TakenBack:
            found = [entry.txn_id for entry in reader.outbox(limit=_MANY) if entry.client_seq == client_seq]
            return TakenBack(client_seq, tuple(reader.written(found[0])) if found else ())

        taken = self._store.read(read)
        return taken if self._store.discard(client_seq) else None

    def put_back(self, taken: TakenBack, initiator: str = "") -> None:
        """Do again what was taken back, as an action of its own."""
        wanted = self._store.read(lambda reader: as_written(reader, taken.client_seq, taken.operations))
        self._store.commit(wanted, initiator)

    def discard(self, client_seq: int) -> bool:
        """Take back an action that was never attempted; False where it is on its way already."""
        return self._store.discard(client_seq)

    def export(self, path: Path) -> int:
        """Write outbox and refusals as JSON lines, also without a server; returns the number of lines."""
        return self._store.export_outbox(path)
