"""What a device should hold, in buckets: so that a difference is found without sending everything again.

Buckets are summed up when they are asked for. They are asked for only where a copy differs, which should be never;
keeping them up to date would cost every commit some writes.
"""

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import Connection, select

from crm_desktop.model.wire import BUCKETS, bucket_of
from server.storage.devices import Device
from server.storage.history import check_cursor
from server.storage.pull import PageBuilder
from server.storage.records import Key, batches
from server.storage.scope_sets import scopes_now, sets_of
from server.storage.tables import row_meta
from server.storage.users import SEES_COST
from sync.protocol import Cursor

MOST_ROWS = 20_000  # asked for at once; beyond that everything is read anew
_MASK = (1 << 64) - 1


class TooMany(Exception):
    """The buckets hold more rows than are sent at once."""


def bucket_sums(connection: Connection, device: Device, epoch: str, cursor: Cursor) -> dict[str, list[str]]:
    """Per scope of the user the sums of its buckets (16 hex digits). HistoryError, CursorExpired as for a pull."""
    check_cursor(connection, epoch, cursor)
    scopes = scopes_now(connection, device.user_id)
    found = {scope: [0] * BUCKETS for scope in sorted(scopes)}
    m = row_meta.c
    amount = m.row_hash if device.role in SEES_COST else m.public_hash
    for number, shared in sets_of(connection, scopes).items():
        rows = connection.execute(select(m.id, amount).where(m.scope_set == number, m.deleted.is_(False)))
        for record_id, value in rows:
            for scope in shared:
                found[scope][bucket_of(record_id)] += value
    return {scope: [f"{total & _MASK:016x}" for total in totals] for scope, totals in found.items()}


def rows_of(
    connection: Connection, device: Device, epoch: str, cursor: Cursor, buckets: Mapping[str, Sequence[int]]
) -> bytes:
    """All rows of some buckets of the user's scopes, as they are now, in the form of a page."""
    wanted = {scope: frozenset(numbers) for scope, numbers in buckets.items()}
    m = row_meta.c
    keys: dict[Key, int] = {}
    scopes = scopes_now(connection, device.user_id) & wanted.keys()
    for number, shared in sets_of(connection, scopes).items():
        rows = connection.execute(select(m.entity, m.id, m.row_ver).where(m.scope_set == number, m.deleted.is_(False)))
        for entity, record_id, version in rows:
            if any(bucket_of(record_id) in wanted[scope] for scope in shared):
                keys[entity, record_id] = version
        if len(keys) > MOST_ROWS:
            raise TooMany
    told = {scope: sorted(numbers) for scope, numbers in wanted.items()}
    return PageBuilder(connection, device, epoch, cursor).listing(keys, {"buckets": told})


def standing(connection: Connection, device: Device, epoch: str, cursor: Cursor, keys: Iterable[Key]) -> list[Key]:
    """Which of the records the user may see now."""
    check_cursor(connection, epoch, cursor)
    mine = sets_of(connection, scopes_now(connection, device.user_id))
    m = row_meta.c
    wanted = set(keys)
    found: list[Key] = []
    for batch in batches(record_id for _, record_id in wanted):
        rows = connection.execute(select(m.entity, m.id, m.scope_set).where(m.id.in_(batch), m.deleted.is_(False)))
        found += [(row.entity, row.id) for row in rows if row.scope_set in mine and (row.entity, row.id) in wanted]
    return sorted(found)
