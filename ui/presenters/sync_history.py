"""The runs of the sync as the laptop remembers them."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from crm_desktop.model.columns import parse_instant
from crm_desktop.store.reader import Reader

LIMIT = 200
REMOVAL = "mass_removal"  # the server wants to take very much away; a person has to say so
_REASONS = {
    "offline": "offline",
    "timeout": "offline",
    "retry": "offline",
    "token_expired": "device",
    "device_revoked": "device",
    "wrong_login": "device",
    "other_protocol": "update",
    "upgrade_required": "update",
    "newer_schema": "update",
    "stopped": "stopped",
    "cancelled": "stopped",
    "server_disk": "server",
    "server_error": "server",
    "malformed": "server",
    REMOVAL: "removal",
}


@dataclass(frozen=True, slots=True)
class Run:
    """One run. `gone` counts deleted and departed records; `reason` is a word for the error's kind."""

    started_at: str
    seconds: Decimal
    sent: int
    received: int
    conflicts: int
    gone: int
    kilobytes: Decimal
    verified: bool | None
    error_code: str
    reason: str


def load_runs(reader: Reader, limit: int = LIMIT) -> tuple[Run, ...]:
    """The newest first."""
    return tuple(run_of(report) for report in reader.sync_history(limit))


def run_of(report: dict[str, Any]) -> Run:
    """A logged report as a run."""
    started, ended = report.get("started_at") or "", report.get("ended_at") or ""
    seconds = Decimal(0)
    if started and ended:
        seconds = Decimal(str(round((parse_instant(ended) - parse_instant(started)).total_seconds(), 1)))
    size = Decimal((report.get("bytes_out") or 0) + (report.get("bytes_in") or 0)) / 1024
    verified = report.get("digest_ok")
    code = str(report.get("error_code") or "")
    return Run(
        started_at=started,
        seconds=seconds,
        sent=int(report.get("pushed") or 0),
        received=int(report.get("pulled") or 0),
        conflicts=int(report.get("conflicts") or 0),
        gone=int(report.get("deleted") or 0) + int(report.get("evicted") or 0),
        kilobytes=size.quantize(Decimal("0.1")),
        verified=None if verified is None else bool(verified),
        error_code=code,
        reason=_REASONS.get(code, "other") if code else "",
    )
