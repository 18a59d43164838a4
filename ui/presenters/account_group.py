"""The group of companies an account stands in, and who reports to whom among its people."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from crm_desktop.model.wire import Row
from crm_desktop.store.lists import Filter, ListQuery
from crm_desktop.store.reader import Reader
from ui.presenters.titles import called, title_of

SHOWN = 8  # members named; a group may have hundreds


@dataclass(frozen=True, slots=True)
class Member:
    """An account of the group. `row` None: it is not on this laptop."""

    id: str
    name: str = ""
    row: Row | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """What an account belongs to and what belongs to it, one step each; `count` counts also members not named."""

    parent: Member | None = None
    members: tuple[Member, ...] = ()
    count: int = 0

    def __bool__(self) -> bool:
        return self.parent is not None or self.count > 0


def group_of(reader: Reader, account: Row) -> Group:
    """Read it by the reference to the parent account, members by name."""
    found = reader.row_ids(ListQuery("account", (Filter("parent_id", "=", account["id"]),)))
    members = tuple(_member(reader, row) for row in reader.rows("account", found[:SHOWN]))
    if not account["parent_id"]:
        return Group(None, members, len(found))
    above = reader.get("account", account["parent_id"])
    parent = Member(account["parent_id"]) if above is None else _member(reader, above)
    return Group(parent, members, len(found))


def _member(reader: Reader, row: Row) -> Member:
    return Member(row["id"], called(reader, "account", row), row)


def superiors(reader: Reader, contacts: Iterable[Row]) -> Mapping[str, str]:
    """Name of whom each contact reports to, by the contact's id; of those whose superior is here."""
    above = {contact["id"]: contact["reports_to_id"] for contact in contacts if contact["reports_to_id"]}
    named = {record_id: title_of("contact", row) for record_id, row in reader.many("contact", above.values()).items()}
    return {contact: named[superior] for contact, superior in above.items() if named.get(superior)}
