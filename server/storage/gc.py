"""Cutting off the old part of the log. What a device could still need to hear stays: everything above the floor.

A log is cut as a whole, never row by row, because an entry that was overtaken by a newer one may be the only one
that says where a record had been seen. That an id was used and deleted is remembered for ever.
"""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection, and_, delete, func, insert, select, update

from crm_desktop.model.columns import format_instant, parse_instant
from server.storage.erasure import ERASED
from server.storage.storage import Storage
from server.storage.tables import (
    change_log,
    clock_mark,
    commit,
    device,
    row_meta,
    scope_left,
    sync_state,
    text_rev,
    tombstone,
    txn_result,
    user_log,
    user_scope,
)

LOG_DAYS = 90
KEPT_DAYS = 400  # contents of deleted records, earlier texts, outcomes of transactions


@dataclass(frozen=True, slots=True)
class Collected:
    """What went. `floor`: the newest commit that is cut off."""

    floor: int
    log_entries: int
    deleted_records: int
    texts: int
    outcomes: int


def collect(storage: Storage, log_days: int = LOG_DAYS, kept_days: int = KEPT_DAYS) -> Collected:
    """Cut off the log older than `log_days`, and what is kept for `kept_days`. Devices before the floor read anew."""
    now = parse_instant(format_instant(storage.clock.now()))
    log_before = format_instant(now - timedelta(days=log_days))
    kept_before = format_instant(now - timedelta(days=max(kept_days, log_days)))
    with storage.plain_write() as connection:
        # The counter row is the writer lock; no commit is made meanwhile.
        connection.execute(update(sync_state).values(last_seq=sync_state.c.last_seq))
        floor, entries = _cut_log(connection, log_before)
        return _drop_contents(connection, floor, entries, kept_before)


def _cut_log(connection: Connection, before: str) -> tuple[int, int]:
    """The floor afterwards, and how many entries of the log went."""
    state = connection.execute(select(sync_state.c.last_seq, sync_state.c.floor_seq)).one()
    c = commit.c
    younger = connection.scalar(select(func.min(c.seq)).where(c.at >= before))
    # The newest commit stays in any case: whoever is up to date stands on it.
    floor = min((younger or state.last_seq) - 1, state.last_seq - 1)
    found = connection.execute(select(c.seq, c.commit_id, c.at).where(c.seq == floor)).one_or_none()
    if found is None or floor <= state.floor_seq:
        return int(state.floor_seq), 0
    connection.execute(insert(clock_mark).values(seq=found.seq, at=found.at))
    connection.execute(update(sync_state).values(floor_seq=floor, floor_commit=found.commit_id))
    entries = connection.execute(delete(change_log).where(change_log.c.seq <= floor)).rowcount
    for table in (scope_left, user_log, commit):
        connection.execute(delete(table).where(table.c.seq <= floor))
    connection.execute(delete(user_scope).where(user_scope.c.until_seq <= floor))
    return floor, entries


def _drop_contents(connection: Connection, floor: int, entries: int, before: str) -> Collected:
    kept = connection.scalar(select(func.max(clock_mark.c.seq)).where(clock_mark.c.at < before)) or 0
    m = row_meta.c
    connection.execute(
        update(row_meta)
        .where(m.deleted.is_(True), m.row_ver <= kept, m.deleted_op.not_in(("", ERASED)))
        .values(deleted_op="")
    )
    deleted = connection.execute(delete(tombstone).where(tombstone.c.seq <= kept)).rowcount
    texts = connection.execute(delete(text_rev).where(text_rev.c.seq <= kept)).rowcount
    r, d = txn_result.c, device.c
    # A device that has been silent since may still ask what became of its last transactions.
    in_touch = select(d.device_id).where(d.device_id == r.device_id, d.last_seen >= before).exists()
    newest = select(d.device_id).where(d.device_id == r.device_id, d.last_client_seq == r.client_seq).exists()
    outcomes = connection.execute(delete(txn_result).where(and_(r.commit_seq <= kept, in_touch, ~newest))).rowcount
    return Collected(floor, entries, deleted, texts, outcomes)
