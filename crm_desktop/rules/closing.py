"""When an opportunity or a quote may be closed as lost. Laptop and server ask here alone, so that both say the same."""

from collections.abc import Iterable, Mapping
from typing import Any, Literal

from crm_desktop.model.work import LOST_REASONS

Gap = Literal["", "opportunity_lost_reason_missing", "opportunity_competitor_missing"]
LOST = "lost"
WON = "won"
QUOTE_END = {"accepted": WON, "lost": LOST}
"""What the last state of a quote's revision means."""
# A lost sale that somebody else has made: who it was is worth knowing.
TAKEN_BY_ANOTHER = frozenset({"price", "delivery", "product", "relation"})
_REASONS = frozenset(value for value, _, _ in LOST_REASONS)
IMPORTED_WITHOUT_REASON = {"lost_reason": "other", "lost_note": "Closed before it was imported; no reason was told."}


def codes_of(stages: Iterable[Mapping[str, Any]], outcome: str) -> frozenset[str]:
    """The stages (rows of `opportunity_stage`) that end in 'won' or 'lost', the declared one included."""
    return frozenset({outcome} | {str(stage["code"]) for stage in stages if stage["outcome"] == outcome})


def closing_day(standing: str | None, *, ended: bool, day: str) -> str | None:
    """The day an opportunity was closed, once it stands in a stage: the one told already, else `day`; None: open."""
    return (standing or day) if ended else None


def closing_gap(opportunity: Mapping[str, Any], lost: frozenset[str]) -> Gap:
    """What a lost opportunity still lacks; '' for one that is complete or not lost. `lost`: stages that mean it."""
    if opportunity.get("stage") not in lost:
        return ""
    lacking = loss_lacks(opportunity)
    if lacking == "reason":
        return "opportunity_lost_reason_missing"
    return "opportunity_competitor_missing" if lacking else ""


def loss_lacks(told: Mapping[str, Any]) -> Literal["", "reason", "competitor"]:
    """What has not been said of a loss (the row of a quote or an opportunity); '' where nothing is lacking."""
    reason = told.get("lost_reason")
    if reason not in _REASONS:
        return "reason"
    if reason in TAKEN_BY_ANOTHER and not str(told.get("competitor") or "").strip():
        return "competitor"
    return ""
