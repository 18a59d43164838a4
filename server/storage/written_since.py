"""What was written after an entry of the journal, which may be repeated late, to people who are at work again."""

from collections.abc import Set
from dataclasses import dataclass

from sqlalchemy import select

from crm_desktop.model.wire import Row
from server.storage.commit import Commit
from server.storage.records_in_work import Record
from server.storage.tables import commit as commit_table


@dataclass(frozen=True, slots=True)
class WrittenSince:
    """Looks from one entry: `at` its time, `later` the ids of commits that stand behind it in the journal and here.

    What the office wrote is later by its place in the journal, whatever the clocks said. What a laptop wrote is later
    by the time of its edit: sent again, it arrives long after it was written. What is being repeated is in no journal,
    and no later than what comes behind it.
    """

    at: str
    later: Set[str]

    def older(self, commit: Commit, record: Record, values: Row) -> Row:
        """Of the values of the entry those whose field holds nothing later."""
        fields = self._fields(commit, record)
        return {name: value for name, value in values.items() if name not in fields}

    def in_use(self, commit: Commit, record: Record) -> bool:
        """Whether anything of a record was written later."""
        return bool(self._fields(commit, record))

    def _fields(self, commit: Commit, record: Record) -> frozenset[str]:
        c, versions = commit_table.c, record.field_ver
        found = commit.connection.execute(
            select(c.seq, c.commit_id, c.device_id).where(c.seq.in_(set(versions.values())))
        )
        made = {row.seq: row for row in found}
        return frozenset(
            name
            for name, seq in versions.items()
            if seq in made
            and (record.field_at.get(name, "") > self.at if made[seq].device_id else made[seq].commit_id in self.later)
        )
