"""The bytes of files on the server's disk: unfinished uploads, published contents. Nothing here knows a user.

A content is published by one rename, after its hash was proven and its bytes were flushed: a name under which
there are bytes is a promise about them.
"""

import hashlib
import os
import time
from collections.abc import Iterator
from pathlib import Path

_UNFINISHED = "unfinished"


class BlobFiles:
    """One folder of contents, named by their SHA-256."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @property
    def folder(self) -> Path:
        """Where all of it is."""
        return self._folder

    def path(self, sha256: str) -> Path:
        """Where a content is, or would be."""
        return self._folder / sha256[:2] / sha256

    def size(self, sha256: str) -> int | None:
        """Bytes of a published content; None where there is none."""
        try:
            return self.path(sha256).stat().st_size
        except OSError:
            return None

    def keep(self, sha256: str) -> None:
        """Somebody is about to refer to this content: the sweeper counts its age from now."""
        os.utime(self.path(sha256))

    # unfinished uploads, one per device and content

    def _unfinished(self, device_id: str, sha256: str) -> Path:
        # A device id comes from outside and becomes a file name only as its hash.
        owner = hashlib.sha256(device_id.encode()).hexdigest()[:16]
        return self._folder / _UNFINISHED / f"{sha256}.{owner}"

    def offset(self, device_id: str, sha256: str) -> int:
        """Bytes of an unfinished upload that are here."""
        try:
            return self._unfinished(device_id, sha256).stat().st_size
        except OSError:
            return 0

    def append(self, device_id: str, sha256: str, data: bytes) -> int:
        """Add bytes to an unfinished upload; returns how many are here now."""
        path = self._unfinished(device_id, sha256)
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)  # customers' papers: for the server alone
        path.parent.mkdir(exist_ok=True)
        with path.open("ab") as target:
            target.write(data)
            return target.tell()

    def forget(self, device_id: str, sha256: str) -> None:
        """Drop an unfinished upload."""
        self._unfinished(device_id, sha256).unlink(missing_ok=True)

    def publish(self, device_id: str, sha256: str) -> bool:
        """Make a complete upload a content. False, and the upload dropped, where its hash is another one."""
        path = self._unfinished(device_id, sha256)
        with path.open("rb+") as source:
            if hashlib.file_digest(source, "sha256").hexdigest() != sha256:
                path.unlink()
                return False
            os.fsync(source.fileno())
        target = self.path(sha256)
        target.parent.mkdir(parents=True, exist_ok=True)
        path.replace(target)
        for folder in (target.parent, self._folder):
            sync_folder(folder)
        return True

    # keeping house

    def published(self) -> Iterator[tuple[str, int]]:
        """(sha256, size) of every content."""
        if self._folder.is_dir():
            for path in self._folder.glob("[0-9a-f][0-9a-f]/*"):
                yield path.name, path.stat().st_size

    def older_than(self, seconds: float) -> list[str]:
        """Contents that nobody asked to keep for so long."""
        limit = time.time() - seconds
        return [sha256 for sha256, _ in self.published() if self.path(sha256).stat().st_mtime < limit]

    def remove(self, sha256: str) -> None:
        """Take a content away."""
        self.path(sha256).unlink(missing_ok=True)

    def remove_unfinished(self, seconds: float) -> int:
        """Drop uploads nobody has gone on with for so long; returns how many."""
        limit = time.time() - seconds
        folder = self._folder / _UNFINISHED
        old = [path for path in folder.glob("*") if path.stat().st_mtime < limit] if folder.is_dir() else []
        for path in old:
            path.unlink(missing_ok=True)
        return len(old)


def sync_folder(folder: Path) -> None:
    """Flush the names in a folder, so that a rename survives a power cut. Windows does it by itself."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
