"""Files of a profile: bytes and what is known of them, kept in step.

Bytes come before what names them, here as on the server: they are on the disk before the row that counts on them, and
the record of a file enters the outbox only when the server has the bytes. Until then the file is one of this laptop
alone, and nothing else waits for it.
"""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from crm_desktop.clock import Clock, stamp
from crm_desktop.errors import InvalidInput, NotFound
from crm_desktop.ids import new_id
from crm_desktop.model.wire import Row, clean_row
from crm_desktop.store import meta
from crm_desktop.store.carried_files import CarriedFiles
from crm_desktop.store.changes import ChangeSet
from crm_desktop.store.connection import Connection
from crm_desktop.store.file_references import forget_unreferred
from crm_desktop.store.file_views import FileView, one_file, parent_field
from crm_desktop.store.moving_files import MovingFiles
from crm_desktop.store.writer import Writer

FILE_BYTES = 64 * 1024 * 1024  # until a server told another limit
STRAY_S = 3600.0
PUT_BACK_S = 86_400  # how long a window may offer to put back what it removed; other programs start meanwhile


class FileStore(MovingFiles):
    """The files of one profile with what a person does to them; made by `ClientStore`. Any thread."""

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
        super().__init__(folder, key, clock, writer, read, tell, moving)
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
        with self._moving, self._blobs.taken_in(source, self._most()) as new:

            def work(connection: Connection) -> None:
                here = connection.execute(f'SELECT 1 FROM "{parent[0]}" WHERE id = ?', (parent[1],)).fetchone()
                if here is None:
                    raise NotFound("not_here", "This record is not on this laptop.", "Synchronise and look again.")
                content = {"sha256": new.sha256, "size": new.size, field: parent[1]}
                made = {"created_at": stamp(self._clock), "created_by": meta.get(connection, "user_id") or None}
                row = clean_row("attachment", made | values | content)
                connection.execute(
                    "INSERT INTO file_blob (sha256, size, state) VALUES (?, ?, 'local') ON CONFLICT (sha256) "
                    "DO UPDATE SET state = CASE state WHEN 'here' THEN 'here' ELSE 'local' END, sent = 0",
                    (new.sha256, new.size),
                )
                connection.execute(
                    "INSERT INTO file_pending (id, sha256, parent_entity, parent_id, json) VALUES (?, ?, ?, ?, ?)",
                    (attachment_id, new.sha256, *parent, orjson.dumps(row).decode()),
                )
                new.keep()

            self._write(work)
        return attachment_id

    def remove_waiting(self, attachment_id: str) -> bool:
        """Take back a file that is only here; `put_back` undoes it for a day. False: it is not such a one."""
        sql = "UPDATE file_pending SET removed = ? WHERE id = ? AND NOT removed"
        return self._is_marked(sql, (self._now_s(), attachment_id))

    def put_back(self, attachment_id: str) -> bool:
        """Undo `remove_waiting`."""
        return self._is_marked("UPDATE file_pending SET removed = 0 WHERE id = ? AND removed", (attachment_id,))

    def _is_marked(self, sql: str, values: tuple[int | str, ...]) -> bool:
        return self._write(lambda connection: connection.execute(sql, values).rowcount) == 1

    def _now_s(self) -> int:
        """Seconds since 1970: `removed` holds them; a mark of earlier versions, 1, is long ago."""
        return int(self._clock.now().timestamp())

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

    # keeping house

    def sweep(self, *, starting: bool = False) -> int:
        """Remove the bytes of files that left this laptop or were taken back; returns how many contents.

        `starting`: also what was taken back a day ago, what a crash left, and old verdicts of 'missing'.
        """

        def work(connection: Connection) -> list[str]:
            if starting:
                connection.execute(
                    "DELETE FROM file_pending WHERE removed AND removed <= ?", (self._now_s() - PUT_BACK_S,)
                )
                connection.execute(  # a file that waits with them is listed as long as nobody has removed it
                    "UPDATE file_blob SET state = 'damaged' "
                    "WHERE state = 'missing' AND sha256 IN (SELECT sha256 FROM file_pending)"
                )
                connection.execute("DELETE FROM file_blob WHERE state = 'missing'")
            return forget_unreferred(connection)

        with self._moving:
            gone: list[str] = self._writer.call(work)
            if gone or starting:
                self._writer.call(lambda connection: self._remove_bytes(connection, gone, strays=starting))
        return len(gone)

    def _remove_bytes(self, connection: Connection, gone: list[str], *, strays: bool) -> None:
        """Of what was forgotten, unless it was noted again meanwhile; `strays`: also what a crash left."""
        noted = "SELECT sha256 FROM file_blob"
        known = {
            row[0] for row in connection.execute(f"{noted} UNION SELECT sha256 FROM attachment" if strays else noted)
        }
        for sha256 in gone:
            if sha256 not in known:
                self._blobs.remove(sha256)
        if strays:
            self._blobs.remove_strays(known, STRAY_S)

    # within

    def _most(self) -> int:
        limits = orjson.loads(self._read(lambda connection: meta.get(connection, "limits", "{}")) or "{}")
        return int((limits or {}).get("file_bytes") or FILE_BYTES)


def _away() -> NotFound:
    return NotFound(
        "file_away", "This file is not on this laptop yet.", "It is fetched as soon as the server is reached."
    )


def _damaged() -> NotFound:
    return NotFound(
        "file_damaged", "This file is damaged and was not on the server yet.", "Remove it, then add it again."
    )
