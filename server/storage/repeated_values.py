"""An entry of the journal meets a record on which others have written since it: what is repeated, what is kept.

A text is merged over the one the entry was written on, of a set is repeated what was added and taken away, and what
belongs together is repeated together. What then does not stand goes to the ledger where nobody had seen it.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from crm_desktop.model.facts import Kind, Merge
from crm_desktop.model.wire import Row, field_facts
from crm_desktop.rules.merge import units_of
from crm_desktop.rules.merged import FieldConflict
from crm_desktop.rules.text_merge import merge_text
from server.storage import ledger
from server.storage.commit import Commit
from server.storage.records import Key
from server.storage.records_in_work import Record
from server.storage.written_since import WrittenSince


@dataclass(slots=True)
class RepeatedValues:
    """What is to be written of an entry: `values`; `newer` counts what is left as it is."""

    commit: Commit
    key: Key
    record: Record
    since: WrittenSince
    values: Row = field(default_factory=dict)
    newer: int = 0

    def take(self, told: Row, was: Row, homeless: Collection[str] = ()) -> None:
        """Take the values an entry tells; `was`: what it wrote them over, empty in journals of earlier versions.

        `homeless`: fields that would put the record under one that was deleted since; it stays where it is.
        """
        later, unseen = self.since.later_and_unseen(self.commit, self.record)
        facts = field_facts(self.key[0])
        for unit in units_of(self.key[0], told):
            kind, name = facts[unit[0]].kind, unit[0]
            if kind is Kind.LONG_TEXT:
                self._text(name, told, was, later, unseen)
            elif kind is Kind.SET:
                self._set(name, told, was, later)
            elif not set(unit) & {*later, *homeless}:
                self._unit(unit, told, was, unseen)
        standing = self.record.row
        for name, value in told.items():
            final = self.values.get(name, standing[name])
            self.newer += final == standing[name] != value != was.get(name)

    def _unit(self, unit: Sequence[str], told: Row, was: Row, unseen: frozenset[str]) -> None:
        new, standing = _of(told, unit), _of(self.record.row, unit)
        facts = field_facts(self.key[0])[unit[0]]
        written_over = standing not in (new, _of(was, unit)) and bool(unseen & set(unit))
        if written_over and facts.kind is not Kind.STATE:  # steps of a state are guarded, not kept
            rule, settled = facts.merge.value, facts.merge is Merge.NEWEST
            self._keep(FieldConflict(unit[0], tuple(unit), _of(was, unit), new, standing, rule, True, settled))
        self.values |= new

    def _text(self, name: str, told: Row, was: Row, later: frozenset[str], unseen: frozenset[str]) -> None:
        new, standing, base = str(told[name]), str(self.record.row[name]), was.get(name)
        of_both = (self.key, name)
        if standing in (new, base) or (name not in later | unseen and of_both not in self.since.of_both):
            self.values[name] = new
            return
        merged = None if base is None else merge_text(base, new, standing)
        both: tuple[Row, Row, Row] = {name: base or ""}, {name: new}, {name: standing}
        if merged is None:
            stays = name in later
            self._keep(FieldConflict(name, (name,), *both, "text", mine_stands=not stays))
            self.values[name] = standing if stays else new
            return
        if merged not in (new, standing):
            self._keep(FieldConflict(name, (name,), *both, "merged_text", settled=True))
            self.since.of_both.add(of_both)
        self.values[name] = merged

    def _set(self, name: str, told: Row, was: Row, later: frozenset[str]) -> None:
        new, standing = set(told[name]), set(self.record.row[name])
        before = set(was.get(name, standing))
        stand = {element for element in new ^ before if f"{name}/{element}" in later}
        self.values[name] = sorted((standing | (new - before - stand)) - (before - new - stand))

    def _keep(self, conflict: FieldConflict) -> None:
        author = ledger.Author(ledger.user_of(self.commit, self.commit.actor), "", self.since.at)
        ledger.record_conflict(self.commit, author, self.key, self.record, conflict)


def _of(values: Row, names: Iterable[str]) -> dict[str, Any]:
    return {name: values[name] for name in names if name in values}
