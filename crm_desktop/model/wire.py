"""Wire form of records: canonical JSON values, their validation, column form and hash.

A row in wire form is a dict field -> value where a value is a text, an integer, a boolean, a sorted list of
texts or None. Decimals are canonical text with the declared places, dates YYYY-MM-DD, instants UTC with Z.
"""

import hashlib
import unicodedata
import zlib
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any

import orjson

from crm_desktop.errors import InvalidInput
from crm_desktop.model import ENTITIES
from crm_desktop.model.columns import format_instant, parse_instant
from crm_desktop.model.facts import EntityFacts, Facts, Kind

Value = str | int | bool | list[str] | None
Row = dict[str, Any]
LONGEST_INDEXED = 500  # characters; at four bytes each they fit an entry of an index of PostgreSQL (2,704 bytes)


def entity_facts(entity: str) -> EntityFacts:
    """Facts of an entity; InvalidInput for a name nobody declared."""
    if entity not in ENTITIES:
        raise InvalidInput(
            "unknown_entity", f"There is no kind of record called {entity!r}.", "Update the program.", name=entity
        )
    return ENTITIES[entity].FACTS


@cache
def field_facts(entity: str) -> Mapping[str, Facts]:
    """Facts of all fields but the id, in the order of declaration, the entity's own fields first."""
    entity_facts(entity)
    own: dict[str, Facts] = {}
    base: dict[str, Facts] = {}
    for name, info in ENTITIES[entity].model_fields.items():
        for item in info.metadata:
            if isinstance(item, Facts):
                (base if name in ("created_at", "created_by") else own)[name] = item
    return own | base


@cache
def columns(entity: str) -> tuple[str, ...]:
    """Field names in column order, without the id."""
    return tuple(field_facts(entity))


@cache
def confidential_fields(entity: str) -> tuple[str, ...]:
    """Fields that need a permission of their own."""
    return tuple(name for name, facts in field_facts(entity).items() if facts.permission)


def default_value(facts: Facts) -> Value:
    """What an absent field means."""
    return [] if facts.kind is Kind.SET else facts.default


def default_row(entity: str) -> Row:
    """A row in which nothing is known yet."""
    return {name: default_value(facts) for name, facts in field_facts(entity).items()}


def _decimal_text(value: Any, places: int) -> str:
    if isinstance(value, (bool, float)):
        raise ValueError("exact decimals only")
    number = Decimal(value)
    if not number.is_finite():
        raise ValueError("not a finite number")
    scaled = number.scaleb(places)
    if scaled != scaled.to_integral_value():
        raise ValueError(f"more than {places} decimal places")
    if abs(scaled) >= 2**62:
        raise ValueError("too large")
    return f"{number:.{places}f}" if number else f"{Decimal(0):.{places}f}"


def clean_value(name: str, facts: Facts, value: Any) -> Value:
    """Canonical wire value of a field; InvalidInput with one clear sentence where it is none."""
    try:
        return _clean(facts, value)
    except (ValueError, TypeError, InvalidOperation) as error:
        raise InvalidInput(
            "invalid_value",
            f"“{facts.en}” cannot be {value!r}.",
            f"Correct the value ({error}).",
            field=name,
            label=facts,
            value=value,
        ) from error


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("text expected")
    if "\x00" in value:
        raise ValueError("it contains a NUL character")
    return value if value.isascii() else unicodedata.normalize("NFC", value)


def _clean(facts: Facts, value: Any) -> Value:
    kind = facts.kind
    if kind is Kind.SET:
        return sorted({_text(item) for item in value or ()})
    if kind in (Kind.TEXT, Kind.LONG_TEXT, Kind.CHOICE, Kind.STATE):
        text = _text("" if value is None else value)
        known = facts.own_values or text in {c.value for c in facts.choices}
        if kind in (Kind.CHOICE, Kind.STATE) and text and not known:
            raise ValueError("it is not one of " + ", ".join(c.value for c in facts.choices))
        return text
    if kind is Kind.BOOLEAN:
        if value is not None and not isinstance(value, bool):
            raise TypeError("yes or no expected")
        return bool(value)
    if value is None or value == "":
        return None
    if kind is Kind.INTEGER:
        if isinstance(value, bool) or not isinstance(value, (int, str)):
            raise TypeError("a whole number expected")
        number = int(value)
        if abs(number) > 2**31 - 1:  # as much as a column of PostgreSQL takes
            raise ValueError("too large")
        return number
    if kind is Kind.DECIMAL:
        return _decimal_text(value, facts.places)
    if kind is Kind.DATE:
        return value.isoformat() if type(value) is date else date.fromisoformat(value).isoformat()
    if kind is Kind.INSTANT:
        return format_instant(value if isinstance(value, datetime) else parse_instant(value))
    return _text(value)


