"""Who may put and get which bytes: access goes by record, never by knowing a hash.

A user has proven a content when he sent all its bytes himself, or when he may see a record of it. Only a proven
content may stand in a record he creates; else the hash of a secret paper would be the key to it.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson
from sqlalchemy import Connection, delete, insert, select

from crm_desktop.clock import Clock, stamp
from crm_desktop.errors import StoreError
from crm_desktop.model.columns import parse_instant
from crm_desktop.model.files import CONTENT_FIELDS, Attachment, is_sha256
from crm_desktop.model.operations import Create, Operation, Patch
from crm_desktop.rules.merged import Refused
from server.storage.blob_files import BlobFiles
from server.storage.commit import Commit
from server.storage.records import Key, entity_table
from server.storage.scope_sets import scopes_now
from server.storage.tables import blob_proof, row_meta, scope_member, sync_state, tombstone
from server.storage.tables import commit as commit_table

_PARENTS = Attachment.FACTS.parents
_SENT_AGAIN_DAYS = 90  # laptops keep so long what they have sent
WriteTransaction = Callable[[], AbstractContextManager[Connection]]


class Blobs:
    """The contents of one company's files. `files` is None on a server that keeps none."""

    def __init__(self, files: BlobFiles | None) -> None:
        self._files = files

    @property
    def folder(self) -> Path | None:
        """Where the contents lie; None on a server that keeps none."""
        return None if self._files is None else self._files.folder

    @property
    def files(self) -> BlobFiles:
        """The folder. StoreError where the server was started without one."""
        if self._files is None:
            raise StoreError("no_files", "This server keeps no files.", "Start it with --files FOLDER.")
        return self._files

    def may_read(self, connection: Connection, user_id: str, sha256: str) -> bool:
        """Whether the user may see a live record of this content."""
        source, m, s = entity_table("attachment"), row_meta.c, scope_member.c
        statement = (
            select(m.id)
            .join(source, source.c.id == m.id)
            .join(scope_member, s.set_id == m.scope_set)
            .where(
                source.c.sha256 == sha256,
                m.entity == "attachment",
                m.deleted.is_(False),
                s.scope.in_(sorted(scopes_now(connection, user_id))),
            )
            .limit(1)
        )
        return connection.scalar(statement) is not None

    def here(self, sha256: str, size: int) -> bool:
        """Whether all bytes of a content are on this server."""
        return self._files is not None and self._files.size(sha256) == size

    def proven(self, connection: Connection, user_id: str, sha256: str) -> bool:
        """Whether the content is here and the user has shown that it is his to use."""
        if self._files is None or self._files.size(sha256) is None:
            return False
        c = blob_proof.c
        sent = connection.scalar(select(c.sha256).where(c.sha256 == sha256, c.user_id == user_id))
        return sent is not None or self.may_read(connection, user_id, sha256)

    def note_proof(self, connection: Connection, user_id: str, sha256: str, clock: Clock) -> None:
        """The user has sent all bytes of the content."""
        c = blob_proof.c
        connection.execute(delete(blob_proof).where(c.sha256 == sha256, c.user_id == user_id))
        connection.execute(insert(blob_proof).values(sha256=sha256, user_id=user_id, at=stamp(clock)))

    def check(self, connection: Connection, user_id: str, op: Operation) -> None:
        """Refused for an attachment without its bytes, and for a change of what names them."""
        if op.e != "attachment":
            return
        if isinstance(op, Patch) and CONTENT_FIELDS & set(op.set):
            raise Refused("no_permission", "another content is another file")
        if not isinstance(op, Create):
            return
        sha256, size = op.v.get("sha256"), op.v.get("size")
        if not is_sha256(sha256) or sum(bool(op.v.get(name)) for name in _PARENTS) != 1:
            raise Refused("invalid_value", f"attachment {op.id}")
        if not self.proven(connection, user_id, str(sha256)) or self.files.size(str(sha256)) != size:
            raise Refused("bytes_missing", f"attachment {op.id}")

    # keeping house

    def sweep(self, transaction: WriteTransaction, days: int) -> int:
        """Remove contents nobody refers to and unfinished uploads, both older than `days`; returns how many.

        A server that keeps no files has none to remove. One that was restored keeps all contents as long as laptops
        may send again what refers to them.
        """
        if self._files is None:
            return 0
        seconds = days * 86400.0
        removed = self._files.remove_unfinished(seconds)
        with transaction() as connection:
            old = [] if _restored_lately(connection) else self._files.older_than(seconds)
        return removed + self.remove_unreferred(transaction, old)

    def remove_unreferred(self, transaction: WriteTransaction, contents: Iterable[str]) -> int:
        """Remove those of the contents that nobody refers to; returns how many.

        Under the writer lock: a push either finds the bytes or has its record counted here.
        """
        wanted = [sha256 for sha256 in contents if sha256]
        removed = 0
        if not wanted or self._files is None:
            return removed
        with transaction() as connection:
            connection.execute(select(sync_state.c.id).with_for_update())
            referred = frozenset(self._referred(connection))
            for sha256 in wanted:
                if sha256 not in referred:
                    connection.execute(delete(blob_proof).where(blob_proof.c.sha256 == sha256))
                    self.files.remove(sha256)
                    removed += 1
        return removed

    def problems(self, connection: Connection) -> Iterator[str]:
        """What is wrong with the bytes of live files."""
        source, m = entity_table("attachment"), row_meta.c
        live = connection.execute(
            select(source.c.id, source.c.sha256, source.c.size)
            .join(row_meta, m.id == source.c.id)
            .where(m.entity == "attachment", m.deleted.is_(False))
        )
        for record_id, sha256, size in live:
            found = None if self._files is None else self._files.size(sha256)
            if found != size:
                yield f"attachment {record_id}: {found or 'no'} bytes on the disk instead of {size}"

    def _referred(self, connection: Connection) -> Iterator[str]:
        yield from connection.scalars(select(entity_table("attachment").c.sha256))
        buried = connection.scalars(select(tombstone.c.row).where(tombstone.c.entity == "attachment"))
        yield from (str(orjson.loads(text).get("sha256", "")) for text in buried)
        # What was refused is kept whole and may be sent again.
        refused = entity_table("quarantine").c
        for payload in connection.scalars(select(refused.payload).where(refused.status == "open")):
            for op in orjson.loads(payload).get("ops", ()):
                values = op.get("v")  # anything, where a laptop handed over what no server could read
                if op.get("e") == "attachment" and isinstance(values, dict):
                    yield str(values.get("sha256", ""))


def contents_of(commit: Commit, keys: Iterable[Key]) -> list[str]:
    """Contents that records of a commit name, deleted ones too."""
    records = (commit.get(*key) for key in keys if key[0] == "attachment")
    return [str(record.row.get("sha256", "")) for record in records if record is not None]


def _restored_lately(connection: Connection) -> bool:
    """Whether a laptop may not have come yet since this history began anew on a backup."""
    state = connection.execute(select(sync_state.c.epoch_seq, sync_state.c.floor_seq)).one()
    if not state.epoch_seq or state.floor_seq > state.epoch_seq:
        return False  # the first history, or one whose beginning garbage collection has left behind
    c = commit_table.c
    first = connection.scalar(select(c.at).where(c.seq > state.epoch_seq).order_by(c.seq).limit(1))
    return first is None or datetime.now(UTC) - parse_instant(first) < timedelta(days=_SENT_AGAIN_DAYS)
