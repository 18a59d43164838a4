"""Earlier versions of a long text, from what was written on this laptop and what it was written on.

Nothing is kept twice: the operations of the outbox hold them, also for a while after the server has them.
"""

from dataclasses import dataclass

from crm_desktop.store.connection import Connection

FEW = 40  # characters: a slip of the pen put right is no other version


@dataclass(frozen=True, slots=True)
class WrittenText:
    """A text as it stood. `at`: instant it was written here; empty for what came from elsewhere before `until`."""

    text: str
    at: str
    until: str


def written_texts(connection: Connection, entity: str, record_id: str, name: str) -> list[WrittenText]:
    """Every version of a text that this laptop knows, oldest first; each text once in a row, none that is empty."""
    found = connection.execute(
        "SELECT t.at, o.k, json_extract(o.json, '$.base'), "
        "CASE o.k WHEN 'text' THEN json_extract(o.json, '$.text') ELSE json_extract(o.json, '$.v.' || ?) END "
        "FROM outbox_op o JOIN outbox_txn t ON t.n = o.txn WHERE o.entity = ? AND o.id = ? "
        "AND (o.k = 'create' OR (o.k = 'text' AND json_extract(o.json, '$.f') = ?)) ORDER BY o.txn, o.n",
        (name, entity, record_id, name),
    )
    result: list[WrittenText] = []
    last = ""
    for at, kind, base, text in found:
        if kind == "text" and base and base != last:
            result.append(WrittenText(base, "", at))
        if text and text != last:
            result.append(WrittenText(text, at, ""))
        last = text or ""
    return result


def goes_on(before: str, after: str) -> bool:
    """Whether a text only grew, but for a few characters: then its earlier form is no version of its own."""
    start = _alike(before, after)
    end = _alike(before[start:][::-1], after[start:][::-1])
    return len(before) - start - end <= FEW


def _alike(one: str, other: str) -> int:
    """How many characters both begin with."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((n for n, (a, b) in pairs if a != b), min(len(one), len(other)))
