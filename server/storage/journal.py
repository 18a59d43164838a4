"""What was written here and not by a laptop, once more outside the database.

A laptop keeps what it sent and sends it again to a restored server. Imports, the desk and the administrator have
no such memory: their commits are appended to this journal before they become valid, and `restored` repeats those
the backup lacks. It lies in a folder of its own and must not be restored together with the database.
"""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import orjson

from crm_desktop.errors import StoreError
from crm_desktop.model import ENTITIES
from crm_desktop.model.wire import Row, default_row, field_facts
from server.storage.commit import Commit
from server.storage.placing import owner_of
from server.storage.records import Key
from server.storage.users import journal_entry

Entry = dict[str, Any]
_ERASURES = "erasures.jsonl"
_PRIVATE = 0o600  # customers' data and sign-ins: for the server alone


def entry_of(commit: Commit) -> Entry | None:
    """What a flushed commit changed, as it is repeated later; None: nothing."""
    records = []
    for item in commit.written:
        if not item.content_changed:
            continue
        before = commit.before((item.entity, item.id))
        told: Entry = {"e": item.entity, "id": item.id}
        if item.deleted:
            told["del"] = True
        elif before is None or before.deleted:
            told["v"] = {name: value for name, value in item.row.items() if value != default_row(item.entity)[name]}
            told |= {"back": True} if before is not None else {}
        elif item.entity in ("conflict", "quarantine"):
            continue  # follows from the rest, also when that is repeated
        else:
            told |= _changed(item.entity, before.row, item.row)
            told |= _born_on_a_laptop(commit, (item.entity, item.id))
        records.append(told)
    records = _above(commit, records) + records
    people = [journal_entry(commit.connection, user_id) for user_id in sorted(commit.people)]
    changes = {"records": records, "people": people, **commit.notes}
    if not any(changes.values()):
        return None
    head = {"at": commit.at, "seq": commit.seq, "commit_id": commit.commit_id, "actor": commit.actor}
    return head | {name: value for name, value in changes.items() if value}


def _changed(entity: str, before: Row, after: Row) -> Entry:
    """The values that changed, with all that belongs to them, and what they were written over."""
    facts = field_facts(entity)
    groups = {facts[name].group or name for name, value in after.items() if name in facts and value != before[name]}
    names = [name for name in after if name in facts and (facts[name].group or name) in groups]
    return {"v": {name: after[name] for name in names}, "was": {name: before[name] for name in names}}


def _born_on_a_laptop(commit: Commit, key: Key) -> Entry:
    """The whole record and the operation that made it: a backup may be older, and its laptop may be lost or late."""
    record = commit.live(*key)
    if record is None or record.created_op == key[1]:
        return {}
    whole = {name: value for name, value in record.row.items() if value != default_row(key[0])[name]}
    return {"whole": whole, "made": record.created_op, "times": dict(record.field_at)}


def _above(commit: Commit, records: Iterable[Entry]) -> list[Entry]:
    """What these records hang on, in its order: without it nobody knew where they belong."""
    told = {(entry["e"], entry["id"]) for entry in records}
    found: list[Entry] = []
    for key in tuple(told):
        step = owner_of(commit, key)
        while step is not None and step not in told:
            told.add(step)
            born = _born_on_a_laptop(commit, step)
            found += [{"e": step[0], "id": step[1], "v": {}} | born] if born else []
            step = owner_of(commit, step)
    return sorted(found, key=lambda entry: list(ENTITIES).index(entry["e"]))


class Journal:
    """Lines of JSON in one file a month. Appended under the database's writer lock, so one line at a time."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.unreadable = 0

    def append(self, entry: Entry) -> None:
        """Make an entry durable. StoreError where it cannot be written; then its commit must not become valid."""
        self._append(f"operations.{str(entry['at'])[:7]}.jsonl", [entry])

    def note_erasures(self, keys: Iterable[Key], at: str) -> None:
        """Remember for ever that records were erased; their content is nowhere in these lines."""
        self._append(_ERASURES, [{"e": entity, "id": record_id, "at": at} for entity, record_id in keys])

    def revoke(self, commit_id: str, at: str) -> None:
        """The commit did not become valid after all."""
        self.append({"at": at, "void": commit_id})

    def scrub(self, keys: Iterable[Key]) -> None:
        """Take the content of erased records out of all entries."""
        gone = set(keys)
        for file in sorted(self.folder.glob("operations.*.jsonl")):
            lines = self._lines(file)
            kept = [_without(entry, gone) for entry in lines]
            if kept != lines:
                fresh = file.with_suffix(".new")
                fresh.unlink(missing_ok=True)
                with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _PRIVATE), "wb") as target:
                    target.write(b"".join(orjson.dumps(entry) + b"\n" for entry in kept))
                    target.flush()
                    os.fsync(target.fileno())
                fresh.replace(file)
                _sync_folder(self.folder)

    def entries(self) -> Iterator[Entry]:
        """All that became valid, oldest first. `unreadable` counts the lines that are none."""
        self.unreadable = 0
        lines = [entry for file in sorted(self.folder.glob("operations.*.jsonl")) for entry in self._lines(file)]
        void = {entry["void"] for entry in lines if "void" in entry}
        return (entry for entry in lines if "void" not in entry and entry["commit_id"] not in void)

    def erasures(self) -> list[tuple[str, str]]:
        """(entity, id) of all that was ever erased."""
        return [(entry["e"], entry["id"]) for entry in self._lines(self.folder / _ERASURES)]

    def _append(self, name: str, entries: Iterable[Entry]) -> None:
        path = self.folder / name
        line = b"".join(orjson.dumps(entry) + b"\n" for entry in entries)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            made = not path.exists()
            handle = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, _PRIVATE)
            try:
                if not made and os.path.getsize(path) and not _ends_well(handle):
                    line = b"\n" + line
                while line:
                    line = line[os.write(handle, line) :]
                os.fsync(handle)
            finally:
                os.close(handle)
            if made:
                _sync_folder(self.folder)
        except OSError as error:
            raise StoreError(
                "no_journal",
                f"The journal in {self.folder} cannot be written ({error.strerror}), so nothing was changed.",
                "Make room there or name another folder.",
            ) from error

    def _lines(self, path: Path) -> list[Entry]:
        found: list[Entry] = []
        for line in path.read_bytes().split(b"\n") if path.is_file() else ():
            try:
                found += [orjson.loads(line)] if line else []
            except orjson.JSONDecodeError:
                self.unreadable += 1  # cut off by a death in the middle; its commit never became valid
        return found


def _without(entry: Entry, gone: set[Key]) -> Entry:
    records = [told for told in entry.get("records", ()) if (told["e"], told["id"]) not in gone]
    return entry if len(records) == len(entry.get("records", ())) else entry | {"records": records}


def _ends_well(handle: int) -> bool:
    os.lseek(handle, -1, os.SEEK_END)
    return os.read(handle, 1) == b"\n"


def _sync_folder(folder: Path) -> None:
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
