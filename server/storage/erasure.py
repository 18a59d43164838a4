"""Erasing a record: deleted, and its content removed from everything the server keeps of the past."""

from collections.abc import Iterable

from sqlalchemy import delete, select, update

from server.storage.commit import Commit
from server.storage.placing import followers
from server.storage.records import Key, batches, entity_table
from server.storage.tables import text_rev, tombstone

ERASED = "erased"  # stands where a deletion's operation stands; what is erased cannot be brought back


def erase(commit: Commit, keys: Iterable[Key]) -> list[Key]:
    """Erase records with what belongs to them and what waits for a person because of them. Returns what was erased.

    Ids never seen are remembered as erased too: a laptop may still send what a restored backup does not know.
    """
    wanted: dict[Key, None] = {}
    for key in keys:
        wanted[key] = None
        if commit.live(*key) is not None:
            wanted |= dict.fromkeys(followers(commit, key))
    told = dict.fromkeys(wanted)
    for _, record_id in tuple(wanted):
        told |= {("conflict", i): None for i in commit.where("conflict", "record_id", record_id)}
        source = entity_table("quarantine")
        about = select(source.c.id).where(source.c.touched.contains(record_id, autoescape=True))
        told |= {("quarantine", i): None for i in commit.connection.execute(about).scalars()}
    changed = [key for key in told if (found := commit.get(*key)) is None or found.deleted_op != ERASED]
    for entity, record_id in changed:
        found = commit.get(entity, record_id)
        row, versions = ({}, {}) if found is None else (found.row, found.field_ver)
        commit.put(entity, record_id, row, versions, deleted=True, deleted_op=ERASED)
    commit.flush()
    for batch in batches(i for _, i in changed):
        commit.connection.execute(update(tombstone).where(tombstone.c.id.in_(batch)).values(row="{}"))
        commit.connection.execute(delete(text_rev).where(text_rev.c.id.in_(batch)))
    return changed
