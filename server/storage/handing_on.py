"""To whom what waits for a person belongs: to the owner of the record it tells of, also when that changes."""

from collections.abc import Iterable, Iterator

import orjson
from sqlalchemy import and_, select

from crm_desktop.model import ENTITIES
from crm_desktop.model.operations import Create, Delete, Restore, Transaction, Transition
from crm_desktop.model.wire import confidential_fields, entity_facts
from crm_desktop.rules.scope import above
from server.storage.placing import read_owners, scopes_if_live
from server.storage.records import Key, batches, entity_table, grouped
from server.storage.records_in_work import Record, RecordsInWork
from server.storage.scope_sets import Scopes, scopes_now
from server.storage.tables import row_meta, user_scope
from server.storage.written import written_fields


def owner_in_sight(records: RecordsInWork, entity: str, record_id: str) -> str | None:
    """The user a record belongs to: the first of its own owner, its root's and its account's who may see it.

    Who wrote of a customer stays the owner of what he wrote; once the customer is another's it is out of his sight.
    """
    record = records.get(entity, record_id)
    if record is None:
        return None
    steps = [(entity, record.row)]
    root = records.get(*record.root)
    if root is not None and record.root != (entity, record_id):
        steps.append((record.root[0], root.row))
    for kind, row in tuple(steps):
        account_id = row.get(entity_facts(kind).account or "")
        account = records.get("account", account_id) if account_id else None
        if account is not None:
            steps.append(("account", account.row))
    scopes = scopes_if_live(records, (entity, record_id))
    for kind, row in steps:
        owner = row.get(entity_facts(kind).owner or "")
        if owner and scopes & scopes_now(records.connection, str(owner)):
            return str(owner)
    return None


def owner_of_refused(records: RecordsInWork, author_id: str, txn: Transaction) -> str | None:
    """To whom the first record of a refused transaction belongs now that it has left its author's reach.

    Nobody where he may not see all that it tells: the whole of it would go to him.
    """
    owners = (owner_in_sight(records, op.e, op.id) for op in txn.ops if op.e in ENTITIES)
    owner = next((owner for owner in owners if owner and owner != author_id), None)
    return owner if owner and _is_all_told_within(records, txn, scopes_now(records.connection, owner)) else None


def _is_all_told_within(records: RecordsInWork, txn: Transaction, scopes: Scopes) -> bool:
    """Whether all whose content a transaction tells lies in these scopes and needs no permission."""
    made = {(op.e, op.id): op.v for op in txn.ops if isinstance(op, Create)}
    for op in txn.ops:
        if isinstance(op, (Delete, Restore, Transition)):
            continue  # no content
        if op.e not in ENTITIES or written_fields(op) & set(confidential_fields(op.e)):
            return False
        key: Key | None = (op.e, op.id)
        for _ in made:  # what it makes lies where that lies on which it hangs; no more steps than it makes records
            if key in made:
                key = above(key[0], made[key], key[1])
        if key is None or not scopes_if_live(records, key) & scopes:
            return False
    return True


def conflicts_about(records: RecordsInWork, keys: Iterable[Key]) -> list[Key]:
    """Conflicts of the database that tell of one of these records."""
    c = entity_table("conflict").c
    return [
        ("conflict", found)
        for batch in batches(record_id for _, record_id in keys)
        for found in records.connection.scalars(select(c.id).where(c.record_id.in_(batch)))
    ]


def left_with(records: RecordsInWork, scopes: Scopes) -> list[Key]:
    """What may have to leave those who see by these scopes, without naming a live record: as `lies_with`."""
    holders = select(user_scope.c.user_id).where(user_scope.c.scope.in_(scopes), user_scope.c.until_seq.is_(None))
    return lies_with(records, records.connection.scalars(holders.distinct()))


def lies_with(records: RecordsInWork, user_ids: Iterable[str]) -> list[Key]:
    """Conflicts about deleted records and refused transactions of the database that lie with these as owners."""
    c, q, m = entity_table("conflict").c, entity_table("quarantine").c, row_meta.c
    gone = select(c.id).join(row_meta, and_(m.entity == c.entity, m.id == c.record_id)).where(m.deleted.is_(True))
    found: list[Key] = []
    for batch in batches(user_ids):
        found += [("conflict", i) for i in records.connection.scalars(gone.where(c.owner_id.in_(batch)))]
        refused = select(q.id).where(q.owner_id.in_(batch))
        found += [("quarantine", i) for i in records.connection.scalars(refused)]
    return found


def hand_on(records: RecordsInWork, entries: Iterable[Key], seq: int) -> list[Key]:
    """Give entries to whom their records belong now: who lost sight of one is not told any more what it held.

    Returns those that changed hands. The author of a value keeps his entry: they are his own words.
    """
    keys = list(dict.fromkeys(entries))
    for entity, ids in grouped(keys).items():
        records.prefetch(entity, ids)
    found = {key: entry for key in keys if (entry := records.live(*key)) is not None}
    about = {key: list(_about(key[0], entry)) for key, entry in found.items()}
    told_of = [record for named in about.values() for record in named]
    for entity, record_ids in grouped(told_of).items():
        records.prefetch(entity, record_ids)
    read_owners(records, told_of)
    handed: list[Key] = []
    for key, entry in found.items():
        if key[0] == "conflict":
            owner = owner_in_sight(records, *about[key][0])
        else:
            txn = Transaction.model_validate_json(str(entry.row["payload"]))
            owner = owner_of_refused(records, str(entry.row["user_id"]), txn)
        if owner != entry.row["owner_id"]:
            records.put(*key, entry.row | {"owner_id": owner}, {**entry.field_ver, "owner_id": seq})
            handed.append(key)
    return handed


def _about(entity: str, entry: Record) -> Iterator[Key]:
    """The records an entry tells of."""
    if entity == "conflict":
        yield str(entry.row["entity"]), str(entry.row["record_id"])
        return
    for named in orjson.loads(str(entry.row["touched"])):
        kind, _, record_id = str(named).partition("/")
        if kind in ENTITIES:
            yield kind, record_id
