"""The ledger of what did not stand: shown side by side, decided or taken back by one click."""

from dataclasses import dataclass

from crm_desktop.errors import InvalidInput, NotFound
from crm_desktop.model import ENTITIES
from crm_desktop.model.wire import Row, Value, field_facts
from crm_desktop.services.changes import known_by, record_title
from crm_desktop.services.deciding import Side, decision, sides_of
from crm_desktop.store.changes import ChangeSet
from crm_desktop.store.client_store import ClientStore
from crm_desktop.store.reader import Reader


@dataclass(frozen=True, slots=True)
class FieldView:
    """One field of a conflict with its three values in wire form, and what stands on this device now."""

    name: str
    label_en: str
    label_de: str
    before: Value
    mine: Value
    theirs: Value
    now: Value = None

    def label(self, language: str) -> str:
        """Label in 'de' or 'en'."""
        return self.label_de if language == "de" else self.label_en


@dataclass(frozen=True, slots=True)
class ConflictView:
    """A conflict ready to be shown. `mine` is the value that did not stand; instants in wire form.

    `lost_by_me`: its author is the user of this device; else it is shown to him as the owner of the record.
    """

    id: str
    entity: str
    record_id: str
    record_title: str
    field: str
    fields: tuple[FieldView, ...]
    mine_by: str
    theirs_by: str
    mine_at: str | None
    theirs_at: str | None
    status: str
    record_here: bool
    rule: str = ""
    lost_by_me: bool = True
    theirs_known: bool = True  # False: what stands is out of this device's sight

    def title(self, language: str) -> str:
        """'Account Alfki: Name' in 'de' or 'en'."""
        kind = ENTITIES[self.entity].FACTS.label(language) if self.entity in ENTITIES else self.entity
        labels = ", ".join(field.label(language) for field in self.fields) or self.field
        return f"{kind} {self.record_title}: {labels}"


_DELETION = ("Deletion", "Löschung")  # what a wish to delete is about: no field of the record


class ConflictService:
    """Lists and decides conflicts."""

    def __init__(self, store: ClientStore) -> None:
        self._store = store

    def open(self) -> list[ConflictView]:
        """What waits for a decision, the newest first."""
        return self._store.read(lambda reader: _views(reader, reader.where("conflict", status="open")))

    def settled(self) -> list[ConflictView]:
        """What a rule decided without asking, the newest first; each can be taken back."""
        return self._store.read(lambda reader: _views(reader, reader.where("conflict", status="settled")))

    def all(self, settled: int = 200) -> list[ConflictView]:
        """All open ones, and so many of those that are decided or settled, the newest first."""

        def read(reader: Reader) -> list[ConflictView]:
            rows = reader.where("conflict")
            wanted = [row for row in rows if row["status"] == "open"]
            wanted += [row for row in rows if row["status"] != "open"][-settled:]
            return _views(reader, wanted)

        return self._store.read(read)

    def get(self, conflict_id: str) -> ConflictView:
        """One conflict; NotFound where it is not on this device."""
        return self._store.read(lambda reader: _view(reader, _require(reader, conflict_id)))

    def resolve(self, conflict_id: str, side: Side, initiator: str = "") -> ChangeSet:
        """Decide, or decide otherwise: one transaction of the conflict's state and, where it changes, the record.

        'mine' writes my value again, based on what stands now; a deleted record comes back with it. InvalidInput
        where it was decided so already, NotFound where the record is out of this device's reach.
        """
        if side not in ("mine", "theirs"):
            raise InvalidInput("invalid_side", f"{side!r} is no side of a conflict.", "Take 'mine' or 'theirs'.")
        intents = self._store.read(lambda reader: decision(reader, _require(reader, conflict_id), side))
        return self._store.commit(intents, initiator)


def _views(reader: Reader, rows: list[Row]) -> list[ConflictView]:
    return [_view(reader, row) for row in sorted(rows, key=lambda row: row["id"], reverse=True)]


def _view(reader: Reader, row: Row) -> ConflictView:
    entity, record_id = row["entity"], row["record_id"]
    before, mine, theirs = sides_of(row)
    declared = field_facts(entity) if entity in ENTITIES else {}
    record = reader.get(entity, record_id) if entity in ENTITIES else None
    fields = []
    for name in dict.fromkeys([*mine, *theirs, *before]):
        if mine.get(name) == theirs.get(name):
            continue  # came along with its group
        facts = declared.get(name)
        en, de = (facts.en, facts.de) if facts else _DELETION if name == "deleted" else (name, name)
        fields.append(
            FieldView(
                name,
                en,
                de,
                before.get(name),
                mine.get(name),
                theirs.get(name),
                None if record is None else record.get(name),
            )
        )
    return ConflictView(
        row["id"],
        entity,
        record_id,
        known_by(reader, entity, record_id, _title(entity, record_id, record, mine | before)),
        row["field"],
        tuple(fields),
        _name(reader, row["mine_by"]),
        _name(reader, row["theirs_by"]),
        row["mine_at"],
        row["theirs_at"],
        row["status"],
        record is not None,
        row["rule"],
        row["mine_by"] == reader.sync_state().user_id,
        bool(theirs),
    )


def _title(entity: str, record_id: str, record: Row | None, kept: Row) -> str:
    """The record's name; of one that is not here what the entry tells of it."""
    return record_title(entity, record or kept | {"id": record_id}) if entity in ENTITIES else record_id


def _name(reader: Reader, user_id: str | None) -> str:
    user = reader.get("user", user_id) if user_id else None
    return str(user["name"]) if user else ""


def _require(reader: Reader, conflict_id: str) -> Row:
    row = reader.get("conflict", conflict_id)
    if row is None:
        raise NotFound("not_here", "This conflict is not on this laptop.", "Synchronise and look again.")
    return row
