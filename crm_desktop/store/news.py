"""What is new. Which records a colleague changed: the version of a server row is the commit that made it, and whose it
was the outbox knows. Which he made: no index holds the moment, so it is looked for where new records stand."""

from collections.abc import Iterable
from datetime import datetime, timedelta

import orjson

from crm_desktop.model.columns import parse_instant
from crm_desktop.store.connection import Connection
from crm_desktop.store.tables import quoted

LATEST_LOOKED_AT = 2000
# How far the clock of a laptop that made an id may be wrong.
_SLACK = timedelta(days=2)
_MOST_AHEAD = timedelta(days=30)


def changed_by_others(connection: Connection, ids: Iterable[tuple[str, str]], after: int) -> dict[tuple[str, str], int]:
    """Of these records, the version of each that a commit after `after` changed which was not of this device."""
    by_entity: dict[str, list[str]] = {}
    for entity, record_id in ids:
        by_entity.setdefault(entity, []).append(record_id)
    found: dict[tuple[str, str], int] = {}
    for entity, listed in by_entity.items():
        rows = connection.execute(
            f"SELECT id, sync_ver FROM {quoted(entity)} WHERE id IN (SELECT value FROM json_each(?1)) "
            "AND sync_ver > ?2 AND sync_ver NOT IN (SELECT commit_seq FROM outbox_txn WHERE commit_seq > ?2)",
            (orjson.dumps(listed).decode(), after),
        )
        found |= {(entity, record_id): version for record_id, version in rows}
    return found


def made_by_others(
    connection: Connection, entity: str, user_id: str, since: str, limit: int, latest: int = LATEST_LOOKED_AT
) -> list[int]:
    """Row ids of the newest records that somebody else made since an instant, newest first.

    Looked at are the `latest` rows that came last, whatever their ids, and those whose id was made since then: ids
    begin with their time. Old rows are not touched, however many there are.
    """
    begins = parse_instant(since)
    found = connection.execute(
        f"SELECT rowid FROM {quoted(entity)} WHERE rowid IN ("
        f"SELECT * FROM (SELECT rowid FROM {quoted(entity)} ORDER BY rowid DESC LIMIT ?) "
        f"UNION SELECT rowid FROM {quoted(entity)} WHERE id BETWEEN ? AND ?) "
        "AND created_at >= ? AND created_by <> ? ORDER BY created_at DESC, rowid DESC LIMIT ?",
        (latest, _id_at(begins - _SLACK), _id_at(begins + _MOST_AHEAD), since, user_id, limit),
    )
    return [row[0] for row in found]


def _id_at(at: datetime) -> str:
    """The beginning of an id made at a moment: its milliseconds in the form of UUIDv7."""
    digits = f"{int(at.timestamp() * 1000):012x}"
    return f"{digits[:8]}-{digits[8:]}"
