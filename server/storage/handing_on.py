"""To whom what waits for a person belongs: to the owner of the record it tells of, also when that changes."""

from collections.abc import Iterable

from sqlalchemy import select

from crm_desktop.model.wire import entity_facts
from server.storage.placing import read_owners, scopes_if_live
from server.storage.records import Key, batches, entity_table, grouped
from server.storage.records_in_work import RecordsInWork
from server.storage.scope_sets import scopes_now


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


def conflicts_about(records: RecordsInWork, keys: Iterable[Key]) -> list[str]:
    """Entries of the database that tell of one of these records."""
    c = entity_table("conflict").c
    return [
        found
        for batch in batches(record_id for _, record_id in keys)
        for found in records.connection.scalars(select(c.id).where(c.record_id.in_(batch)))
    ]


def hand_on(records: RecordsInWork, entry_ids: Iterable[str], seq: int) -> list[Key]:
    """Give entries to whom their records belong now: who lost sight of one is not told any more what it held.

    Returns those that changed hands. The author of a value keeps his entry: they are his own words.
    """
    ids = list(dict.fromkeys(entry_ids))
    records.prefetch("conflict", ids)
    entries = {("conflict", i): entry for i in ids if (entry := records.live("conflict", i)) is not None}
    about = [(str(entry.row["entity"]), str(entry.row["record_id"])) for entry in entries.values()]
    for entity, record_ids in grouped(about).items():
        records.prefetch(entity, record_ids)
    read_owners(records, about)
    handed: list[Key] = []
    for (key, entry), record in zip(entries.items(), about, strict=True):
        owner = owner_in_sight(records, *record)
        if owner != entry.row["owner_id"]:
            records.put(*key, entry.row | {"owner_id": owner}, {**entry.field_ver, "owner_id": seq})
            handed.append(key)
    return handed
