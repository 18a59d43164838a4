"""Rows as a page tells them: put into the order of our columns, hashed, and what of a stored row is searched."""

import hashlib
from collections.abc import Sequence
from typing import Any

import orjson

from crm_desktop.store.tables import Table

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


def searched_columns(spec: Table) -> tuple[int, ...]:
    """Indexes of the columns a search document is made of."""
    indexes = {*spec.in_title, *spec.in_names, *spec.in_body}
    if spec.number is not None:
        indexes.update(spec.number)
    return tuple(sorted(indexes))


def document_of(spec: Table, found: Sequence[Any]) -> tuple[str, str, str, str] | None:
    """The document of stored texts: all searched fields are text, whose column form is their wire form."""
    values: list[Any] = [""] * len(spec.names)
    for index, value in zip(searched_columns(spec), found, strict=True):
        values[index] = value
    return spec.document(values)


def hash_values(spec: Table, record_id: str, version: int, values: Sequence[Any]) -> int:
    """`wire.row_hash` of values in column order, without the detour over a row."""
    kept = {name: values[index] for name, index, default in spec.hashed if values[index] != default}
    seed = f"{record_id}:{version}:".encode()
    digest = hashlib.blake2b(seed + orjson.dumps(kept), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)