def clean_row(entity: str, values: Mapping[str, Any]) -> Row:
    """A full row in wire form from the values given; unknown fields are refused."""
    facts = field_facts(entity)
    unknown = sorted(set(values) - set(facts) - {"id"})
    if unknown:
        raise InvalidInput(
            "unknown_field", f"{entity} has no field {unknown[0]!r}.", "Check the name.", name=unknown[0]
        )
    row = default_row(entity)
    row.update({name: clean_value(name, facts[name], value) for name, value in values.items() if name != "id"})
    return row


@cache
def _indexed_texts(entity: str) -> frozenset[str]:
    named = {name for index in entity_facts(entity).indexes for name in index}
    return frozenset(name for name, facts in field_facts(entity).items() if name in named and facts.kind is Kind.TEXT)


def too_long(entity: str, values: Mapping[str, Any]) -> list[str]:
    """The fields whose text is longer than an index of the databases takes."""
    return [name for name in values.keys() & _indexed_texts(entity) if len(values[name]) > LONGEST_INDEXED]


def check_length(entity: str, values: Mapping[str, Any]) -> None:
    """InvalidInput where somebody writes a text now that is longer than an index of the databases takes."""
    for name in too_long(entity, values):
        facts = field_facts(entity)[name]
        raise InvalidInput(
            "text_too_long",
            f"“{facts.en}” is longer than {LONGEST_INDEXED} characters.",
            "Shorten it.",
            field=name,
            label=facts,
            longest=LONGEST_INDEXED,
        )


def _decimal_column(value: str | None) -> int | None:
    return None if value is None else int(value.replace(".", ""))


def _decimal_wire(places: int) -> Callable[[int | None], str | None]:
    def to_wire(value: int | None) -> str | None:
        return None if value is None else f"{Decimal(value).scaleb(-places):.{places}f}"

    return to_wire


@cache
def column_encoders(entity: str) -> tuple[tuple[int, Callable[[Any], Any]], ...]:
    """(index in `columns`, wire value -> column value) of the fields whose column form differs."""
    result: list[tuple[int, Callable[[Any], Any]]] = []
    for index, facts in enumerate(field_facts(entity).values()):
        if facts.kind is Kind.DECIMAL:
            result.append((index, _decimal_column))
        elif facts.kind is Kind.SET:
            result.append((index, lambda value: orjson.dumps(value or []).decode()))
    return tuple(result)


@cache
def column_decoders(entity: str) -> tuple[tuple[int, Callable[[Any], Any]], ...]:
    """(index in `columns`, column value -> wire value) of the fields whose column form differs."""
    result: list[tuple[int, Callable[[Any], Any]]] = []
    for index, facts in enumerate(field_facts(entity).values()):
        if facts.kind is Kind.DECIMAL:
            result.append((index, _decimal_wire(facts.places)))
        elif facts.kind is Kind.SET:
            result.append((index, lambda value: orjson.loads(value) if value else []))
        elif facts.kind is Kind.BOOLEAN:
            result.append((index, bool))
    return tuple(result)


def to_columns(entity: str, row: Mapping[str, Any]) -> list[Any]:
    """Column values of a wire row in the order of `columns`; absent fields take their default."""
    facts = field_facts(entity)
    values = [row[name] if name in row else default_value(f) for name, f in facts.items()]
    for index, encode in column_encoders(entity):
        values[index] = encode(values[index])
    return values


def from_columns(entity: str, values: Any) -> Row:
    """Wire row from column values in the order of `columns`."""
    wire = list(values)
    for index, decode in column_decoders(entity):
        wire[index] = decode(wire[index])
    return dict(zip(columns(entity), wire, strict=True))


@cache
def _defaults(entity: str) -> tuple[tuple[str, Value], ...]:
    return tuple((name, default_value(facts)) for name, facts in sorted(field_facts(entity).items()))


def canonical_row(entity: str, row: Mapping[str, Any]) -> bytes:
    """Canonical JSON of a row: known fields in order of name, defaults left out.

    Leaving defaults out lets a new column appear without changing the hash of every row.
    """
    return orjson.dumps({n: row[n] for n, default in _defaults(entity) if row.get(n, default) != default})


def row_hash(entity: str, record_id: str, version: int, row: Mapping[str, Any]) -> int:
    """64-bit hash of (id, version, content), signed so that both databases can hold it."""
    seed = f"{record_id}:{version}:".encode()
    digest = hashlib.blake2b(seed + canonical_row(entity, row), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


def text_hash(text: str) -> str:
    """Name of a text version: sha256, hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


BUCKETS = 256


def bucket_of(record_id: str) -> int:
    """Part of a scope a record is counted in where sums differ, 0 to 255. The same on both sides for ever."""
    return zlib.crc32(record_id.encode()) % BUCKETS
