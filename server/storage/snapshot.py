"""Prepared snapshots for first syncs: made once, kept on the disk, shared by all users of the same scopes.

What two users of a territory have in common is prepared once; what only one of them may see is a snapshot of its
own. A row names its scope list by number, and each user is told what the numbers mean to him: so a part holds
nothing of whom it is for.
"""

import hashlib
import logging
import secrets
import shutil
import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import orjson
import zstandard
from sqlalchemy import Connection, func, select

from crm_desktop.model.schema import SCHEMA_VERSION
from server.storage.devices import Device
from server.storage.erasure import ERASED
from server.storage.scope_sets import scopes_now, sets_of
from server.storage.snapshot_about import ABOUT, PartInfo, Snapshot, about_done, read_about
from server.storage.snapshot_rows import Audience, parts
from server.storage.storage import Storage
from server.storage.tables import (
    commit,
    row_meta,
    scope_left,
    scope_member,
    scope_sum,
    sync_state,
    tombstone,
    user_scope,
)
from server.storage.users import SEES_COST

_LOG = logging.getLogger("crm.server")
_PERSONAL = "user:"
_UNFINISHED_S = 24 * 3600.0


class SnapshotGone(Exception):
    """There is no such part for this user (any more): he asks for a manifest again."""


class Snapshots:
    """The snapshots of one database in one folder, bounded in bytes."""

    def __init__(self, storage: Storage, folder: Path) -> None:
        self._storage = storage
        self._folder = folder
        self._change = threading.Condition()
        self._known: dict[str, Snapshot] = {}
        self._turn = threading.Semaphore(storage.settings.snapshot_builders)

    def manifest(self, device: Device, resume: Iterable[str], have: int, wait_s: float) -> dict[str, Any]:
        """What to fetch. With `have` parts known it waits for more of them; `resume` names snapshots begun before.

        No parts and `complete`: there is so little that pages serve as well.
        """
        wanted = self._wanted(device, set(resume))
        if not wanted:
            return {"parts": [], "complete": True}
        until = time.monotonic() + wait_s
        with self._change:
            while True:
                listed, complete = _listed(wanted)
                left = until - time.monotonic()
                if complete or len(listed) > have or left <= 0 or any(one.failed for one in wanted):
                    break
                self._change.wait(left)
        oldest = min(wanted, key=lambda one: one.as_of)
        with self._storage.read() as connection:
            scopes = scopes_now(connection, device.user_id)
            sets = {str(number): sorted(shared) for number, shared in sets_of(connection, scopes).items()}
        return {
            "epoch": oldest.epoch,
            "as_of": {"seq": oldest.as_of, "commit_id": oldest.commit_id},
            "snapshots": [one.snapshot_id for one in wanted],
            "scopes": sorted(scopes),
            "scope_sets": sets,
            "parts": [asdict(part) for part in listed],
            "complete": complete,
        }

    def part(self, device: Device, snapshot_id: str, number: int) -> tuple[Path, str]:
        """(file, sha256) of a part. SnapshotGone where the user's scopes are not the snapshot's now."""
        one = self._find(snapshot_id)
        if one is None or not 0 <= number < len(one.parts):
            raise SnapshotGone
        with self._storage.read() as connection:
            if not self._may_read(connection, device, one) or not _same_history(connection, one):
                raise SnapshotGone
        path = self._folder / snapshot_id / f"{number}.zst"
        if not path.is_file():
            raise SnapshotGone
        return path, one.parts[number].sha256

    # -- which snapshots --------------------------------------------------------------------------------

    def _wanted(self, device: Device, resume: set[str]) -> list[Snapshot]:
        """His own rows first, then those he shares with others; none where all of them are few."""
        with self._storage.read() as connection:
            scopes = scopes_now(connection, device.user_id)
            rows = connection.scalar(
                select(func.sum(scope_sum.c.row_count)).where(scope_sum.c.scope.in_(sorted(scopes)))
            )
            if int(rows or 0) < self._storage.settings.snapshot_from_rows:
                return []
            begun = [one for one in map(self._find, sorted(resume)) if one is not None]
            result = []
            for audience in _audiences(device, scopes):
                same = [one for one in begun if one.audience == audience and _same_history(connection, one)]
                result.append(same[0] if same else self._reusable(connection, device, audience))
        return [one if isinstance(one, Snapshot) else self._begin(one) for one in result]

    def _reusable(self, connection: Connection, device: Device, audience: Audience) -> "Snapshot | Audience":
        with self._change:
            found = [one for one in self._all() if one.audience == audience and not one.failed]
        for one in sorted(found, key=lambda one: -one.as_of):
            if _same_history(connection, one) and self._fresh(connection, device, one):
                return one
        return audience

    def _fresh(self, connection: Connection, device: Device, one: Snapshot) -> bool:
        """Nothing has left since, little has come, and the user had these scopes already then."""
        left, m, held = scope_left.c, row_meta.c, user_scope.c
        scopes = sorted(one.audience.scopes)
        if connection.scalar(select(left.seq).where(left.scope.in_(scopes), left.seq > one.as_of).limit(1)) is not None:
            return False
        later = select(held.scope).where(
            held.user_id == device.user_id, held.scope.in_(scopes), held.until_seq.is_(None), held.since_seq > one.as_of
        )
        if connection.scalar(later.limit(1)) is not None:
            return False
        most = self._storage.settings.snapshot_delta_rows
        lists = select(scope_member.c.set_id).where(scope_member.c.scope.in_(scopes))
        newer = select(m.id).where(m.row_ver > one.as_of, (m.scope_set + 0).in_(lists)).limit(most + 1)
        return len(connection.execute(newer).all()) <= most

    def _may_read(self, connection: Connection, device: Device, one: Snapshot) -> bool:
        scopes = scopes_now(connection, device.user_id)
        return one.audience in _audiences(device, scopes)

    def _find(self, snapshot_id: str) -> Snapshot | None:
        with self._change:
            return next((one for one in self._all() if one.snapshot_id == snapshot_id), None)

    def _all(self) -> Iterator[Snapshot]:
        """Those of this process and those another one finished."""
        if self._folder.is_dir():
            for path in self._folder.glob(f"*/{ABOUT}"):
                if path.parent.name not in self._known and (read := read_about(path)) is not None:
                    self._known[read.snapshot_id] = read
        for one in [one for one in self._known.values() if one.done]:
            if not (self._folder / one.snapshot_id / ABOUT).exists():  # removed by another process
                del self._known[one.snapshot_id]
        return iter(tuple(self._known.values()))

    # -- making -----------------------------------------------------------------------------------------

    def _begin(self, audience: Audience) -> Snapshot:
        with self._storage.read() as connection:
            state = connection.execute(select(sync_state.c.epoch, sync_state.c.last_seq)).one()
            commit_id = connection.scalar(select(commit.c.commit_id).where(commit.c.seq == state.last_seq))
        about = [state.epoch, SCHEMA_VERSION, sorted(audience.scopes), sorted(audience.without), audience.full]
        key = hashlib.sha256(orjson.dumps(about)).hexdigest()[:16]
        one = Snapshot(
            # Another process may make the same one at the same time: each has a folder of its own.
            f"{key}-{state.last_seq}-{secrets.token_hex(4)}",
            state.epoch,
            SCHEMA_VERSION,
            state.last_seq,
            str(commit_id or ""),
            audience,
        )
        with self._change:
            for known in self._known.values():
                if (known.audience, known.epoch, known.as_of, known.failed) == (audience, one.epoch, one.as_of, False):
                    return known
            self._known[one.snapshot_id] = one
        threading.Thread(target=self._make, args=(one,), name="crm-snapshot", daemon=True).start()
        return one

    def _make(self, one: Snapshot) -> None:
        with self._turn:
            folder = self._folder / one.snapshot_id
            try:
                shutil.rmtree(folder, ignore_errors=True)
                self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)  # customers' data: for the server alone
                folder.mkdir(mode=0o700)
                self._write_parts(one, folder)
                (folder / "about.tmp").write_bytes(about_done(one))
                (folder / "about.tmp").replace(folder / ABOUT)
                with self._change:
                    one.done = True
                    self._change.notify_all()
                self._prune()
            except Exception:  # the thread ends; who waits is told, and the next asks for a new one
                _LOG.exception("a snapshot could not be made")
                with self._change:
                    one.failed = True
                    self._change.notify_all()

    def _write_parts(self, one: Snapshot, folder: Path) -> None:
        settings = self._storage.settings
        compressor = zstandard.ZstdCompressor(level=settings.snapshot_compress_level)
        written = parts(self._storage, one.audience, settings.snapshot_part_rows, settings.snapshot_part_bytes)
        for number, part in enumerate(written):
            packed = compressor.compress(part.body)
            (folder / f"{number}.zst").write_bytes(packed)
            info = PartInfo(
                one.snapshot_id, number, part.entity, part.rows, len(packed), hashlib.sha256(packed).hexdigest()
            )
            with self._change:
                one.parts.append(info)
                self._change.notify_all()

    def _prune(self) -> None:
        """Keep the newest within the bound; who still fetches an older one asks for a manifest again."""
        kept = 0
        with self._change:
            finished = sorted((one for one in self._all() if one.done), key=lambda one: -one.as_of)
            settings = self._storage.settings
            oldest = time.time() - settings.snapshot_keep_days * 24 * 3600
            for place, one in enumerate(finished):
                kept += sum(part.bytes for part in one.parts)
                aged = (self._folder / one.snapshot_id / ABOUT).stat().st_mtime < oldest
                if aged or (place and kept > settings.snapshot_keep_bytes):
                    del self._known[one.snapshot_id]
                    shutil.rmtree(self._folder / one.snapshot_id, ignore_errors=True)
            for folder in self._folder.iterdir():
                forgotten = folder.name not in self._known and time.time() - folder.stat().st_mtime > _UNFINISHED_S
                if forgotten:  # its maker was killed
                    shutil.rmtree(folder, ignore_errors=True)


