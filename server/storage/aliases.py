"""Records that were merged into another: what is still sent under the old id goes to the one that was kept."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from crm_desktop.errors import InvalidInput, NotFound
from crm_desktop.model.facts import Kind
from crm_desktop.model.operations import Create, Operation, Patch
from crm_desktop.model.wire import Row, default_row, field_facts
from server.storage.commit import Commit
from server.storage.records import batches, references_to
from server.storage.tables import alias


def follow(commit: Commit, op: Operation) -> tuple[Operation, bool]:
    """The operation on the record that was kept, its references too; and whether its own id was an old one.

    A create keeps its id: it is the birth of a record of its own.
    """
    if commit.has_none(alias):
        return op, False
    given: Mapping[str, Any] = {}
    if isinstance(op, Create):
        given = op.v
    elif isinstance(op, Patch):
        given = {name: change.new for name, change in op.set.items()}
    told = kept_references(commit, op.e, given)
    if told and isinstance(op, Create):
        op = op.model_copy(update={"v": {**op.v, **told}})
    elif told and isinstance(op, Patch):
        changes = {n: c.model_copy(update={"new": told[n]}) if n in told else c for n, c in op.set.items()}
        op = op.model_copy(update={"set": changes})
    target = None if isinstance(op, Create) else _targets(commit.connection, {op.id}).get((op.e, op.id))
    return (op, False) if target is None else (op.model_copy(update={"id": target}), True)


def is_merged(commit: Commit, entity: str, record_id: str) -> bool:
    """Whether the record was made one with another, which goes on under an id of its own."""
    return not commit.has_none(alias) and (entity, record_id) in _targets(commit.connection, {record_id})


def kept_references(commit: Commit, entity: str, values: Mapping[str, Any]) -> dict[str, str]:
    """Of references to merged records: field -> the record that was kept."""
    if commit.has_none(alias):
        return {}
    facts = field_facts(entity)
    refs = {n: (str(facts[n].ref), v) for n, v in values.items() if n in facts and facts[n].ref and isinstance(v, str)}
    moved = _targets(commit.connection, {i for _, i in refs.values() if i})
    return {name: moved[key] for name, key in refs.items() if key in moved}


def _targets(connection: Connection, ids: set[str]) -> dict[tuple[str, str], str]:
    c = alias.c
    found: dict[tuple[str, str], str] = {}
    for batch in batches(sorted(ids)):
        for row in connection.execute(select(c.entity, c.id, c.target_id).where(c.id.in_(batch))):
            found[row.entity, row.id] = row.target_id
    return found


def merge_records(commit: Commit, entity: str, keep_id: str, gone_id: str) -> int:
    """Make one record of two: what is empty in the kept one is taken over, all references move, the other is deleted.

    Returns how many records refer to the kept one now that did not before. NotFound where one of them is not there.
    """
    keep, gone = commit.live(entity, keep_id), commit.live(entity, gone_id)
    for record_id, found in ((keep_id, keep), (gone_id, gone)):
        if found is None:
            raise NotFound("no_record", f"There is no {entity} {record_id}.", "Check the id.")
    if keep_id == gone_id:
        raise InvalidInput("same_record", "A record cannot be merged with itself.", "Name two different ones.")
    assert keep is not None
    assert gone is not None
    taken = _taken(entity, keep.row, gone.row)
    if taken:
        versions = dict.fromkeys(taken, commit.seq)
        commit.put(entity, keep_id, keep.row | taken, {**keep.field_ver, **versions}, field_at=keep.field_at)
    moved = move_references(commit, entity, keep_id, gone_id)
    commit.put(entity, gone_id, gone.row, gone.field_ver, deleted=True)
    note_alias(commit, entity, gone_id, keep_id)
    commit.notes.setdefault("aliases", []).append([entity, gone_id, keep_id])
    return moved


def move_references(commit: Commit, entity: str, keep_id: str, gone_id: str) -> int:
    """Let all that refers to the one record refer to the other; returns how many records do now."""
    moved = 0
    for other, name in references_to(entity):
        for record_id in commit.where(other, name, gone_id):
            found = commit.live(other, record_id)
            if found is not None and (other, record_id) != (entity, gone_id):
                value = None if (other, record_id) == (entity, keep_id) else keep_id
                commit.put(other, record_id, found.row | {name: value}, {**found.field_ver, name: commit.seq})
                moved += 1
    return moved


def note_alias(commit: Commit, entity: str, gone_id: str, keep_id: str) -> None:
    """From now on the one id leads to the other, and what led to it too."""
    c = alias.c
    commit.connection.execute(update(alias).where(c.entity == entity, c.target_id == gone_id).values(target_id=keep_id))
    commit.connection.execute(delete(alias).where(c.entity == entity, c.id == gone_id))
    commit.connection.execute(insert(alias).values(entity=entity, id=gone_id, target_id=keep_id, seq=commit.seq))
    commit.filled(alias)


def _taken(entity: str, keep: Row, gone: Row) -> Row:
    """Values of the second record that the first one lacks."""
    empty = default_row(entity)
    taken: Row = {}
    for name, facts in field_facts(entity).items():
        if name in ("created_at", "created_by") or facts.kind is Kind.STATE:
            continue
        if facts.kind is Kind.SET:
            together = sorted({*keep[name], *gone[name]})
            if together != keep[name]:
                taken[name] = together
        elif facts.kind is Kind.LONG_TEXT:
            if gone[name].strip() and gone[name].strip() not in keep[name]:
                taken[name] = f"{keep[name]}\n\n{gone[name]}".strip()
        elif keep[name] == empty[name] != gone[name] and not _group_in_use(entity, facts.group, keep, empty):
            taken[name] = gone[name]
    return taken


def _group_in_use(entity: str, group: str | None, row: Row, empty: Row) -> bool:
    """A coupled group is taken over whole or not at all."""
    if group is None:
        return False
    return any(f.group == group and row[name] != empty[name] for name, f in field_facts(entity).items())
