"""When what stands in a record was written: the journal may be repeated late, to people who are at work again."""

from sqlalchemy import select

from crm_desktop.model.wire import Row
from server.storage.commit import Commit
from server.storage.records_in_work import Record
from server.storage.tables import commit as commit_table

REPEATED = "repeated-"  # how the id of a commit begins that repeats one from the journal


def older(commit: Commit, record: Record, values: Row, at: str) -> Row:
    """Of the values written at `at` those whose field holds nothing newer."""
    when = _written(commit, record)
    return {name: value for name, value in values.items() if when.get(name, "") <= at}


def in_use_since(commit: Commit, record: Record, at: str) -> bool:
    """Whether anything of a record was written after `at`."""
    return max(_written(commit, record).values(), default="") > at


def _written(commit: Commit, record: Record) -> dict[str, str]:
    """Field -> when its value was written; fields of which that is not known are left out.

    What a laptop sends again was written long before it arrives, and says so. What is repeated is as old as its entry,
    and the entries come in their order: it has no time of its own.
    """
    c = commit_table.c
    found = commit.connection.execute(
        select(c.seq, c.commit_id, c.device_id, c.at).where(c.seq.in_(set(record.field_ver.values())))
    )
    made = {row.seq: (row.commit_id, row.device_id, row.at) for row in found}
    when = {}
    for name, seq in record.field_ver.items():
        commit_id, device_id, at = made.get(seq, (REPEATED, "", ""))
        if device_id:
            when[name] = record.field_at.get(name, "")
        elif not commit_id.startswith(REPEATED):
            when[name] = at
    return when
