"""What the search overlay finds: records as one types, with conditions, and how matches are marked."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from crm_desktop.model import ENTITIES
from crm_desktop.model.wire import Row, entity_facts
from crm_desktop.rules.folding import digits, fold, search_terms
from crm_desktop.rules.scope import root_of
from crm_desktop.rules.search_query import SearchQuery, kinds_named, parse
from crm_desktop.store.reader import Reader
from crm_desktop.store.search import Hit, Superseded
from crm_desktop.store.search_conditions import PARTS, listed_kinds
from ui.presenters.record_list import reach

LIMIT = 30
NOTE_KINDS = ("visit", "activity", "task", "case")
KINDS: dict[str, tuple[str, ...] | None] = {
    "all": None,
    "accounts": ("account", "address", "channel"),
    "contacts": ("contact", "lead"),
    "notes": NOTE_KINDS,
    "quotes": ("quote", "order", "opportunity", "contract"),
}
_FIRST = ("account", "contact", "lead", "product")
# Where a list of results needs another picture than the pages: one person, not a group; a tag, not an order.
_ICONS = {"contact": "user-round", "product": "tag"}
_WHEN = {"visit": "starts_at", "activity": "happened_at", "task": "due_on", "order": "ordered_on"}


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of a line; `hit` where it matches what was typed."""

    text: str
    hit: bool


@dataclass(frozen=True, slots=True)
class Found:
    """A record in the list. `target` names page and parameters; `group` the heading it stands under.

    `account` is the name of the account it belongs to, `when` its day or instant in wire form.
    """

    entity: str
    id: str
    icon: str
    title: str
    second: str
    group: str
    account_id: str
    target: tuple[str, dict[str, str]]
    account: str = ""
    when: str = ""


@dataclass(frozen=True, slots=True)
class Results:
    """Records best first within their groups. `seconds`: how long it took; `query`: what was understood."""

    found: tuple[Found, ...] = ()
    query: SearchQuery = field(default_factory=SearchQuery)
    unknown_kinds: tuple[str, ...] = ()
    seconds: float = 0.0


def count_records(reader: Reader) -> int:
    """How many records a search looks at."""
    counts = reader.counts()
    return sum(counts.get(name, 0) for name in listed_kinds())


def names_of_kinds() -> dict[str, tuple[str, ...]]:
    """What kinds of records are called, in both languages, for `type:`."""
    return {
        name: (facts.en, facts.plural_en, facts.de, facts.plural_de)
        for name in ENTITIES
        if (facts := entity_facts(name)) and name in listed_kinds()
    }


def find(reader: Reader, text: str, kind: str, still: Callable[[], bool] = lambda: True) -> Results | None:
    """Search as typed so far; nothing typed finds nothing. None: nobody waits for it any more (`still` said no)."""
    began = time.perf_counter()
    query = parse(text, date.fromisoformat(reader.today))
    kinds, unknown = _kinds(query, kind)
    if kinds == () or not (query.narrowed or search_terms(query.words)):
        return Results((), query, unknown)
    try:
        hits = reader.find(query, LIMIT, kinds, still)
    except Superseded:
        return None
    seen: set[tuple[str, str]] = set()
    found = []
    for hit in hits:
        entity, record_id = _shown(reader, hit)
        if (entity, record_id) not in seen and entity in listed_kinds():
            seen.add((entity, record_id))
            found.append(_found(reader, hit, entity, record_id))
    order = {"": 0, "notes": 1, "papers": 2}
    # What is called so comes before what lies in a place or belongs to a person called so.
    found.sort(key=lambda item: (order.get(item.group, 3), not begins(item.title, query.words)))
    return Results(tuple(found), query, unknown, time.perf_counter() - began)


def _kinds(query: SearchQuery, kind: str) -> tuple[tuple[str, ...] | None, tuple[str, ...]]:
    """Kinds of records to look at (None: all), and which `type:` names none."""
    chosen = KINDS[kind]
    if not query.types:
        return chosen, ()
    names = names_of_kinds()
    unknown = tuple(text for text in query.types if not kinds_named((text,), names))
    typed = kinds_named(query.types, names)
    if "account" in typed:
        typed |= set(PARTS)
    wanted = typed if chosen is None else typed & set(chosen)
    return tuple(name for name in ENTITIES if name in wanted), unknown


def begins(text: str, query: str) -> bool:
    """Whether every word of the query begins a word of the text; so does an empty query."""
    words = search_terms(text)
    return all(any(word.startswith(term) for word in words) for term in search_terms(query))


