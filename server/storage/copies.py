"""Records of a history that is gone, which only laptops still hold: listed with their source, restored by a person."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson
from sqlalchemy import Connection, delete, insert, select

from crm_desktop.clock import stamp
from crm_desktop.errors import InvalidInput, NotFound
from crm_desktop.model import ENTITIES
from crm_desktop.model.wire import Row, clean_row, confidential_fields, entity_facts, field_facts
from server.storage.commit import Commit
from server.storage.devices import Device
from server.storage.history import HistoryError
from server.storage.parents import under_kept
from server.storage.push import Pusher
from server.storage.record_writing import write_chunk
from server.storage.records import Key
from server.storage.storage import Storage
from server.storage.tables import device, record_copy, row_meta, sync_state, user_account


def keep(storage: Storage, holder: Device, epoch: str, rows: Sequence[dict[str, Any]]) -> int:
    """Keep the copies of records nobody here has ever heard of. Returns how many. HistoryError: another epoch."""
    kept = 0
    c = record_copy.c
    with storage.plain_write() as connection:
        current = str(connection.scalar(select(sync_state.c.epoch)))
        if epoch != current:
            raise HistoryError(current)
        for told in rows:
            found = _readable(told)
            if found is None or _is_known(connection, found[0]):
                continue
            (entity, record_id), row = found
            where = (c.entity == entity, c.id == record_id, c.device_id == holder.device_id)
            connection.execute(delete(record_copy).where(*where))
            connection.execute(
                insert(record_copy).values(
                    entity=entity,
                    id=record_id,
                    device_id=holder.device_id,
                    row=orjson.dumps(row).decode(),
                    at=stamp(storage.clock),
                )
            )
            kept += 1
    return kept


def _readable(told: dict[str, Any]) -> tuple[Key, Row] | None:
    """The record as far as this version knows its kind; None for what no laptop may write."""
    entity, record_id, row = told.get("e"), told.get("id"), told.get("row")
    if entity not in ENTITIES or not isinstance(record_id, str) or not isinstance(row, dict):
        return None
    if entity_facts(entity).server_only:
        return None
    hidden = confidential_fields(entity)
    try:
        known = {name: value for name, value in row.items() if name in field_facts(entity) and name not in hidden}
        return (entity, record_id), clean_row(entity, known)
    except InvalidInput:
        return None


def _is_known(connection: Connection, key: Key) -> bool:
    c = row_meta.c
    return connection.scalar(select(c.id).where(c.entity == key[0], c.id == key[1])) is not None


def listed(connection: Connection) -> list[dict[str, str]]:
    """What could be taken back, with who holds it; what has come by another way meanwhile is left out."""
    c, d, u, m = record_copy.c, device.c, user_account.c, row_meta.c
    statement = (
        select(c.entity, c.id, c.row, c.at, d.code, u.login)
        .join(device, d.device_id == c.device_id)
        .join(user_account, u.user_id == d.user_id)
        .join(row_meta, (m.entity == c.entity) & (m.id == c.id), isouter=True)
        .where(m.id.is_(None))
        .order_by(c.entity, c.id, c.device_id)
    )
    return [
        {
            "entity": row.entity,
            "id": row.id,
            "title": _title(row.entity, orjson.loads(row.row)),
            "device": row.code,
            "user": row.login,
            "at": row.at,
        }
        for row in connection.execute(statement)
    ]


def take_back(storage: Storage, ids: Iterable[str] | None) -> int:
    """Make records of copies, of all where `ids` is None. What waited for them is carried out. Returns how many.

    NotFound where an id is not among them, InvalidInput where it belongs to a record that was deleted since; of all,
    such ones stay copies.
    """
    with storage.read() as connection:
        offered = {item["id"] for item in listed(connection)}
    wanted = offered if ids is None else set(ids)
    if missing := wanted - offered:
        raise NotFound("no_copy", f"There is no copy of {sorted(missing)[0]}.", "See `crm-server copies list`.")
    with storage.write(actor="admin") as commit:
        c = record_copy.c
        order = list(ENTITIES)
        rows = [row for row in commit.connection.execute(select(c.entity, c.id, c.row)) if row.id in wanted]
        rows.sort(key=lambda row: order.index(row.entity))
        records: dict[Key, Row] = {(row.entity, row.id): orjson.loads(row.row) for row in rows}
        for left in _homeless(commit, records) if ids is None else ():
            del records[left]
        write_chunk(commit, [(entity, record_id, row) for (entity, record_id), row in records.items()])
        Pusher.carry_out_awaited(commit, storage.settings, storage.blobs, set(records))
        commit.connection.execute(delete(record_copy).where(c.id.in_(sorted(i for _, i in records))))
        return len(records)


def _homeless(commit: Commit, records: Mapping[Key, Row]) -> set[Key]:
    """Those that belong to a record that was deleted since, also at second hand."""
    found: set[Key] = set()
    for key, row in records.items():  # what others belong to comes first
        above = {(str(field_facts(key[0])[name].ref), row.get(name)) for name in entity_facts(key[0]).parents}
        if above & found or under_kept(commit, key[0], row)[1]:
            found.add(key)
    return found


def _title(entity: str, row: Row) -> str:
    values = (row.get(name) for name in entity_facts(entity).title)
    return next((str(value) for value in values if value), "")
