"""Bytes of files on their way to the server and from it: what is next, what came, what is to be believed."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import orjson

from crm_desktop.clock import Clock
from crm_desktop.store import meta
from crm_desktop.store.blobs import Blobs
from crm_desktop.store.carried_files import WANTED, enter_outbox
from crm_desktop.store.changes import ChangeSet
from crm_desktop.store.connection import Connection
from crm_desktop.store.sealed_records import Damaged
from crm_desktop.store.writer import Writer

FOLDER = "files"
AUTOMATIC_BYTES = 2 * 1024 * 1024  # a larger file is fetched when somebody wants it
BUDGET_BYTES = 256 * 1024 * 1024  # what is fetched without being asked for
KINDS = frozenset({"attachment", "files"})
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Content:
    """Bytes that are to be moved; `done` of `size` are where they should be."""

    sha256: str
    size: int
    done: int


class MovingFiles:
    """The files of one profile as those see them who move bytes (`sync.files`, couriers). Any thread."""

    def __init__(
        self,
        folder: Path,
        key: bytes,
        clock: Clock,
        writer: Writer,
        read: Callable[[Callable[[Connection], Any]], Any],
        tell: Callable[[ChangeSet], None],
        moving: threading.Lock,
    ) -> None:
        self._blobs = Blobs(folder / FOLDER, key)
        self._clock = clock
        self._writer = writer
        self._read = read
        self._tell = tell
        self._moving = moving  # bytes of one content are written by one thread at a time
        self._left: set[str] = set()  # contents a person has stopped waiting for

    # upload

    def next_upload(self) -> Content | None:
        """The smallest file that waits for the server."""
        return self._content(
            "SELECT b.sha256, b.size, b.sent FROM file_pending p JOIN file_blob b USING (sha256) "
            "WHERE NOT p.removed AND p.refused = '' AND b.state IN ('local', 'here') ORDER BY b.size, p.id LIMIT 1"
        )

    def intact(self, content: Content) -> bool:
        """Whether the bytes are those that were added. If not they are never sent."""
        return self._blobs.whole(content.sha256, content.size)

    def read(self, content: Content, first: int, most: int) -> bytes:
        """A part of the bytes of an intact content."""
        try:
            return self._blobs.read(content.sha256, first, most)
        except Damaged:
            return b""

    def moved(self, sha256: str, done: int) -> None:
        """So many bytes are where they should be: for showing, not for trusting."""
        self._write(
            lambda connection: connection.execute("UPDATE file_blob SET sent = ? WHERE sha256 = ?", (done, sha256)),
            durable=False,
        )

    def uploaded(self, sha256: str, epoch: str) -> None:
        """The server has the bytes: the records that waited for them go into the outbox, in the same step."""

        def work(connection: Connection) -> None:
            enter_outbox(connection, self._clock, sha256)
            connection.execute(
                "UPDATE file_blob SET state = 'here', sent = size, epoch = ? WHERE sha256 = ? AND state <> 'damaged'",
                (epoch, sha256),
            )

        self._write(work, guarded=True)

    def refused(self, sha256: str, code: str) -> None:
        """The server will not take these bytes; the person is told and decides."""
        sql = "UPDATE file_pending SET refused = ? WHERE sha256 = ?"
        self._write(lambda connection: connection.execute(sql, (code, sha256)))

    def doubt(self, sha256s: list[str]) -> None:
        """The server has not got these bytes although it confirmed them once."""
        sql = "UPDATE file_blob SET epoch = '' WHERE sha256 IN (SELECT value FROM json_each(?))"
        self._write(lambda connection: connection.execute(sql, (orjson.dumps(sha256s).decode(),)))

    def unconfirmed(self, sha256s: list[str], epoch: str) -> list[Content]:
        """Of these contents the ones that are here and that the server of this history has not confirmed."""
        listed = orjson.dumps(sha256s).decode()

        def query(connection: Connection) -> list[Content]:
            found = connection.execute(
                "SELECT sha256, size, 0 FROM file_blob WHERE sha256 IN (SELECT value FROM json_each(?)) "
                "AND state IN ('local', 'here') AND epoch <> ? ORDER BY size",
                (listed, epoch),
            )
            return [Content(*row) for row in found]

        result: list[Content] = self._read(query)
        return result

    # download

    def next_download(self) -> Content | None:
        """What somebody wants, else the newest small file not here, while the budget lasts."""
        return self._content(
            f"SELECT sha256, size, sent FROM file_blob WHERE {WANTED} ORDER BY size LIMIT 1"
        ) or self._content(
            "SELECT a.sha256, a.size, 0 FROM attachment a LEFT JOIN file_blob b USING (sha256) "
            "WHERE b.sha256 IS NULL AND a.size BETWEEN 1 AND ? AND "
            "(SELECT ifnull(sum(size), 0) FROM file_blob WHERE state = 'here') + a.size <= ? "
            "ORDER BY a.created_at DESC, a.id DESC LIMIT 1",
            (AUTOMATIC_BYTES, BUDGET_BYTES),
        )

    def left(self, content: Content) -> bool:
        """Whether a person has stopped waiting for a file that would not come by itself."""
        return content.size > AUTOMATIC_BYTES and content.sha256 in self._left

    def here_of(self, content: Content) -> int:
        """Bytes of a download that are on this laptop."""
        return self._blobs.partial_size(content.sha256)

    def take(self, content: Content, data: bytes) -> None:
        """Keep bytes that came in; where the line breaks, they stay."""
        with self._moving:
            self._blobs.append(content.sha256, data)

    def fetched(self, content: Content) -> bool:
        """All bytes came in. False where they are not the content: they are dropped."""
        with self._moving:
            if not self._blobs.finish(content.sha256, content.size):
                return False
            self._write(
                lambda connection: connection.execute(
                    "INSERT INTO file_blob (sha256, size, sent, epoch, state) VALUES (?, ?, ?, ?, 'here') "
                    "ON CONFLICT (sha256) DO UPDATE SET state = 'here', sent = size, epoch = excluded.epoch",
                    (content.sha256, content.size, content.size, meta.get(connection, "epoch")),
                )
            )
        return True

    def not_there(self, content: Content) -> None:
        """The server has no such file for this user."""
        self._write(
            lambda connection: connection.execute(
                "INSERT INTO file_blob (sha256, size, state) VALUES (?, ?, 'missing') "
                "ON CONFLICT (sha256) DO UPDATE SET state = 'missing'",
                (content.sha256, content.size),
            )
        )

    def harmed(self, sha256: str) -> None:
        """The bytes here are not the content: fetched again if the server has them, else the file is lost."""

        def work(connection: Connection) -> None:
            found = connection.execute("SELECT size FROM file_blob WHERE sha256 = ?", (sha256,)).fetchone()
            if found is not None and self._blobs.whole(sha256, found[0]):
                return  # added anew meanwhile
            self._blobs.remove(sha256)
            connection.execute(
                "UPDATE file_blob SET sent = 0, state = CASE state WHEN 'here' THEN 'wanted' ELSE 'damaged' END "
                "WHERE sha256 = ? AND state IN ('here', 'local')",
                (sha256,),
            )

        with self._moving:
            self._write(work)

    # within

    def _content(self, sql: str, parameters: tuple[Any, ...] = ()) -> Content | None:
        row = self._read(lambda connection: connection.execute(sql, parameters).fetchone())
        return None if row is None else Content(*row)

    def _write(self, work: Callable[[Connection], T], *, guarded: bool = False, durable: bool = True) -> T:
        # Bytes that move are nobody's writing; a record that enters the outbox is.
        change = ChangeSet(KINDS | {"outbox"}) if guarded else ChangeSet(KINDS, source="sync")
        return self._writer.call(
            work, mode="op" if guarded else None, durable=durable, after=lambda _done: self._tell(change)
        )