def _audiences(device: Device, scopes: frozenset[str]) -> list[Audience]:
    """What is his alone, then what he shares."""
    full = device.role in SEES_COST
    own = frozenset(scope for scope in scopes if scope.startswith(_PERSONAL))
    shared = scopes - own
    found = [Audience(own, shared, full), Audience(shared, frozenset(), full)]
    return [audience for audience in found if audience.scopes]


def _listed(snapshots: Iterable[Snapshot]) -> tuple[list[PartInfo], bool]:
    """The parts known, in an order that later ones do not change; and whether that is all."""
    listed: list[PartInfo] = []
    for one in snapshots:
        listed += one.parts
        if not one.done:
            return listed, False
    return listed, True


def _same_history(connection: Connection, one: Snapshot) -> bool:
    """Whether its moment is one of this history, and nothing was erased since: erased content is told to nobody."""
    t = tombstone.c
    erased = select(t.seq).where(t.deleted_op == ERASED, t.seq > one.as_of).limit(1)
    if connection.scalar(erased) is not None:
        return False
    if one.schema_ver != SCHEMA_VERSION or connection.scalar(select(sync_state.c.epoch)) != one.epoch:
        return False
    return connection.scalar(select(commit.c.commit_id).where(commit.c.seq == one.as_of)) == one.commit_id
