"""What an import would change: each mapped row against the records on this device.

Rows find their record again by number, else by name (accounts: name and city). Rows of one file with the same
number, and accounts of the same name and city, are about one record. Other rows of the same name are different
records: the n-th finds the n-th, oldest first, so that importing twice changes nothing.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from crm_desktop.exchange.import_match import KnownRecords, Lookup, same_child
from crm_desktop.ids import new_id
from crm_desktop.model.facts import Kind
from crm_desktop.model.wire import Row, default_row, field_facts
from crm_desktop.rules.delimited import Problem
from crm_desktop.rules.import_mapping import MappedRecord, same_name
from crm_desktop.store.reader import Reader


@dataclass(frozen=True, slots=True)
class Step:
    """One record to write: a new one, or changes to a known one."""

    entity: str
    id: str
    values: dict[str, Any]
    is_new: bool


@dataclass(slots=True)
class RowPlan:
    """What one row of the file leads to; no steps: everything is there already."""

    line: int
    is_new: bool
    steps: list[Step] = field(default_factory=list)


def plan_import(reader: Reader, entity: str, records: Sequence[MappedRecord]) -> tuple[list[RowPlan], list[Problem]]:
    """Plans in file order, and what could not be looked up."""
    planner = _Planner(reader, entity)
    return planner.plan(records), planner.problems()


class _Planner:
    def __init__(self, reader: Reader, entity: str) -> None:
        self._reader = reader
        self._entity = entity
        self._problems: list[Problem] = []
        self._unknown: dict[tuple[str, str, str], list[int]] = defaultdict(list)
        self._lookups: dict[str, Lookup] = {}
        self._new_accounts: dict[str, str] = {}
        self._created: dict[str, Step] = {}
        self._known_children: dict[tuple[str, str], list[Row]] = {}

    def problems(self) -> list[Problem]:
        """One problem per value that was not found, however many lines name it."""
        for (name, text, code), lines in self._unknown.items():
            more, weitere = (f" and {len(lines) - 1} more", f" und {len(lines) - 1} weitere") if lines[1:] else ("", "")
            reason, grund = (
                ("is here more than once", "gibt es hier mehrfach")
                if code == "ambiguous_reference"
                else ("is not known here", "ist hier nicht bekannt")
            )
            facts = field_facts(self._entity)[name]
            self._problems.append(
                Problem(
                    lines[0],
                    code,
                    f"Line {lines[0]}{more}: {facts.en} “{text}” {reason}; the cell was left out.",
                    f"Zeile {lines[0]}{weitere}: {facts.de} „{text}“ {grund}; die Zelle wurde ausgelassen.",
                )
            )
        return sorted(self._problems, key=lambda problem: problem.line)

    def plan(self, records: Sequence[MappedRecord]) -> list[RowPlan]:
        matches = self._match(records)
        if any(field_facts(self._entity)[name].ref == self._entity for r in records for name in r.references):
            # A parent may stand in the same file, even further down.
            lookup = self._lookup(self._entity)
            for record, (record_id, _) in zip(records, matches, strict=True):
                lookup.add(record_id, record.values)
        plans: list[RowPlan] = []
        for record, (record_id, existing) in zip(records, matches, strict=True):
            plan = RowPlan(record.line, existing is None)
            values = record.values | self._references(record, plan)
            self._write(plan, self._entity, record_id, existing, values)
            self._children(plan, record, record_id)
            plans.append(plan)
        return plans

    # finding records again

    def _match(self, records: Sequence[MappedRecord]) -> list[tuple[str, Row | None]]:
        """Id of each row's record, and the record as it stands before the row (None: the row creates it)."""
        index = KnownRecords(self._reader, self._entity)
        lines: dict[tuple[str, ...], tuple[str, int]] = {}
        standing: dict[str, Row] = {}
        result: list[tuple[str, Row | None]] = []
        for record in records:
            if record.key in lines:
                record_id, line = lines[record.key]
                self._complete(record, standing[record_id], line)
                result.append((record_id, standing[record_id]))
            else:
                existing = next((row for row in index.candidates(record) if row["id"] not in standing), None)
                record_id = existing["id"] if existing else new_id()
                if record.key[0] != "name" or self._entity == "account":
                    lines[record.key] = (record_id, record.line)
                result.append((record_id, existing))
            before = result[-1][1] or default_row(self._entity) | {"id": record_id}
            standing[record_id] = before | record.values
        return result

    def _complete(self, record: MappedRecord, standing: Row, line: int) -> None:
        """A later row about the same record says only what the earlier ones leave open."""
        for name, value in list(record.values.items()):
            if standing[name] not in (None, "", [], value):
                del record.values[name]
        self._problems.append(
            Problem(
                record.line,
                "same_record",
                f"Line {record.line} is about the same record as line {line}; it filled in what was open there.",
                f"Zeile {record.line} betrifft denselben Datensatz wie Zeile {line}; "
                "ergänzt wurde, was dort offen war.",
            )
        )

    # references

    def _references(self, record: MappedRecord, plan: RowPlan) -> dict[str, str]:
        found: dict[str, str] = {}
        for name, text in record.references.items():
            facts = field_facts(self._entity)[name]
            ids = self._lookup(facts.ref or "").find(text)
            if len(ids) == 1:
                found[name] = ids[0]
            elif facts.ref == "account" and self._entity == "contact" and not ids:
                found[name] = self._account_for(text, plan)
            else:
                code = "ambiguous_reference" if ids else "unknown_reference"
                self._unknown[name, text, code].append(record.line)
        return found

    def _account_for(self, name: str, plan: RowPlan) -> str:
        """A contact's company that nobody knows yet becomes an account of that name."""
        key = same_name(name)
        if key not in self._new_accounts:
            self._new_accounts[key] = new_id()
            self._create(plan, "account", self._new_accounts[key], {"kind": "company", "name": name})
        return self._new_accounts[key]

    def _lookup(self, entity: str) -> Lookup:
        if entity not in self._lookups:
            self._lookups[entity] = Lookup(self._reader, entity)
        return self._lookups[entity]

    # writing

    def _write(self, plan: RowPlan, entity: str, record_id: str, existing: Row | None, values: dict[str, Any]) -> None:
        if existing is None:
            self._create(plan, entity, record_id, values)
            return
        changes: dict[str, Any] = {}
        for name, value in values.items():
            if field_facts(entity)[name].kind is Kind.SET:  # an import adds elements, it never takes any away
                value = sorted({*existing.get(name, []), *value})
            if existing.get(name) != value:
                changes[name] = value
        if record_id in self._created:  # by an earlier row of this file
            self._created[record_id].values.update(changes)
        elif changes:
            plan.steps.append(Step(entity, record_id, changes, False))

    def _create(self, plan: RowPlan, entity: str, record_id: str, values: dict[str, Any]) -> None:
        self._created[record_id] = Step(entity, record_id, dict(values), True)
        plan.steps.append(self._created[record_id])

    def _children(self, plan: RowPlan, record: MappedRecord, record_id: str) -> None:
        owners = {"": (self._entity, record_id)}
        for child in sorted(record.children, key=lambda child: child.entity != "contact"):
            owner_entity, owner_id = owners[child.of]
            link = f"{owner_entity}_id"
            siblings = self._siblings(child.entity, link, owner_id)
            same = same_child(child, siblings)
            if same is None:
                values = child.values | {link: owner_id}
                if any(row["preferred"] and row.get("kind") == values.get("kind") for row in siblings):
                    values.pop("preferred", None)
                child_id = new_id()
                self._create(plan, child.entity, child_id, values)
                siblings.append(default_row(child.entity) | values | {"id": child_id})
            else:
                child_id = same["id"]
                changes = {name: value for name, value in child.values.items() if name != "preferred"}
                self._write(plan, child.entity, child_id, same, changes)
                same.update(changes)
            if child.entity == "contact":
                owners["contact"] = ("contact", child_id)

    def _siblings(self, entity: str, link: str, owner_id: str) -> list[Row]:
        """Children of a record as they stand, with those that earlier rows bring."""
        if (entity, owner_id) not in self._known_children:
            known = [] if owner_id in self._created else self._reader.where(entity, **{link: owner_id})
            self._known_children[entity, owner_id] = known
        return self._known_children[entity, owner_id]
