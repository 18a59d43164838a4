"""Records as a commit in work sees them: those of the database, and above them what it has changed in memory.

Changes come layer by layer: a layer is one client transaction and may be dropped without trace.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

import orjson
from sqlalchemy import Connection, select

from crm_desktop.model.wire import Row
from server.storage.records import Key, children_of, ids_where, load_records
from server.storage.scope_sets import NOWHERE, Scopes, ScopeSets
from server.storage.tables import text_rev


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


class RecordsInWork:
    """Reads and changes records in memory; nothing is written here."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.sets = ScopeSets(connection)
        self._base: dict[Key, Record | None] = {}
        self._kept = _Layer()
        self._layer = self._kept
        self._touched: set[Key] = set()

    # -- layers ---------------------------------------------------------------------------------------

    def open_layer(self) -> None:
        """From here on changes can be dropped together."""
        self._layer = _Layer()

    def drop_layer(self) -> None:
        """Forget what was changed since `open_layer`."""
        self._layer = self._kept

    def keep_layer(self) -> None:
        """Take over what was changed since `open_layer`."""
        layer, self._layer = self._layer, self._kept
        self._kept.records |= layer.records
        self._kept.texts |= layer.texts
        self._kept.numbers |= layer.numbers

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

    def seen(self) -> list[Key]:
        """Everything read so far, what was not found included."""
        return list(self._base)

    def before(self, key: Key) -> Record | None:
        """The record as it was before this commit."""
        return self._base.get(key)

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

    # -- changing -------------------------------------------------------------------------------------

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
