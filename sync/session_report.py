"""What one session did, in figures for the status line and the sync history."""

from dataclasses import dataclass, field
from typing import Any

from crm_desktop.errors import KnownError
from crm_desktop.model.operations import Outcome
from sync.ports import PageApplied

CONFLICTS = {Outcome.CONFLICT, Outcome.CONFLICT_COPY}
REFUSED = {Outcome.QUARANTINED, Outcome.GONE, Outcome.DELETE_REQUEST}


@dataclass(slots=True)
class SessionReport:
    """What one session did. `pushed` counts transactions, `pulled` rows; `error` is why it ended early.

    `drained`: all that waited to be sent was answered. `repaired`: the copy differed from the server's and was read
    anew; `differed` names the first records found wrong.
    """

    pushed: int = 0
    pulled: int = 0
    evicted: int = 0
    deleted: int = 0
    conflicts: int = 0
    refused: int = 0
    digest_ok: bool | None = None
    copies: int = 0
    repaired: bool = False
    differed: tuple[tuple[str, str], ...] = ()
    drained: bool = False
    error: KnownError | None = None
    outcomes: dict[str, int] = field(default_factory=dict)

    @property
    def moved(self) -> bool:
        """Whether anything at all was sent or received."""
        return bool(self.pushed or self.pulled or self.evicted or self.deleted)

    def count(self, results: list[dict[str, Any]]) -> None:
        """Add the outcomes of a push (TxnResult as dicts)."""
        self.pushed += len(results)
        for result in results:
            for op in result["ops"]:
                outcome = op["outcome"]
                self.outcomes[outcome] = self.outcomes.get(outcome, 0) + 1
                self.conflicts += outcome in CONFLICTS
                self.refused += outcome in REFUSED

    def add(self, applied: PageApplied) -> None:
        """Add what one page brought."""
        self.pulled += applied.rows
        self.evicted += applied.evicted
        self.deleted += applied.deleted
        if applied.digest_ok is not None:
            self.digest_ok = applied.digest_ok
