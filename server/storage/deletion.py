"""Deleting and restoring a record with all that hangs on it."""

from sqlalchemy import select

from crm_desktop.model.operations import Delete
from crm_desktop.model.wire import default_row
from crm_desktop.rules.merge import may_delete
from server.storage.aliases import kept_references
from server.storage.commit import Commit
from server.storage.devices import Device
from server.storage.records import Key, references_to
from server.storage.tables import change_log, tombstone
from server.storage.tables import commit as commit_table


class Deletion:
    """Deletes and restores for the transactions of one device in one commit."""

    def __init__(self, commit: Commit, device: Device) -> None:
        self._commit = commit
        self._device = device

    def reach(self, op: Delete) -> tuple[list[Key], int]:
        """(the record and what hangs on it, version that must have been seen for a deletion to apply).

        The version is past `seen_cursor` where others changed any of it since, or records of others refer to it.
        """
        commit = self._commit
        keys: list[Key] = [(op.e, op.id), *commit.descendants(op.e, op.id)]
        members = set(keys)
        foreign: set[Key] = set()
        for entity, record_id in keys:
            for other, name in references_to(entity):
                foreign |= {(other, i) for i in commit.where(other, name, record_id)} - members
        newest = max(self._version_by_others(key, op.seen_cursor) for key in (*keys, *sorted(foreign)))
        if not may_delete(newest, len(foreign), op.seen_cursor):
            newest = max(newest, op.seen_cursor + 1)
        return keys, newest

    def bury(self, keys: list[Key], op_id: str) -> None:
        """Delete the records; `op_id` brings them back together."""
        for entity, record_id in keys:
            found = self._commit.get(entity, record_id)
            if found is not None:
                self._commit.put(entity, record_id, found.row, found.field_ver, deleted=True, deleted_op=op_id)

    def bury_unseen(self, entity: str, record_id: str) -> None:
        """A deletion that arrives before its record (a restored server): the record shall not come back later."""
        self._commit.put(entity, record_id, default_row(entity), {}, deleted=True)

    def bring_back(self, deleted_op: str) -> None:
        """Bring back what a deletion took along."""
        commit = self._commit
        c = tombstone.c
        rows = commit.connection.execute(select(c.entity, c.id).where(c.deleted_op == deleted_op)).all()
        keys = [(row.entity, row.id) for row in rows] or commit.deleted_by(deleted_op)
        for entity, record_id in keys:
            found = commit.get(entity, record_id)
            if found is not None and found.deleted and found.deleted_op == deleted_op:
                kept = kept_references(commit, entity, found.row)  # what it hangs on was merged into another meanwhile
                versions = {**found.field_ver, **dict.fromkeys(kept, commit.seq)}
                commit.put(entity, record_id, found.row | kept, versions)

    def _version_by_others(self, key: Key, seen_cursor: int) -> int:
        """Newest version of a row that this device did not make itself, as far as it is past `seen_cursor`."""
        if key in self._commit.foreign:
            return max(self._commit.seq, seen_cursor + 1)
        record = self._commit.get(*key)
        if record is None or record.row_ver <= seen_cursor:
            return 0
        if seen_cursor < self._commit.floor_seq:
            return record.row_ver  # who changed it since is not known any more
        log, made = change_log.c, commit_table.c
        return (
            self._commit.connection.scalar(
                select(log.seq)
                .join(commit_table, made.seq == log.seq)
                .where(
                    log.entity == key[0],
                    log.id == key[1],
                    log.seq > seen_cursor,
                    made.device_id != self._device.device_id,
                )
                .order_by(log.seq.desc())
                .limit(1)
            )
            or 0
        )
