"""Invariants of the change log that a database can be asked for."""

from sqlalchemy import Connection, func, select

from crm_desktop.model import ENTITIES
from crm_desktop.model.wire import entity_facts, field_facts
from server.storage.commit_writer import signed
from server.storage.records import entity_table
from server.storage.scope_sets import ScopeSets
from server.storage.tables import change_log, commit, row_meta, scope_sum, sync_state


def problems(connection: Connection) -> list[str]:
    """What does not hold, one sentence each; empty when all is well."""
    found: list[str] = []
    last, floor = connection.execute(select(sync_state.c.last_seq, sync_state.c.floor_seq)).one()
    count, low, high = connection.execute(
        select(func.count(), func.min(commit.c.seq), func.max(commit.c.seq)).select_from(commit)
    ).one()
    if last and (count, low, high) != (last - floor, floor + 1, last):
        found.append(
            f"The commits are not the numbers {floor + 1} to {last} (there are {count}, from {low} to {high})."
        )
    m, log = row_meta.c, change_log.c
    newest = select(log.entity, log.id, func.max(log.seq).label("seq")).group_by(log.entity, log.id).subquery()
    astray = connection.scalar(
        select(func.count())
        .select_from(row_meta)
        .join(newest, (newest.c.entity == m.entity) & (newest.c.id == m.id), isouter=True)
        .where(newest.c.seq.is_distinct_from(m.row_ver), m.row_ver > floor)
    )
    if astray:
        found.append(f"{astray} records have a version that is not their newest log entry.")
    return found + _orphans(connection) + _sums(connection)


def _orphans(connection: Connection) -> list[str]:
    found: list[str] = []
    above = row_meta.c
    for entity in ENTITIES:
        for name in entity_facts(entity).parents:
            parent = entity_table(entity).c[name]
            count = connection.scalar(
                select(func.count())
                .select_from(entity_table(entity))
                .join(row_meta, (above.entity == str(field_facts(entity)[name].ref)) & (above.id == parent))
                .where(above.deleted.is_(True))
            )
            if count:
                found.append(f"{count} records of {entity} hang on a record that is deleted ({name}).")
    return found


def _sums(connection: Connection) -> list[str]:
    sets = ScopeSets(connection)
    m = row_meta.c
    sums: dict[str, list[int]] = {}
    for number, full, public in connection.execute(
        select(m.scope_set, m.row_hash, m.public_hash).where(m.deleted.is_(False))
    ):
        for scope in sets.scopes(number):
            total = sums.setdefault(scope, [0, 0, 0])
            total[0] += full
            total[1] += public
            total[2] += 1
    kept = {
        scope: [full, public, rows]
        for scope, full, public, rows in connection.execute(
            select(scope_sum.c.scope, scope_sum.c.full_sum, scope_sum.c.public_sum, scope_sum.c.row_count)
        )
    }
    wrong = [
        scope
        for scope in sorted({*sums, *kept})
        if [signed(v) for v in sums.get(scope, [0, 0, 0])] != kept.get(scope, [0, 0, 0])
    ]
    return [f"The sum of scope {scope} is not that of its records." for scope in wrong]
