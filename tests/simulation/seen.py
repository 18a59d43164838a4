"""What a laptop holds, read by SQL of our own from its file: confirmed rows, visible rows, outbox."""

import json
from typing import Any

from crm_desktop.model import ENTITIES
from crm_desktop.model.wire import columns, from_columns
from crm_desktop.store.reader import Reader
from crm_desktop.store.tables import ENTITY_BITS, ENTITY_MASK, ENTITY_NAMES
from tests.simulation.laptop import Laptop
from tests.simulation.truth import Key, Row

_WORDS = " OR ".join(f"{word}*" for word in ("customer", "person", "visit", "task", "new", "imported", "more", "desk",
                                             "first", "name", "subject", "road", "way", "text", "030"))  # fmt: skip


def sql(laptop: Laptop, query: str, *values: Any) -> list[Any]:
    """Rows of a query on one snapshot."""

    def run(reader: Reader) -> list[Any]:
        return list(reader._connection.execute(query, values).fetchall())

    return laptop.store.read(run)


def confirmed(laptop: Laptop) -> dict[Key, tuple[int, Row]]:
    """The server's side of the copy: rows without work of ours, and mirrors of those with it.

    A row of a history that is gone, which stays in view only because work on it waits to be sent again, is not.
    """

    def run(reader: Reader) -> dict[Key, tuple[int, Row]]:
        db = reader._connection
        found: dict[Key, tuple[int, Row]] = {}
        waiting = set(
            db.execute(
                "SELECT o.entity, o.id FROM outbox_op o JOIN outbox_txn t ON t.n = o.txn WHERE t.state <> 'covered'"
            ).fetchall()
        )
        for entity in ENTITIES:
            names = ", ".join(f'"{name}"' for name in columns(entity))
            for record_id, ver, *values in db.execute(
                f'SELECT id, sync_ver, {names} FROM "{entity}" WHERE sync_ver <> 0'
            ):
                found[entity, record_id] = (ver, from_columns(entity, values))
        for entity, record_id, ver, text in db.execute("SELECT entity, id, row_ver, json FROM mirror"):
            if text is None:
                found.pop((entity, record_id), None)
            else:
                found[entity, record_id] = (ver, json.loads(text))
        # What a new history does not know stays in view until the server has a copy of it.
        told = db.execute("SELECT value FROM meta WHERE key = 'copies'").fetchone() != ("1",)
        return {key: item for key, item in found.items() if item[0] > 0 or (told and key not in waiting)}

    return laptop.store.read(run)


def visible(laptop: Laptop) -> dict[Key, Row]:
    """What the screens show."""

    def run(reader: Reader) -> dict[Key, Row]:
        found: dict[Key, Row] = {}
        for entity in ENTITIES:
            names = ", ".join(f'"{name}"' for name in columns(entity))
            for record_id, *values in reader._connection.execute(f'SELECT id, {names} FROM "{entity}"'):
                found[entity, record_id] = from_columns(entity, values)
        return found

    return laptop.store.read(run)


def outbox(laptop: Laptop) -> list[tuple[int, str, str, bool, str, str, dict[str, Any]]]:
    """(client_seq, txn_id, state, void, seen cursor, op_id, operation) of everything kept, oldest first."""
    found = sql(
        laptop,
        "SELECT t.client_seq, t.txn_id, t.state, t.void, t.seen_cursor, o.op_id, o.json FROM outbox_txn t "
        "JOIN outbox_op o ON o.txn = t.n WHERE o.k <> 'hidden' ORDER BY t.n, o.n",
    )
    return [(seq, txn, state, bool(void), seen, op_id, json.loads(text))
            for seq, txn, state, void, seen, op_id, text in found]  # fmt: skip


def contained(laptop: Laptop) -> set[str]:
    """Operations whose effects the server's row has already as it is here, or had before the server was restored."""
    found = sql(
        laptop,
        "SELECT o.op_id FROM outbox_op o JOIN outbox_txn t ON t.n = o.txn "
        "LEFT JOIN mirror m ON m.entity = o.entity AND m.id = o.id WHERE o.live = 0 OR t.commit_seq <= m.row_ver",
    )
    return {op_id for (op_id,) in found}


def waiting(laptop: Laptop) -> int:
    """Transactions without an answer."""
    return int(sql(laptop, "SELECT count(*) FROM outbox_txn WHERE state = 'pending'")[0][0])


def loads(text: str) -> dict[str, Any]:
    """A stored operation."""
    found: dict[str, Any] = json.loads(text)
    return found


def stray_words(laptop: Laptop) -> list[str]:
    """Kinds of the search documents, with a word our people and the office use, whose record is not here."""

    def run(reader: Reader) -> list[str]:
        db = reader._connection
        places = [
            (ENTITY_NAMES[rowid & ENTITY_MASK], rowid >> ENTITY_BITS)
            for (rowid,) in db.execute("SELECT rowid FROM search WHERE search MATCH ?", (_WORDS,))
        ]
        return [e for e, n in places if not db.execute(f'SELECT 1 FROM "{e}" WHERE rowid = ?', (n,)).fetchone()]

    return laptop.store.read(run)


def granted_to(laptop: Laptop) -> int:
    """The commit up to which its lane of grants has come; 0: it has none."""
    found = sql(laptop, "SELECT value FROM meta WHERE key = 'backfill_seq'")
    return int(found[0][0]) if found else 0


def caught_up(laptop: Laptop) -> bool:
    """Whether the last page it applied was the last one."""
    found = sql(laptop, "SELECT value FROM meta WHERE key = 'caught_up'")
    return bool(found) and found[0][0] == "1"
