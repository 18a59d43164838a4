"""Rows of the server under work of ours that ends with the same page: what is told is what is seen from now on.

So they need no replay and no mirror any more, and go in together, which after a long queue are nearly all that come.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any

import orjson

from crm_desktop.store.connection import Connection
from crm_desktop.store.page_rows import Order, by_order, hash_values
from crm_desktop.store.search_index import DELETE_DOCUMENT, INSERT_DOCUMENT
from crm_desktop.store.sums import ScopeSums
from crm_desktop.store.tables import Document, Table, document_id, quoted
from crm_desktop.store.visible import SERVER_NAMES

Key = tuple[str, str]


@cache
def _confirm_sql(entity: str) -> str:
    assigned = ", ".join(f"{name} = ?" for name in SERVER_NAMES)
    return f"UPDATE {quoted(entity)} SET {assigned} WHERE rowid = ?"


class SettledRows:
    """Made when the replay of what the page covers has ended. `done`: the records that were settled here."""

    def __init__(self, connection: Connection, sums: ScopeSums) -> None:
        self.done: set[Key] = set()
        self._connection = connection
        self._sums = sums
        found = connection.execute(
            "SELECT entity, id, row_ver, hash, scopes FROM mirror m WHERE json IS NOT NULL AND NOT EXISTS "
            "(SELECT 1 FROM outbox_op o WHERE o.entity = m.entity AND o.id = m.id AND o.live = 1)"
        )
        self._mirrors = {(entity, i): (ver, amount, scopes) for entity, i, ver, amount, scopes in found}

    def put(
        self, seq: int, spec: Table, rows: Sequence[list[Any]], order: Order | None, scope_sets: Sequence[str]
    ) -> list[list[Any]]:
        """Take in what of the rows (of one version, as a page tells them) is settled; returns the others."""
        entity = spec.entity
        ids = [row[0] for row in rows if seq > self._mirrors.get((entity, row[0]), (seq,))[0]]
        if not ids:
            return list(rows)
        found = self._connection.execute(
            f"SELECT id, rowid, {spec.select} FROM {quoted(entity)} WHERE id IN (SELECT value FROM json_each(?))",
            (orjson.dumps(ids).decode(),),
        )
        here = {row[0]: row[1:] for row in found}  # one that is not to be seen here takes the other way
        confirmed: list[tuple[Any, ...]] = []
        replaced: list[tuple[Any, ...]] = []
        out: list[tuple[Any, ...]] = []
        into: list[tuple[Any, ...]] = []
        for record_id, root, scope_set, *told in (row for row in rows if row[0] in here):
            rowid, *stored = here[record_id]
            _, held, held_scopes = self._mirrors[entity, record_id]
            values = by_order(told, order)
            amount, scopes = hash_values(spec, record_id, seq, values), scope_sets[scope_set]
            self._sums.add(held_scopes, -held)
            self._sums.add(scopes, amount)
            after, key = _document(spec, values), spec.sort_key(values)
            encoded = spec.encode(values)
            if encoded == stored:
                confirmed.append((seq, amount, scopes, root, rowid))
                continue
            before, at = _document(spec, spec.values(spec.row(record_id, stored))), document_id(entity, rowid)
            if before != after:
                out += [(at, *before)] if before is not None else []
                into += [(at, *after)] if after is not None else []
            replaced.append((*encoded, seq, amount, scopes, root, key, rowid))
        self._connection.executemany(_confirm_sql(entity), confirmed)
        self._connection.executemany(spec.replace, replaced)
        self._connection.executemany(DELETE_DOCUMENT, out)
        self._connection.executemany(INSERT_DOCUMENT, into)
        self._connection.executemany("DELETE FROM mirror WHERE entity = ? AND id = ?", [(entity, i) for i in here])
        self.done.update((entity, record_id) for record_id in here)
        return [row for row in rows if row[0] not in here]


def _document(spec: Table, values: Sequence[Any]) -> Document | None:
    return spec.document(values) if spec.searched else None
