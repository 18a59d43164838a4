"""Files of customers, visits and quotes: add, show, save a copy, remove."""

import io
import mimetypes
import os
import secrets
import shutil
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from crm_desktop.errors import InvalidInput, NotFound, StoreError
from crm_desktop.model.columns import format_instant
from crm_desktop.store.client_store import ClientStore
from crm_desktop.store.file_views import FileView, Parent
from crm_desktop.store.intents import delete, restore

LEFT_BEHIND_S = 3600.0  # the copies of a run that crashed; another program has long read what it shows
VIEWING = "viewing"  # folder of the profile for copies that other programs show
NAME_CHARACTERS = 180


class AttachmentService:
    """Files of one profile. Every call is durable when it returns; keep them off the main thread."""

    def __init__(self, store: ClientStore) -> None:
        self._store = store
        # Each run has its own: another program at the same profile still shows its copies.
        self._viewing = store.path.parent / VIEWING / secrets.token_hex(6)

    def of(self, entity: str, record_id: str) -> Sequence[FileView]:
        """Files of a record, newest first; of an account also those of its visits, quotes and so on."""
        return self._store.read(lambda reader: reader.files(entity, record_id))

    def waiting(self) -> Sequence[FileView]:
        """Files that are on this laptop alone."""
        return self._store.read(lambda reader: reader.waiting_files())

    def get(self, attachment_id: str) -> FileView:
        """One file. NotFound."""
        found = self._store.files.find(attachment_id)
        if found is None:
            raise NotFound("not_here", "This record is not on this laptop.", "Synchronise and look again.")
        return found

    def add(self, path: Path, parent: Parent, *, note: str = "") -> str:
        """Keep a copy of a file with a record; returns the file's id. The original is not needed any more.

        Raises InvalidInput, NotFound, StoreError: file_unreadable, file_is_folder, file_empty, file_too_large,
        file_not_kept.
        """
        try:
            if path.is_dir():
                raise InvalidInput("file_is_folder", f"“{path.name}” is a folder.", "Add the files in it.")
            if not path.is_file():
                raise InvalidInput("file_unreadable", f"“{path.name}” cannot be read.", "Choose a file.")
            taken = format_instant(datetime.fromtimestamp(path.stat().st_mtime, UTC))
            with path.open("rb") as source:
                return self._store.files.add(source, parent, _values(path.name, note) | {"taken_at": taken})
        except OSError as error:
            raise InvalidInput(
                "file_unreadable", f"“{path.name}” cannot be read.", "Check it, or choose another one."
            ) from error

    def add_bytes(self, name: str, data: bytes, parent: Parent, *, note: str = "") -> str:
        """Keep bytes (an image from the clipboard) as a file with a record; returns the file's id."""
        return self._store.files.add(io.BytesIO(data), parent, _values(name, note))

    def read(self, attachment_id: str) -> bytes:
        """The whole content. NotFound: file_away (it is fetched as soon as there is a line), file_damaged."""
        return b"".join(self._store.files.pieces(self.get(attachment_id)))

    def open_copy(self, attachment_id: str) -> Path:
        """A readable copy for other programs, removed when the profile is closed. NotFound as `read`."""
        file = self.get(attachment_id)
        pieces = self._store.files.pieces(file)
        folder = self._viewing / secrets.token_hex(6)
        try:
            folder.mkdir(mode=0o700, parents=True)
            target = folder / (safe_name(file.name) or "file")
            with target.open("xb") as copy:
                for piece in pieces:
                    copy.write(piece)
        except OSError as error:
            raise _unwritable(file.name) from error
        return target

    def readable(self, name: str, data: bytes) -> Path:
        """A file for another program to show or print, removed when the profile is closed. StoreError."""
        try:
            folder = self._viewing / secrets.token_hex(6)
            folder.mkdir(mode=0o700, parents=True)
            target = folder / (safe_name(name) or "file")
            target.write_bytes(data)
        except OSError as error:
            raise _unwritable(name) from error
        return target

    def save_copy(self, attachment_id: str, path: Path) -> int:
        """Write the content to a file of the person's choice; returns its bytes. NotFound as `read`, StoreError."""
        file = self.get(attachment_id)
        pieces = self._store.files.pieces(file)
        partial = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        try:
            with partial.open("xb") as copy:
                for piece in pieces:
                    copy.write(piece)
                copy.flush()
                os.fsync(copy.fileno())
            partial.replace(path)
        except OSError as error:
            partial.unlink(missing_ok=True)
            raise _unwritable(path.name) from error
        return file.size

    def fetch(self, attachment_id: str) -> None:
        """Fetch the bytes before all others, as soon as there is a line."""
        file = self.get(attachment_id)
        if not file.readable:
            self._store.files.want(file.sha256, file.size)

    def leave(self, attachment_id: str) -> None:
        """Undo `fetch` where the bytes are not here yet: a large file stays on the server until it is asked for."""
        self._store.files.leave(self.get(attachment_id).sha256)

    def remove(self, attachment_id: str) -> None:
        """Remove a file; `restore` undoes it."""
        if not self._store.files.remove_waiting(attachment_id):
            self._store.commit([delete("attachment", attachment_id)])

    def restore(self, attachment_id: str) -> None:
        """Undo `remove`."""
        if not self._store.files.put_back(attachment_id):
            self._store.commit([restore("attachment", attachment_id)])

    def begin(self) -> None:
        """Remove what earlier runs left behind: readable copies after a crash, bytes of files taken back."""
        limit = time.time() - LEFT_BEHIND_S
        if self._viewing.parent.is_dir():
            for folder in self._viewing.parent.iterdir():
                if folder.stat().st_mtime < limit:
                    shutil.rmtree(folder, ignore_errors=True)
        if self._store.has_files():
            self._store.files.sweep(starting=True)

    def end(self) -> None:
        """Remove the readable copies of this run."""
        shutil.rmtree(self._viewing, ignore_errors=True)


def safe_name(name: str) -> str:
    """A file name without what leads out of a folder or what a file system refuses."""
    plain = "".join("_" if character in '<>:"/\\|?*' or ord(character) < 32 else character for character in name)
    return plain.strip(" .")[-NAME_CHARACTERS:]


def _values(name: str, note: str) -> dict[str, str]:
    shown = safe_name(name)[-NAME_CHARACTERS:] or "file"
    return {"name": shown, "media_type": mimetypes.guess_type(shown)[0] or "application/octet-stream", "note": note}


def _unwritable(name: str) -> StoreError:
    return StoreError("cannot_write_file", f"“{name}” cannot be written.", "Choose another place.", file=name)
