"""Two records for one customer: both are kept, and a task asks a person to look at them.

The task hangs on one of the two and carries the name of the other, so that it is found when that one is erased.
"""

from collections.abc import Iterable

from sqlalchemy import select

from crm_desktop.ids import new_id
from crm_desktop.model.wire import Row, clean_row
from server.storage.commit import Commit
from server.storage.guards import Guards
from server.storage.records import Key, batches
from server.storage.tables import row_meta

_TOLD_BY = ("external_id", "name")  # indexed fields of an account by which one customer is told from another


def note_duplicate(commit: Commit, guards: Guards, account_id: str, author: str) -> str | None:
    """Ask about an account like the one just created. Returns the other's id where the author may know of it.

    The task lies with whoever can see both: the author, or else those who have the other account.
    """
    created = commit.live("account", account_id)
    if created is None:
        return None
    for name in _TOLD_BY:
        value = str(created.row[name]).strip()
        others = [i for i in commit.where("account", name, value) if i != account_id] if value else []
        for other_id in sorted(others):
            other = commit.live("account", other_id)
            if other is None:
                continue
            seen = guards.visible(other)
            task: Row = {
                "account_id": account_id if seen else other_id,
                "owner_id": author if seen else other.row["owner_id"],
                "subject": question(other.row),
                "created_at": commit.at,
            }
            # Whose name it carries stands where an operation of a laptop stands for what a laptop made.
            commit.put("task", new_id(), clean_row("task", task), {}, created_op=other_id)
            return other_id if seen else None
    return None


def question(account: Row) -> str:
    """The subject of a task that asks whether a customer is this one."""
    return f"Duplicate? Dublette? {account['name']} {account['external_id']}".strip()


def asked_about(commit: Commit, account_ids: Iterable[str]) -> list[Key]:
    """The tasks that carry the name of one of these accounts, whatever was made of them or of the name since."""
    m = row_meta.c
    found: list[Key] = []
    for batch in batches(account_ids):
        tasks = select(m.id).where(m.entity == "task", m.created_op.in_(batch))
        found += [("task", i) for i in commit.connection.scalars(tasks)]
    return found
