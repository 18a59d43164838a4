"""Refused transactions that wait for a record: they are tried again when it is created (or proves deleted)."""

from collections.abc import Iterable

import orjson
from sqlalchemy import delete, insert, select

from crm_desktop.model.operations import Transaction
from server.storage.commit import Commit
from server.storage.records import Key, batches
from server.storage.tables import awaited_row


def wait_for(commit: Commit, quarantine_id: str, keys: Iterable[Key]) -> None:
    """Remember which records a quarantined transaction lacks."""
    values = [{"entity": entity, "id": i, "quarantine_id": quarantine_id} for entity, i in dict.fromkeys(keys)]
    if values:
        commit.connection.execute(insert(awaited_row), values)
        commit.filled(awaited_row)


def due(commit: Commit, keys: Iterable[Key]) -> list[tuple[str, str, Transaction]]:
    """(quarantine id, device id, transaction) of the open entries that waited for one of these, as they had come in.

    They are taken off the list: what still lacks something has to be put on it again.
    """
    if commit.has_none(awaited_row):
        return []
    c = awaited_row.c
    wanted = set(keys)
    ids: set[str] = set()
    for batch in batches(i for _, i in wanted):
        rows = commit.connection.execute(select(c.entity, c.id, c.quarantine_id).where(c.id.in_(batch)))
        ids |= {row.quarantine_id for row in rows if (row.entity, row.id) in wanted}
    found: list[tuple[tuple[int, int], tuple[str, str, Transaction]]] = []
    for quarantine_id in ids:
        commit.connection.execute(delete(awaited_row).where(c.quarantine_id == quarantine_id))
        entry = commit.live("quarantine", quarantine_id)
        if entry is not None and entry.row["status"] == "open":
            txn = Transaction.model_validate(orjson.loads(entry.row["payload"]))
            # Whoever wrote on the record first is to be first, whatever his device is called.
            came_in = (entry.field_ver.get("txn_id", 0), txn.client_seq)
            found.append((came_in, (quarantine_id, str(entry.row["device_id"]), txn)))
    return [waiting for _, waiting in sorted(found, key=lambda item: item[0])]


def holders(commit: Commit, keys: Iterable[Key]) -> list[str]:
    """A device whose transaction waits for one of these, if there is one: somebody to begin with."""
    if commit.has_none(awaited_row):
        return []
    c = awaited_row.c
    wanted = set(keys)
    for batch in batches(i for _, i in wanted):
        for row in commit.connection.execute(select(c.entity, c.id, c.quarantine_id).where(c.id.in_(batch))):
            entry = commit.live("quarantine", row.quarantine_id)
            if (row.entity, row.id) in wanted and entry is not None:
                return [str(entry.row["device_id"])]
    return []
