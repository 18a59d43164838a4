"""Where a record belongs: its root and its scopes, and what follows it when it moves."""

from collections.abc import Iterable

from crm_desktop.model import ENTITIES
from crm_desktop.rules.scope import above, account_of, root_of, scopes_of
from server.storage.records import Key, grouped
from server.storage.records_in_work import Record, RecordsInWork
from server.storage.scope_sets import NOWHERE, Scopes

Place = tuple[Key, Scopes]  # root and scopes


def place_of(records: RecordsInWork, key: Key, known: dict[Key, Place]) -> Place:
    """Root and scopes of a record now; a deleted one is nowhere. `known` is filled on the way."""
    if key in known:
        return known[key]
    record = records.live(*key)
    if record is None:
        return key, NOWHERE
    parent = root_of(key[0], record.row, key[1])
    if parent != key and records.live(*parent) is not None:
        found = place_of(records, parent, known)
    else:
        found = key, _scopes_of(records, key, record)
    known[key] = found
    return found


def owner_of(records: RecordsInWork, key: Key) -> Key | None:
    """The live record from which this one has its scopes: what it hangs on or, of a root, its account."""
    record = records.live(*key)
    if record is None:
        return None
    hung_on = above(key[0], record.row, key[1])
    return hung_on if hung_on is not None and records.live(*hung_on) is not None else None


def scopes_if_live(records: RecordsInWork, key: Key) -> Scopes:
    """Scopes a deleted record would have, its parents taken as live too."""
    record = records.get(*key)
    if record is None:
        return NOWHERE
    parent = root_of(key[0], record.row, key[1])
    return _scopes_of(records, key, record) if parent == key else scopes_if_live(records, parent)


def _scopes_of(records: RecordsInWork, key: Key, record: Record) -> Scopes:
    """Scopes of a record that is its own root."""
    account_id = account_of(key[0], record.row)
    account = records.get("account", account_id) if account_id else None
    return scopes_of(key[0], record.row, key[1], account.row if account else None)


def followers(records: RecordsInWork, key: Key) -> list[Key]:
    """Live records whose scopes are those of this one: what hangs on it and, of an account, what is about it."""
    found = dict.fromkeys(records.descendants(*key))
    if key[0] == "account":
        for entity, model in ENTITIES.items():
            if model.FACTS.account is None:
                continue
            for record_id in records.where(entity, model.FACTS.account, key[1]):
                found[entity, record_id] = None
                found |= dict.fromkeys(records.descendants(entity, record_id))
    for entity, ids in grouped(found).items():
        records.prefetch(entity, ids)
    return list(found)


def read_owners(records: RecordsInWork, changed: Iterable[Key]) -> None:
    """Read together what the places of these and of everything read so far depend on."""
    changed = list(changed)
    for _ in range(2):  # parents, then their parents and accounts
        wanted: dict[str, set[str]] = {}
        for key in (*changed, *records.seen()):
            record = records.get(*key)
            if record is None or record.deleted:
                continue
            parent = root_of(key[0], record.row, key[1])
            if parent != key:
                wanted.setdefault(parent[0], set()).add(parent[1])
            elif account := account_of(key[0], record.row):
                wanted.setdefault("account", set()).add(account)
        for entity, ids in wanted.items():
            records.prefetch(entity, ids)
