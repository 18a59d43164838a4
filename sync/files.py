"""Bytes of files go up and come down beside the sync of records, on a connection of their own.

Text before files: between two pieces the work rests while a session of records runs (`file_worker`). Bytes before
rows: a record enters the outbox when the server has confirmed its bytes, never before (`bytes_first` for later ones).
"""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol

from crm_desktop.errors import SessionError
from sync.ports import Body
from sync.protocol.messages import Code

PIECE = 512 * 1024  # of an upload; a poor line carries it within the deadline of a request
RANGE = 1024 * 1024  # of a download, which keeps every byte that came
BYTES_MISSING = "bytes_missing"  # why a record without its bytes is quarantined
LOST_PIECES = 5  # pieces in a row that brought nothing: the line is left alone for a while
_log = logging.getLogger("crm.sync")


class Content(Protocol):
    """Bytes to be moved."""

    @property
    def sha256(self) -> str:
        """Their hash in hex: what they are known by everywhere."""
        ...

    @property
    def size(self) -> int:
        """How many bytes."""
        ...


class FileStore(Protocol):
    """The laptop's files as this module sees them (crm_desktop.store.files)."""

    def next_upload(self) -> Content | None:
        """The smallest content that waits for the server; None where nothing waits."""
        ...

    def intact(self, content: Any) -> bool:
        """Whether the bytes here are still those that were added."""
        ...

    def read(self, content: Any, first: int, most: int) -> bytes:
        """At most `most` bytes from `first` on; fewer at the end, none where they are damaged."""
        ...

    def moved(self, sha256: str, done: int) -> None:
        """So many bytes have arrived: to be shown, not to be trusted."""
        ...

    def uploaded(self, sha256: str, epoch: str) -> None:
        """The server of this history has them: the records that waited for them enter the outbox."""
        ...

    def refused(self, sha256: str, code: str) -> None:
        """The server will not take them, for the reason `code`; a person decides."""
        ...

    def harmed(self, sha256: str) -> None:
        """What is here is not the content: fetched again where the server has it, else lost."""
        ...

    def doubt(self, sha256s: list[str]) -> None:
        """The server has not got these, although it may have confirmed them once."""
        ...

    def unconfirmed(self, sha256s: list[str], epoch: str) -> Sequence[Content]:
        """Of these the contents that are here and that the server of this history has not confirmed."""
        ...

    def next_download(self) -> Content | None:
        """What somebody wants, else a small one that comes by itself; None where there is nothing to fetch."""
        ...

    def here_of(self, content: Any) -> int:
        """How many bytes of a download have come."""
        ...

    def left(self, content: Any) -> bool:
        """Whether a person has stopped waiting for it."""
        ...

    def take(self, content: Any, data: bytes) -> None:
        """Keep bytes that came, behind those that are here."""
        ...

    def fetched(self, content: Any) -> bool:
        """All have come. False: they are not the content and were dropped."""
        ...

    def not_there(self, content: Any) -> None:
        """The server has no such content for this user."""
        ...

    def sweep(self) -> int:
        """Remove the bytes that no record names any more; returns how many contents."""
        ...


class BlobTransport(Protocol):
    """The server's side of it (sync.transport)."""

    def put_blob(self, sha256: str, size: int, first: int = 0, data: bytes = b"") -> Body:
        """Send a piece from offset `first`, or ask how far it is; `complete` and `offset` stand in the answer."""
        ...

    def get_blob(self, sha256: str, first: int, most: int, take: Callable[[bytes], None]) -> None:
        """Fetch at most `most` bytes from `first` on, given to `take` as they come. SessionError `not_found`."""
        ...


