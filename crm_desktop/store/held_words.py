"""Which words of a text some record of this laptop holds in a short field that is not public."""

import re

from crm_desktop.model.facts import Kind, Privacy
from crm_desktop.model.wire import field_facts
from crm_desktop.store.connection import Connection
from crm_desktop.store.tables import ENTITY_NAMES, quoted

_WORD = re.compile(r"[^\W\d_]+")
_ROWS = 10_000


def held_words(connection: Connection, words: frozenset[str]) -> frozenset[str]:
    """Of `words`, those that stand in a record, written alike. Words of one or two letters name nobody.

    Which fields are looked at is their declaration's: short texts whose privacy is another than public. Long texts
    are made of ordinary words, which say nothing of anybody by themselves.
    """
    wanted = {word for word in words if len(word) > 2}
    held: set[str] = set()
    for entity in ENTITY_NAMES:
        for name, facts in field_facts(entity).items():
            if facts.kind is not Kind.TEXT or facts.privacy is Privacy.PUBLIC:
                continue
            rows = connection.execute(
                f"SELECT DISTINCT {quoted(name)} FROM {quoted(entity)} WHERE {quoted(name)} <> ''"
            )
            while some := rows.fetchmany(_ROWS):
                for (value,) in some:
                    held.update(word for word in _WORD.findall(value) if word in wanted)
    return frozenset(held)
