"""The outbox as a person reads it: what waits, what it changes field by field, and the way to take it back."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from crm_desktop.services.changes import ChangeView, change_view
from crm_desktop.services.following import with_followers
from crm_desktop.services.retrying import as_written
from crm_desktop.store.client_store import ClientStore
from crm_desktop.store.intents import Intent
from crm_desktop.store.reader import Reader

_MANY = 100_000
_UNANSWERED = frozenset({"waiting", "sending", "sent"})


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
    """An action that was taken back: its number, what it did, and instead of which refused one (see `OutboxEntry`)."""

    client_seq: int
    operations: tuple[Mapping[str, Any], ...]
    resolves: str | None = None
    closes: int | None = None


class OutboxService:
    """Reads the outbox, takes back what has not left, writes it as a file."""

    def __init__(self, store: ClientStore) -> None:
        self._store = store

    def entries(self, limit: int = 200) -> list[OutboxView]:
        """What the server has not answered or the cursor not covered yet: the newest, in the order of writing."""

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

    def take_back(self, *client_seqs: int) -> list[TakenBack]:
        """Take back actions that were never attempted, with what was written later on records they make.

        The newest goes first, so that nothing is left without what it builds on. Returns what was taken back, in the
        order of writing, for `put_back`; nothing where it is too late.
        """

        def read(reader: Reader) -> list[TakenBack]:
            waiting = [entry for entry in reader.outbox(limit=_MANY) if entry.state in _UNANSWERED]
            written = [(entry.client_seq, [op.operation for op in entry.ops]) for entry in waiting]
            named = {entry.client_seq: entry for entry in waiting}
            found = [named[number] for number in with_followers(written, client_seqs)]
            return [
                TakenBack(one.client_seq, tuple(reader.written(one.txn_id)), one.resolves, one.closes) for one in found
            ]

        taken: list[TakenBack] = []
        for entry in reversed(self._store.read(read)):
            if not self._store.discard(entry.client_seq):
                break
            taken.insert(0, entry)
        return taken

    def put_back(self, taken: Iterable[TakenBack], initiator: str = "") -> None:
        """Do again what was taken back, in its order, each action as one of its own."""
        again: set[int | None] = set()
        for entry in taken:
            wanted = self._store.read(partial(_again, entry=entry, apart_from=frozenset(again)))
            made = self._store.commit(wanted, initiator, resolves=entry.resolves, closes=entry.closes)
            again.add(made.client_seq)

    def discard(self, client_seq: int) -> bool:
        """Take back an action that was never attempted; False where it is on its way already."""
        return self._store.discard(client_seq)

    def export(self, path: Path) -> int:
        """Write outbox and refusals as JSON lines, also without a server; returns the number of lines."""
        return self._store.export_outbox(path)


def _again(reader: Reader, entry: TakenBack, apart_from: frozenset[int | None]) -> list[Intent]:
    return as_written(reader, entry.client_seq, entry.operations, apart_from)
