"""Lines and header of a draft priced apart: what two people wrote without seeing each other is looked at again.

Concurrent edits of different lines merge only while the header's pricing stands (sync design, 2.5). Where it moved
beside them, every value is kept as it was written, and the revision asks for a review: it cannot be sent until its
author has had it calculated again.
"""

from collections.abc import Callable, Iterable, Mapping, Set

from crm_desktop.model.operations import Create, Operation, Patch
from crm_desktop.model.wire import Row, clean_value, field_facts
from server.storage.commit import Commit

_PRICING = frozenset(name for name, facts in field_facts("quote_revision").items() if facts.group == "pricing")
_PRICED = frozenset(
    {"quantity"} | {name for name, facts in field_facts("quote_line").items() if facts.group == "price"}
)


class QuoteReview:
    """Looks at the operations of one transaction before they are carried out; `is_own` tells whose a commit was."""

    def __init__(self, commit: Commit, is_own: Callable[[int], bool]) -> None:
        self._commit = commit
        self._is_own = is_own
        self._lines: set[str] = set()
        self._headers: dict[str, int] = {}
        self._wanted: dict[str, Row] = {}  # revision -> its header as this transaction wants it
        self._behind: dict[str, set[str]] = {}  # revision -> lines priced by that header
        self._apart: dict[str, set[str]] = {}  # revision -> lines

    def look(self, op: Operation, seen: int) -> None:
        """Note what an operation prices. `seen`: the newest commit its author had seen."""
        if op.e == "quote_line" and (isinstance(op, Create) or (isinstance(op, Patch) and _PRICED & op.set.keys())):
            self._lines.add(op.id)
            revision_id = str(self._row(op).get("revision_id") or "")
            revision = self._commit.live("quote_revision", revision_id)
            if revision_id in self._headers:
                self._behind.setdefault(revision_id, set()).add(op.id)
            elif revision is not None and self._moved((revision.field_ver.get(name, 0) for name in _PRICING), seen):
                self._apart.setdefault(revision_id, set()).add(op.id)
        elif op.e == "quote_revision" and isinstance(op, Patch) and _PRICING & op.set.keys():
            self._headers[op.id] = seen
            facts = field_facts(op.e)
            values = {name: clean_value(name, facts[name], op.set[name].new) for name in _PRICING & op.set.keys()}
            self._wanted.setdefault(op.id, {}).update(values)

    def ask(self, overtaken: Iterable[str], forked: Mapping[str, tuple[str, Set[str]]]) -> None:
        """Mark the drafts whose parts were priced apart, and the papers sent at prices that had just changed.

        `forked`: revision -> its fork and the lines that went there instead: they are that draft's to look at.
        """
        for revision_id, seen in self._headers.items():
            for line_id in self._commit.where("quote_line", "revision_id", revision_id):
                line = self._commit.live("quote_line", line_id)
                if line is None or line_id in self._lines:
                    continue
                versions = [line.field_ver[name] for name in _PRICED if name in line.field_ver] or [line.row_ver]
                if self._moved(versions, seen):
                    self._apart.setdefault(revision_id, set()).add(line_id)
        for revision_id, lines in self._behind.items():
            header = self._commit.live("quote_revision", revision_id)
            if header is not None and not self._wanted[revision_id].items() <= header.row.items():
                self._apart.setdefault(revision_id, set()).update(lines)  # another's header stands
        for revision_id, lines in self._apart.items():
            fork, elsewhere = forked.get(revision_id, ("", frozenset()))
            if fork:
                self._mark(fork, "draft")
            if lines - elsewhere:
                self._mark(revision_id, "draft")
        for revision_id in overtaken:
            self._mark(revision_id, "sent")

    def _mark(self, revision_id: str, status: str) -> None:
        revision = self._commit.live("quote_revision", revision_id)
        if revision is not None and revision.row["status"] == status and not revision.row["needs_review"]:
            row = revision.row | {"needs_review": True}
            versions = {**revision.field_ver, "needs_review": self._commit.seq}
            self._commit.put("quote_revision", revision_id, row, versions)

    def _row(self, op: Create | Patch) -> Row:
        """The line as it is created, else as it stands."""
        if isinstance(op, Create):
            return dict(op.v)
        line = self._commit.get(op.e, op.id)
        return {} if line is None else line.row

    def _moved(self, versions: Iterable[int], seen: int) -> bool:
        newest = max(versions, default=0)
        return newest > seen and not self._is_own(newest)
