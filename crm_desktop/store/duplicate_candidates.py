"""Which records might be meant by a name, an address or a number being typed: few of many, by indexes alone.

A name with a typing error still begins almost like the right one, or holds another of its words unharmed. So the
sorted titles are looked at near the first letters of each word, and the search index is asked for the words.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from string import ascii_lowercase

import orjson

from crm_desktop.rules.folding import digits, fold, search_terms
from crm_desktop.store.connection import Connection
from crm_desktop.store.search import matching_documents
from crm_desktop.store.tables import ENTITY_BITS, ENTITY_MASK, ENTITY_NAMES, quoted

NAMED = ("account", "contact", "lead")
HEAD = 6  # letters by which a title is found although one of them is wrong
PER_HEAD = 100  # titles looked at for one beginning
PER_WORD = 200
MOST_WORDS = 3
SHORTEST_WORD = 3


@dataclass(frozen=True, slots=True)
class Candidate:
    """A record that might be meant, and the name under which it was found."""

    entity: str
    id: str
    name: str


def by_name(connection: Connection, name: str, words: Sequence[str], entities: Iterable[str]) -> list[Candidate]:
    """Records whose name may be `name`, of these folded words, misspelt or in another order.

    Beside accounts, leads are looked for by their company, else by their own name.
    """
    if not words:
        return []
    wanted = [entity for entity in NAMED if entity in set(entities)]
    heads = _near(" ".join(words)[:HEAD]) | _near(fold(name.strip())[:HEAD])  # titles keep their points and dashes
    heads |= {word[:HEAD] for word in words if len(word) >= SHORTEST_WORD}
    listed = orjson.dumps(sorted(heads)).decode()
    found: list[Candidate] = []
    for entity in wanted:
        # The limit stands inside, so that each beginning has its share.
        chosen = (
            f"t.rowid IN (SELECT x.rowid FROM json_each(?) p JOIN {quoted(entity)} x ON x.rowid IN (SELECT rowid FROM "
            f"{quoted(entity)} WHERE sort_key >= p.value AND sort_key < p.value || '{{' LIMIT {PER_HEAD})) "
            "OR t.rowid IN (SELECT value FROM json_each(?))"
        )
        by_company = entity == "lead" and "account" in wanted
        rows = connection.execute(
            f"SELECT t.id, {'t.company' if by_company else 't.name'} FROM {quoted(entity)} t WHERE {chosen}",
            (listed, orjson.dumps(_by_words(connection, words, entity)).decode()),
        )
        found += [Candidate(entity, record_id, title) for record_id, title in rows]
    return found


def _by_words(connection: Connection, words: Sequence[str], entity: str) -> list[int]:
    """Rowids of an entity's records whose title holds two of the longest words, or the only one."""
    longest = sorted({word for word in words if len(word) >= SHORTEST_WORD}, key=lambda word: (-len(word), word))
    longest = longest[:MOST_WORDS]
    pairs: list[tuple[str, ...]] = [*combinations(longest, 2)] or [tuple(longest)]
    found: list[int] = []
    for pair in pairs:
        terms = " ".join(f'"{word}"' for word in pair)
        for document in matching_documents(connection, f"title : ({terms})", PER_WORD) if terms else ():
            if ENTITY_NAMES[document & ENTITY_MASK] == entity:
                found.append(document >> ENTITY_BITS)
    return found


def _near(head: str) -> set[str]:
    """The head and everything one typing error away from it."""
    near = {head}
    for at in range(len(head) + 1):
        before, rest = head[:at], head[at:]
        near |= {before + letter + rest for letter in ascii_lowercase}
        if rest:
            near.add(before + rest[1:])
            near |= {before + letter + rest[1:] for letter in ascii_lowercase}
        if len(rest) > 1:
            near.add(before + rest[1] + rest[0] + rest[2:])
    return {text for text in near if len(text) >= min(len(head), SHORTEST_WORD)}


def by_email(connection: Connection, email: str) -> list[Candidate]:
    """Accounts, contacts and leads with exactly this address, in any case."""
    address = email.strip()
    if "@" not in address:
        return []
    found = [
        _owner(connection, account_id, contact_id)
        for account_id, contact_id, value in connection.execute(
            "SELECT account_id, contact_id, value FROM channel WHERE sort_key = ?", (fold(address),)
        )
        if value.strip().casefold() == address.casefold()
    ]
    words = " ".join(search_terms(address))
    for document in matching_documents(connection, f'"{words}"', PER_WORD) if words else ():
        if ENTITY_NAMES[document & ENTITY_MASK] == "lead":
            row = connection.execute(
                "SELECT id, name, company, email FROM lead WHERE rowid = ?", (document >> ENTITY_BITS,)
            ).fetchone()
            if row is not None and row[3].strip().casefold() == address.casefold():
                found.append(Candidate("lead", row[0], row[1] or row[2] or row[3]))
    return [candidate for candidate in found if candidate is not None]


def by_number(connection: Connection, number: str) -> list[Candidate]:
    """Owners of telephone numbers that end in these digits."""
    found = []
    for document in matching_documents(connection, f'digits : "{number}"', PER_WORD):
        if ENTITY_NAMES[document & ENTITY_MASK] == "channel":
            row = connection.execute(
                "SELECT account_id, contact_id FROM channel WHERE rowid = ?", (document >> ENTITY_BITS,)
            ).fetchone()
            owner = _owner(connection, *row) if row is not None else None
            if owner is not None:
                found.append(owner)
    # Leads are few and their numbers are in no index.
    for record_id, name, phone in connection.execute(
        "SELECT id, CASE WHEN name <> '' THEN name ELSE company END, phone FROM lead WHERE phone <> ''"
    ):
        if digits(phone).endswith(number):
            found.append(Candidate("lead", record_id, name))
    return found


def _owner(connection: Connection, account_id: str | None, contact_id: str | None) -> Candidate | None:
    entity, record_id = ("contact", contact_id) if contact_id else ("account", account_id)
    row = connection.execute(f"SELECT name FROM {entity} WHERE id = ?", (record_id,)).fetchone() if record_id else None
    return Candidate(entity, str(record_id), row[0]) if row is not None else None
