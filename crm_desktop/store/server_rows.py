"""Rows of the server entering and leaving this copy, with search, sums and what waits on them.

Most rows meet nothing of ours and go in by batches. A row with operations still waiting takes the other way:
its server row goes to the mirror and the visible row is computed again.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from crm_desktop.failpoints import failpoint
from crm_desktop.model.wire import row_hash
from crm_desktop.store.connection import Connection
from crm_desktop.store.file_references import told_again
from crm_desktop.store.page_documents import PageDocuments
from crm_desktop.store.page_rows import by_order, document_of, hash_values, order_of, searched_columns
from crm_desktop.store.repair import Repair
from crm_desktop.store.search_index import DELETE_DOCUMENT
from crm_desktop.store.settled_rows import SettledRows
from crm_desktop.store.sums import ScopeSums
from crm_desktop.store.tables import ENTITY_NUMBER, Table, document_id, quoted, table
from crm_desktop.store.visible import ServerSide, load, next_rowid, replayed, take_out, write


@dataclass(slots=True)
class _Known:
    """A row the page finds here."""

    rowid: int
    ver: int
    hash: int
    scopes: str
    root: str
    searched: Sequence[Any]


class ServerRows:
    """Rows within one transaction of the writer; `save` ends it. `scope_sets`: the lists that rows name by number.

    `changed` names records whose visible row changed, `count` tells how many rows were put.
    """

    def __init__(self, connection: Connection, scope_sets: Iterable[Iterable[str]]) -> None:
        self.changed: set[tuple[str, str]] = set()
        self.count = 0
        self.repair = Repair(connection)
        self._connection = connection
        self._sums = ScopeSums(connection)
        self._scopes = [orjson.dumps(sorted(scopes)).decode() for scopes in scope_sets]
        self._ours = _held(connection)
        self._highest: dict[str, str] = {}
        self.documents = PageDocuments(connection)
        self.settled: SettledRows | None = None

    def replay_has_ended(self) -> None:
        """Of what the page covers; call before its rows are put."""
        if not self.repair.upto:
            self.settled = SettledRows(self._connection, self._sums)

    def look_again(self) -> None:
        """Which records have work of ours on them may have changed."""
        self._ours = _held(self._connection)

    def save(self) -> dict[str, int]:
        """Write what was gathered; returns the sums by scope."""
        self.documents.finish()
        return self._sums.save()

    def flush(self) -> None:
        """Bring the search index up to date; before anything that may undo what waits."""
        self.documents.flush()

    # rows that arrive

    def put(self, seq: int, entity: str, cols: list[str], rows: list[list[Any]]) -> None:
        """Rows of one version; `cols` and `rows` as a page tells them."""
        spec = table(entity)
        order = None if tuple(cols) == spec.names else order_of(spec, cols)
        self.count += len(rows)
        if entity == "attachment":
            told_again(self._connection, [row[3 + cols.index("sha256")] for row in rows])
        if self.settled is not None:
            rows = self.settled.put(seq, spec, rows, order, self._scopes)
        known = self._known(spec, [row[0] for row in rows])
        if known or self.documents.leaving:
            self.flush()  # a row told twice must not be taken out before it is in, a place not taken before it is free
        ours = {record_id for name, record_id in self._ours if name == entity}
        inserts: list[tuple[Any, ...]] = []
        replaced: list[tuple[Any, ...]] = []
        old_documents: list[tuple[Any, ...]] = []
        documents = self.documents.entering
        if self.repair.upto:
            told = [(row[0], by_order(row[3:], order)) for row in rows if row[0] not in ours]
            self.repair.arrived(seq, spec, told, {record_id: old.ver for record_id, old in known.items()})
        amounts = [0] * len(self._scopes)
        for packed in rows:
            if packed[0] in ours:
                server = ServerSide(seq, 0, self._scopes[packed[2]], packed[1])
                self._put_ours(seq, spec, packed[0], by_order(packed[3:], order), server)
        rowid = next_rowid(self._connection, entity)  # after ours: one of them may have taken a row
        for packed in rows:
            record_id, root, scope_set = packed[0], packed[1], packed[2]
            if record_id in ours:
                continue
            values = by_order(packed[3:], order)
            scopes = self._scopes[scope_set]
            old = known.get(record_id)
            if old is not None and seq <= old.ver:
                self._rescope(entity, old, scopes)
                continue
            amount = hash_values(spec, record_id, seq, values)
            amounts[scope_set] += amount
            document = spec.document(values) if spec.searched else None
            key = spec.sort_key(values)
            if old is None:
                if document is not None:
                    documents.append((document_id(entity, rowid), *document))
                inserts.append((rowid, record_id, *spec.encode(values), seq, amount, scopes, root, key))
                rowid += 1
            else:
                self._sums.add(old.scopes, -old.hash)
                before = document_of(spec, old.searched) if spec.searched else None
                if before != document:
                    at = document_id(entity, old.rowid)
                    if before is not None:
                        old_documents.append((at, *before))
                    if document is not None:
                        documents.append((at, *document))
                replaced.append((*spec.encode(values), seq, amount, scopes, root, key, old.rowid))
            self.changed.add((entity, record_id))
        connection = self._connection
        connection.executemany(spec.insert, inserts)
        connection.executemany(spec.replace, replaced)
        connection.executemany(DELETE_DOCUMENT, old_documents)
        for scope_set, amount in enumerate(amounts):
            self._sums.add(self._scopes[scope_set], amount)

    def _known(self, spec: Table, record_ids: Sequence[str]) -> dict[str, _Known]:
        """Those of the records that are here.

        Ids rise with time, so most of what arrives is above the highest id here: it is not looked for.
        """
        name = quoted(spec.entity)
        if spec.entity not in self._highest:
            found = self._connection.execute(f"SELECT ifnull(max(id), '') FROM {name}").fetchone()
            self._highest[spec.entity] = found[0]
        highest = self._highest[spec.entity]
        self._highest[spec.entity] = max([highest, *record_ids])
        record_ids = [record_id for record_id in record_ids if record_id <= highest]
        if not record_ids:
            return {}
        ids = orjson.dumps(record_ids).decode()
        wanted = "".join(f", {quoted(spec.names[index])}" for index in searched_columns(spec.entity))
        found = self._connection.execute(
            f"SELECT id, rowid, sync_ver, sync_hash, sync_scopes, sync_root{wanted} FROM {name} "
            "WHERE id IN (SELECT value FROM json_each(?))",
            (ids,),
        )
        return {row[0]: _Known(row[1], row[2], row[3], row[4], row[5], row[6:]) for row in found}

    def _rescope(self, entity: str, old: _Known, scopes: str) -> None:
        if scopes == old.scopes:
            return
        self._sums.add(old.scopes, -old.hash)
        self._sums.add(scopes, old.hash)
        self._connection.execute(f"UPDATE {quoted(entity)} SET sync_scopes = ? WHERE rowid = ?", (scopes, old.rowid))

    def _put_ours(self, seq: int, spec: Table, record_id: str, values: list[Any], server: ServerSide) -> None:
        """A row with operations of ours on it: server row to the mirror, visible row by replay."""
        self.flush()
        connection, entity = self._connection, spec.entity
        stored = load(connection, entity, record_id)
        mirror = connection.execute(
            "SELECT row_ver, json IS NOT NULL, hash, scopes, json FROM mirror WHERE entity = ? AND id = ?",
            (entity, record_id),
        ).fetchone()
        before = mirror or (stored.server.ver, True, stored.server.hash, stored.server.scopes)
        row = dict(zip(spec.names, values, strict=True))
        if mirror is not None:
            self.repair.arrived_under_work(seq, (entity, record_id), mirror[0], mirror[4], row)
        # A row that comes back by a grant has its own, older version: what marks its departure must not stop it.
        if before[1] and seq <= before[0]:
            if before[3] != server.scopes:
                self._sums.add(before[3], -before[2])
                self._sums.add(server.scopes, before[2])
                connection.execute(
                    "UPDATE mirror SET scopes = ? WHERE entity = ? AND id = ?",
                    (server.scopes, entity, record_id),
                )
            return
        if before[1]:
            self._sums.add(before[3], -before[2])
        server.hash = row_hash(entity, record_id, seq, row)
        self._sums.add(server.scopes, server.hash)
        connection.execute(
            "INSERT OR REPLACE INTO mirror (entity, id, row_ver, json, hash, scopes, root) "
            "VALUES (?, ?, ?, ?, ?, ?, ?)",
            (entity, record_id, seq, orjson.dumps(row).decode(), server.hash, server.scopes, server.root),
        )
        write(connection, stored, replayed(row, seq, stored.live), server)
        self.changed.add((entity, record_id))

    # rows that leave

    def leave_all(self, departures: Iterable[tuple[int, str, str]]) -> int:
        """Records (version, entity, id) that leave together; returns how many. What meets nothing of ours goes by
        batches."""
        left = 0
        free: dict[str, dict[str, int]] = {}
        for seq, entity, record_id in departures:
            if (entity, record_id) in self._ours:
                left += self.leave(seq, entity, record_id)
            elif entity in ENTITY_NUMBER:
                free.setdefault(entity, {})[record_id] = seq
        return left + sum(self._leave_free(table(entity), seqs) for entity, seqs in free.items())

    def _leave_free(self, spec: Table, seqs: dict[str, int]) -> int:
        """Records of one kind on which nothing of ours waits."""
        name = quoted(spec.entity)
        texts = searched_columns(spec.entity) if spec.searched and not self.documents.anew else ()
        wanted = "".join(f", {quoted(spec.names[index])}" for index in texts)
        found = self._connection.execute(
            f"SELECT id, rowid, sync_ver, sync_hash, sync_scopes{wanted} FROM {name} "
            "WHERE id IN (SELECT value FROM json_each(?))",
            (orjson.dumps(list(seqs)).decode(),),
        )
        gone: list[int] = []
        for row in found:
            record_id, rowid, ver, amount, scopes = row[:5]
            if seqs[record_id] <= ver:
                del seqs[record_id]
                continue
            self._sums.add(scopes, -amount)
            if self.repair.upto:
                self.repair.left(seqs[record_id], (spec.entity, record_id), ver)
            document = document_of(spec, row[5:]) if texts else None
            if document is not None:
                self.documents.leaving.append((document_id(spec.entity, rowid), *document))
            gone.append(rowid)
        # One statement: the guard's trigger costs each more than deleting the row.
        self._connection.execute(
            f"DELETE FROM {name} WHERE rowid IN (SELECT value FROM json_each(?))",
            (orjson.dumps(sorted(gone)).decode(),),
        )
        self.changed.update((spec.entity, record_id) for record_id in seqs)
        _rows_are_out()
        return len(seqs)

    def leave(self, seq: int, entity: str, record_id: str, told: int | None = None) -> int:
        """Deleted or out of scope: the row leaves tables and search. What waits for it stays in the outbox.

        Returns 1 where it was here. `told` is the commit that should have told it before, where that is not `seq`.
        """
        connection = self._connection
        held = (entity, record_id) in self._ours
        stored = load(connection, entity, record_id, live=held)
        mirror = None
        if held:  # else it has no mirror
            mirror = connection.execute(
                "SELECT row_ver, json IS NOT NULL, hash, scopes FROM mirror WHERE entity = ? AND id = ?",
                (entity, record_id),
            ).fetchone()
        ver, present, amount, scopes = mirror or (
            stored.server.ver,
            stored.values is not None,
            stored.server.hash,
            stored.server.scopes,
        )
        if seq <= ver:
            return 0
        if present:
            self._sums.add(scopes, -amount)
            self.repair.left(told or seq, (entity, record_id), ver)
        if held:
            # The mark keeps a create of ours, already carried out, from showing the row again by replay.
            connection.execute(
                "INSERT OR REPLACE INTO mirror (entity, id, row_ver, json, hash, scopes, root) "
                "VALUES (?, ?, ?, NULL, 0, '[]', '')",
                (entity, record_id, seq),
            )
        if stored.values is not None:
            document = take_out(connection, table(entity), stored)
            if document is not None:
                self.documents.leaving.append(document)
        self.changed.add((entity, record_id))
        _rows_are_out()
        return 1


def _rows_are_out() -> None:
    """A point to die at: what left is out of its table, the page that told so is not committed."""
    failpoint("C15")


def _held(connection: Connection) -> set[tuple[str, str]]:
    """Records with work of ours on them."""
    found = connection.execute("SELECT entity, id FROM mirror UNION SELECT entity, id FROM outbox_op WHERE live = 1")
    return set(found.fetchall())
