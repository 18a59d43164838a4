"""A copy that is not what the server says: everything is asked again, and what differed is named.

The rows stay in view meanwhile. Each is marked with the version it had; the pages read from the start confirm
it under its version, and what they did not name is removed at the end (`pull_apply`).
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

import orjson

from crm_desktop.model.columns import format_instant, parse_instant
from crm_desktop.model.wire import Row
from crm_desktop.store import meta
from crm_desktop.store.connection import Connection
from crm_desktop.store.tables import ENTITY_NAMES, UNKNOWN, Table, quoted
from crm_desktop.store.visible import kept_row

# A difference that a whole new reading did not end is not ended by the next one either: wait before another.
REST = timedelta(hours=24)
NAMED = 50

Key = tuple[str, str]


def begin(connection: Connection, at: str) -> bool:
    """Mark all rows as unconfirmed and set the cursor to the start; the outbox stays as it is.

    False, and nothing is done, where a repair of the last day has not helped.
    """
    last = meta.get(connection, "repair_at", "")
    # A time to come was told by a clock that was wrong: it would rest for years.
    if last and last <= at < format_instant(parse_instant(last) + REST):
        return False
    meta.put(connection, "repair_at", at)
    meta.put(connection, "repair_upto", meta.get(connection, "cursor_seq", "0"))
    meta.put(connection, "repair_found", "[]")
    for key, value in (("cursor_seq", "0"), ("cursor_commit", ""), ("caught_up", "0"), ("rebuilding", "1")):
        meta.put(connection, key, value)
    for entity in ENTITY_NAMES:
        connection.execute(
            f"UPDATE {quoted(entity)} SET sync_ver = {UNKNOWN} - sync_ver, sync_hash = 0, sync_scopes = '[]' "
            "WHERE sync_ver > 0"
        )
    connection.execute(f"UPDATE mirror SET row_ver = {UNKNOWN} - row_ver, hash = 0, scopes = '[]' WHERE row_ver > 0")
    connection.execute("DELETE FROM scope_sum")
    return True


class Repair:
    """The findings of a repair under way. `upto`: the copy was said to be whole up to this commit; 0: none."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.upto = meta.number(connection, "repair_upto")
        self._found: set[Key] = set()

    def arrived(self, seq: int, spec: Table, rows: Iterable[Sequence[Any]], known: Mapping[str, int]) -> None:
        """Rows told by the server as (id, wire values in column order); `known`: versions of those that are here."""
        if seq > self.upto:
            return
        here = self._rows(spec, known)
        for record_id, values in rows:
            ver = known.get(record_id)
            if ver is not None and ver >= UNKNOWN:
                continue  # told before, or of a history that is gone
            if ver is None or ver != UNKNOWN - seq or here[record_id] != list(values):
                self._found.add((spec.entity, record_id))

    def arrived_under_work(self, seq: int, key: Key, ver: int, text: str | None, row: Row) -> None:
        """As `arrived`, for a row whose server form lies in the mirror."""
        marked = seq <= self.upto and text is not None and ver < UNKNOWN
        if marked and (ver != UNKNOWN - seq or kept_row(key[0], text or "{}") != row):
            self._found.add(key)

    def left(self, seq: int, key: Key, ver: int) -> None:
        """A row that had been confirmed and is not the server's any more; it should have left before."""
        if seq <= self.upto and ver < UNKNOWN:
            self._found.add(key)

    def save(self, *, done: bool, healed: bool) -> tuple[Key, ...]:
        """Keep the findings with the page; with the last one they are returned and the repair is over."""
        if not self.upto:
            return ()
        kept = {(entity, record_id) for entity, record_id in orjson.loads(meta.get(self._connection, "repair_found"))}
        found = sorted(kept | self._found)[:NAMED]
        meta.put(self._connection, "repair_found", orjson.dumps(found).decode())
        if not done:
            return ()
        meta.put(self._connection, "repair_upto", 0)
        if healed:
            meta.put(self._connection, "repair_at", "")
        return tuple(found)

    def _rows(self, spec: Table, ids: Iterable[str]) -> dict[str, list[Any]]:
        listed = orjson.dumps(list(ids)).decode()
        found = self._connection.execute(
            f"SELECT id, {spec.select} FROM {quoted(spec.entity)} WHERE id IN (SELECT value FROM json_each(?))",
            (listed,),
        )
        return {row[0]: spec.values(spec.row(row[0], row[1:])) for row in found}
