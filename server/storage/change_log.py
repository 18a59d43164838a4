"""One commit of the central sequence: the only way a synced record changes on the server.

The counter row is taken by the first statement of the transaction, so writers run one after another and the
sequence is dense and in commit order. Records are changed in memory, layer by layer (a layer is one client
transaction and may be dropped without trace), and written in batches at the end.
"""

import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import orjson
from sqlalchemy import Connection, Table, insert, select, update

from crm_desktop.errors import BugError
from crm_desktop.model import ENTITIES
from crm_desktop.model.wire import Row
from crm_desktop.rules.scope import account_of, root_of, scopes_of
from server.settings import Settings
from server.storage.commit_writer import CommitWriter, Written
from server.storage.records import Key, children_of, ids_where, load_records
from server.storage.scope_sets import NOWHERE, Scopes, ScopeSets
from server.storage.tables import commit, number_series, row_meta, sync_state, text_rev


@dataclass(frozen=True, slots=True)
class Record:
    """A record as this commit sees it. `scope_set` and `root` are those of the last commit that wrote it."""

    row: Row
    field_ver: Mapping[str, int]
    field_at: Mapping[str, str]
    row_ver: int
    deleted: bool
    root: Key
    scope_set: int
    row_hash: int = 0
    public_hash: int = 0
    created_op: str = ""
    deleted_op: str = ""


@dataclass(slots=True)
class _Layer:
    records: dict[Key, Record] = field(default_factory=dict)
    texts: dict[tuple[str, str, str, str], str] = field(default_factory=dict)
    numbers: dict[str, int] = field(default_factory=dict)


