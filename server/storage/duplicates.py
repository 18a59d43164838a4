"""Two records for one customer: both are kept, and a task asks a person to look at them."""

from crm_desktop.ids import new_id
from crm_desktop.model.wire import Row, clean_row
from server.storage.commit import Commit
from server.storage.guards import Guards

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
                "subject": f"Duplicate? Dublette? {other.row['name']} {other.row['external_id']}".strip(),
                "created_at": commit.at,
            }
            commit.put("task", new_id(), clean_row("task", task), {})
            return other_id if seen else None
    return None
