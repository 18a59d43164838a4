"""Erasing a record: deleted, and its content removed from everything the server keeps of the past."""

from collections.abc import Iterable, Iterator
from itertools import chain

import orjson
from sqlalchemy import delete, select, update

from crm_desktop.model import ENTITIES
from crm_desktop.model.wire import Row
from crm_desktop.rules.scope import above
from server.storage.commit import Commit
from server.storage.duplicates import asked_about, question
from server.storage.placing import followers
from server.storage.records import Key, batches, entity_table
from server.storage.tables import alias, record_copy, text_rev, tombstone

ERASED = "erased"  # stands where a deletion's operation stands; what is erased cannot be brought back


def erase(commit: Commit, keys: Iterable[Key]) -> list[Key]:
    """Erase records with what belongs to them and what waits for a person because of them. Returns what was erased.

    Ids never seen are remembered as erased too: a laptop may still send what a restored backup does not know.
    """
    wanted = _with_belongings(commit, keys)
    wanted |= _with_belongings(commit, _questions(commit, wanted))
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
        buried = update(tombstone).where(tombstone.c.id.in_(batch))
        commit.connection.execute(buried.values(row="{}", deleted_op=ERASED, seq=commit.seq))
        commit.connection.execute(delete(text_rev).where(text_rev.c.id.in_(batch)))
        commit.connection.execute(delete(record_copy).where(record_copy.c.id.in_(batch)))
    return changed


def _with_belongings(commit: Commit, keys: Iterable[Key]) -> dict[Key, None]:
    found: dict[Key, None] = {}
    for key in keys:
        found[key] = None
        if commit.live(*key) is not None:
            found |= dict.fromkeys(followers(commit, key))
    return found | (_once_with(commit, found) if found else {})


def _questions(commit: Commit, erased: Iterable[Key]) -> list[Key]:
    """Tasks of other customers that ask whether they are one of these, and so tell their names.

    Whom a task of an earlier version asks about, or one that only copies tell of, nothing but its subject says.
    """
    accounts = [record_id for entity, record_id in erased if entity == "account"]
    if not accounts:
        return []
    found = asked_about(commit, accounts)
    rows = [record.row for i in accounts if (record := commit.get("account", i)) is not None]
    subjects = {question(row) for row in rows if row["name"] or row["external_id"]}
    for subject in subjects:
        found += [("task", i) for i in commit.where("task", "subject", subject)]
    found += [(e, i) for e, i, row in _buried_or_copied(commit) if e == "task" and row.get("subject") in subjects]
    return found


def _once_with(commit: Commit, erased: Iterable[Key]) -> dict[Key, None]:
    """Records that hung on the erased ones or were merged into them: deleted, refused, or what only copies tell of."""
    kept: dict[Key, list[Key]] = {}
    a = alias.c
    for entity, gone_id, target_id in commit.connection.execute(select(a.entity, a.id, a.target_id)):
        kept.setdefault((entity, target_id), []).append((entity, gone_id))
    for entity, record_id, row in chain(_buried_or_copied(commit), _refused(commit)):
        if entity not in ENTITIES or commit.live(entity, record_id) is not None:
            continue  # of what has come meanwhile a copy tells nothing any more
        if (hung_on := above(entity, row, record_id)) is not None:
            kept.setdefault(hung_on, []).append((entity, record_id))
    found: dict[Key, None] = {}
    waiting = list(erased)
    while waiting:
        fresh = [key for key in kept.pop(waiting.pop(), ()) if key not in found]
        found |= dict.fromkeys(fresh)
        waiting += fresh
    return found


def _buried_or_copied(commit: Commit) -> Iterator[tuple[str, str, Row]]:
    for source in (tombstone.c, record_copy.c):
        for entity, record_id, row in commit.connection.execute(select(source.entity, source.id, source.row)):
            yield entity, record_id, orjson.loads(row)


def _refused(commit: Commit) -> Iterator[tuple[str, str, Row]]:
    """What refused transactions would have created: their entries name these, but not the customer they are about."""
    for payload in commit.connection.scalars(select(entity_table("quarantine").c.payload)):
        for op in orjson.loads(payload)["ops"]:
            # Anything may stand there, where a laptop handed over what no server could read.
            if op.get("k") == "create" and isinstance(op["id"], str) and isinstance(op.get("v"), dict):
                yield op["e"], op["id"], op["v"]
