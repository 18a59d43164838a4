"""From what a person types to records, fields and filters."""

import argparse
import re
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from crm_desktop.errors import InvalidInput, KnownError, NotFound
from crm_desktop.model import ENTITIES
from crm_desktop.model.columns import format_instant
from crm_desktop.model.facts import Facts, Kind
from crm_desktop.model.wire import Row, clean_value, entity_facts, field_facts
from crm_desktop.rules.permissions import Permissions, may_see
from crm_desktop.services.changes import record_title
from crm_desktop.store.computed import list_fields
from crm_desktop.store.lists import Filter
from crm_desktop.store.reader import Reader
from ui.presenters.entry import read_day, read_instant

NUMBER_FIELDS = ("number", "external_id", "code", "login")
_CONDITION = re.compile(r"^(\w+)(!=|<=|>=|=|~|<|>)(.*)$", re.DOTALL)
_FEWEST_ID_SIGNS = 6


def day_given(text: str) -> date:
    """A day as an argument of a verb, YYYY-MM-DD; ArgumentTypeError for anything else."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no date like 2026-03-31") from None


def entity_named(given: str) -> str:
    """Entity by its name or one of its labels, in any case; InvalidInput lists what there is."""
    wanted = given.strip().lower().replace("-", "_")
    for name, record in ENTITIES.items():
        facts = record.FACTS
        labels = {name, facts.en.lower(), facts.de.lower(), facts.plural_en.lower(), facts.plural_de.lower()}
        if wanted in labels | {label.replace(" ", "_") for label in labels}:
            return name
    raise InvalidInput(
        "unknown_entity",
        f"There is no kind of record called {given!r}.",
        "Take one of: " + ", ".join(ENTITIES) + ".",
        name=given,
    )


def decimal_given(text: str) -> Decimal:
    """A number with point or comma, as the type of an argument."""
    try:
        number = Decimal(text.replace(",", "."))
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        raise argparse.ArgumentTypeError(f"{text!r} is no number")
    return number


def percent_given(text: str) -> Decimal:
    """A percentage, with its sign or without."""
    return decimal_given(text.strip().removesuffix("%").strip())


def find(reader: Reader, entity: str, given: str) -> Row:
    """A record by id, number, the end or start of its id, or its name (umlauts do not matter).

    NotFound where there is none, KnownError `ambiguous` where there are several.
    """
    row = reader.get(entity, given)
    if row is not None:
        return row
    for name in NUMBER_FIELDS:
        if name in field_facts(entity):
            rows = reader.where(entity, **{name: given})
            if rows:
                return _only(entity, given, rows)
    if re.fullmatch(r"[0-9a-f-]+", given) and len(given) >= _FEWEST_ID_SIGNS:
        matches = [row for row in reader.where(entity) if row["id"].startswith(given) or row["id"].endswith(given)]
        if matches:
            return _only(entity, given, matches)
    hits = reader.search(given, limit=20, entities=(entity,))
    rows = [found for hit in hits if (found := reader.get(entity, hit.id)) is not None]
    exact = [row for row in rows if record_title(entity, row).casefold() == given.casefold()]
    if exact or rows:
        return _only(entity, given, exact or rows)
    raise NotFound(
        "no_match",
        f"No {entity_facts(entity).en.lower()} {given!r} on this laptop.",
        f"Try: search {given}",
        kind=entity_facts(entity),
        given=given,
    )


def _only(entity: str, given: str, rows: list[Row]) -> Row:
    if len(rows) > 1:
        names = ", ".join(f"{record_title(entity, row)} ({row['id'][-8:]})" for row in rows[:5])
        raise KnownError(
            "ambiguous", f"{given!r} may be: {names}.", "Give the number or the id.", given=given, names=names
        )
    return rows[0]


def values_of(entity: str, assignments: list[str], permissions: Permissions) -> dict[str, Any]:
    """`field=value` pairs as clean wire values; sets are separated by commas, yes/no words are understood."""
    declared = {name: facts for name, facts in field_facts(entity).items() if may_see(facts, permissions)}
    values: dict[str, Any] = {}
    for assignment in assignments:
        name, sign, text = assignment.partition("=")
        if not sign:
            raise InvalidInput(
                "not_an_assignment", f"{assignment!r} is no assignment.", "Write field=value.", given=assignment
            )
        if name not in declared:
            fields = ", ".join(field for field, facts in declared.items() if facts.form)
            raise InvalidInput(
                "not_a_form_field",
                f"{entity} has no field {name!r}.",
                f"Take one of: {fields}.",
                name=name,
                fields=fields,
            )
        values[name] = _value(name, declared[name], text)
    return values


def filter_of(entity: str, condition: str, permissions: Permissions) -> Filter:
    """`field=value`, also with !=, <, <=, >, >= and ~ (contains)."""
    match = _CONDITION.match(condition)
    if match is None:
        raise InvalidInput(
            "not_a_filter", f"{condition!r} is no filter.", "Write field=value or field~part.", given=condition
        )
    name, sign, text = match.groups()
    facts = list_fields(entity).get(name)
    if facts is None or not may_see(facts, permissions):
        raise InvalidInput(
            "unknown_field", f"{entity} has no field {name!r}.", "Look at the fields with: show.", name=name
        )
    if sign == "~":
        return Filter(name, "contains", text)
    if facts.kind is Kind.SET:
        return Filter(name, "has", text)
    if facts.kind in (Kind.DATE, Kind.INSTANT) and (day := _day_of(text)):
        return Filter(name, sign, day)
    return Filter(name, sign, _value(name, facts, text))


def _day_of(text: str) -> str:
    """The day somebody names in one of the usual spellings; empty for anything else, as a moment."""
    try:
        return read_day(text.strip()).isoformat()
    except ValueError:
        return ""


def _value(name: str, facts: Facts, text: str) -> Any:
    if facts.kind is Kind.SET:
        return clean_value(name, facts, [item.strip() for item in text.split(",") if item.strip()])
    if facts.kind is Kind.BOOLEAN:
        return clean_value(name, facts, text.strip().lower() in ("1", "true", "yes", "ja", "y", "j"))
    if facts.kind is Kind.DATE:
        return clean_value(name, facts, _day_of(text) or text)
    if facts.kind is Kind.INSTANT:
        return clean_value(name, facts, _moment_of(text) or text)
    return clean_value(name, facts, text)


def _moment_of(text: str) -> str:
    """A day with the time of this machine's zone, as in the window; empty for anything else, as a full instant."""
    try:
        return format_instant(read_instant(text.strip()))
    except ValueError:
        return ""
