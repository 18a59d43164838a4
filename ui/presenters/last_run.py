"""The last sync that succeeded: what the runner knows of this session, before it what the history remembers."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from crm_desktop.model.columns import parse_instant
from crm_desktop.store.reader import Reader

_FIRST_LOOK, _EVERYTHING = 20, 10_000


class KnowsSuccess(Protocol):
    """What is needed of the runner's status."""

    @property
    def last_success_at(self) -> datetime | None:
        """When the last session without an error ended, UTC; None: none since the start."""
        ...

    @property
    def verified(self) -> bool | None:
        """Its verdict of the sums: True equal, False differing, None never compared."""
        ...


@dataclass(frozen=True, slots=True)
class LastRun:
    """When it ended, and the verdict of the last digest: True equal, False differing, None never compared."""

    at: datetime
    verified: bool | None = None


def load_last_run(reader: Reader) -> LastRun | None:
    """From the history; None where no run has succeeded yet. Weeks without network leave many failed runs."""
    for limit in (_FIRST_LOOK, _EVERYTHING):
        good = [report for report in reader.sync_history(limit) if not report.get("error_code") and _ended(report)]
        if good:
            verdicts = (report["digest_ok"] for report in good if report.get("digest_ok") is not None)
            verdict = next(verdicts, None)
            return LastRun(parse_instant(_ended(good[0])), None if verdict is None else bool(verdict))
    return None


def last_run(status: KnowsSuccess | None, remembered: LastRun | None) -> LastRun | None:
    """The newer truth: the runner's once it had a success, else the remembered one."""
    if status is None or status.last_success_at is None:
        return remembered
    verified = status.verified
    if verified is None and remembered is not None:
        verified = remembered.verified
    return LastRun(status.last_success_at, verified)


def _ended(report: dict[str, Any]) -> str:
    return str(report.get("ended_at") or "")
