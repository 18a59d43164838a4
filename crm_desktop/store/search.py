"""Finding by what people type: folded prefixes over names, places, numbers and note texts.

Tiers instead of one ranking over everything (bm25 has to read every match): titles first, then names and
numbers, then texts, newest first. A record that fits only together with its parts comes last.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import orjson

from crm_desktop.model.wire import Row, entity_facts, field_facts
from crm_desktop.rules.folding import digits, fold, search_terms
from crm_desktop.rules.search_query import SearchQuery, number_variants
from crm_desktop.store.connection import Connection
from crm_desktop.store.search_conditions import (
    PARTS,
    Conditions,
    account_column,
    conditions_of,
    fitting,
    listed_kinds,
    of_accounts,
)
from crm_desktop.store.search_lists import number_query, phrase, rowids_sql
from crm_desktop.store.tables import ENTITY_BITS, ENTITY_MASK, ENTITY_NAMES, ENTITY_NUMBER, document_id, quoted
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


def matching_documents(connection: Connection, match: str, limit: int = -1) -> list[int]:
    """Rowids of documents, newest first."""
    found = connection.execute(
        "SELECT rowid FROM search WHERE search MATCH ? ORDER BY rowid DESC LIMIT ?", (match, limit)
    )
    return [row[0] for row in found]


class Superseded(Exception):
    """Somebody asked for something newer; what was found so far is of no use."""


def find(
    connection: Connection,
    query: SearchQuery,
    limit: int,
    entities: Sequence[str] | None,
    fetch: Callable[[str, list[int]], list[Row]],
    still: Callable[[], bool] = lambda: True,
) -> list[Hit]:
    """Records every word is found in and that fit the conditions, best first.

    `fetch`: rows of an entity by rowid. `still` is asked between the steps; Superseded where it says no.
    """
    terms, named = search_terms(query.words), search_terms(query.name)
    conditions = conditions_of(connection, query)
    wanted = None if entities is None else {ENTITY_NUMBER[name] for name in entities}
    if not terms and not named:
        if not query.narrowed:
            return []
        kinds = listed_kinds() if entities is None else tuple(entities)
        listed = [
            document_id(name, rowid) for name in kinds for rowid in fitting(connection, name, conditions, None, limit)
        ]
        return _hits(connection, listed, [], limit, fetch, by_title=False)
    seen: set[int] = set()
    hits: list[Hit] = []
    tiers = _tiers(query, terms, named)
    for tier, match in enumerate(tiers):
        if len(hits) >= limit:
            break
        if not still():
            raise Superseded
        fresh = _fresh(connection, match, seen, wanted, conditions)
        seen.update(fresh)
        hits += _hits(connection, fresh, [*named, *terms], limit - len(hits), fetch, by_title=tier < len(tiers) - 1)
    if not still():
        raise Superseded
    if entities is not None and len(hits) < limit:
        fresh = [document for document in _of_accounts(connection, [*named, *terms], entities, conditions, limit)
                 if document not in seen]  # fmt: skip
        seen.update(fresh)
        hits += _hits(connection, fresh, terms, limit - len(hits), fetch, by_title=False)
    if len(hits) < limit:
        fresh = [document for document in _by_parts(connection, query, terms, wanted) if document not in seen]
        fresh = _narrowed(connection, fresh, conditions)[:CANDIDATES]
        hits += _hits(connection, fresh, terms, limit - len(hits), fetch, by_title=True)
    return hits


def _tiers(query: SearchQuery, terms: list[str], named: list[str]) -> list[str]:
    """FTS5 queries, the closest first: numbers, titles, names, texts."""
    with_name = f"title : ({phrase(named)})" if named else ""

    def tier(columns: str) -> str:
        return " AND ".join(part for part in (with_name, f"{columns} : ({phrase(terms)})" if terms else "") if part)

    tiers = list(dict.fromkeys(tier(columns) for columns in ("title", "{title names}", "{title names body}")))
    number = number_query(query.words)
    if number is not None:
        tiers.insert(0, f"{with_name} AND {number}" if named else number)
    return tiers


def _fresh(
    connection: Connection, match: str, seen: set[int], wanted: set[int] | None, conditions: Conditions | None
) -> list[int]:
    """Documents of one tier that no tier before had, newest first; read on only until there are enough."""
    kinds = "" if wanted is None else f" AND rowid & {ENTITY_MASK} IN ({', '.join(map(str, sorted(wanted)))})"
    rows = connection.execute(f"SELECT rowid FROM search WHERE search MATCH ?{kinds} ORDER BY rowid DESC", (match,))
    fresh: list[int] = []
    while len(fresh) < CANDIDATES and (some := rows.fetchmany(CANDIDATES)):
        fresh += _narrowed(connection, [row[0] for row in some if row[0] not in seen], conditions)
    return fresh[:CANDIDATES]


def _narrowed(connection: Connection, documents: list[int], conditions: Conditions | None) -> list[int]:
    if conditions is None or not documents:
        return documents
    kept: set[int] = set()
    for entity, group in _by_entity(documents).items():
        rowids = [document >> ENTITY_BITS for document in group]
        kept |= {document_id(entity, rowid) for rowid in fitting(connection, entity, conditions, rowids, -1)}
    return [document for document in documents if document in kept]


def _of_accounts(
    connection: Connection, terms: list[str], entities: Sequence[str], conditions: Conditions | None, limit: int
) -> list[int]:
    """What of these kinds belongs to accounts of that name, newest first: who asks for quotes names the customer."""
    found = connection.execute(
        f"SELECT rowid FROM search WHERE search MATCH ? AND rowid & {ENTITY_MASK} = ? LIMIT ?",
        (f"title : ({phrase(terms)})", ENTITY_NUMBER["account"], CANDIDATES),
    )
    theirs = of_accounts(connection, [row[0] >> ENTITY_BITS for row in found], conditions)
    return [
        document_id(name, rowid) for name in entities
        if name not in ("account", *PARTS) and account_column(name) is not None
        for rowid in fitting(connection, name, theirs, None, limit)
    ]  # fmt: skip


def _by_parts(connection: Connection, query: SearchQuery, terms: list[str], wanted: set[int] | None) -> list[int]:
    """Accounts that fit only together with their parts, and records whose telephone number is a plain field."""
    found: list[int] = []
    if len(terms) > 1 and not query.name and (wanted is None or ENTITY_NUMBER["account"] in wanted):
        sql = rowids_sql(connection, "account", query.words)
        rows = connection.execute(f"{sql[0]} LIMIT {CANDIDATES * 4}", sql[1]) if sql is not None else ()
        found += sorted(document_id("account", row[0]) for row in rows)
    variants = () if query.name else number_variants(query.words)
    if variants and (wanted is None or ENTITY_NUMBER["lead"] in wanted):
        for rowid, phone in connection.execute("SELECT rowid, phone FROM lead WHERE phone <> ''"):
            if any(variant in digits(phone) for variant in variants):
                found.append(document_id("lead", rowid))
    return found


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