def segments(text: str, query: str) -> list[Segment]:
    """The text cut at the places that match the folded words of the query."""
    terms = search_terms(query)
    if not terms or not text:
        return [Segment(text, False)]
    marked = [False] * len(text)
    starts = [at for at in range(len(text)) if at == 0 or not text[at - 1].isalnum()]
    for term in terms:
        for start in starts:
            end = _match_end(text, start, term)
            for at in range(start, end):
                marked[at] = True
    plain = digits(query)
    if len(plain) >= 3 and (at := text.find(plain)) >= 0:
        marked[at : at + len(plain)] = [True] * len(plain)
    pieces: list[Segment] = []
    begin = 0
    for at in range(1, len(text) + 1):
        if at == len(text) or marked[at] != marked[begin]:
            pieces.append(Segment(text[begin:at], marked[begin]))
            begin = at
    return pieces


def _match_end(text: str, start: int, term: str) -> int:
    """Where the beginning of a word that folds to `term` ends; `start` where it does not begin so."""
    for end in range(start + 1, min(len(text), start + 3 * len(term)) + 1):
        folded = fold(text[start:end])
        if folded.startswith(term):
            return end
        if not text[end - 1].isalnum():
            break
    return start


def _shown(reader: Reader, hit: Hit) -> tuple[str, str]:
    """An address and a number are shown as whom they belong to."""
    if hit.entity not in PARTS:
        return hit.entity, hit.id
    row = reader.get(hit.entity, hit.id) or {}
    return ("contact", str(row["contact_id"])) if row.get("contact_id") else hit.root


def _found(reader: Reader, hit: Hit, entity: str, record_id: str) -> Found:
    row = reader.get(entity, record_id) or {}
    if entity == "attachment":
        return _found_file(reader, row, hit)
    account_id = record_id if entity == "account" else str(row.get("account_id") or "")
    account = _name(reader.get("account", account_id)) if account_id and entity != "account" else ""
    own = (entity, record_id) == (hit.entity, hit.id)
    title = hit.title if own else _title(row, hit.title)
    snippet = hit.snippet if own and fold(hit.snippet) != fold(title) else ""
    if entity == "account":
        parts = [_place(reader, record_id), str(row.get("customer_class") or "")]
    elif entity == "contact":
        parts = [account, "" if own else hit.title, reach(reader, record_id) if own else ""]
    elif entity == "lead":
        parts = [str(row.get(name) or "") for name in ("company", "city") if row.get(name) != title]
    else:
        parts = [account]
    second = " \u00b7 ".join(dict.fromkeys(part for part in (*parts, snippet) if part))
    group = "" if entity in _FIRST else "notes" if entity in NOTE_KINDS else "papers"
    return Found(
        entity,
        record_id,
        _ICONS.get(entity, entity_facts(entity).icon),
        title,
        second,
        group,
        account_id,
        _target(entity, record_id, account_id),
        _name(row) if entity == "account" else account,
        str(row.get(_WHEN.get(entity, "created_at")) or "") if group else "",
    )


def _found_file(reader: Reader, row: Row, hit: Hit) -> Found:
    """A file stands where it belongs: at its visit, quote, order, person or customer."""
    parent, parent_id = root_of("attachment", row, hit.id)
    above = reader.get(parent, parent_id) or {}
    account_id = parent_id if parent == "account" else str(above.get("account_id") or "")
    account = _name(reader.get("account", account_id)) if account_id else ""
    return Found(
        "attachment",
        hit.id,
        entity_facts("attachment").icon,
        hit.title,
        account,
        "papers",
        account_id,
        _target(parent, parent_id, account_id),
        account,
        str(row.get("taken_at") or row.get("created_at") or ""),
    )


def _name(row: Row | None) -> str:
    return str(row["name"]) if row is not None and row.get("name") else ""


def _title(row: Row, fallback: str) -> str:
    return str(row.get("name") or row.get("number") or row.get("subject") or fallback)


def _place(reader: Reader, account_id: str) -> str:
    addresses = reader.where("address", account_id=account_id)
    return next((str(row["city"]) for row in addresses if row["city"]), "")


def _target(entity: str, record_id: str, account_id: str) -> tuple[str, dict[str, str]]:
    if entity == "account":
        return "account", {"account_id": record_id}
    if entity == "visit":
        return "note", {"visit_id": record_id}
    if entity in ("quote", "order"):
        return entity, {f"{entity}_id": record_id}
    if account_id and entity in ("activity", "opportunity"):
        return "account", {"account_id": account_id}
    return "record", {"entity": entity, "record_id": record_id}
