"""Files as people see them: records of the server and files of this laptop that still wait for their upload."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import orjson

from crm_desktop.model.files import Attachment
from crm_desktop.model.wire import Row
from crm_desktop.store.connection import Connection
from crm_desktop.store.tables import quoted, table

# only_here: waits for its upload. away: on the server alone. wanted: being fetched. missing: the server has not got
# it. damaged: the only bytes there were are harmed.
Place = Literal["only_here", "here", "away", "wanted", "missing", "damaged"]
Parent = tuple[str, str]
_PARENT_FIELDS = Attachment.FACTS.parents
_ENTITY_OF = {name: name.removesuffix("_id") for name in _PARENT_FIELDS}


@dataclass(frozen=True, slots=True)
class FileView:
    """One file. `sent`: bytes of it that the server has or this laptop has fetched; `refused`: why it cannot go up."""

    id: str
    parent: Parent
    name: str
    media_type: str
    size: int
    sha256: str
    at: str
    by: str | None
    note: str
    place: Place
    sent: int = 0
    refused: str = ""

    @property
    def percent(self) -> int:
        """How much of it has moved, 0 to 100."""
        return min(100, self.sent * 100 // self.size) if self.size else 0

    @property
    def readable(self) -> bool:
        """Whether its bytes are on this laptop."""
        return self.place in ("here", "only_here")


def parent_field(entity: str) -> str | None:
    """The field by which a file belongs to a record of `entity`; None where such a record has no files."""
    return next((name for name, kind in _ENTITY_OF.items() if kind == entity), None)


def files_of(connection: Connection, entity: str, record_id: str) -> list[FileView]:
    """Files of a record, newest first; of an account also those of its visits, quotes and so on."""
    return _newest(
        [*_records(connection, *_belongs(entity, record_id, "")), *_waiting(connection, _of(entity, record_id))]
    )


def one_file(connection: Connection, attachment_id: str) -> FileView | None:
    """A file by the id of its record."""
    found = [*_records(connection, "id = ?", (attachment_id,)), *_waiting(connection, ("id = ?", (attachment_id,)))]
    return found[0] if found else None


def waiting_files(connection: Connection) -> list[FileView]:
    """Files that are only here, in the order in which they were added."""
    return list(_waiting(connection, ("1", ())))


def _newest(files: Iterable[FileView]) -> list[FileView]:
    return sorted(files, key=lambda file: (file.at, file.id), reverse=True)


def _belongs(entity: str, record_id: str, prefix: str) -> tuple[str, Sequence[str]]:
    """Condition on the parent fields."""
    if entity != "account":
        return f"{prefix}{parent_field(entity) or _PARENT_FIELDS[0]} = ?", (record_id,)
    below = [
        f"{prefix}{name} IN (SELECT id FROM {quoted(kind)} WHERE account_id = ?)"
        for name, kind in _ENTITY_OF.items()
        if kind != "account"
    ]
    conditions = [f"{prefix}account_id = ?", *below]
    return "(" + " OR ".join(conditions) + ")", (record_id,) * len(conditions)


def _of(entity: str, record_id: str) -> tuple[str, Sequence[str]]:
    """The same condition on a file that waits: its parent is kept as two columns."""
    if entity != "account":
        return "parent_entity = ? AND parent_id = ?", (entity, record_id)
    below = " OR ".join(
        f"(parent_entity = '{kind}' AND parent_id IN (SELECT id FROM {quoted(kind)} WHERE account_id = ?))"
        for kind in _ENTITY_OF.values()
        if kind != "account"
    )
    own = "(parent_entity = 'account' AND parent_id = ?)"
    return f"({own} OR {below})", (record_id,) * len(_ENTITY_OF)


def _records(connection: Connection, where: str, parameters: Sequence[str]) -> Iterable[FileView]:
    spec = table("attachment")
    for record_id, *stored in connection.execute(f"SELECT id, {spec.select} FROM attachment WHERE {where}", parameters):
        row = spec.row(record_id, stored)
        blob = connection.execute(
            "SELECT state, sent FROM file_blob WHERE sha256 = ?", (row["sha256"],)
        ).fetchone() or ("away", 0)
        state: Any = blob[0]
        place: Place = "here" if state == "local" else state
        yield _view(row, place, sent=int(blob[1]))


def _waiting(connection: Connection, condition: tuple[str, Sequence[str]]) -> Iterable[FileView]:
    where, parameters = condition
    found = connection.execute(
        "SELECT p.id, p.json, p.refused, b.state, b.sent FROM file_pending p JOIN file_blob b USING (sha256) "
        f"WHERE NOT p.removed AND {where} ORDER BY p.id",
        parameters,
    )
    for record_id, text, refused, state, sent in found.fetchall():
        place: Place = "damaged" if state in ("damaged", "missing") else "only_here"
        yield _view(orjson.loads(text) | {"id": record_id}, place, sent=int(sent), refused=refused)


def _view(row: Row, place: Place, **more: Any) -> FileView:
    name = next((name for name in _PARENT_FIELDS if row.get(name)), _PARENT_FIELDS[-1])
    return FileView(
        id=str(row["id"]),
        parent=(_ENTITY_OF[name], str(row.get(name) or "")),
        name=str(row.get("name") or ""),
        media_type=str(row.get("media_type") or ""),
        size=int(row.get("size") or 0),
        sha256=str(row.get("sha256") or ""),
        at=str(row.get("created_at") or ""),
        by=row.get("created_by"),
        note=str(row.get("note") or ""),
        place=place,
        **more,
    )
