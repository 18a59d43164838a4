"""Conflicts: what two people changed from the same base, shown side by side and decided by one click."""

import json
from dataclasses import dataclass
from typing import Literal

from crm_desktop.errors import InvalidInput, NotFound
from crm_desktop.model import ENTITIES
from crm_desktop.model.facts import Kind
from crm_desktop.model.wire import Row, Value, entity_facts, field_facts
from crm_desktop.store.changes import ChangeSet
from crm_desktop.store.client_store import ClientStore
from crm_desktop.store.intents import Intent, transition, update
from crm_desktop.store.reader import Reader

Side = Literal["mine", "theirs"]


@dataclass(frozen=True, slots=True)
class FieldView:
    """One field of a conflict with its three values in wire form."""

    name: str
    label_en: str
    label_de: str
    before: Value
    mine: Value
    theirs: Value

    def label(self, language: str) -> str:
        """Label in 'de' or 'en'."""
        return self.label_de if language == "de" else self.label_en


@dataclass(frozen=True, slots=True)
class ConflictView:
    """A conflict ready to be shown. `mine` is the value that did not stand; instants in wire form."""

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
    is_text: bool
    record_here: bool

    def title(self, language: str) -> str:
        """'Account Alfki: Name' in 'de' or 'en'."""
        kind = ENTITIES[self.entity].FACTS.label(language) if self.entity in ENTITIES else self.entity
        labels = ", ".join(field.label(language) for field in self.fields) or self.field
        return f"{kind} {self.record_title}: {labels}"


class ConflictService:
    """Lists and decides conflicts."""

    def __init__(self, store: ClientStore) -> None:
        self._store = store

    def open(self) -> list[ConflictView]:
        """What waits for a decision, the newest first."""
        return self._store.read(lambda reader: _views(reader, reader.where("conflict", status="open")))

    def all(self, limit: int = 200) -> list[ConflictView]:
        """Open and decided ones, the newest first."""
        return self._store.read(lambda reader: _views(reader, reader.where("conflict")))[:limit]

    def get(self, conflict_id: str) -> ConflictView:
        """One conflict; NotFound where it is not on this device."""
        return self._store.read(lambda reader: _view(reader, _require(reader, conflict_id)))

    def resolve(self, conflict_id: str, side: Side, initiator: str = "") -> ChangeSet:
        """Decide, or decide otherwise: one transaction of the conflict's state and, where it changes, the record.

        'mine' writes my value again, based on what stands now. InvalidInput where it was decided so already.
        """
        if side not in ("mine", "theirs"):
            raise InvalidInput("invalid_side", f"{side!r} is no side of a conflict.", "Take 'mine' or 'theirs'.")
        intents = self._store.read(lambda reader: _decision(reader, _require(reader, conflict_id), side))
        return self._store.commit(intents, initiator)


def _decision(reader: Reader, conflict: Row, side: Side) -> list[Intent]:
    if conflict["status"] == side:
        raise InvalidInput("already_decided", "This conflict was decided so already.", "There is nothing to do.")
    made = [transition("conflict", conflict["id"], side)]
    if side == "mine" or conflict["status"] == "mine":  # else what stands is theirs already
        entity, record_id = conflict["entity"], conflict["record_id"]
        if reader.get(entity, record_id) is None:
            raise NotFound(
                "not_here",
                "The record of this conflict is not on this device.",
                "Keep the other value, or ask a colleague who has it.",
            )
        made.append(update(entity, record_id, _object(conflict[side])))
    return made


def _views(reader: Reader, rows: list[Row]) -> list[ConflictView]:
    return [_view(reader, row) for row in sorted(rows, key=lambda row: row["id"], reverse=True)]


def _view(reader: Reader, row: Row) -> ConflictView:
    entity, record_id = row["entity"], row["record_id"]
    before, mine, theirs = (_object(row[side]) for side in ("before", "mine", "theirs"))
    declared = field_facts(entity) if entity in ENTITIES else {}
    fields = []
    for name in dict.fromkeys([*mine, *theirs, *before]):
        if mine.get(name) == theirs.get(name):
            continue  # came along with its group
        facts = declared.get(name)
        fields.append(
            FieldView(
                name,
                facts.en if facts else name,
                facts.de if facts else name,
                before.get(name),
                mine.get(name),
                theirs.get(name),
            )
        )
    record = reader.get(entity, record_id) if entity in ENTITIES else None
    field = declared.get(row["field"])
    return ConflictView(
        row["id"],
        entity,
        record_id,
        record_title(entity, record) if record else record_id,
        row["field"],
        tuple(fields),
        _name(reader, row["mine_by"]),
        _name(reader, row["theirs_by"]),
        row["mine_at"],
        row["theirs_at"],
        row["status"],
        field is not None and field.kind is Kind.LONG_TEXT,
        record is not None,
    )


def record_title(entity: str, row: Row) -> str:
    """What names a record: the first filled of its title fields, else its id."""
    return next((str(row[name]) for name in entity_facts(entity).title if row.get(name)), str(row.get("id", "")))


def _name(reader: Reader, user_id: str | None) -> str:
    user = reader.get("user", user_id) if user_id else None
    return str(user["name"]) if user else ""


def _object(text: str) -> Row:
    value = json.loads(text) if text else {}
    return value if isinstance(value, dict) else {}


def _require(reader: Reader, conflict_id: str) -> Row:
    row = reader.get("conflict", conflict_id)
    if row is None:
        raise NotFound("not_here", "This conflict is not on this device.", "Synchronise and look again.")
    return row
