"""A file of sealed records: a header with a salt, records of up to 64 KiB, an empty one at the end.

Each file has a key of its own; a record is bound to its place, so records cannot be swapped, left out or cut off
unnoticed. Records can be added as long as the end is not there.
"""

import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

RECORD = 64 * 1024
_MAGIC = b"CRMFILE1"
_SALT = 16
_NONCE = 12
_TAG = 16
_LENGTH = 4
_HEADER = len(_MAGIC) + _SALT


class Damaged(Exception):
    """The bytes here are not those that were written: never to be shown or sent."""


class Sealer:
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


def records(path: Path, key: bytes, *, ended: bool = True, skip: int = 0) -> Iterator[bytes]:
    """Plain records in order; those that lie before byte `skip` as zeros, unread. Damaged.

    `ended` False reads a file that has no end yet.
    """
    try:
        with path.open("rb") as source:
            cipher = _cipher(key, source.read(_HEADER))
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
        if ended:
            raise Damaged
    except (OSError, ValueError, InvalidTag) as error:
        raise Damaged from error


def derived(key: bytes, salt: bytes, purpose: bytes) -> bytes:
    """A key for one purpose."""
    return HKDF(algorithm=SHA256(), length=32, salt=salt, info=purpose).derive(key)


def _cipher(key: bytes, header: bytes) -> AESGCM:
    if len(header) != _HEADER or not header.startswith(_MAGIC):
        raise Damaged
    return AESGCM(derived(key, header[len(_MAGIC) :], b"crm-desktop files: one content"))


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


def whole_records(path: Path) -> tuple[int, int, int]:
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
