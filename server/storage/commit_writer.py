"""Writes the rows of one commit: entity tables, versions, log, scope sums, tombstones."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

import orjson
from sqlalchemy import Connection, and_, bindparam, delete, insert, select, update

from crm_desktop.model.wire import Row, confidential_fields, row_hash
from server.storage.many import insert_many, write_many
from server.storage.records import (
    Key,
    delete_records,
    insert_records,
    update_records,
)
from server.storage.scope_sets import Scopes, ScopeSets
from server.storage.tables import change_log, row_meta, scope_left, scope_sum, text_rev, tombstone

_MASK = 2**64 - 1
_UPDATE_META = (
    update(row_meta)
    .where(and_(row_meta.c.entity == bindparam("b_entity"), row_meta.c.id == bindparam("b_id")))
    .values({column.name: bindparam(f"v_{column.name}") for column in row_meta.c if not column.primary_key})
)


def signed(value: int) -> int:
    """A sum mod 2^64 as both databases can hold it."""
    value &= _MASK
    return value - 2**64 if value >= 2**63 else value


@dataclass(slots=True)
class Written:
    """One line of the log: a record as it stands after the commit, and what is needed of before."""

    entity: str
    id: str
    row: Row
    field_ver: Mapping[str, int]
    field_at: Mapping[str, str]
    root: Key
    scopes_before: Scopes
    scopes_after: Scopes
    deleted: bool
    was_known: bool
    was_live: bool
    content_changed: bool
    hash_before: int
    public_hash_before: int
    created_op: str
    deleted_op: str
    row_hash: int = field(default=0)
    public_hash: int = field(default=0)

    def hash_at(self, version: int) -> None:
        """Compute the hashes at the version it is written with."""
        self.row_hash = self.public_hash = row_hash(self.entity, self.id, version, self.row)
        hidden = confidential_fields(self.entity)
        if any(self.row.get(name, "") is not None for name in hidden):
            # The row as those see it who lack the permission for these fields.
            self.public_hash = row_hash(self.entity, self.id, version, self.row | dict.fromkeys(hidden))


class CommitWriter:
    """Batches of one transaction."""

    def __init__(self, connection: Connection, sets: ScopeSets) -> None:
        self._connection = connection
        self._sets = sets

    def write_texts(self, texts: Mapping[tuple[str, str, str, str], str], seq: int) -> None:
        """Texts that later operations may have been written on; known ones stay."""
        c = text_rev.c
        for (entity, record_id, name, sha), text in texts.items():
            known = select(c.seq).where(c.entity == entity, c.id == record_id, c.field == name, c.sha == sha)
            if self._connection.scalar(known) is None:
                self._connection.execute(
                    insert(text_rev).values(entity=entity, id=record_id, field=name, sha=sha, text=text, seq=seq)
                )

    def write_rows(self, seq: int, items: Sequence[Written]) -> None:
        """All rows of commit `seq`."""
        by_entity = groupby(sorted(items, key=lambda item: item.entity), key=lambda item: item.entity)
        for entity, group in by_entity:
            self._write_entity(entity, list(group))
        self._write_meta(seq, items)
        self._write_log(seq, items)
        self._write_sums(items)

    def _write_entity(self, entity: str, items: list[Written]) -> None:
        changed = [item for item in items if item.content_changed]
        insert_records(self._connection, entity, [(i.id, i.row) for i in changed if not i.deleted and not i.was_live])
        update_records(self._connection, entity, [(i.id, i.row) for i in changed if not i.deleted and i.was_live])
        delete_records(self._connection, entity, [i.id for i in changed if i.deleted and i.was_live])

    def _write_meta(self, seq: int, items: Sequence[Written]) -> None:
        fresh: list[dict[str, Any]] = []
        known: list[dict[str, Any]] = []
        for item in items:
            values = {
                "root_entity": item.root[0],
                "root_id": item.root[1],
                "row_ver": seq,
                "field_ver": orjson.dumps(dict(item.field_ver)).decode(),
                "field_at": orjson.dumps(dict(item.field_at)).decode(),
                "row_hash": item.row_hash,
                "public_hash": item.public_hash,
                "scope_set": self._sets.number(item.scopes_after),
                "deleted": item.deleted,
                "created_op": item.created_op,
                "deleted_op": item.deleted_op,
            }
            if item.was_known:
                known.append({"b_entity": item.entity, "b_id": item.id} | {f"v_{k}": v for k, v in values.items()})
            else:
                fresh.append({"entity": item.entity, "id": item.id} | values)
        insert_many(self._connection, row_meta, fresh)
        write_many(self._connection, _UPDATE_META, known)

    def _write_log(self, seq: int, items: Sequence[Written]) -> None:
        log: list[dict[str, Any]] = []
        left: list[dict[str, Any]] = []
        for n, item in enumerate(items):
            log.append(
                {
                    "seq": seq,
                    "n": n,
                    "entity": item.entity,
                    "id": item.id,
                    "root_id": item.root[1],
                    "kind": "del" if item.deleted else "put",
                    "scopes_before": self._sets.number(item.scopes_before),
                    "scopes_after": self._sets.number(item.scopes_after),
                }
            )
            left += [
                {"scope": scope, "seq": seq, "entity": item.entity, "id": item.id}
                for scope in sorted(item.scopes_before - item.scopes_after)
                if item.was_live
            ]
        insert_many(self._connection, change_log, log)
        insert_many(self._connection, scope_left, left)
        self._write_tombstones(seq, items)

    def _write_tombstones(self, seq: int, items: Sequence[Written]) -> None:
        c = tombstone.c
        for item in items:
            if item.was_known and not item.was_live and not item.deleted:
                self._connection.execute(delete(tombstone).where(c.entity == item.entity, c.id == item.id))
            elif item.deleted and (item.was_live or not item.was_known):
                self._connection.execute(
                    insert(tombstone).values(
                        entity=item.entity,
                        id=item.id,
                        row=orjson.dumps(item.row).decode(),
                        deleted_op=item.deleted_op,
                        seq=seq,
                        scope_set=self._sets.number(item.scopes_before),
                    )
                )

    def _write_sums(self, items: Sequence[Written]) -> None:
        deltas: dict[str, list[int]] = {}
        for item in items:
            for scope in item.scopes_before if item.was_live else ():
                delta = deltas.setdefault(scope, [0, 0, 0])
                delta[0] -= item.hash_before
                delta[1] -= item.public_hash_before
                delta[2] -= 1
            for scope in item.scopes_after:
                delta = deltas.setdefault(scope, [0, 0, 0])
                delta[0] += item.row_hash
                delta[1] += item.public_hash
                delta[2] += 1
        if not deltas:
            return
        c = scope_sum.c
        found = {row.scope: row for row in self._connection.execute(select(scope_sum).where(c.scope.in_(deltas)))}
        for scope, (full, public, rows) in sorted(deltas.items()):
            before = found.get(scope)
            values = {
                "full_sum": signed(full + (before.full_sum if before else 0)),
                "public_sum": signed(public + (before.public_sum if before else 0)),
                "row_count": rows + (before.row_count if before else 0),
            }
            if before is None:
                self._connection.execute(insert(scope_sum).values(scope=scope, **values))
            else:
                self._connection.execute(update(scope_sum).where(c.scope == scope).values(values))
