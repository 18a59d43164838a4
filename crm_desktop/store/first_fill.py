"""The first filling of a copy by prepared parts, straight into the file the user already works in.

A part goes in by transactions that each leave rows, search documents and sums complete; how far it is stands in the
same transaction, so a crash loses at most one. Secondary indexes are off meanwhile and built at the end. The
cursor stays at the start until then: the pull that follows tells what changed since the parts were begun.

Rows of ours that are not on the server yet are met one by one, as by a page. Parts of another snapshot than before
may name rows that are here: then each is looked up, and the pull begins at the older of both.
"""

import base64
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
import zstandard

from crm_desktop.failpoints import failpoint
from crm_desktop.model.wire import columns, from_columns
from crm_desktop.store import fill_sql, meta
from crm_desktop.store.connection import Connection, ValueRefused
from crm_desktop.store.pull_apply import PageApply, unreadable_page
from crm_desktop.store.schema import entity_indexes
from crm_desktop.store.sums import ScopeSums
from crm_desktop.store.tables import ENTITY_NAMES, ENTITY_NUMBER, quoted, table
from crm_desktop.store.writer import Writer

STATE, PIECE, TO_COME = "fill", "fill_piece", "fill_to_come"
SLICE = 2000  # rows after which somebody who waits to write gets his turn
# Rows come newest first, and search takes the highest rowids for the newest: they count down from here. What is
# written later has higher ones.
TOP = 2**31
MOST_BYTES = 64 * 1024 * 1024
_BROKEN = (LookupError, TypeError, ValueError, ArithmeticError, AttributeError, zstandard.ZstdError, *ValueRefused)

Manifest = dict[str, Any]


@dataclass(frozen=True, slots=True)
class FillState:
    """How far the first filling is. `next` is the part to be applied; `begun` False: nothing is known yet."""

    begun: bool = False
    epoch: str = ""
    snapshots: tuple[str, ...] = ()
    parts: tuple[dict[str, Any], ...] = ()
    complete: bool = False
    next: int = 0


class FirstFill:
    """The store's side of it. Every method is one durable step or some; a crash between them loses nothing."""

    def __init__(self, writer: Writer, changed: Callable[[str], None]) -> None:
        self._writer = writer
        self._changed = changed

    def state(self) -> FillState | None:
        """None: this copy already has rows of the server or a position in its history."""
        return self._writer.call(_state)

    def take(self, manifest: Manifest) -> FillState:
        """Keep what the server offers: more parts of the same snapshots, or others from the first part on."""
        return self._writer.call(lambda connection: _take(connection, manifest))

    @staticmethod
    def decode(packed: bytes) -> "Part":
        """A part as it travelled, ready to be applied; touches no file, so any thread may do it ahead.

        SessionError bad_answer where it is not what the protocol says.
        """
        try:
            told = orjson.loads(_inflated(packed))
            return Part(told["e"], told["cols"], told["data"])
        except _BROKEN as error:
            raise unreadable_page() from error

    def apply(self, number: int, part: "Part") -> int:
        """Put a part in; returns its rows. SessionError bad_answer where the database cannot take them."""
        run = _Run(number, part)
        while not run.done:
            self._writer.call(
                self._slice(run), mode="apply", durable=False, after=lambda _rows: self._changed(run.entity)
            )
        return run.count

    def _slice(self, run: "_Run") -> Callable[[Connection], int]:
        def work(connection: Connection) -> int:
            try:
                return run.slice(connection, lambda: self._writer.waiting)
            except _BROKEN as error:
                raise unreadable_page() from error

        return work

    def keep_piece(self, sha256: str, data: bytes) -> None:
        """Keep what came of a part before the line broke."""
        text = f"{sha256}:{base64.b85encode(data).decode()}"
        self._writer.call(lambda connection: meta.put(connection, PIECE, text))

    def piece(self, sha256: str) -> bytes:
        """What was kept of a part."""
        kept, _, text = self._writer.call(lambda connection: meta.get(connection, PIECE)).partition(":")
        return base64.b85decode(text) if kept == sha256 else b""

    def finish(self) -> None:
        """All parts are in: build the indexes, one transaction each, and move the cursor to where the pull begins."""
        self._restore()
        failpoint("C12-last")
        self._writer.call(_finished)

    def forget(self) -> None:
        """Give the filling up: pages do the rest, from the start; what is here they confirm."""
        self._restore()
        self._writer.call(_forgotten)

    def _restore(self) -> None:
        for statement in entity_indexes():
            self._writer.call(lambda connection, sql=statement: connection.execute(sql), durable=False)  # type: ignore[misc]


