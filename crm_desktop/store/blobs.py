"""The bytes of files on the laptop: one encrypted file each, beside the database.

A file is a header and sealed records, the last of them empty: a cut-off file is known by its missing end. Its name
says nothing about its content. Whole files appear by one rename after a flush; a power cut leaves a whole file or
none. A file on its way in grows record by record under another name, and goes on after its last whole record.
"""

import hashlib
import hmac
import logging
import os
import secrets
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from crm_desktop.errors import StoreError
from crm_desktop.failpoints import failpoint

RECORD = 64 * 1024
_MAGIC = b"CRMFILE1"
_SALT = 16
_NONCE = 12
_TAG = 16
_LENGTH = 4
_HEADER = len(_MAGIC) + _SALT
_PARTIAL = ".part"
_NEW = ".new"
log = logging.getLogger("crm.store")


class Damaged(Exception):
    """The bytes here are not those that were written: never to be shown or sent."""


class Blobs:
    """One folder of encrypted contents, known by their SHA-256. `key` is the store's."""

    def __init__(self, folder: Path, key: bytes) -> None:
        self._folder = folder
        self._key = _derived(key, b"", b"crm-desktop files: contents")
        self._names = _derived(key, b"", b"crm-desktop files: names")

    def name(self, sha256: str) -> str:
        """The name under which a content lies here. Who holds a copy of a paper cannot look whether it is here."""
        return hmac.new(self._names, sha256.encode(), hashlib.sha256).hexdigest()

    def _path(self, sha256: str) -> Path:
        return self._folder / self.name(sha256)

    # writing

    def write(self, source: BinaryIO, most: int) -> tuple[str, int]:
        """Take in a content: (sha256, bytes). It is on the disk when this returns.

        Raises StoreError: file_too_large, file_empty, disk_full, and file_unreadable for the source.
        """
        new = self._folder / f"{secrets.token_hex(8)}{_NEW}"
        digest, size = hashlib.sha256(), 0
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with new.open("xb") as target:
                sealer = _Sealer(self._key, target)
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
            sha256 = digest.hexdigest()
            new.replace(self._path(sha256))
            failpoint("C13-renamed")
            _flush_folder(self._folder)
            return sha256, size
        except OSError as error:
            raise _no_room(error) from error
        finally:
            with suppress(OSError):
                new.unlink(missing_ok=True)

    # reading

    def pieces(self, sha256: str) -> Iterator[bytes]:
        """The content from its start. Damaged as soon as it is not what was written."""
        yield from self._records(self._path(sha256), whole=True)

    def whole(self, sha256: str, size: int) -> bool:
        """Whether the bytes here are all of the content and unharmed."""
        try:
            return _matches(self._records(self._path(sha256), whole=True), sha256, size)
        except Damaged:
            return False

    def read(self, sha256: str, first: int, most: int) -> bytes:
        """At most `most` bytes of the content from `first` on. Damaged."""
        found = bytearray()
        at = 0
        for piece in self._records(self._path(sha256), whole=True, skip=first):
            if at + len(piece) > first:
                found += piece[max(0, first - at) : first + most - at]
            at += len(piece)
            if at >= first + most:
                break
        return bytes(found)

    def _records(self, path: Path, *, whole: bool, skip: int = 0) -> Iterator[bytes]:
        """Plain records in order; those that lie before byte `skip` as zeros, unread. Damaged."""
        try:
            with path.open("rb") as source:
                cipher = _cipher(self._key, source.read(_HEADER))
                number = at = 0
                while (length := _length(source.read(_LENGTH))) is not None:
                    if at + length <= skip and length:
                        source.seek(_NONCE + length + _TAG, os.SEEK_CUR)
                        yield bytes(length)
                    else:
                        sealed = source.read(_NONCE + length + _TAG)
                        piece = cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], _place(number))
                        if not length:
                            return
                        yield piece
                    at += length
                    number += 1
            if whole:
                raise Damaged
        except (OSError, ValueError, InvalidTag) as error:
            raise Damaged from error

    # bytes on their way in

    def _partial(self, sha256: str) -> Path:
        return self._folder / f"{self.name(sha256)}{_PARTIAL}"

    def partial_size(self, sha256: str) -> int:
        """Bytes of an unfinished content that are here, in whole records."""
        return _whole_records(self._partial(sha256))[1]

    def append(self, sha256: str, data: bytes) -> None:
        """Add bytes to an unfinished content. StoreError disk_full."""
        path = self._partial(sha256)
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            count, _, end = _whole_records(path)
            with path.open("r+b" if end else "w+b") as target:
                target.truncate(end)  # what broke off inside a record
                sealer = _Sealer(self._key, target, count)
                for start in range(0, len(data), RECORD):
                    sealer.add(data[start : start + RECORD])
        except OSError as error:
            raise _no_room(error) from error

    def finish(self, sha256: str, size: int) -> bool:
        """Make an unfinished content whole. False, and its bytes dropped, where they are not that content."""
        path = self._partial(sha256)
        try:
            if not _matches(self._records(path, whole=False), sha256, size):
                raise Damaged
            count, _, end = _whole_records(path)
            with path.open("r+b") as target:
                target.truncate(end)
                _Sealer(self._key, target, count).end()
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


class _Sealer:
    """Writes sealed records to the end of a file; begins the file where it is empty."""

    def __init__(self, key: bytes, target: BinaryIO, count: int = 0) -> None:
        self._target = target
        self._number = count
        target.seek(0)
        header = target.read(_HEADER) if target.readable() else b""
        if not header:
            header = _MAGIC + secrets.token_bytes(_SALT)
            target.write(header)
        target.seek(0, os.SEEK_END)
        self._cipher = _cipher(key, header)

    def add(self, piece: bytes) -> None:
        """One record; its nonce is drawn, so that a record written anew after a crash has another one."""
        nonce = secrets.token_bytes(_NONCE)
        sealed = self._cipher.encrypt(nonce, piece, _place(self._number))
        self._target.write(len(piece).to_bytes(_LENGTH, "big") + nonce + sealed)
        self._number += 1

    def end(self) -> None:
        """The empty record behind the last one."""
        self.add(b"")


def _derived(key: bytes, salt: bytes, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=salt, info=purpose).derive(key)


def _cipher(key: bytes, header: bytes) -> AESGCM:
    if len(header) != _HEADER or not header.startswith(_MAGIC):
        raise Damaged
    return AESGCM(_derived(key, header[len(_MAGIC) :], b"crm-desktop files: one content"))


def _place(number: int) -> bytes:
    """Binds a record to its place: records cannot be swapped or left out."""
    return number.to_bytes(8, "big")


def _length(head: bytes) -> int | None:
    if len(head) < _LENGTH:
        return None
    length = int.from_bytes(head, "big")
    if length > RECORD:
        raise Damaged
    return length


def _whole_records(path: Path) -> tuple[int, int, int]:
    """(number of records, plain bytes, file bytes) of the whole records of an unfinished file."""
    try:
        file_size = path.stat().st_size
        with path.open("rb") as source:
            if len(source.read(_HEADER)) < _HEADER:
                return 0, 0, 0
            count, plain, end = 0, 0, _HEADER
            while (length := _length(source.read(_LENGTH))) is not None:
                behind = end + _LENGTH + _NONCE + length + _TAG
                if behind > file_size or not length:
                    break
                count, plain, end = count + 1, plain + length, behind
                source.seek(end)
            return count, plain, end
    except (OSError, Damaged):
        return 0, 0, 0


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
