"""What stands in a contract once it is signed. Laptop and server ask here alone, so that both say the same."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from crm_desktop.rules.contract_term import months_later

TERMS = frozenset(
    {
        "account_id", "number", "name", "kind", "starts_on", "ends_on", "notice_days", "renews_months", "amount",
        "currency", "price_commitment", "signed_by", "signed_at",
    }
)  # fmt: skip
"""What the signature is under. Who looks after it, its state and its reminder are ours to change."""


def frozen_terms(contract: Mapping[str, Any]) -> frozenset[str]:
    """The fields of a contract (its row) that no longer change."""
    return TERMS if contract.get("signed_at") else frozenset()


def stands(contract: Mapping[str, Any]) -> bool:
    """Whether a contract (its row) may no longer be deleted: two parties have signed it."""
    return bool(contract.get("signed_at"))


def broken_terms(contract: Mapping[str, Any], written: Mapping[str, Any]) -> frozenset[str]:
    """The terms of a signed contract that `written` (wire values) would change; a renewal as agreed changes none."""
    changed = {name for name in frozen_terms(contract) & written.keys() if written[name] != contract.get(name)}
    if "ends_on" in changed and _renews(contract, contract.get("ends_on"), written["ends_on"]):
        changed.discard("ends_on")
    return frozenset(changed)


def _renews(contract: Mapping[str, Any], before: Any, after: Any) -> bool:
    """Whether one end follows from the other by whole renewals; backwards where a renewal is taken back."""
    months = contract.get("renews_months") or 0
    if months <= 0 or not before or not after:
        return False
    earlier, later = sorted((date.fromisoformat(str(before)), date.fromisoformat(str(after))))
    between = (later.year - earlier.year) * 12 + later.month - earlier.month
    return between > 0 and between % months == 0 and months_later(earlier, between) == later