# -- state ----------------------------------------------------------------------------------------------


def _stored(connection: Connection) -> dict[str, Any]:
    return dict(orjson.loads(meta.get(connection, STATE, "{}")))


def _state(connection: Connection) -> FillState | None:
    if meta.number(connection, "cursor_seq"):
        return None
    stored = _stored(connection)
    if stored:
        return _told(stored)
    for entity in ENTITY_NAMES:
        if connection.execute(f"SELECT 1 FROM {quoted(entity)} WHERE sync_ver <> 0 LIMIT 1").fetchone():
            return None
    return FillState()


def _keep(connection: Connection, stored: dict[str, Any]) -> dict[str, Any]:
    """Keep how far it is, and beside it how many rows are known to come: the status strip says so."""
    left = sum(part["rows"] for part in stored["parts"][stored["next"] :]) - stored["row"]
    meta.put(connection, STATE, orjson.dumps(stored).decode())
    meta.put(connection, TO_COME, left)
    return stored


def _told(stored: dict[str, Any]) -> FillState:
    return FillState(
        True, stored["epoch"], tuple(stored["snapshots"]), tuple(stored["parts"]), stored["complete"], stored["next"]
    )


def _take(connection: Connection, manifest: Manifest) -> FillState:
    before = _stored(connection)
    stored = {name: manifest[name] for name in ("epoch", "as_of", "snapshots", "scopes", "scope_sets", "parts")}
    stored |= {"complete": manifest["complete"], "next": 0, "row": 0, "mixed": False, "low": before.get("low", {})}
    if not before:
        fill_sql.drop_indexes(connection)
        fill_sql.bulk_search(connection, on=True)
    elif before["snapshots"] == manifest["snapshots"]:
        stored |= {name: before[name] for name in ("as_of", "next", "row", "mixed")}
    else:
        stored["mixed"] = bool(before["mixed"] or before["next"] or before["row"])
        stored["as_of"] = min(before["as_of"], manifest["as_of"], key=lambda at: int(at["seq"]))
    return _told(_keep(connection, stored))


def _finished(connection: Connection) -> None:
    stored = _stored(connection)
    meta.put(connection, "cursor_seq", stored["as_of"]["seq"])
    meta.put(connection, "cursor_commit", stored["as_of"]["commit_id"])
    meta.put(connection, "scopes", orjson.dumps(sorted(stored["scopes"])).decode())
    meta.put(connection, "caught_up", 0)
    _forgotten(connection)


def _forgotten(connection: Connection) -> None:
    fill_sql.bulk_search(connection, on=False)
    connection.execute("DELETE FROM meta WHERE key IN (?, ?, ?)", (STATE, PIECE, TO_COME))


# -- one part -------------------------------------------------------------------------------------------


def _inflated(packed: bytes) -> bytes:
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


class _Run:
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
        stored = _stored(connection)
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
        _keep(connection, stored)

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
        page = PageApply(connection, {"scope_sets": [orjson.loads(scopes[number]) for number in numbers]})
        for place in places:
            row = from_columns(self.entity, [column[place] for column in self._columns])
            packed = [self._ids[place], self._roots[place], numbers.index(self._sets[place]), *row.values()]
            page.put(self._versions[place], self.entity, list(row), [packed])
        page.save()
