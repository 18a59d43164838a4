"""What the search overlay finds: records as one types, then what can be done."""

from collections.abc import Sequence
from dataclasses import dataclass

from crm_desktop.model.wire import Row
from crm_desktop.rules.folding import digits, fold, search_terms
from crm_desktop.rules.scope import root_of
from crm_desktop.store.reader import Reader
from crm_desktop.store.search import Hit

LIMIT = 30
NOTE_KINDS = ("visit", "activity", "task")
KINDS: dict[str, tuple[str, ...] | None] = {
    "all": None,
    "accounts": ("account", "address", "channel"),
    "contacts": ("contact",),
    "notes": NOTE_KINDS,
    "quotes": ("quote", "order"),
}
_FIRST = ("account", "contact", "product")
_ICONS = {
    "account": "building-2",
    "contact": "user-round",
    "visit": "map-pin",
    "activity": "phone",
    "task": "square-check-big",
    "quote": "file-text",
    "order": "package",
    "product": "tag",
    "opportunity": "kanban",
    "attachment": "paperclip",
}


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of a line; `hit` where it matches what was typed."""

    text: str
    hit: bool


@dataclass(frozen=True, slots=True)
class Found:
    """A record in the list. `target` names page and parameters; `group` the heading it stands under."""

    entity: str
    id: str
    icon: str
    title: str
    second: str
    group: str
    account_id: str
    target: tuple[str, dict[str, str]]


@dataclass(frozen=True, slots=True)
class Command:
    """Something to do. `words` are what it is found by; `key` is its message."""

    key: str
    icon: str
    page: str = ""
    account_id: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Results:
    """Records best first within their groups, and how many records there are on this laptop."""

    found: tuple[Found, ...]
    records: int


def find(reader: Reader, text: str, kind: str) -> Results:
    """Search as typed so far; nothing typed finds nothing."""
    counts = reader.counts()
    total = sum(counts.get(name, 0) for name in _ICONS)
    if not search_terms(text):
        return Results((), total)
    hits = reader.search(text, LIMIT, KINDS[kind])
    seen: set[tuple[str, str]] = set()
    found = []
    for hit in hits:
        entity, record_id = _shown(hit)
        if (entity, record_id) not in seen and entity in _ICONS:
            seen.add((entity, record_id))
            found.append(_found(reader, hit, entity, record_id))
    order = {"": 0, "notes": 1, "papers": 2}
    found.sort(key=lambda item: order.get(item.group, 3))
    return Results(tuple(found), total)


def commands(text: str, best: Found | None, pages: Sequence[tuple[str, str, str]]) -> list[Command]:
    """What can be done: with the best match, with the program, with the pages (key, name, icon) it has."""
    made: list[Command] = []
    if best is not None and best.account_id:
        # Of anything but an account, the second line names the account it belongs to.
        name = best.title if best.entity == "account" else best.second
        made.append(Command("search.note_for", "pen-line", "note", best.account_id, name))
        made.append(Command("search.quote_for", "file-text", "quote", best.account_id, name))
    for key, name, icon in pages:
        if search_terms(text) and begins(name, text):
            made.append(Command("search.go_to", icon, key, "", name))
    return made


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


def _shown(hit: Hit) -> tuple[str, str]:
    # Addresses and channels are shown as what they belong to.
    return (
        hit.root
        if hit.entity in ("address", "channel", "quote_revision", "quote_line", "order_line")
        else (
            hit.entity,
            hit.id,
        )
    )


def _found(reader: Reader, hit: Hit, entity: str, record_id: str) -> Found:
    row = reader.get(entity, record_id) or {}
    if entity == "attachment":
        return _found_file(reader, row, hit)
    account_id = record_id if entity == "account" else str(row.get("account_id") or "")
    account = reader.get("account", account_id) if account_id and entity != "account" else None
    title = hit.title if (entity, record_id) == (hit.entity, hit.id) else _title(row, hit.title)
    second = account["name"] if account is not None else _place(reader, record_id) if entity == "account" else ""
    if entity in NOTE_KINDS:
        title, second = (title or ""), " · ".join(part for part in (second, hit.snippet) if part)
    group = "" if entity in _FIRST else "notes" if entity in NOTE_KINDS else "papers"
    return Found(
        entity, record_id, _ICONS[entity], title, second, group, account_id, _target(entity, record_id, account_id)
    )


def _found_file(reader: Reader, row: Row, hit: Hit) -> Found:
    """A file stands where it belongs: at its visit, quote, order, person or customer."""
    parent, parent_id = root_of("attachment", row, hit.id)
    above = reader.get(parent, parent_id) or {}
    account_id = parent_id if parent == "account" else str(above.get("account_id") or "")
    account = reader.get("account", account_id) if account_id else None
    return Found(
        "attachment",
        hit.id,
        _ICONS["attachment"],
        hit.title,
        str(account["name"]) if account is not None else "",
        "papers",
        account_id,
        _target(parent, parent_id, account_id),
    )


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
