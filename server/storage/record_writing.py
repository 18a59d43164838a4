"""Records written by the server's own people and programs: whole rows, without operations."""

from collections.abc import Iterable, Sequence

from crm_desktop.errors import InvalidInput
from crm_desktop.model.facts import Merge
from crm_desktop.model.wire import Row, clean_row, field_facts
from server.storage.commit import Commit
from server.storage.parents import prefetch_parents, under_kept
from server.storage.records_in_work import Record


def write_chunk(commit: Commit, records: Sequence[tuple[str, str, Row]], at: str = "") -> int:
    """The records of one commit; see `Database.write_records`. `at`: when it was written, where that was not now.

    InvalidInput where a record, or what it belongs to, was deleted.
    """
    by_entity: dict[str, list[str]] = {}
    for entity, record_id, _ in records:
        by_entity.setdefault(entity, []).append(record_id)
    for entity, ids in by_entity.items():
        commit.prefetch(entity, ids)
    prefetch_parents(commit, records)
    written = 0
    for entity, record_id, told in records:
        values, gone = under_kept(commit, entity, told)
        if gone:
            lacking = f"{entity} {record_id} belongs to {values[gone[0]]}, which was deleted ({gone[0]})."
            raise InvalidInput("parent_deleted", lacking, "Restore that first, or name another.")
        before = commit.get(entity, record_id)
        cleaned = clean_row(entity, values)
        if before is None:
            row = cleaned if cleaned["created_at"] else cleaned | {"created_at": commit.at}
            times = _times(entity, values, at or commit.at)
            commit.put(entity, record_id, row, {}, field_at=times, created_op=record_id)
        elif before.deleted:
            raise InvalidInput("deleted", f"{entity} {record_id} was deleted.", "Restore it first.")
        else:
            row = before.row | {name: cleaned[name] for name in values if name != "id"}
            changed = [name for name in row if row[name] != before.row[name]]
            if not changed:
                continue
            stays = {name: written for name, written in before.field_at.items() if name not in changed}
            times = stays | _times(entity, changed, at or commit.at)
            commit.put(
                entity, record_id, row, {**before.field_ver, **_versions(commit, before, row, changed)}, field_at=times
            )
        written += 1
    return written


def _times(entity: str, names: Iterable[str], at: str) -> dict[str, str]:
    """When it was written, of the fields of which the later writing stands."""
    facts = field_facts(entity)
    return {name: at for name in names if name in facts and facts[name].merge is Merge.NEWEST}


def _versions(commit: Commit, before: Record, row: Row, changed: Sequence[str]) -> dict[str, int]:
    """The versions of changed fields, and of the elements of a set that came or went."""
    names = [*changed]
    for name in changed:
        if isinstance(row[name], list):
            names += [f"{name}/{element}" for element in {*row[name]} ^ {*before.row[name]}]
    return dict.fromkeys(names, commit.seq)
