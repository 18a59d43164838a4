"""How an entity lies in its table: SQL texts, sync columns and what of it is searched. Built once per entity."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from crm_desktop.model import ENTITIES
from crm_desktop.model.facts import Kind
from crm_desktop.model.wire import (
    Row,
    column_encoders,
    columns,
    default_value,
    entity_facts,
    field_facts,
    from_columns,
)
from crm_desktop.rules.folding import digits, fold

# sync_ver: version of the newest server row (0: never confirmed, UNKNOWN: of a server history that is gone).
# sync_hash and sync_scopes belong to that server row; sort_key is the folded title, so that lists sort as
# people read and by an index every SQLite tool can read (a collation of ours would lock others out).
SYNC_COLUMNS = (
    ("sync_ver", "INTEGER NOT NULL DEFAULT 0"),
    ("sync_hash", "INTEGER NOT NULL DEFAULT 0"),
    ("sync_scopes", "TEXT NOT NULL DEFAULT '[]'"),
    ("sync_root", "TEXT NOT NULL DEFAULT ''"),
    ("sort_key", "TEXT NOT NULL DEFAULT ''"),
)
SYNC_NAMES = tuple(name for name, _ in SYNC_COLUMNS)
UNKNOWN = -1
# Kind, in the outbox, of what is replayed on this device and never sent: children of a record deleted here.
HIDDEN = "hidden"
# Transactions not yet sent, and those answered whose effects have not come by pull. The first half lets SQLite see that
# its index of the few that are not done serves: without it, each sync reads the whole history of the outbox.
PENDING = "state <> 'covered' AND state = 'pending'"
ACKED = "state <> 'covered' AND state = 'acked'"

# In `meta`, with the order number of a transaction behind it: which one, set aside on this device, is decided by it.
DECIDES = "decides."

ENTITY_NAMES = tuple(ENTITIES)
# A search document's rowid holds its table row and its entity: no mapping table is needed.
ENTITY_BITS = 6
ENTITY_MASK = (1 << ENTITY_BITS) - 1
ENTITY_NUMBER = {name: number for number, name in enumerate(ENTITY_NAMES)}

PHONE_KINDS = frozenset({"phone", "mobile", "fax"})
SHORTEST_NUMBER = 4

Document = tuple[str, str, str, str]


def document_id(entity: str, rowid: int) -> int:
    """Rowid of the search document of a table row."""
    return (rowid << ENTITY_BITS) | ENTITY_NUMBER[entity]


def quoted(name: str) -> str:
    """An identifier for SQL text."""
    return f'"{name}"'


@cache
def children_of(entity: str) -> tuple[tuple[str, str], ...]:
    """(entity, field) of the records that belong to an `entity`."""
    return tuple(
        (other, name) for other in ENTITY_NAMES for name in entity_facts(other).parents
        if field_facts(other)[name].ref == entity
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Table:
    """One entity's SQL. Column order everywhere: `names`, the declaration's, never the file's."""

    entity: str
    names: tuple[str, ...]
    select: str  # "a","b",... of `names`
    insert: str  # (rowid, id, *names, *SYNC_NAMES)
    replace: str  # (*names, *SYNC_NAMES, rowid)
    encoders: tuple[tuple[int, Callable[[Any], Any]], ...]
    defaults: tuple[Any, ...]
    hashed: tuple[tuple[str, int, Any], ...]  # (name, index, default) in order of name
    title: tuple[int, ...]
    in_title: tuple[int, ...]
    in_names: tuple[int, ...]
    in_body: tuple[int, ...]
    number: tuple[int, int] | None  # (index of kind, index of value) of what may be a telephone number

    @property
    def searched(self) -> bool:
        """Whether records of this entity have a search document."""
        return bool(self.in_title or self.in_names or self.in_body)

    def encode(self, values: list[Any]) -> list[Any]:
        """Wire values in column order as column values, in place."""
        for index, encoder in self.encoders:
            values[index] = encoder(values[index])
        return values

    def values(self, row: Row) -> list[Any]:
        """Wire values of a row in column order."""
        try:
            return [row[name] for name in self.names]
        except KeyError:  # a row of another version
            pass
        return [row.get(name, default) for name, default in zip(self.names, self.defaults, strict=True)]

    def row(self, record_id: str, stored: Sequence[Any]) -> Row:
        """Wire row, with its id, of column values in order of `names`."""
        return from_columns(self.entity, stored) | {"id": record_id}

    def sort_key(self, values: Sequence[Any]) -> str:
        """The folded title."""
        for index in self.title:
            if values[index]:
                return fold(str(values[index]))
        return ""

    def document(self, values: Sequence[Any]) -> Document | None:
        """Folded texts (title, names, body, digits) of wire values; None where there is nothing to find."""
        title = _joined(values, self.in_title)
        names = _joined(values, self.in_names)
        body = _joined(values, self.in_body)
        if not (title or names or body):
            return None
        number = ""
        if self.number is not None and values[self.number[0]] in PHONE_KINDS:
            number = number_tails(str(values[self.number[1]]))
        return title, names, body, number


