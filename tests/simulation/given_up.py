"""What stands in the journal of a history that was given up: an earlier restore lost it, and nobody repeated it.

Whoever repeats the journal after a later restore repeats that as well, where nothing newer stands: records of that
history may change, move or die then, with all that hangs on them.
"""

from sqlalchemy import select

from server.storage.storage import Storage
from server.storage.tables import journal_done
from tests.simulation.truth import Key, Truth


def touched_by_given_up(storage: Storage, truth: Truth) -> set[Key]:
    """The records of such entries, and those that refer to one of them by any number of steps."""
    if storage.journal is None:
        return set()
    with storage.read() as connection:
        repeated = set(connection.execute(select(journal_done.c.commit_id)).scalars())
    held = repeated | {commit_id for _, commit_id, _ in truth.commits}
    found: set[Key] = set()
    for entry in storage.journal.entries():
        if entry["commit_id"] not in held and int(entry["seq"]) > truth.floor:
            found |= {(told["e"], told["id"]) for told in entry.get("records", ())}
            found |= {(kind, i) for kind, *both in entry.get("aliases", ()) for i in both}
    ids = {i for _, i in found}
    while more := {key for key, row in truth.rows.items() if key not in found and ids & _texts(row.row)}:
        found |= more
        ids = {i for _, i in more}
    return found


def _texts(row: dict[str, object]) -> set[str]:
    return {value for value in row.values() if isinstance(value, str)}
