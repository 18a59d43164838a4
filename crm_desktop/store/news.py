"""Which records a colleague changed: the version of a server row is the commit that made it, and whose it was the
outbox knows."""

from collections.abc import Iterable

import orjson

from crm_desktop.store.connection import Connection
from crm_desktop.store.tables import quoted


def changed_by_others(connection: Connection, ids: Iterable[tuple[str, str]], after: int) -> dict[tuple[str, str], int]:
    """Of these records, the version of each that a commit after `after` changed which was not of this device."""
    by_entity: dict[str, list[str]] = {}
    for entity, record_id in ids:
        by_entity.setdefault(entity, []).append(record_id)
    found: dict[tuple[str, str], int] = {}
    for entity, listed in by_entity.items():
        rows = connection.execute(
            f"SELECT id, sync_ver FROM {quoted(entity)} e WHERE id IN (SELECT value FROM json_each(?)) "
            "AND sync_ver > ? AND NOT EXISTS (SELECT 1 FROM outbox_txn t WHERE t.commit_seq = e.sync_ver)",
            (orjson.dumps(listed).decode(), after),
        )
        found |= {(entity, record_id): version for record_id, version in rows}
    return found
