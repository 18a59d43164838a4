"""The bytes of files on the laptop: one encrypted file each, beside the database.

The name of a file says nothing about its content. Whole files appear by one rename after a flush; a power cut leaves
a whole file or none. A file on its way in grows record by record under another name (see `sealed_records`), and goes
on after its last whole record.
"""

import hashlib
import hmac
import logging
import os
import secrets
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from crm_desktop.errors import StoreError
from crm_desktop.failpoints import failpoint
from crm_desktop.store.sealed_records import RECORD, Damaged, Sealer, derived, records, whole_records

_PARTIAL = ".part"
_NEW = ".new"
log = logging.getLogger("crm.store")


class Blobs:
    """One folder of encrypted contents, known by their SHA-256. `key` is the store's."""

    def __init__(self, folder: Path, key: bytes) -> None:
        self._folder = folder
        self._key = derived(key, b"", b"crm-desktop files: contents")
        self._names = derived(key, b"", b"crm-desktop files: names")

    def name(self, sha256: str) -> str:
        """The name under which a content lies here. Who holds a copy of a paper cannot look whether it is here."""
        return hmac.new(self._names, sha256.encode(), hashlib.sha256).hexdigest()

    def _path(self, sha256: str) -> Path:
        return self._folder / self.name(sha256)

    # writing

    @contextmanager
    def taken_in(self, source: BinaryIO, most: int) -> Iterator["NewContent"]:
        """A content that is on the disk, under a name of its own until `keep` is called; without that it goes again.

        Raises StoreError: file_too_large, file_empty, disk_full, and file_unreadable for the source.
        """
        new = self._folder / f"{secrets.token_hex(8)}{_NEW}"
        try:
            yield self._written(source, most, new)
        finally:
            with suppress(OSError):
                new.unlink(missing_ok=True)

    def _written(self, source: BinaryIO, most: int, new: Path) -> "NewContent":
        digest, size = hashlib.sha256(), 0
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with new.open("xb") as target:
                sealer = Sealer(self._key, target)
                while piece := _read(source):
                    size += len(piece)
                    if size > most:
                        raise too_large(most)
                    digest.update(piece)
                    sealer.add(piece)
                if size == 0:
                    raise StoreError("file_empty", "The file is empty.", "Choose another file.")
                sealer.end()
                failpoint("C13-written")
                _flush(target)
        except OSError as error:
            raise _no_room(error) from error
        sha256 = digest.hexdigest()
        return NewContent(sha256, size, new, self._path(sha256))

    # reading

    def pieces(self, sha256: str) -> Iterator[bytes]:
        """The content from its start. Damaged as soon as it is not what was written."""
        yield from records(self._path(sha256), self._key)

    def whole(self, sha256: str, size: int) -> bool:
        """Whether the bytes here are all of the content and unharmed."""
        try:
            return _matches(records(self._path(sha256), self._key), sha256, size)
        except Damaged:
            return False

    def read(self, sha256: str, first: int, most: int) -> bytes:
        """At most `most` bytes of the content from `first` on. Damaged."""
        found = bytearray()
        at = 0
        for piece in records(self._path(sha256), self._key, skip=first):
            if at + len(piece) > first:
                found += piece[max(0, first - at) : first + most - at]
            at += len(piece)
            if at >= first + most:
                break
        return bytes(found)

    # bytes on their way in

    def _partial(self, sha256: str) -> Path:
        return self._folder / f"{self.name(sha256)}{_PARTIAL}"

    def partial_size(self, sha256: str) -> int:
        """Bytes of an unfinished content that are here, in whole records."""
        return whole_records(self._partial(sha256))[1]

    def append(self, sha256: str, data: bytes) -> None:
        """Add bytes to an unfinished content. StoreError disk_full."""
        path = self._partial(sha256)
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            count, _, end = whole_records(path)
            with path.open("r+b" if end else "w+b") as target:
                target.truncate(end)  # what broke off inside a record
                sealer = Sealer(self._key, target, count)
                for start in range(0, len(data), RECORD):
                    sealer.add(data[start : start + RECORD])
        except OSError as error:
            raise _no_room(error) from error

    def finish(self, sha256: str, size: int) -> bool:
        """Make an unfinished content whole. False, and its bytes dropped, where they are not that content."""
        path = self._partial(sha256)
        try:
            if not _matches(records(path, self._key, ended=False), sha256, size):
                raise Damaged
            count, _, end = whole_records(path)
            with path.open("r+b") as target:
                target.truncate(end)
                Sealer(self._key, target, count).end()
                _flush(target)
            path.replace(self._path(sha256))
            _flush_folder(self._folder)
        except Damaged:
            path.unlink(missing_ok=True)
            return False
        except OSError as error:
            raise _no_room(error) from error
        return True

    # keeping house

    def remove(self, sha256: str) -> None:
        """Take a content away, unfinished bytes too."""
        self._path(sha256).unlink(missing_ok=True)
        self._partial(sha256).unlink(missing_ok=True)

    def remove_strays(self, known: Iterable[str], older_than_s: float) -> int:
        """Remove what a crash left: files of none of the `known` contents, old enough to be nobody's work."""
        if not self._folder.is_dir():
            return 0
        names = {self.name(sha256) for sha256 in known}
        limit = time.time() - older_than_s
        strays = [
            path
            for path in self._folder.iterdir()
            if path.name.removesuffix(_PARTIAL) not in names and path.stat().st_mtime < limit
        ]
        for path in strays:
            path.unlink(missing_ok=True)
        return len(strays)


@dataclass(frozen=True, slots=True)
class NewContent:
    """A content taken in, of `size` bytes."""

    sha256: str
    size: int
    _new: Path
    _place: Path

    def keep(self) -> None:
        """Put it in its place, for good when this returns. Called in the transaction that notes it.

        Another program of this profile may be taking the same content away just now: that, too, is done in a
        transaction, and only of what nobody has noted.
        """
        try:
            self._new.replace(self._place)
            failpoint("C13-renamed")
            _flush_folder(self._place.parent)
        except OSError as error:
            raise _no_room(error) from error


def _matches(pieces: Iterable[bytes], sha256: str, size: int) -> bool:
    digest, found = hashlib.sha256(), 0
    for piece in pieces:
        digest.update(piece)
        found += len(piece)
    return found == size and digest.hexdigest() == sha256


def _read(source: BinaryIO) -> bytes:
    try:
        return source.read(RECORD)
    except OSError as error:
        raise StoreError("file_unreadable", "The file cannot be read.", "Check it, or choose another one.") from error


def _flush(target: BinaryIO) -> None:
    target.flush()
    os.fsync(target.fileno())


def _flush_folder(folder: Path) -> None:
    if os.name == "nt":  # the rename itself is flushed there
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def too_large(most: int) -> StoreError:
    """A file above the limit."""
    mib = most // 1024 // 1024
    return StoreError("file_too_large", f"The file is larger than {mib} MiB.", "Attach a smaller one.", mib=mib)


def _no_room(error: OSError) -> StoreError:
    log.error("a file could not be written: %s", error.strerror)
    return StoreError("file_not_kept", "The file could not be kept.", "Free some space, then try again.")
