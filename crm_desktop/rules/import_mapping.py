"""Rows of a foreign file as records: values per field, child records, and the key that makes an import repeatable."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from crm_desktop.model.facts import Kind
from crm_desktop.model.wire import LONGEST_INDEXED, entity_facts, field_facts, too_long
from crm_desktop.rules.delimited import Problem, Table, TableRow
from crm_desktop.rules.import_columns import NUMBER_FIELDS, Mapping, Target, map_columns
from crm_desktop.rules.import_values import Hints, Unreadable, column_hints, parse_cell, unguarded

__all__ = ["Child", "Mapped", "MappedRecord", "Mapping", "Target", "map_columns", "map_rows", "same_name"]


@dataclass(frozen=True, slots=True)
class Child:
    """A record below the imported one; `of` is '' or 'contact' when it hangs on the contact of the same row."""

    entity: str
    values: dict[str, Any]
    of: str = ""


@dataclass(frozen=True, slots=True)
class MappedRecord:
    """One row as a record: filled cells alone, so that an empty cell never erases anything.

    `references` hold what the file says about another record (its number or name), to be looked up. `key`
    finds the same record again: (number field, number) or ("name", folded title, what tells namesakes apart).
    """

    line: int
    entity: str
    values: dict[str, Any]
    references: dict[str, str]
    children: tuple[Child, ...]
    key: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Mapped:
    """Records in file order, and what was odd about single cells or rows."""

    records: list[MappedRecord]
    problems: list[Problem]


def map_rows(mapping: Mapping, table: Table) -> Mapped:
    """Records of the rows. A cell that cannot be read is reported and left out, a row without a name too."""
    hints = [
        column_hints((row.cells[column] for row in table.rows), table.delimiter) for column in range(len(table.header))
    ]
    problems: list[Problem] = []
    records: list[MappedRecord] = []
    for row in table.rows:
        record = _record(mapping, row, hints, problems)
        if record is None:
            problems.append(
                Problem(
                    row.line_number,
                    "nothing_to_name",
                    f"Line {row.line_number} names no {entity_facts(mapping.entity).en.lower()}; it was left out.",
                    f"Zeile {row.line_number} nennt keinen Namen ({entity_facts(mapping.entity).de}); "
                    "sie wurde ausgelassen.",
                )
            )
        else:
            records.append(record)
    return Mapped(records, problems)


def same_name(text: str) -> str:
    """Names that a person would call the same: case and white space do not count."""
    return " ".join(text.casefold().split())


def _record(mapping: Mapping, row: TableRow, hints: Sequence[Hints], problems: list[Problem]) -> MappedRecord | None:
    values: dict[str, Any] = {}
    references: dict[str, str] = {}
    groups: dict[str, tuple[Target, dict[str, Any]]] = {}
    parts: dict[str, dict[int, str]] = {}
    for target in mapping.targets:
        cell = unguarded(row.cells[target.column].strip()).strip()
        if not cell:
            continue
        if target.part is not None:
            parts.setdefault(target.group, {})[target.part] = cell
            if target.group:
                groups.setdefault(target.group, (target, {}))
            continue
        into = groups.setdefault(target.group, (target, {}))[1] if target.group else values
        facts = field_facts(target.entity)[target.field]
        if target.field in into or (not target.group and target.field in references):
            continue
        if facts.kind is Kind.REFERENCE:
            references[target.field] = cell
            continue
        try:
            into[target.field] = parse_cell(target.field, facts, cell, hints[target.column])
        except Unreadable as error:
            problems.append(
                Problem(
                    row.line_number,
                    "unreadable_cell",
                    f"Line {row.line_number}, column “{target.header}”: {error.en}; the cell was left out.",
                    f"Zeile {row.line_number}, Spalte „{target.header}“: {error.de}; die Zelle wurde ausgelassen.",
                )
            )
    for group, pieces in parts.items():
        name = " ".join(pieces[index] for index in sorted(pieces))
        (groups[group][1] if group else values).setdefault("name", name)
    _leave_out_too_long(row, [(mapping.entity, values), *((t.entity, v) for t, v in groups.values())], problems)
    children = _children(groups, mapping)
    key = _key(mapping.entity, values, references, children)
    if key is None:
        return None
    return MappedRecord(row.line_number, mapping.entity, values, references, tuple(children), key)


def _leave_out_too_long(row: TableRow, written: list[tuple[str, dict[str, Any]]], problems: list[Problem]) -> None:
    """A name of a thousand letters is none: most often a quotation mark is missing in the file."""
    for entity, values in written:
        for name in too_long(entity, values):
            del values[name]
            facts, line = field_facts(entity)[name], row.line_number
            problems.append(
                Problem(
                    line,
                    "text_too_long",
                    f"Line {line}: “{facts.en}” is longer than {LONGEST_INDEXED} characters; it was left out. "
                    "Look whether a quotation mark is missing.",
                    f"Zeile {line}: „{facts.de}“ ist länger als {LONGEST_INDEXED} Zeichen; es wurde ausgelassen. "
                    "Sehen Sie nach, ob ein Anführungszeichen fehlt.",
                )
            )


def _children(groups: dict[str, tuple[Target, dict[str, Any]]], mapping: Mapping) -> list[Child]:
    """Child records that hold something; the first of its kind is the preferred one."""
    result: list[Child] = []
    preferred: set[tuple[str, str]] = set()
    for group, (target, values) in groups.items():
        if not values or (target.entity == "contact" and not values.get("name")):
            continue
        if target.entity == "address":
            _split_place(group, values, mapping)
        if target.kind:
            values = values | {"kind": target.kind} | ({"label": target.label} if target.label else {})
        # One preferred address, one preferred channel per kind.
        slot = (target.of, target.entity + (target.kind if target.entity == "channel" else ""))
        if slot not in preferred:
            preferred.add(slot)
            values = values | {"preferred": True}
        result.append(Child(target.entity, values, target.of))
    has_contact = any(child.entity == "contact" for child in result)
    # What hangs on a contact the row does not name belongs to the record itself.
    return [child if has_contact or not child.of else Child(child.entity, child.values) for child in result]


def _split_place(group: str, values: dict[str, Any], mapping: Mapping) -> None:
    """“City, State” in one cell: the part behind the last comma is the region where no column holds one."""
    if any(target.group == group and target.field == "region" for target in mapping.targets):
        return
    city, comma, region = str(values.get("city", "")).rpartition(",")
    if comma and city.strip() and region.strip():
        values["city"], values["region"] = city.strip(), region.strip()


def _key(
    entity: str, values: dict[str, Any], references: dict[str, str], children: Sequence[Child]
) -> tuple[str, ...] | None:
    for name in NUMBER_FIELDS:
        if values.get(name):
            return (name, str(values[name]))
    facts = field_facts(entity)
    known = values | references
    title = next((str(known[name]) for name in entity_facts(entity).title if known.get(name)), "")
    if not title:
        return None
    if entity == "account":
        city = next((str(child.values["city"]) for child in children if child.values.get("city")), "")
        return ("name", same_name(title), same_name(city))
    telling = [
        str(known[name])
        for name, item in facts.items()
        if known.get(name)
        and (name in _owners(entity) or item.kind in (Kind.DATE, Kind.INSTANT) or name == "min_quantity")
    ]
    return ("name", same_name(title), *(same_name(text) for text in telling))


def _owners(entity: str) -> tuple[str, ...]:
    facts = entity_facts(entity)
    return (*facts.parents, *((facts.account,) if facts.account else ()))