class Commit:
    """A write transaction in work. Made by `Storage.write`, which also commits or rolls back."""

    def __init__(
        self, connection: Connection, settings: Settings, at: str, device_id: str = "", actor: str = ""
    ) -> None:
        self.connection = connection
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
        self.seq: int = taken.last_seq
        self.epoch: str = taken.epoch
        self.epoch_seq: int = taken.epoch_seq
        self.floor_seq: int = taken.floor_seq
        self.last_seq: int = self.seq
        self._flushed = False
        self.sets = ScopeSets(connection)
        self._base: dict[Key, Record | None] = {}
        self._kept = _Layer()
        self._layer = self._kept
        self._touched: set[Key] = set()
        self._empty: dict[str, bool] = {}
        self.people: set[str] = set()  # users whose sign-in, role or territories this commit changes
        self.notes: dict[str, list[Any]] = {}  # what else the journal has to know
        self.commit_id = secrets.token_hex(16)
        self.written: list[Written] = []
        self.foreign: set[Key] = set()  # written for another device than the one that pushes

    # -- layers ---------------------------------------------------------------------------------------

    def open_layer(self) -> None:
        """From here on changes can be dropped together."""
        self._layer = _Layer()

    def drop_layer(self) -> None:
        """Forget what was changed since `open_layer`."""
        self._layer = self._kept

    def keep_layer(self, *, foreign: bool = False) -> None:
        """Take over what was changed since `open_layer`. `foreign`: it is not the work of the commit's device."""
        layer, self._layer = self._layer, self._kept
        if foreign:
            self.foreign |= set(layer.records)
            self.device_id = ""  # nobody may take what is in this commit for his own
        self._kept.records |= layer.records
        self._kept.texts |= layer.texts
        self._kept.numbers |= layer.numbers

    @property
    def rows_per_commit(self) -> int:
        """Log rows of one commit at most."""
        return self._settings.commit_rows

    @property
    def size(self) -> int:
        """Records changed so far."""
        return len(self._kept.records)

    # -- reading --------------------------------------------------------------------------------------

    def get(self, entity: str, record_id: str) -> Record | None:
        """The record, deleted or not; None: never seen."""
        key = (entity, record_id)
        found = self._layer.records.get(key) or self._kept.records.get(key)
        if found is not None:
            return found
        if key not in self._base:
            self.prefetch(entity, [record_id])
        return self._base[key]

    def live(self, entity: str, record_id: str) -> Record | None:
        """The record unless it is deleted or unknown."""
        record = self.get(entity, record_id)
        return None if record is None or record.deleted else record

    def prefetch(self, entity: str, ids: Iterable[str]) -> None:
        """Read several records in one statement."""
        wanted = [i for i in dict.fromkeys(ids) if (entity, i) not in self._base]
        self._base |= {(entity, record_id): None for record_id in wanted}
        for meta, row in load_records(self.connection, entity, wanted):
            self._base[entity, meta["id"]] = Record(
                row=row,
                field_ver=orjson.loads(meta["field_ver"]),
                field_at=orjson.loads(meta["field_at"]),
                row_ver=meta["row_ver"],
                deleted=bool(meta["deleted"]),
                root=(meta["root_entity"], meta["root_id"]),
                scope_set=meta["scope_set"],
                row_hash=meta["row_hash"],
                public_hash=meta["public_hash"],
                created_op=meta["created_op"],
                deleted_op=meta["deleted_op"],
            )

    def where(self, entity: str, name: str, value: str) -> list[str]:
        """Ids of live records whose field holds the value, what this commit changed included."""
        found = dict.fromkeys(ids_where(self.connection, entity, name, value))
        for layer in (self._kept, self._layer):
            for (other, record_id), record in layer.records.items():
                if other != entity:
                    continue
                if not record.deleted and record.row.get(name) == value:
                    found[record_id] = None
                else:
                    found.pop(record_id, None)
        return list(found)

    def descendants(self, entity: str, record_id: str) -> list[Key]:
        """Live records that belong to a record, also at second hand."""
        found: dict[Key, None] = {}
        for other, name in children_of(entity):
            for child in self.where(other, name, record_id):
                if (other, child) not in found:
                    found[other, child] = None
                    found |= dict.fromkeys(self.descendants(other, child))
        return list(found)

    def deleted_by(self, op_id: str) -> list[Key]:
        """Records that an operation of this same commit deleted."""
        records = self._kept.records | self._layer.records
        return [key for key, record in records.items() if record.deleted and record.deleted_op == op_id]

    def scopes(self, record: Record) -> Scopes:
        """Scopes of a record as they were when it was last committed."""
        return self.sets.scopes(record.scope_set)

    def text_base(self, entity: str, record_id: str, name: str) -> Callable[[str], str | None]:
        """Finds an earlier text of a field by its hash."""

        def find(sha: str) -> str | None:
            key = (entity, record_id, name, sha)
            for layer in (self._layer, self._kept):
                if key in layer.texts:
                    return layer.texts[key]
            c = text_rev.c
            where = (c.entity == entity, c.id == record_id, c.field == name, c.sha == sha)
            return self.connection.scalar(select(c.text).where(*where))

        return find

    # -- writing --------------------------------------------------------------------------------------

    def put(
        self,
        entity: str,
        record_id: str,
        row: Row,
        field_ver: Mapping[str, int],
        *,
        deleted: bool = False,
        field_at: Mapping[str, str] | None = None,
        created_op: str | None = None,
        deleted_op: str = "",
    ) -> None:
        """Set a record as it stands after this commit."""
        before = self.get(entity, record_id)
        if before is None:
            before = Record({}, {}, {}, 0, False, (entity, record_id), self.sets.number(NOWHERE))
        self._layer.records[entity, record_id] = replace(
            before,
            row=row,
            field_ver=field_ver,
            field_at=before.field_at if field_at is None else field_at,
            deleted=deleted,
            created_op=before.created_op if created_op is None else created_op,
            deleted_op=deleted_op,
        )

    def touch(self, entity: str, record_id: str) -> None:
        """List a record again although its content stays (what is shown of it changed)."""
        record = self.get(entity, record_id)
        if record is not None and not record.deleted:
            self._layer.records[entity, record_id] = record
            self._touched.add((entity, record_id))

    def keep_text(self, entity: str, record_id: str, name: str, sha: str, text: str) -> None:
        """Remember a text so that an operation written on it finds its base."""
        self._layer.texts[entity, record_id, name, sha] = text

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

    def before(self, key: Key) -> Record | None:
        """The record as it was before this commit."""
        return self._base.get(key)

    def next_seq(self) -> int:
        """One more commit of the same transaction; the rows of one commit are bounded."""
        self.last_seq += 1
        return self.last_seq

    def flush(self) -> None:
        """Write everything, once; afterwards the database transaction can be committed."""
        if self._flushed:
            return
        self._flushed = True
        writer = CommitWriter(self.connection, self.sets, self._settings.commit_rows)
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
        records = dict(sorted(self._kept.records.items(), key=lambda item: order.index(item[0][0])))
        self._read_owners(records)
        places: dict[Key, tuple[Key, Scopes]] = {}
        result: dict[Key, Written] = {}
        for key, record in records.items():
            base = self._base.get(key)
            if base is None and record.deleted:
                # Born and gone in one commit: no other device hears of it, and its author may have it back.
                buried = self._written(key, record, key, NOWHERE)
                result[key] = replace(buried, scopes_before=self._scopes_if_live(key))
                continue
            if base is not None and key not in self._touched and _same(base, record):
                continue
            root, scopes = self._place(key, places)
            result[key] = self._written(key, record, root, scopes)
            if base is not None and not record.deleted and (scopes, root) != (self.scopes(base), base.root):
                for moved in self.followers(key):
                    if moved in records or moved in result:
                        continue
                    follower = self.get(*moved)
                    if follower is None or follower.deleted:
                        continue
                    root, scopes = self._place(moved, places)
                    if (scopes, root) != (self.scopes(follower), follower.root):
                        result[moved] = self._written(moved, follower, root, scopes)
        return list(result.values())

    def _read_owners(self, records: Mapping[Key, Record]) -> None:
        for _ in range(2):  # parents, then their parents and accounts
            wanted: dict[str, set[str]] = {}
            for key in (*records, *list(self._base)):
                record = self.get(*key)
                if record is None or record.deleted:
                    continue
                parent = root_of(key[0], record.row, key[1])
                if parent != key:
                    wanted.setdefault(parent[0], set()).add(parent[1])
                elif account := account_of(key[0], record.row):
                    wanted.setdefault("account", set()).add(account)
            for entity, ids in wanted.items():
                self.prefetch(entity, ids)

    def _place(self, key: Key, places: dict[Key, tuple[Key, Scopes]]) -> tuple[Key, Scopes]:
        """Root and scopes of a record now; a deleted one is nowhere."""
        if key in places:
            return places[key]
        record = self.live(*key)
        if record is None:
            return key, NOWHERE
        parent = root_of(key[0], record.row, key[1])
        if parent != key and self.live(*parent) is not None:
            found = self._place(parent, places)
        else:
            account_id = account_of(key[0], record.row)
            account = self.get("account", account_id) if account_id else None
            found = key, scopes_of(key[0], record.row, key[1], account.row if account else None)
        places[key] = found
        return found

    def place(self, entity: str, record_id: str) -> tuple[Key, Scopes]:
        """Root and scopes of a record as it stands in this commit."""
        return self._place((entity, record_id), {})

    def _scopes_if_live(self, key: Key) -> Scopes:
        """Scopes a deleted record would have, its parents taken as live too."""
        record = self.get(*key)
        if record is None:
            return NOWHERE
        parent = root_of(key[0], record.row, key[1])
        if parent != key:
            return self._scopes_if_live(parent)
        account_id = account_of(key[0], record.row)
        account = self.get("account", account_id) if account_id else None
        return scopes_of(key[0], record.row, key[1], account.row if account else None)

    def followers(self, key: Key) -> list[Key]:
        """Live records whose scopes are those of this one: what hangs on it and, of an account, what is about it."""
        found = dict.fromkeys(self.descendants(*key))
        if key[0] == "account":
            for entity, model in ENTITIES.items():
                if model.FACTS.account is None:
                    continue
                for record_id in self.where(entity, model.FACTS.account, key[1]):
                    found[entity, record_id] = None
                    found |= dict.fromkeys(self.descendants(entity, record_id))
        wanted: dict[str, list[str]] = {}
        for entity, record_id in found:
            wanted.setdefault(entity, []).append(record_id)
        for entity, ids in wanted.items():
            self.prefetch(entity, ids)
        return list(found)

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
    return base.row == record.row and base.deleted == record.deleted and dict(base.field_ver) == dict(record.field_ver)


def row_meta_of(connection: Connection, entity: str, record_id: str) -> int | None:
    """Version of a record, None when it was never seen."""
    c = row_meta.c
    return connection.scalar(select(c.row_ver).where(c.entity == entity, c.id == record_id))
