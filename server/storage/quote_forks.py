"""Forks of drafts: carries the second author's change of a line into a revision of his own (`rules.forks`)."""

from collections.abc import Callable, Set

from crm_desktop.model.operations import Operation
from crm_desktop.model.wire import Row, default_row
from crm_desktop.rules.forks import fork_header, fork_id, fork_line, fork_line_id, split
from crm_desktop.rules.merged import FieldConflict, Merged, RecordState
from server.storage.commit import Commit
from server.storage.devices import Device
from server.storage.records import Key

_REVISION, _LINE = "quote_revision", "quote_line"


class QuoteForks:
    """The forks of one transaction; `is_own` tells whether a commit was written by the device that pushes.

    `appeared`: records that `make` has created.
    """

    def __init__(self, commit: Commit, device: Device, is_own: Callable[[int], bool]) -> None:
        self._commit = commit
        self._device = device
        self._is_own = is_own
        self.appeared: set[Key] = set()
        self._changed: dict[str, dict[str, Row]] = {}  # revision -> line -> what its author wrote

    def take(self, op: Operation, state: RecordState | None, merged: Merged, seen: int) -> Merged:
        """The merge of an operation, as a fork where it comes to one. `seen`: the newest commit its author knew."""
        forked = None if state is None or not merged.conflicts else split(state, op, merged)
        if state is None or forked is None:
            return merged
        revision_id = str(state.row["revision_id"] or "")
        change = forked.conflicts[0]
        if not self._free(revision_id, op.id, state, change, seen):
            return merged
        self._changed.setdefault(revision_id, {}).setdefault(op.id, {}).update(change.mine)
        return forked

    def make(self) -> dict[str, tuple[str, Set[str]]]:
        """Write the forks, once all other operations of the transaction are carried out.

        Returns revision -> its fork and the lines that went there.
        """
        for revision_id, changed in self._changed.items():
            fork = fork_id(revision_id, self._device.user_id)
            if self._commit.get(_REVISION, fork) is None:
                self._begin(revision_id, fork)
            for line_id, values in changed.items():
                self._put_line(fork, line_id, values)
        return {i: (fork_id(i, self._device.user_id), changed.keys()) for i, changed in self._changed.items()}

    def _free(self, revision_id: str, line_id: str, state: RecordState, change: FieldConflict, seen: int) -> bool:
        """Whether it is another's work that stands, and the fork of this author can take his."""
        if self._is_own(max(state.field_ver.get(name, 0) for name in change.mine)):
            return False
        revision = self._commit.live(_REVISION, revision_id)
        if revision is None or revision.row["status"] != "draft":
            return False
        fork = fork_id(revision_id, self._device.user_id)
        begun = self._commit.get(_REVISION, fork)
        if begun is None:
            return True
        if begun.deleted or begun.row["status"] != "draft":
            return False  # it was given up or went out: what comes after is decided field by field
        if begun.field_ver.get("quote_id", 0) <= seen:
            return False  # he knows both versions and chose to write on this one
        line = self._commit.get(_LINE, fork_line_id(fork, line_id))
        if line is None:
            return True
        if line.deleted or not all(self._is_own(line.field_ver.get(name, 0)) for name in change.mine):
            return False
        # After a restore nobody knows what he had seen: what he made of his version himself is not written over.
        row = line.row | self._changed.get(revision_id, {}).get(line_id, {})
        return all(row[name] in (change.before[name], state.row[name]) for name in change.mine)

    def _begin(self, revision_id: str, fork: str) -> None:
        revision = self._commit.live(_REVISION, revision_id)
        if revision is not None:
            self._create(_REVISION, fork, fork_header(revision.row))
            for line_id in self._commit.where(_LINE, "revision_id", revision_id):
                self._put_line(fork, line_id, {})

    def _put_line(self, fork: str, line_id: str, values: Row) -> None:
        copy_id = fork_line_id(fork, line_id)
        copy = self._commit.get(_LINE, copy_id)
        if copy is not None:
            versions = {**copy.field_ver, **dict.fromkeys(values, self._commit.seq)}
            self._commit.put(_LINE, copy_id, copy.row | values, versions)
            return
        line = self._commit.get(_LINE, line_id)
        if line is not None:
            self._create(_LINE, copy_id, fork_line(line.row, fork, values))

    def _create(self, entity: str, record_id: str, values: Row) -> None:
        own = {"created_at": self._commit.at, "created_by": self._device.user_id}
        row = default_row(entity) | values | own
        versions = dict.fromkeys(row, self._commit.seq)
        self._commit.put(entity, record_id, row, versions, created_op=record_id)
        self.appeared.add((entity, record_id))
