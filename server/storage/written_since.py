"""What was written after an entry of the journal, which may be repeated late, to people who are at work again."""

from collections.abc import Set
from dataclasses import dataclass, field

from sqlalchemy import select

from server.storage.commit import Commit
from server.storage.records import Key
from server.storage.records_in_work import Record
from server.storage.tables import commit as commit_table


@dataclass(frozen=True, slots=True)
class WrittenSince:
    """Looks from one entry: `at` its time, `later` the ids of commits that stand behind it in the journal and here.

    What the office wrote is later by its place in the journal, whatever the clocks said. What a laptop wrote is later
    by the time of its edit: sent again, it arrives long after it was written. What is being repeated is in no journal,
    and no later than what comes behind it. `of_both`: texts this run made of two.
    """

    at: str
    later: Set[str]
    of_both: set[tuple[Key, str]] = field(default_factory=set)

    def in_use(self, commit: Commit, record: Record) -> bool:
        """Whether anything of a record was written later."""
        return bool(self.later_and_unseen(commit, record)[0])

    def later_and_unseen(self, commit: Commit, record: Record) -> tuple[frozenset[str], frozenset[str]]:
        """Fields, and elements of sets as 'field/element', that hold something later, and those that hold what a
        laptop had written before the entry and sent (again) after it: whoever wrote the entry may not have seen it.
        """
        c, versions = commit_table.c, record.field_ver
        found = commit.connection.execute(
            select(c.seq, c.commit_id, c.device_id, c.at).where(c.seq.in_(set(versions.values())))
        )
        made = {row.seq: row for row in found}
        later, unseen = set(), set()
        for name, seq in versions.items():
            if seq not in made:
                continue
            wrote, edited = made[seq], record.field_at.get(name.partition("/")[0], "")
            if wrote.commit_id in self.later or (edited > self.at and wrote.at > self.at):
                later.add(name)
            elif wrote.at > self.at and (wrote.device_id or edited):
                unseen.add(name)
        return frozenset(later), frozenset(unseen)