def _joined(values: Sequence[Any], indexes: tuple[int, ...]) -> str:
    if len(indexes) == 1:
        return folded(values[indexes[0]] or "")
    return folded(" ".join(values[index] for index in indexes if values[index])) if indexes else ""


_fold_word = lru_cache(maxsize=1 << 16)(fold)


def folded(text: str) -> str:
    """`fold` by words, spaces made one: a language repeats its words, and a first sync folds megabytes of them."""
    return fold(text) if text.isascii() else " ".join(map(_fold_word, text.split()))


def number_tails(value: str) -> str:
    """Every tail of a telephone number, so that it is found with and without its prefixes."""
    plain = digits(value)
    return " ".join(plain[start:] for start in range(max(1, len(plain) - SHORTEST_NUMBER + 1)))


@cache
def table(entity: str) -> Table:
    """The table of an entity."""
    facts = entity_facts(entity)
    names = columns(entity)
    fields = field_facts(entity)
    index = {name: position for position, name in enumerate(names)}
    every = (*names, *SYNC_NAMES)
    searched = [name for name in names if fields[name].search]
    title = [name for name in facts.title if name in searched]
    body = [name for name in searched if fields[name].kind is Kind.LONG_TEXT]
    rest = [name for name in searched if name not in title and name not in body]
    listed = ", ".join(quoted(name) for name in ("rowid", "id", *every)).replace('"rowid"', "rowid")
    marks = ", ".join("?" * (len(every) + 2))
    assigned = ", ".join(f"{quoted(name)} = ?" for name in every)
    return Table(
        entity=entity,
        names=names,
        select=", ".join(quoted(name) for name in names),
        insert=f"INSERT INTO {quoted(entity)} ({listed}) VALUES ({marks})",
        replace=f"UPDATE {quoted(entity)} SET {assigned} WHERE rowid = ?",
        encoders=column_encoders(entity),
        defaults=tuple(default_value(fields[name]) for name in names),
        hashed=tuple((name, index[name], default_value(fields[name])) for name in sorted(names)),
        title=tuple(index[name] for name in facts.title),
        in_title=tuple(index[name] for name in title),
        in_names=tuple(index[name] for name in rest),
        in_body=tuple(index[name] for name in body),
        number=(index["kind"], index["value"]) if entity == "channel" else None,
    )


def search_signature() -> str:
    """Names what is indexed for search; another signature means that the index is built again."""
    parts = [f"{FOLDING}"]
    for name in ENTITY_NAMES:
        spec = table(name)
        parts.append(f"{name}:{_names(spec, spec.in_title)}:{_names(spec, spec.in_names)}:"
                     f"{_names(spec, spec.in_body)}")  # fmt: skip
    return "|".join(parts)


FOLDING = 1  # raised when rules.folding changes what it makes of a text


def _names(spec: Table, indexes: tuple[int, ...]) -> str:
    return ",".join(spec.names[index] for index in indexes)
