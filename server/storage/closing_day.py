"""The day a quote or an opportunity was closed, where the program that closed it did not say it."""

from collections.abc import Iterable, Mapping

from crm_desktop.model.operations import Operation, Outcome, Transition
from crm_desktop.rules.closing import LOST, QUOTE_END, WON, closing_day, codes_of
from server.storage.commit import Commit
from server.storage.written import written_fields
from sync.protocol import OpResult

_DAY = len("2026-03-31")
_DONE = frozenset({Outcome.APPLIED, Outcome.MERGED})


def note_closing_days(commit: Commit, at: str, done: Iterable[Operation], results: Mapping[str, OpResult]) -> None:
    """Complete what the operations of one transaction, written at `at`, have closed or opened again."""
    told: set[tuple[str, str]] = set()
    wanted: dict[tuple[str, str], bool] = {}
    for op in done:
        if "closed_on" in written_fields(op):
            told.add((op.e, op.id))
        if results[op.op_id].outcome not in _DONE:
            continue
        if isinstance(op, Transition) and op.e == "quote_revision" and op.to in QUOTE_END:
            revision = commit.live(op.e, op.id)
            if revision is not None and revision.row["quote_id"]:
                wanted["quote", revision.row["quote_id"]] = True
        elif op.e == "opportunity" and "stage" in written_fields(op):
            opportunity = commit.live(op.e, op.id)
            if opportunity is not None:
                wanted[op.e, op.id] = opportunity.row["stage"] in _ends(commit)
    day = min(at, commit.at)[:_DAY]
    for key, ended in wanted.items():
        record = commit.live(*key) if key not in told else None
        if record is None:
            continue
        standing = record.row["closed_on"] if key[0] == "opportunity" else None
        closed_on = closing_day(standing, ended=ended, day=day)
        if closed_on != record.row["closed_on"]:
            versions = {**record.field_ver, "closed_on": commit.seq}
            commit.put(*key, record.row | {"closed_on": closed_on}, versions)


def _ends(commit: Commit) -> frozenset[str]:
    """The stages that end an opportunity."""
    found: frozenset[str] = frozenset()
    for outcome in (WON, LOST):
        ids = commit.where("opportunity_stage", "outcome", outcome)
        own = [stage.row for stage in (commit.live("opportunity_stage", one) for one in ids) if stage is not None]
        found |= codes_of(own, outcome)
    return found
