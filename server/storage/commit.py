"""One commit of the central sequence: the only way a synced record changes on the server.

The counter row is taken by the first statement of the transaction, so writers run one after another and the
sequence is dense and in commit order. Records are changed in memory and written in batches at the end.
"""

import secrets
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Table, insert, select, update

from crm_desktop.errors import BugError
from crm_desktop.model import ENTITIES
from server.settings import Settings
from server.storage.commit_writer import CommitWriter, Written
from server.storage.handing_on import conflicts_about, hand_on, left_with
from server.storage.placing import Place, followers, place_of, read_owners, scopes_if_live
from server.storage.records import Key
from server.storage.records_in_work import Record, RecordsInWork
from server.storage.scope_sets import NOWHERE, Scopes
from server.storage.tables import commit, number_series, sync_state


class Commit(RecordsInWork):
    """A write transaction in work. Made by `Database.write`, which also commits or rolls back."""

    def __init__(
        self, connection: Connection, settings: Settings, at: str, device_id: str = "", actor: str = ""
    ) -> None:
        self.at = at
        self.device_id = device_id
        self.actor = actor
        self._settings = settings
        taken = connection.execute(
            update(sync_state)
            .where(sync_state.c.id == 1)
            .values(last_seq=sync_state.c.last_seq + 1)
            .returning(sync_state.c.last_seq, sync_state.c.epoch, sync_state.c.epoch_seq, sync_state.c.floor_seq)
        ).one_or_none()
        if taken is None:
            raise BugError("the database has no sync_state row")
        super().__init__(connection)
        self.seq: int = taken.last_seq
        self.epoch: str = taken.epoch
        self.epoch_seq: int = taken.epoch_seq
        self.floor_seq: int = taken.floor_seq
        self.last_seq: int = self.seq
        self._flushed = False
        self._empty: dict[str, bool] = {}
        self.people: set[str] = set()  # users whose sign-in, role or territories this commit changes
        self.notes: dict[str, list[Any]] = {}  # what else the journal has to know
        self.commit_id = secrets.token_hex(16)
        self.written: list[Written] = []
        self.foreign: set[Key] = set()  # written for another device than the one that pushes

    def keep_layer(self, *, foreign: bool = False) -> None:
        """Take over what was changed since `open_layer`. `foreign`: it is not the work of the commit's device."""
        if foreign:
            self.foreign |= set(self._layer.records)
            self.device_id = ""  # nobody may take what is in this commit for his own
        super().keep_layer()

    def is_by(self, device_id: str, seq: int) -> bool:
        """Whether a commit, this one too, is work of one device alone."""
        if seq == self.seq:  # a change that waited may be another's than what let it through
            return self.device_id == device_id
        c = commit.c
        return self.connection.scalar(select(c.device_id).where(c.seq == seq)) == device_id

    @property
    def rows_per_commit(self) -> int:
        """Log rows of one commit at most."""
        return self._settings.commit_rows

    def next_number(self, series: str) -> str:
        """The next official number of a series; it returns to the series when the layer is dropped."""
        c = number_series.c
        found = self.connection.execute(select(c.prefix, c.next_value).where(c.series == series)).one()
        value = self._layer.numbers.get(series) or self._kept.numbers.get(series) or found.next_value
        self._layer.numbers[series] = value + 1
        return f"{found.prefix}{value:06d}"

    def has_none(self, table: Table) -> bool:
        """Whether a table that is nearly always empty is empty; asked of the database once."""
        if table.name not in self._empty:
            self._empty[table.name] = self.connection.execute(select(table).limit(1)).first() is None
        return self._empty[table.name]

    def filled(self, table: Table) -> None:
        """Something was put into a table that may have been empty."""
        self._empty[table.name] = False

    def next_seq(self) -> int:
        """One more commit of the same transaction; the rows of one commit are bounded."""
        self.last_seq += 1
        return self.last_seq

    def place(self, entity: str, record_id: str) -> Place:
        """Root and scopes of a record as it stands in this commit."""
        return place_of(self, (entity, record_id), {})

    def flush(self) -> None:
        """Write everything, once; afterwards the database transaction can be committed."""
        if self._flushed:
            return
        self._flushed = True
        writer = CommitWriter(self.connection, self.sets)
        writer.write_texts(self._kept.texts, self.seq)
        for series, value in self._kept.numbers.items():
            self.connection.execute(
                update(number_series).where(number_series.c.series == series).values(next_value=value)
            )
        self.written = self._changes()
        for number, chunk in enumerate(self._chunks(self.written)):
            seq = self.seq if number == 0 else self.next_seq()
            for item in chunk:
                item.hash_at(seq)
            writer.write_rows(seq, chunk)
        self.connection.execute(
            insert(commit),
            [
                {
                    "seq": seq,
                    "commit_id": self.commit_id if seq == self.seq else secrets.token_hex(16),
                    "device_id": self.device_id,
                    "actor": self.actor,
                    "at": self.at,
                }
                for seq in range(self.seq, self.last_seq + 1)
            ],
        )
        if self.last_seq > self.seq:
            self.connection.execute(update(sync_state).where(sync_state.c.id == 1).values(last_seq=self.last_seq))

    def _chunks(self, changes: list[Written]) -> Iterable[list[Written]]:
        rows = self._settings.commit_rows
        return (changes[start : start + rows] for start in range(0, len(changes), rows))

    def _changes(self) -> list[Written]:
        """What is to be written: changed records, then those that move along with them."""
        order = list(ENTITIES)
        # What stands again as it stood is not written for itself; it may still move along with another.
        changed = [item for item in self._kept.records.items() if self._is_changed(*item)]
        records = dict(sorted(changed, key=lambda item: order.index(item[0][0])))
        read_owners(self, records)
        places: dict[Key, Place] = {}
        result: dict[Key, Written] = {}
        for key, record in records.items():
            base = self._base.get(key)
            if base is None and record.deleted:
                # Born and gone in one commit: no other device hears of it, and its author may have it back.
                buried = self._written(key, record, key, NOWHERE)
                result[key] = replace(buried, scopes_before=scopes_if_live(self, key))
                continue
            root, scopes = place_of(self, key, places)
            result[key] = self._written(key, record, root, scopes)
            if base is not None and not record.deleted and (scopes, root) != (self.scopes(base), base.root):
                for moved in followers(self, key):
                    if moved in records or moved in result:
                        continue
                    follower = self.get(*moved)
                    if follower is None or follower.deleted:
                        continue
                    root, scopes = place_of(self, moved, places)
                    if (scopes, root) != (self.scopes(follower), follower.root):
                        result[moved] = self._written(moved, follower, root, scopes)
        self._hand_on(result)
        return list(result.values())

    def _hand_on(self, result: dict[Key, Written]) -> None:
        """What is kept of records that moved goes with them."""
        live = (key for key, item in result.items() if item.was_live and not item.deleted)
        moved = [key for key in live if result[key].scopes_before != result[key].scopes_after]
        if not moved:
            return
        lost = frozenset(scope for key in moved for scope in result[key].scopes_before - result[key].scopes_after)
        written = (key for key in result if key[0] == "conflict")
        for key in hand_on(self, [*conflicts_about(self, moved), *written, *left_with(self, lost)], self.seq):
            entry = self.get(*key)
            if entry is not None:
                result[key] = self._written(key, entry, *self.place(*key))

    def _is_changed(self, key: Key, record: Record) -> bool:
        base = self._base.get(key)
        return base is None or key in self._touched or not _same(base, record)

    def _written(self, key: Key, record: Record, root: Key, scopes: Scopes) -> Written:
        base = self._base.get(key)
        return Written(
            entity=key[0],
            id=key[1],
            row=record.row,
            field_ver=record.field_ver,
            field_at=record.field_at,
            root=base.root if record.deleted and base else root,
            scopes_before=self.scopes(base) if base and not base.deleted else NOWHERE,
            scopes_after=NOWHERE if record.deleted else scopes,
            deleted=record.deleted,
            was_known=base is not None,
            was_live=base is not None and not base.deleted,
            content_changed=base is None or base.row != record.row or base.deleted != record.deleted,
            hash_before=base.row_hash if base else 0,
            public_hash_before=base.public_hash if base else 0,
            created_op=record.created_op,
            deleted_op=record.deleted_op,
        )


def _same(base: Record, record: Record) -> bool:
    """Whether nothing that a device could see, or a later merge would need, changed."""
    return (base.row, base.deleted, base.deleted_op, dict(base.field_ver)) == (
        record.row,
        record.deleted,
        record.deleted_op,
        dict(record.field_ver),
    )
