"""What a record is called on the pages: a stub without a name by whatever is known of it."""

from crm_desktop.model.facts import Kind
from crm_desktop.model.wire import Row, entity_facts, field_facts
from crm_desktop.store.reader import Reader

_TELLING = ("channel", "address")
"""Parts that say who somebody is, the better ones first."""
_WORDS = frozenset({Kind.TEXT, Kind.LONG_TEXT})
_LONGEST = 60


def title_of(entity: str, row: Row) -> str:
    """The name of a record: its first filled title field."""
    for name in entity_facts(entity).title:
        if row.get(name):
            return str(row[name])
    return ""


def called(reader: Reader, entity: str, row: Row) -> str:
    """Its name; without one how it is reached or where it is, then the first words known of it; empty: nothing is."""
    return title_of(entity, row) or _by_parts(reader, entity, row) or _by_words(entity, row)


def _by_parts(reader: Reader, entity: str, row: Row) -> str:
    parent = f"{entity}_id"
    for part in _TELLING:
        if parent in entity_facts(part).parents:
            rows = sorted(reader.where(part, **{parent: row["id"]}), key=lambda found: not found["preferred"])
            named = next((title for found in rows if (title := title_of(part, found))), "")
            if named:
                return named
    return ""


def _by_words(entity: str, row: Row) -> str:
    """The beginning of the first text one can search for."""
    for name, facts in field_facts(entity).items():
        if facts.search and facts.kind in _WORDS and facts.permission is None and row.get(name):
            words = " ".join(str(row[name]).split())
            return words if len(words) <= _LONGEST else words[: _LONGEST - 1].rsplit(" ", 1)[0] + "\u2026"
    return ""