class FileMover:
    """Moves one content at a time. `between` is called before each piece and may wait; False from it: stop."""

    def __init__(
        self,
        files: FileStore,
        transport: BlobTransport,
        epoch: Callable[[], str],
        between: Callable[[], bool] = lambda: True,
    ) -> None:
        self._files = files
        self._transport = transport
        self._epoch = epoch
        self._between = between

    def run(self) -> int:
        """Move everything there is to move; returns how many contents. SessionError where the server is not reached."""
        moved = 0
        self._files.sweep()
        while (upload := self._files.next_upload()) is not None and self._between():
            self.upload(upload)
            moved += 1
        while (download := self._files.next_download()) is not None and self._between():
            if not self._download(download):
                break
            moved += 1
        return moved

    def ensure(self, txns: Iterable[Mapping[str, Any]]) -> bool:
        """Before a push: as `ensure_bytes`, of the bytes that the records in it name."""
        return self.ensure_bytes([sha256 for txn in txns for sha256 in named(txn)])

    def ensure_bytes(self, wanted: list[str]) -> bool:
        """Send those of these bytes that the server of this history has not confirmed. False where it keeps none."""
        try:
            for content in self._files.unconfirmed(wanted, self._epoch()):
                self.upload(content)
        except SessionError as error:
            if error.code != Code.NO_FILES:
                raise
            return False
        return True

    def told(self, txns: Iterable[Mapping[str, Any]], results: Iterable[Mapping[str, Any]]) -> None:
        """After a push: bytes the server says it has not got are sent before the next try."""
        if missing := without_bytes(results):
            self._files.doubt([sha256 for txn in txns if txn["txn_id"] in missing for sha256 in named(txn)])

    def upload(self, content: Content) -> bool:
        """Send a content from where the server has it to. False where it cannot be: the reason is kept with it."""
        if not self._files.intact(content):
            _log.warning("a file is damaged here and is not sent")
            self._files.harmed(content.sha256)
            return False
        try:
            self._send(content)
        except SessionError as error:
            if error.code != Code.TOO_LARGE:
                raise
            _log.warning("a file is too large for the server")
            self._files.refused(content.sha256, error.code)
            return False
        self._files.uploaded(content.sha256, self._epoch())
        return True

    def _send(self, content: Content) -> None:
        told = self._transport.put_blob(content.sha256, content.size)
        lost = 0
        while not told["complete"]:
            if not self._between():
                raise SessionError("stopped", "Synchronising was stopped.", "It goes on at the next start.")
            at = int(told["offset"])
            self._files.moved(content.sha256, at)
            data = self._files.read(content, at, PIECE)
            if not data:  # harmed since it was looked at: the next try finds that out
                raise SessionError(Code.DAMAGED_FILE, "A file arrived damaged.", "It is fetched again.")
            try:
                told = self._transport.put_blob(content.sha256, content.size, at, data)
                lost = 0
            except SessionError as error:
                # An earlier piece may have arrived further than its sender heard.
                lost += 1
                if error.code != Code.WRONG_OFFSET or lost > LOST_PIECES:
                    raise
                told = self._transport.put_blob(content.sha256, content.size)

    def _download(self, content: Content) -> bool:
        here = self._files.here_of(content)
        while here < content.size:
            if not self._between():
                return False
            if self._files.left(content):
                return True
            try:
                self._transport.get_blob(content.sha256, here, RANGE, lambda data: self._files.take(content, data))
            except SessionError as error:
                if error.code != Code.NOT_FOUND:
                    raise
                self._files.not_there(content)
                return True
            before, here = here, self._files.here_of(content)
            self._files.moved(content.sha256, here)
            if here <= before:
                raise SessionError("offline", "The server cannot be reached.", "It is tried again.")
        if not self._files.fetched(content):
            _log.warning("a fetched file was not what its hash says; it is fetched anew")
            raise SessionError(Code.DAMAGED_FILE, "A file arrived damaged.", "It is fetched again.")
        return True


def named(txn: Mapping[str, Any]) -> list[str]:
    """Contents that records created by a transaction name."""
    ops = (op for op in txn.get("ops", ()) if op.get("e") == "attachment" and op.get("k") == "create")
    return [str(op["v"].get("sha256", "")) for op in ops]


def without_bytes(results: Iterable[Mapping[str, Any]]) -> list[str]:
    """Transactions that were refused because the server has not got the bytes they name."""
    return [
        str(result["txn_id"])
        for result in results
        if any((op.get("detail") or {}).get("code") == BYTES_MISSING for op in result["ops"])
    ]
