"""One prepared part: as it travelled, and on its way into the tables."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import orjson
import zstandard

from crm_desktop.failpoints import failpoint
from crm_desktop.model.wire import columns, from_columns
from crm_desktop.store import fill_sql
from crm_desktop.store.connection import Connection, ValueRefused
from crm_desktop.store.fill_state import keep, stored_fill
from crm_desktop.store.server_rows import ServerRows
from crm_desktop.store.sums import ScopeSums
from crm_desktop.store.tables import ENTITY_NUMBER, quoted, table

SLICE = 2000  # rows after which somebody who waits to write gets his turn
# Rows come newest first, and search takes the highest rowids for the newest: they count down from here. What is
# written later has higher ones.
TOP = 2**31
MOST_BYTES = 64 * 1024 * 1024
# What a part raises that is not what the protocol says, or that the database cannot take.
BROKEN = (LookupError, TypeError, ValueError, ArithmeticError, AttributeError, zstandard.ZstdError, *ValueRefused)


def inflated(packed: bytes) -> bytes:
    """The part without its compression. ValueError where it is larger than any part may be."""
    size = zstandard.frame_content_size(packed)
    if not 0 <= size <= MOST_BYTES:
        raise ValueError("size")
    return zstandard.ZstdDecompressor().decompress(packed)


class Part:
    """A part in memory: the columns of its rows in our order."""

    def __init__(self, entity: str, cols: Sequence[str], data: list[list[Any]]) -> None:
        self.entity = entity
        self.known = entity in ENTITY_NUMBER  # a kind of record this version does not know waits for its update
        self.ids, self.roots, self.sets, self.versions, self.hashes = data[:5]
        self.count = len(self.ids)
        self.columns: list[list[Any]] = []
        if not self.known:
            return
        if any(len(column) != self.count for column in data) or len(data) != len(cols) + 5:
            raise ValueError("columns")
        place = {name: at for at, name in enumerate(cols, 5)}
        spec = table(entity)
        absent = spec.encode(list(spec.defaults))
        for name, default in zip(columns(entity), absent, strict=True):
            self.columns.append(data[place[name]] if name in place else [default] * self.count)


class PartRun:
    """A part on its way in: `slice` by `slice`, in as few transactions as the others allow."""

    def __init__(self, number: int, part: Part) -> None:
        self.number = number
        self.entity = part.entity
        self.count = part.count
        self.done = False
        self._known = part.known
        self._ids, self._roots, self._sets = part.ids, part.roots, part.sets
        self._versions, self._hashes, self._columns = part.versions, part.hashes, part.columns

    def slice(self, connection: Connection, waited_for: Callable[[], bool]) -> int:
        """Rows from where the last transaction ended until all are in or somebody waits; returns how many."""
        stored = stored_fill(connection)
        if not stored or stored["next"] != self.number:
            self.done = True  # put in by another session
            return 0
        scopes = {int(number): orjson.dumps(sorted(told)).decode() for number, told in stored["scope_sets"].items()}
        if not self._known:
            self._passed(connection, stored, self.count)
            return self.count
        begin = at = int(stored["row"])
        top = low = int(stored["low"].get(self.entity, TOP))
        single = self._ours(connection)
        sums: dict[int, int] = {}
        fill_sql.functions(connection)
        with fill_sql.Unguarded(connection, self.entity):
            while at < self.count and (at == begin or not waited_for()):
                upto = min(at + SLICE, self.count)
                if stored["mixed"]:
                    single |= self._here(connection, at, upto)
                self._insert(connection, at, upto, low, scopes, single, sums)
                low -= upto - at
                at = upto
        if documents := fill_sql.insert_documents(self.entity):
            connection.execute(documents, (low, top - 1))
        kept = ScopeSums(connection)
        for number, amount in sums.items():
            kept.add(scopes[number], amount)
        kept.save()
        self._one_by_one(connection, begin, at, single, scopes)
        stored["low"][self.entity] = low
        self._passed(connection, stored, at)
        failpoint("C12-part")
        return at - begin

    def _passed(self, connection: Connection, stored: dict[str, Any], at: int) -> None:
        """Keep how far it is."""
        self.done = at == self.count
        stored |= {"next": self.number + 1, "row": 0} if self.done else {"row": at}
        keep(connection, stored)

    def _insert(
        self,
        connection: Connection,
        at: int,
        upto: int,
        top: int,
        scopes: dict[int, str],
        single: set[str],
        sums: dict[int, int],
    ) -> None:
        """Rows that meet nothing, by one statement run, their rowids below `top`."""
        ids, sets, hashes = (column[at:upto][::-1] for column in (self._ids, self._sets, self._hashes))
        tables = [column[at:upto][::-1] for column in self._columns]
        versions, roots = self._versions[at:upto][::-1], self._roots[at:upto][::-1]
        told = [scopes[number] for number in sets]
        rowids = range(top - len(ids), top)
        rows: Iterable[tuple[Any, ...]] = zip(rowids, ids, *tables, versions, hashes, told, roots, strict=True)
        if single and not single.isdisjoint(ids):
            rows = [row for row in rows if row[1] not in single]
            kept = [place for place, record_id in enumerate(ids) if record_id not in single]
            sets, hashes = [sets[place] for place in kept], [hashes[place] for place in kept]
        connection.executemany(fill_sql.insert_rows(self.entity), rows)
        for number in set(sets):
            amount = sum(value for value, of in zip(hashes, sets, strict=True) if of == number)
            sums[number] = sums.get(number, 0) + amount

    def _ours(self, connection: Connection) -> set[str]:
        """Records with work of ours on them."""
        found = connection.execute(
            "SELECT id FROM mirror WHERE entity = ?1 UNION SELECT id FROM outbox_op WHERE entity = ?1 AND live = 1",
            (self.entity,),
        )
        return {record_id for (record_id,) in found}

    def _here(self, connection: Connection, at: int, upto: int) -> set[str]:
        ids = orjson.dumps(self._ids[at:upto]).decode()
        found = connection.execute(
            f"SELECT id FROM {quoted(self.entity)} WHERE id IN (SELECT value FROM json_each(?))", (ids,)
        )
        return {record_id for (record_id,) in found}

    def _one_by_one(self, connection: Connection, at: int, upto: int, single: set[str], scopes: dict[int, str]) -> None:
        """Rows that meet something of ours take the way of a page."""
        places = [place for place in range(at, upto) if self._ids[place] in single]
        if not places:
            return
        numbers = sorted({self._sets[place] for place in places})
        rows = ServerRows(connection, [orjson.loads(scopes[number]) for number in numbers])
        for place in places:
            row = from_columns(self.entity, [column[place] for column in self._columns])
            packed = [self._ids[place], self._roots[place], numbers.index(self._sets[place]), *row.values()]
            rows.put(self._versions[place], self.entity, list(row), [packed])
        rows.save()
