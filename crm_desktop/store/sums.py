"""Digest sums: per scope the sum of the hashes of its rows, modulo 2^64, kept as pages are applied."""

from collections.abc import Iterable, Mapping

import orjson

from crm_desktop.model.wire import from_columns, row_hash
from crm_desktop.store.connection import Connection
from crm_desktop.store.tables import ENTITY_NAMES, quoted, table

_MASK = (1 << 64) - 1
SLICE = 2000  # rows after which somebody who waits to write gets his turn


class ScopeSums:
    """The stored sums, changed in memory and written back by `save`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._sums: dict[str, int] = dict(connection.execute("SELECT scope, sum FROM scope_sum").fetchall())
        self._changed: dict[str, int] = {}

    def add(self, scopes: str, amount: int) -> None:
        """Add a hash (or a sum of hashes) to each scope of a JSON list; subtract by a negative amount."""
        if amount:
            self._changed[scopes] = self._changed.get(scopes, 0) + amount

    def save(self) -> dict[str, int]:
        """Write what changed; returns all sums."""
        for scopes, amount in self._changed.items():
            for scope in orjson.loads(scopes):
                value = (self._sums.get(scope, 0) + amount) & _MASK
                self._sums[scope] = value - (1 << 64) if value >> 63 else value
        self._connection.executemany(
            "INSERT INTO scope_sum (scope, sum) VALUES (?, ?) ON CONFLICT (scope) DO UPDATE SET sum = excluded.sum",
            [
                (scope, self._sums[scope])
                for scope in {scope for scopes in self._changed for scope in orjson.loads(scopes)}
            ],
        )
        self._changed = {}
        return self._sums


def as_text(value: int) -> str:
    """A sum as on the wire: 16 hexadecimal digits."""
    return f"{value & _MASK:016x}"


def agrees(own: Mapping[str, int], theirs: Mapping[str, str], scopes: Iterable[str]) -> bool:
    """Whether both sides hold the same rows in every one of the user's scopes; an absent scope is empty."""
    return all(int(theirs.get(scope, "0"), 16) == own.get(scope, 0) & _MASK for scope in scopes)


def recompute_from_content(connection: Connection) -> dict[str, int]:
    """Hashes from the rows' content, sums from the hashes; replaces the stored ones. Seconds for a large file."""
    for entity in ENTITY_NAMES:
        after: int | None = 0
        while after is not None:
            after = rehash(connection, entity, after)
    return recompute(connection)


def rehash(connection: Connection, entity: str, after: int) -> int | None:
    """Hashes of the next rows of an entity from their content; where to go on, None after the last."""
    spec = table(entity)
    found = connection.execute(
        f"SELECT rowid, id, sync_ver, sync_hash, {spec.select} FROM {quoted(entity)} e "
        "WHERE rowid > ? AND sync_ver > 0 AND NOT EXISTS "
        "(SELECT 1 FROM mirror m WHERE m.entity = ? AND m.id = e.id) ORDER BY rowid LIMIT ?",
        (after, entity, SLICE),
    ).fetchall()
    wrong = []
    for rowid, record_id, ver, kept, *stored in found:
        amount = row_hash(entity, record_id, ver, from_columns(entity, stored))
        if amount != kept:
            wrong.append((amount, rowid))
    connection.executemany(f"UPDATE {quoted(entity)} SET sync_hash = ? WHERE rowid = ?", wrong)
    return int(found[-1][0]) if len(found) == SLICE else None


def recompute(connection: Connection) -> dict[str, int]:
    """Sums from the hashes kept with the rows; replaces the stored ones."""
    connection.execute("DELETE FROM scope_sum")
    return supply(connection, _counted(connection))


def supply(connection: Connection, amounts: Mapping[str, int]) -> dict[str, int]:
    """Add amounts, by JSON list of scopes, to the stored sums; returns all sums."""
    sums = ScopeSums(connection)
    for scopes, amount in amounts.items():
        sums.add(scopes, amount)
    return sums.save()


def missing(connection: Connection) -> dict[str, int]:
    """By list of scopes, what the stored sums lack of those of the rows' hashes; of one snapshot, nothing is written.

    What is found is right to add later, too: whatever a page changes meanwhile changes both sides alike.
    """
    lacking = _counted(connection)
    for scope, kept in connection.execute("SELECT scope, sum FROM scope_sum"):
        alone = orjson.dumps([scope]).decode()
        lacking[alone] = lacking.get(alone, 0) - kept
    return lacking


def _counted(connection: Connection) -> dict[str, int]:
    found: dict[str, int] = {}
    for entity in ENTITY_NAMES:
        rows = connection.execute(
            f"SELECT sync_scopes, sync_hash FROM {quoted(entity)} e WHERE sync_hash <> 0 AND NOT EXISTS "
            "(SELECT 1 FROM mirror m WHERE m.entity = ? AND m.id = e.id)",
            (entity,),
        )
        for scopes, amount in rows:
            found[scopes] = found.get(scopes, 0) + amount
    for scopes, amount in connection.execute("SELECT scopes, hash FROM mirror WHERE json IS NOT NULL"):
        found[scopes] = found.get(scopes, 0) + amount
    return found
