"""Operations as a person reads them: which record, which fields, what they held before and after."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from crm_desktop.model import ENTITIES
from crm_desktop.model.wire import Row, Value, entity_facts, field_facts
from crm_desktop.store.reader import Reader

_TECHNICAL = {"created_at", "created_by"}
_KNOWN_BY = {
    "quote_revision": "quote", "quote_line": "quote", "visit": "account", "address": "account", "channel": "account",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class FieldDiff:
    """One field before and after, in wire form. For sets `new` are the elements added, `old` those removed."""

    name: str
    label_en: str
    label_de: str
    old: Value
    new: Value

    def label(self, language: str) -> str:
        """Label in 'de' or 'en'."""
        return self.label_de if language == "de" else self.label_en


@dataclass(frozen=True, slots=True)
class ChangeView:
    """One operation: `kind` is the operation's kind, `outcome` empty while it waits."""

    entity: str
    record_id: str
    title: str
    kind: str
    fields: tuple[FieldDiff, ...]
    outcome: str = ""


def record_title(entity: str, row: Row) -> str:
    """What names a record: the first filled of its title fields, else its id."""
    return next((str(row[name]) for name in entity_facts(entity).title if row.get(name)), str(row.get("id", "")))


def known_by(reader: Reader, entity: str, record_id: str, title: str) -> str:
    """The name a person knows a record by: a line is known by its quote, a visit by its account; else its title."""
    owner = _KNOWN_BY.get(entity)
    row = reader.get(entity, record_id) if owner else None
    above = reader.get(owner, row[f"{owner}_id"]) if owner and row and row[f"{owner}_id"] else None
    name = record_title(owner, above) if owner and above else title
    return title if above and name == above["id"] else name


def change_views(reader: Reader, transaction: Mapping[str, Any]) -> tuple[ChangeView, ...]:
    """The operations of a kept transaction; a record that is not here is named by what it was to become."""
    views = []
    for op in transaction.get("ops", ()):
        row = reader.get(op["e"], op["id"]) if op["e"] in ENTITIES else None
        row = row or (op["v"] | {"id": op["id"]} if op["k"] == "create" else None)
        title = record_title(op["e"], row) if row and op["e"] in ENTITIES else op["id"]
        views.append(change_view(op, title))
    return tuple(views)


def change_view(op: Mapping[str, Any], title: str, outcome: str = "") -> ChangeView:
    """One operation in wire form under the title of its record."""
    return ChangeView(op["e"], op["id"], title, op["k"], tuple(_diffs(op)), outcome)


def _diffs(op: Mapping[str, Any]) -> list[FieldDiff]:
    declared = field_facts(op["e"]) if op["e"] in ENTITIES else {}

    def diff(name: str, old: Value, new: Value) -> FieldDiff:
        facts = declared.get(name)
        return FieldDiff(name, facts.en if facts else name, facts.de if facts else name, old, new)

    match op["k"]:
        case "create":
            return [diff(name, None, value) for name, value in op["v"].items() if name not in _TECHNICAL]
        case "patch":
            # A coupled group travels whole; what was not changed is no news.
            changes = op["set"].items()
            return [diff(name, part["old"], part["new"]) for name, part in changes if part["old"] != part["new"]]
        case "text":
            return [diff(op["f"], op.get("base"), op["text"])]
        case "set_add":
            return [diff(op["f"], None, op["v"])]
        case "set_remove":
            return [diff(op["f"], op["v"], None)]
        case "transition":
            return [diff(op.get("f", "status"), op.get("from"), op["to"])]
    return []
