"""Waiting actions by what they belong to: a quote with its revisions and lines, a customer with his people."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from crm_desktop.model import ENTITIES
from crm_desktop.model.facts import Facts, Kind
from crm_desktop.model.wire import Row, field_facts
from crm_desktop.rules.scope import root_of
from crm_desktop.services.changes import ChangeView, FieldDiff, known_by, record_title
from crm_desktop.services.outbox import OutboxView
from crm_desktop.store.reader import Reader

_TECHNICAL = frozenset({"position", "ladder", "zone", "created_at", "created_by"})
_NOTED_BESIDE = frozenset({"closed_on"})
_ORDER = ("visit", "quote", "account", "contact", "order", "quote_revision", "task", "quote_line")


@dataclass(frozen=True, slots=True)
class Diff:
    """One field of a change: wire values with what is needed to word them."""

    entity: str
    name: str
    old: Any
    new: Any
    kind: str


@dataclass(frozen=True, slots=True)
class Part:
    """What one action does to one record. `title` names it alone, `own` among others of the same root."""

    entity: str
    record_id: str
    title: str
    own: str
    kind: str
    diffs: tuple[Diff, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """One user action: the record it is about, and the records that came along."""

    client_seq: int
    at: str
    state: str
    main: Part
    others: tuple[Part, ...]
    can_discard: bool
    root: tuple[str, str]

    @property
    def parts(self) -> tuple[Part, ...]:
        """What it does to each record."""
        return (self.main, *self.others)


@dataclass(frozen=True, slots=True)
class Group:
    """All that waits of one root record, newest first; `title` names the root."""

    entity: str
    record_id: str
    title: str
    entries: tuple[Entry, ...]

    @property
    def id(self) -> str:
        """Its name in lists."""
        return f"{self.entity} {self.record_id}"

    @property
    def is_new(self) -> bool:
        """Whether the root itself is made by one of them."""
        return any(part.kind == "create" and part.record_id == self.record_id for e in self.entries for part in e.parts)

    @property
    def can_discard(self) -> bool:
        """Whether all of it can still be taken back."""
        return all(entry.can_discard for entry in self.entries)


def load_groups(reader: Reader, waiting: Sequence[OutboxView]) -> tuple[Group, ...]:
    """What waits, given in the order of writing, by root; the one written on last comes first."""
    found: dict[tuple[str, str], list[Entry]] = {}
    for view in reversed(waiting):
        if view.changes:
            made = _entry(reader, view)
            found.setdefault(made.root, []).append(made)
    return tuple(
        Group(*root, _root_title(reader, root) or entries[0].main.title, tuple(entries))
        for root, entries in found.items()
    )


def main_change(changes: Sequence[ChangeView]) -> ChangeView:
    """The change an action is named by; what is noted beside it by itself names none."""

    def rank(change: ChangeView) -> int:
        if change.kind == "patch" and {field.name for field in change.fields} <= _NOTED_BESIDE:
            return len(_ORDER) + 1
        return _ORDER.index(change.entity) if change.entity in _ORDER else len(_ORDER)

    return min(changes, key=rank)


def headline(reader: Reader, change: ChangeView) -> str:
    """The name a person knows the record by; empty where nothing names it."""
    title = known_by(reader, change.entity, change.record_id, change.title)
    return title if title != change.record_id else ""


def diffs_of(change: ChangeView) -> list[Diff]:
    """The fields of a change that say something to a person."""
    facts = field_facts(change.entity) if change.entity in ENTITIES else {}
    return [
        Diff(change.entity, field.name, field.old, field.new, change.kind)
        for field in change.fields
        if field.name not in _TECHNICAL and _worth(field, facts.get(field.name), change.kind)
    ]


def _entry(reader: Reader, view: OutboxView) -> Entry:
    by_record: dict[tuple[str, str], list[ChangeView]] = {}
    for change in view.changes:
        by_record.setdefault((change.entity, change.record_id), []).append(change)
    main = main_change(view.changes)
    key = (main.entity, main.record_id)
    others = [_part(reader, changes) for record, changes in by_record.items() if record != key]
    return Entry(
        view.client_seq, view.at, view.state, _part(reader, by_record[key]), tuple(others), view.can_discard,
        _root(reader, main, view.changes),
    )  # fmt: skip


def _part(reader: Reader, changes: Sequence[ChangeView]) -> Part:
    kinds = {change.kind for change in changes}
    kind = "create" if "create" in kinds else "delete" if "delete" in kinds else changes[0].kind
    one = changes[0]
    return Part(
        one.entity, one.record_id, headline(reader, one), one.title if one.title != one.record_id else "", kind,
        tuple(diff for change in changes for diff in diffs_of(change)),
    )  # fmt: skip


def _root(reader: Reader, main: ChangeView, changes: Sequence[ChangeView]) -> tuple[str, str]:
    """The record that owns what is changed, as its declaration says; the record itself where nothing owns it."""
    made = {(c.entity, c.record_id): {f.name: f.new for f in c.fields} for c in changes if c.kind == "create"}
    at = (main.entity, main.record_id)
    while at[0] in ENTITIES:
        row: Row | None = reader.get(*at) or made.get(at)
        up = root_of(at[0], row, at[1]) if row is not None else at
        if up == at:
            break
        at = up
    return at


def _root_title(reader: Reader, root: tuple[str, str]) -> str:
    entity, record_id = root
    row = reader.get(entity, record_id) if entity in ENTITIES else None
    if row is None:
        return ""
    return headline(reader, ChangeView(entity, record_id, record_title(entity, row), "", ()))


def _worth(field: FieldDiff, facts: Facts | None, kind: str) -> bool:
    if kind != "create":
        return True
    return field.new not in (None, "", [], False) and (facts is None or facts.form or facts.kind is Kind.STATE)
