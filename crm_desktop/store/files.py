"""Files of a profile: bytes and what is known of them, kept in step.

Bytes come before what names them, here as on the server: they are on the disk before the row that counts on them, and
the record of a file enters the outbox only when the server has the bytes. Until then the file is one of this laptop
alone, and nothing else waits for it.
"""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

import orjson

from crm_desktop.clock import Clock, stamp
from crm_desktop.errors import InvalidInput, NotFound
from crm_desktop.ids import new_id
from crm_desktop.model.wire import Row, clean_row
from crm_desktop.store import meta
from crm_desktop.store.blobs import Blobs
from crm_desktop.store.carried_files import CarriedFiles, enter_outbox
from crm_desktop.store.changes import ChangeSet
from crm_desktop.store.connection import Connection
from crm_desktop.store.file_references import forget_unreferred
from crm_desktop.store.file_views import FileView, one_file, parent_field
from crm_desktop.store.sealed_records import Damaged
from crm_desktop.store.writer import Writer

FOLDER = "files"
FILE_BYTES = 64 * 1024 * 1024  # until a server told another limit
STRAY_S = 3600.0
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


class FileStore:
    """The files of one profile; made by `ClientStore`. Any thread."""

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
        self._left: set[str] = set()
        self.carried = CarriedFiles(self._blobs, clock, read, self._write, moving)

    # a person's work

    def add(self, source: BinaryIO, parent: tuple[str, str], values: Row) -> str:
        """Take in a file for a record of this laptop; returns the id its record will have. Durable on return.

        `values`: name, media_type, taken_at, note. Raises InvalidInput, NotFound, StoreError (see `Blobs.write`).
        """
        field = parent_field(parent[0])
        if field is None:
            raise InvalidInput("no_files_there", "Files cannot be kept there.", "Choose an account, visit or quote.")
        attachment_id = new_id()
        with self._moving:
            sha256, size = self._blobs.write(source, self._most())

            def work(connection: Connection) -> None:
                here = connection.execute(f'SELECT 1 FROM "{parent[0]}" WHERE id = ?', (parent[1],)).fetchone()
                if here is None:
                    raise NotFound("not_here", "This record is not on this device.", "Synchronise and look again.")
                content = {"sha256": sha256, "size": size, field: parent[1]}
                made = {"created_at": stamp(self._clock), "created_by": meta.get(connection, "user_id") or None}
                row = clean_row("attachment", made | values | content)
                connection.execute(
                    "INSERT INTO file_blob (sha256, size, state) VALUES (?, ?, 'local') ON CONFLICT (sha256) "
                    "DO UPDATE SET state = CASE state WHEN 'here' THEN 'here' ELSE 'local' END, sent = 0",
                    (sha256, size),
                )
                connection.execute(
                    "INSERT INTO file_pending (id, sha256, parent_entity, parent_id, json) VALUES (?, ?, ?, ?, ?)",
                    (attachment_id, sha256, *parent, orjson.dumps(row).decode()),
                )

            self._write(work)
        return attachment_id

    def remove_waiting(self, attachment_id: str) -> bool:
        """Take back a file that is only here; its bytes stay until the program ends. False: it is not such a one."""
        return self._mark_removed(attachment_id, 1)

    def put_back(self, attachment_id: str) -> bool:
        """Undo `remove_waiting`."""
        return self._mark_removed(attachment_id, 0)

    def _mark_removed(self, attachment_id: str, removed: int) -> bool:
        sql = "UPDATE file_pending SET removed = ? WHERE id = ? AND removed <> ?"
        return self._write(lambda connection: connection.execute(sql, (removed, attachment_id, removed)).rowcount) == 1

    def want(self, sha256: str, size: int) -> None:
        """Fetch these bytes as soon as there is a line, before all others."""
        self._left.discard(sha256)
        self._write(
            lambda connection: connection.execute(
                "INSERT INTO file_blob (sha256, size, state) VALUES (?, ?, 'wanted') "
                "ON CONFLICT (sha256) DO UPDATE SET state = 'wanted' WHERE state = 'missing'",
                (sha256, size),
            )
        )

    def leave(self, sha256: str) -> None:
        """Wait for these bytes no longer: what came so far stays, a small file still comes by itself."""
        sql = "DELETE FROM file_blob WHERE sha256 = ? AND state = 'wanted'"
        if self._write(lambda connection: connection.execute(sql, (sha256,)).rowcount):
            self._left.add(sha256)

    def left(self, content: Content) -> bool:
        """Whether a person has stopped waiting for a file that would not come by itself."""
        return content.size > AUTOMATIC_BYTES and content.sha256 in self._left

    def pieces(self, file: FileView) -> Iterator[bytes]:
        """The bytes of a file that is here, proven before the first of them is given.

        Raises NotFound: file_away (it is asked for), file_damaged (nothing is left of it).
        """
        if file.place == "damaged":
            raise _damaged()
        if not file.readable:
            self.want(file.sha256, file.size)
            raise _away()
        if not self._blobs.whole(file.sha256, file.size):
            self.harmed(file.sha256)
            again = self.find(file.id)
            raise _damaged() if again is None or again.place == "damaged" else _away()
        return self._blobs.pieces(file.sha256)

    def find(self, attachment_id: str) -> FileView | None:
        """A file by the id of its record."""
        found: FileView | None = self._read(lambda connection: one_file(connection, attachment_id))
        return found

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
            "SELECT sha256, size, sent FROM file_blob WHERE state = 'wanted' ORDER BY size LIMIT 1"
        ) or self._content(
            "SELECT a.sha256, a.size, 0 FROM attachment a LEFT JOIN file_blob b USING (sha256) "
            "WHERE b.sha256 IS NULL AND a.size BETWEEN 1 AND ? AND "
            "(SELECT ifnull(sum(size), 0) FROM file_blob WHERE state = 'here') + a.size <= ? "
            "ORDER BY a.created_at DESC, a.id DESC LIMIT 1",
            (AUTOMATIC_BYTES, BUDGET_BYTES),
        )

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
        with self._moving:
            self._blobs.remove(sha256)
            self._write(
                lambda connection: connection.execute(
                    "UPDATE file_blob SET sent = 0, state = CASE state WHEN 'here' THEN 'wanted' ELSE 'damaged' END "
                    "WHERE sha256 = ? AND state IN ('here', 'local')",
                    (sha256,),
                )
            )

    # keeping house

    def sweep(self, *, starting: bool = False) -> int:
        """Remove the bytes of files that left this laptop or were taken back; returns how many contents.

        `starting`: also what was taken back in an earlier run, what a crash left, and old verdicts of 'missing'.
        """

        def work(connection: Connection) -> list[str]:
            if starting:
                connection.execute("DELETE FROM file_pending WHERE removed")
                connection.execute("DELETE FROM file_blob WHERE state = 'missing'")
            return forget_unreferred(connection)

        with self._moving:
            gone: list[str] = self._writer.call(work)
            for sha256 in gone:
                self._blobs.remove(sha256)
        if starting:
            known = self._read(
                lambda connection: [
                    row[0]
                    for row in connection.execute("SELECT sha256 FROM file_blob UNION SELECT sha256 FROM attachment")
                ]
            )
            self._blobs.remove_strays(known, STRAY_S)
        return len(gone)

    # within

    def _most(self) -> int:
        limits = orjson.loads(self._read(lambda connection: meta.get(connection, "limits", "{}")) or "{}")
        return int((limits or {}).get("file_bytes") or FILE_BYTES)

    def _content(self, sql: str, parameters: tuple[Any, ...] = ()) -> Content | None:
        row = self._read(lambda connection: connection.execute(sql, parameters).fetchone())
        return None if row is None else Content(*row)

    def _write(self, work: Callable[[Connection], T], *, guarded: bool = False, durable: bool = True) -> T:
        # Bytes that move are nobody's writing; a record that enters the outbox is.
        change = ChangeSet(KINDS | {"outbox"}) if guarded else ChangeSet(KINDS, source="sync")
        return self._writer.call(
            work, mode="op" if guarded else None, durable=durable, after=lambda _done: self._tell(change)
        )


def _away() -> NotFound:
    return NotFound(
        "file_away", "This file is not on this laptop yet.", "It is fetched as soon as the server is reached."
    )


def _damaged() -> NotFound:
    return NotFound(
        "file_damaged", "This file is damaged and was not on the server yet.", "Remove it, then add it again."
    )
