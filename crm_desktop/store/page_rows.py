"""Rows as a page tells them: put into the order of our columns, hashed, and what of a stored row is searched."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import Any

import orjson

from crm_desktop.store.tables import Document, Table, table

Order = list[tuple[int | None, Any]]


def order_of(spec: Table, cols: list[str]) -> Order:
    """Where each of our columns stands in the page; None: not sent, its default holds."""
    place = {name: index for index, name in enumerate(cols)}
    return [(place.get(name), default) for name, default in zip(spec.names, spec.defaults, strict=True)]


def by_order(values: list[Any], order: Order | None) -> list[Any]:
    """Values in the order of our columns; `order` None: they stand so already."""
    return values if order is None else [default if at is None else values[at] for at, default in order]


def ordered(spec: Table, cols: list[str], values: list[Any]) -> list[Any]:
    """Values of a page's row in the order of our columns."""
    return by_order(values, None if tuple(cols) == spec.names else order_of(spec, cols))


@cache
def searched_columns(entity: str) -> tuple[int, ...]:
    """Indexes of the columns a search document is made of."""
    spec = table(entity)
    return tuple(sorted({*spec.in_title, *spec.in_names, *spec.in_body, *(spec.number or ())}))


def document_of(spec: Table, found: Sequence[Any]) -> Document | None:
    """The document of the searched columns as stored: all are text, whose column form is their wire form."""
    return _searched_alone(spec.entity).document(found)


@cache
def _searched_alone(entity: str) -> Table:
    """The table as if it had no other columns than the searched ones."""
    spec = table(entity)
    place = {index: at for at, index in enumerate(searched_columns(entity))}
    return replace(
        spec,
        in_title=tuple(place[index] for index in spec.in_title),
        in_names=tuple(place[index] for index in spec.in_names),
        in_body=tuple(place[index] for index in spec.in_body),
        number=None if spec.number is None else (place[spec.number[0]], place[spec.number[1]]),
    )


def hash_values(spec: Table, record_id: str, version: int, values: Sequence[Any]) -> int:
    """`wire.row_hash` of values in column order, without the detour over a row."""
    kept = {name: values[index] for name, index, default in spec.hashed if values[index] != default}
    seed = f"{record_id}:{version}:".encode()
    digest = hashlib.blake2b(seed + orjson.dumps(kept), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)
