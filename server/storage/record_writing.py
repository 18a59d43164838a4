"""Records written by the server's own people and programs: whole rows, without operations."""

from collections.abc import Sequence

from crm_desktop.errors import InvalidInput
from crm_desktop.model.wire import Row, clean_row
from server.storage.commit import Commit


def write_chunk(commit: Commit, records: Sequence[tuple[str, str, Row]]) -> int:
    """The records of one commit; see `Database.write_records`."""
    by_entity: dict[str, list[str]] = {}
    for entity, record_id, _ in records:
        by_entity.setdefault(entity, []).append(record_id)
    for entity, ids in by_entity.items():
        commit.prefetch(entity, ids)
    written = 0
    for entity, record_id, values in records:
        before = commit.get(entity, record_id)
        cleaned = clean_row(entity, values)
        if before is None:
            row = cleaned if cleaned["created_at"] else cleaned | {"created_at": commit.at}
            commit.put(entity, record_id, row, {}, created_op=record_id)
        elif before.deleted:
            raise InvalidInput("deleted", f"{entity} {record_id} was deleted.", "Restore it first.")
        else:
            row = before.row | {name: cleaned[name] for name in values if name != "id"}
            changed = [name for name in row if row[name] != before.row[name]]
            if not changed:
                continue
            commit.put(entity, record_id, row, {**before.field_ver, **dict.fromkeys(changed, commit.seq)})
        written += 1
    return written
