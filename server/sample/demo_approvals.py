"""Invented ceilings and bonuses, one quote that waits for approval, and why quotes were lost."""

import random
from datetime import date
from decimal import Decimal
from typing import Any

from server.sample.demo_scene import Customer, Scene
from server.sample.record import SampleRecord, sample_record

_CEILINGS = (("rep", 10), ("inside_sales", 20))
_BEYOND = Decimal(14)
_REASONS = {
    "en": "They take the whole year's need in one go and ask for it in return.",
    "de": "Er nimmt den ganzen Jahresbedarf auf einmal und erwartet das als Gegenleistung.",
}
_LOST = {
    "en": (
        ("price", "Harbour Foods", Decimal("6.5"), "They match every price this quarter."),
        ("budget", "", None, "Their budget is spent until spring."),
        ("relation", "Brightwater Trading", Decimal(2), "Their old supplier came back with an offer."),
    ),
    "de": (
        ("price", "Hafenkontor Nord", Decimal("6.5"), "Der Wettbewerber unterbietet in diesem Quartal jeden Preis."),
        ("budget", "", None, "Das Budget ist bis zum Frühjahr aufgebraucht."),
        ("relation", "Feinkost Lindner", Decimal(2), "Der bisherige Lieferant hat nachgezogen."),
    ),
}


def ceilings() -> list[SampleRecord]:
    """How far a role goes without being asked; administrators have no limit."""
    return [
        sample_record("discount_ceiling", role, {"role": role, "percent": Decimal(percent)})
        for role, percent in _CEILINGS
    ]


def bonuses(scene: Scene) -> list[SampleRecord]:
    """What key accounts are paid back at the end of the year."""
    return [
        sample_record(
            "customer_condition",
            f"{customer.key} bonus",
            {
                "account_id": customer.id,
                "name": f"{'Jahresbonus' if customer.language == 'de' else 'Yearly bonus'} {scene.today.year}",
                "kind": "bonus",
                "value": Decimal(2),
                "valid_from": date(scene.today.year, 1, 1),
                "valid_until": date(scene.today.year, 12, 31),
            },
        )
        for customer in scene.owned
        if customer.key_account
    ]


def above_ceiling(goods: list[tuple[str, Decimal, Decimal]]) -> list[tuple[str, Decimal, Decimal]]:
    """The same goods (product, quantity, own discount), the first one beyond the ceiling of a representative."""
    (product, quantity, _), *rest = goods
    return [(product, quantity, _BEYOND), *rest]


def asked(customer: Customer, at: str) -> dict[str, Any]:
    """Values of a revision whose author asked inside sales at `at` (wire instant)."""
    return {
        "requested_by": customer.owner_id,
        "requested_at": at,
        "request_note": _REASONS[customer.language],
    }


def lost(dice: random.Random, language: str) -> dict[str, Any]:
    """Values of a quote that says why it was lost."""
    reason, competitor, gap, note = dice.choice(_LOST[language])
    return {"lost_reason": reason, "competitor": competitor, "price_gap_percent": gap, "lost_note": note}
