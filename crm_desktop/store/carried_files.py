"""Files that travel inside a courier file: what goes along, what is missed here, what came in.

Bytes before what names them, here too. Going out, bytes and record lie in one file and the server takes the bytes
first; so a record enters the outbox with them, and the bytes stay marked as unconfirmed until the answer says more.
"""

import hashlib
import io
import threading
from collections.abc import Callable
from typing import Any, Protocol, TypeVar

import orjson

from crm_desktop.clock import Clock, stamp
from crm_desktop.store import meta
from crm_desktop.store.blobs import Blobs
from crm_desktop.store.connection import Connection
from crm_desktop.store.intents import create
from crm_desktop.store.local_write import write_local

MOST_WANTED = 500  # contents named in one courier file
# What somebody waits for; and what was harmed here while a colleague had sent the same content.
WANTED = (
    "(state = 'wanted' OR (state = 'damaged' AND EXISTS "
    "(SELECT 1 FROM attachment a WHERE a.sha256 = file_blob.sha256 AND a.sync_ver > 0)))"
)
T = TypeVar("T")


class Write(Protocol):
    """A transaction of the profile's files; `guarded` where a record enters the outbox."""

    def __call__(self, work: Callable[[Connection], T], *, guarded: bool = False) -> T: ...


class CarriedFiles:
    """The courier's side of a profile's files (`FileStore.carried`). Any thread."""

    def __init__(
        self,
        blobs: Blobs,
        clock: Clock,
        read: Callable[[Callable[[Connection], Any]], Any],
        write: Write,
        moving: threading.Lock,
    ) -> None:
        self._blobs = blobs
        self._clock = clock
        self._read = read
        self._write = write
        self._moving = moving

    def waiting(self) -> list[tuple[str, int]]:
        """(sha256, bytes) of contents whose records still wait for their bytes to go, the smallest first."""
        sql = (
            "SELECT b.sha256, b.size FROM file_pending p JOIN file_blob b USING (sha256) "
            "WHERE NOT p.removed AND p.refused = '' AND b.state IN ('local', 'here') "
            "GROUP BY b.sha256 ORDER BY b.size, min(p.id)"
        )
        found: list[tuple[str, int]] = self._read(lambda connection: connection.execute(sql).fetchall())
        return found

    def go_along(self, sha256: str) -> None:
        """The bytes go with the courier: the records that waited for them enter the outbox."""

        def work(connection: Connection) -> None:
            enter_outbox(connection, self._clock, sha256)

        self._write(work, guarded=True)

    def here(self) -> list[str]:
        """Contents that are on this laptop."""
        return self._listed("SELECT sha256 FROM file_blob WHERE state IN ('local', 'here') ORDER BY sha256")

    def wanted(self, unasked_bytes: int) -> list[str]:
        """Contents this laptop misses: those somebody asked for, then small ones, the newest first."""
        asked = self._listed(f"SELECT sha256 FROM file_blob WHERE {WANTED} ORDER BY size")
        small = self._listed(
            "SELECT a.sha256 FROM attachment a LEFT JOIN file_blob b USING (sha256) WHERE b.sha256 IS NULL "
            "AND a.size BETWEEN 1 AND ? GROUP BY a.sha256 ORDER BY max(a.created_at) DESC, a.sha256 LIMIT ?",
            (unasked_bytes, MOST_WANTED),
        )
        return [*asked, *small][:MOST_WANTED]

    def take(self, sha256: str, data: bytes, epoch: str) -> bool:
        """Keep bytes the courier brought; they are on the disk when this returns. False: they are not the content.

        What is here unharmed is not written again. StoreError where the disk is full.
        """
        if hashlib.sha256(data).hexdigest() != sha256:
            return False

        def note(connection: Connection) -> None:
            connection.execute(
                "INSERT INTO file_blob (sha256, size, sent, epoch, state) VALUES (?, ?, ?, ?, 'here') "
                "ON CONFLICT (sha256) DO UPDATE SET state = 'here', sent = size, epoch = excluded.epoch",
                (sha256, len(data), len(data), epoch),
            )

        with self._moving:
            if self._blobs.whole(sha256, len(data)):
                self._write(note)
                return True
            with self._blobs.taken_in(io.BytesIO(data), len(data)) as new:

                def note_and_keep(connection: Connection) -> None:
                    note(connection)
                    new.keep()

                self._write(note_and_keep)
        return True

    def doubt(self, txn_ids: list[str]) -> None:
        """The server has not got the bytes that these transactions name, although it may have confirmed them once."""
        if not txn_ids:
            return
        sql = (
            "UPDATE file_blob SET epoch = '' WHERE sha256 IN (SELECT o.json ->> '$.v.sha256' FROM outbox_op o "
            "JOIN outbox_txn t ON t.n = o.txn WHERE o.entity = 'attachment' AND o.k = 'create' "
            "AND t.txn_id IN (SELECT value FROM json_each(?)))"
        )
        self._write(lambda connection: connection.execute(sql, (orjson.dumps(txn_ids).decode(),)))

    def _listed(self, sql: str, parameters: tuple[Any, ...] = ()) -> list[str]:
        rows = self._read(lambda connection: connection.execute(sql, parameters).fetchall())
        return [str(row[0]) for row in rows]


# A copy of this profile waited for the same bytes, and its record came down meanwhile; it may be removed here already.
_KNOWN = (
    "SELECT 1 FROM attachment WHERE id = :id UNION ALL SELECT 1 FROM mirror WHERE entity = 'attachment' AND id = :id "
    "UNION ALL SELECT 1 FROM outbox_op WHERE entity = 'attachment' AND id = :id AND live = 1 LIMIT 1"
)


def enter_outbox(connection: Connection, clock: Clock, sha256: str) -> None:
    """The records that waited for these bytes become ordinary changes. In a guarded transaction."""
    waiting = connection.execute(
        "SELECT id, json FROM file_pending WHERE sha256 = ? AND NOT removed ORDER BY id", (sha256,)
    ).fetchall()
    for attachment_id, text in waiting:
        intent = create("attachment", attachment_id, orjson.loads(text))
        if connection.execute(_KNOWN, {"id": attachment_id}).fetchone() is None:
            write_local(connection, meta.author(connection), stamp(clock), lambda _number: False, [intent])
        connection.execute("DELETE FROM file_pending WHERE id = ?", (attachment_id,))
