"""Finding by what people type: folded prefixes over names, places, numbers and note texts.

Tiers instead of one ranking over everything (bm25 has to read every match): titles first, then names and
numbers, then texts, newest first. A record that fits only together with its parts comes last.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import orjson

from crm_desktop.model.wire import Row, entity_facts, field_facts
from crm_desktop.rules.folding import digits, fold, search_terms
from crm_desktop.store.connection import Connection
from crm_desktop.store.tables import (
    ENTITY_BITS,
    ENTITY_MASK,
    ENTITY_NAMES,
    ENTITY_NUMBER,
    SHORTEST_NUMBER,
    document_id,
    quoted,
)
from crm_desktop.store.visible import root

CANDIDATES = 400  # of one tier; more are not looked at
SNIPPET_CHARS = 120


@dataclass(frozen=True, slots=True)
class Hit:
    """A record found. `root` is the record whose page shows it; `snippet` the text around the match."""

    entity: str
    id: str
    root: tuple[str, str]
    title: str
    snippet: str


def phrase(terms: Iterable[str]) -> str:
    """FTS5 query: every term as a prefix."""
    return " ".join(f'"{term}"*' for term in terms)


def matching_documents(connection: Connection, match: str, limit: int = -1) -> list[int]:
    """Rowids of documents, newest first."""
    found = connection.execute(
        "SELECT rowid FROM search WHERE search MATCH ? ORDER BY rowid DESC LIMIT ?", (match, limit)
    )
    return [row[0] for row in found]


def _is_number(text: str) -> bool:
    return all(char.isdigit() or char in " +-/()." for char in text) and len(digits(text)) >= SHORTEST_NUMBER


def number_query(text: str) -> str | None:
    """The part of a telephone number that is always stored, if the text looks like one."""
    if not _is_number(text):
        return None
    plain = digits(text).lstrip("0")
    return f'digits : "{plain}"*' if len(plain) >= SHORTEST_NUMBER else None


def find(
    connection: Connection,
    text: str,
    limit: int,
    entities: Sequence[str] | None,
    fetch: Callable[[str, list[int]], list[Row]],
) -> list[Hit]:
    """Records every word of `text` is found in, best first. `fetch`: rows of an entity by rowid."""
    terms = search_terms(text)
    if not terms:
        return []
    wanted = None if entities is None else {ENTITY_NUMBER[name] for name in entities}
    tiers = [f"title : ({phrase(terms)})", f"{{title names}} : ({phrase(terms)})"]
    number = number_query(text)
    if number is not None:
        tiers.insert(0, number)
    tiers.append(f"{{title names body}} : ({phrase(terms)})")
    seen: set[int] = set()
    hits: list[Hit] = []
    for tier, match in enumerate(tiers):
        if len(hits) >= limit:
            break
        fresh = [
            rowid
            for rowid in matching_documents(connection, match, CANDIDATES if wanted is None else -1)
            if rowid not in seen and (wanted is None or rowid & ENTITY_MASK in wanted)
        ][:CANDIDATES]
        seen.update(fresh)
        by_title = tier < len(tiers) - 1
        hits += _hits(connection, fresh, terms, limit - len(hits), fetch, by_title=by_title)
    if len(hits) < limit and len(terms) > 1 and (entities is None or "account" in entities):
        together = {document_id("account", rowid) for rowid in list_rowids(connection, "account", text) or ()}
        fresh = sorted(together - seen)[:CANDIDATES]
        hits += _hits(connection, fresh, terms, limit - len(hits), fetch, by_title=True)
    return hits


def _hits(
    connection: Connection,
    rowids: list[int],
    terms: list[str],
    limit: int,
    fetch: Callable[[str, list[int]], list[Row]],
    *,
    by_title: bool,
) -> list[Hit]:
    if by_title:
        keys = _sort_keys(connection, rowids)
        rowids = sorted(rowids, key=lambda rowid: (not keys[rowid].startswith(terms[0]), keys[rowid], rowid))
    chosen = rowids[:limit]
    rows: dict[int, Row] = {}
    for entity, documents in _by_entity(chosen).items():
        numbers = [document >> ENTITY_BITS for document in documents]
        found = {row["rowid"]: row for row in fetch(entity, numbers)}
        rows |= {document: found[number] for document, number in zip(documents, numbers, strict=True)
                 if number in found}  # fmt: skip
    hits = []
    for document in chosen:
        if document not in rows:
            continue
        entity = ENTITY_NAMES[document & ENTITY_MASK]
        row = rows[document]
        top = root(connection, entity, row["id"], row)
        hits.append(Hit(entity, row["id"], top, title_of(entity, row), _snippet(entity, row, terms)))
    return hits


def _by_entity(documents: Iterable[int]) -> dict[str, list[int]]:
    grouped: dict[str, list[int]] = {}
    for document in documents:
        grouped.setdefault(ENTITY_NAMES[document & ENTITY_MASK], []).append(document)
    return grouped


def _sort_keys(connection: Connection, documents: list[int]) -> dict[int, str]:
    keys = dict.fromkeys(documents, "")
    for entity, group in _by_entity(documents).items():
        found = connection.execute(
            f"SELECT rowid, sort_key FROM {quoted(entity)} WHERE rowid IN (SELECT value FROM json_each(?))",
            (orjson.dumps([document >> ENTITY_BITS for document in group]).decode(),),
        )
        for rowid, key in found:
            keys[(rowid << ENTITY_BITS) | ENTITY_NUMBER[entity]] = key
    return keys


def title_of(entity: str, row: Row) -> str:
    """What names a record: the first filled title field."""
    return next((str(row[name]) for name in entity_facts(entity).title if row.get(name)), "")


def _snippet(entity: str, row: Row, terms: list[str]) -> str:
    """The searched field a term stands in, cut around it."""
    title = entity_facts(entity).title
    for name, facts in field_facts(entity).items():
        value = row.get(name)
        if not facts.search or not value or name == title[0]:
            continue
        folded = fold(value)
        place = min((at for term in terms if (at := folded.find(term)) >= 0), default=-1)
        if place < 0:
            continue
        flat = " ".join(value.split())
        start = max(0, min(place, len(flat)) - SNIPPET_CHARS // 3)
        cut = flat[start : start + SNIPPET_CHARS]
        return ("…" if start else "") + cut + ("…" if start + SNIPPET_CHARS < len(flat) else "")
    return ""


def list_rowids(connection: Connection, entity: str, text: str) -> set[int] | None:
    """Rowids of an entity's records that fit a list's search box, alone or with their parts; None: no search.

    Each word may stand elsewhere: the name in the account, the town in its address.
    """
    terms = search_terms(text)
    if not terms:
        return None
    number = number_query(text)
    matches = [phrase([term]) for term in terms] if number is None else [number]
    result: set[int] | None = None
    for match in matches:
        found = _rooted(connection, entity, matching_documents(connection, match))
        result = found if result is None else result & found
    if number is not None and not result:
        return _rooted(connection, entity, matching_documents(connection, phrase(terms)))
    return result


def _rooted(connection: Connection, entity: str, documents: list[int]) -> set[int]:
    rowids: set[int] = set()
    for name, group in _by_entity(documents).items():
        numbers = [document >> ENTITY_BITS for document in group]
        if name == entity:
            rowids.update(numbers)
            continue
        for column in _ways_up(name, entity):
            found = connection.execute(
                f"SELECT t.rowid FROM {quoted(name)} c JOIN {quoted(entity)} t ON t.id = c.{quoted(column)} "
                "WHERE c.rowid IN (SELECT value FROM json_each(?))",
                (orjson.dumps(numbers).decode(),),
            )
            rowids.update(row[0] for row in found)
    return rowids


def _ways_up(child: str, entity: str) -> list[str]:
    """Columns of a child entity that name its parent of kind `entity`."""
    fields = field_facts(child)
    return [name for name in entity_facts(child).parents if fields[name].ref == entity]


def account_rowids(connection: Connection, entity: str, text: str) -> set[int]:
    """Rowids of an entity's records whose account fits the search text ('quotes of Müller')."""
    column = entity_facts(entity).account
    accounts = list_rowids(connection, "account", text) if column else None
    if not accounts or column is None:
        return set()
    found = connection.execute(
        f"SELECT e.rowid FROM {quoted(entity)} e JOIN account a ON a.id = e.{quoted(column)} "
        "WHERE a.rowid IN (SELECT value FROM json_each(?))",
        (orjson.dumps(sorted(accounts)).decode(),),
    )
    return {row[0] for row in found}
