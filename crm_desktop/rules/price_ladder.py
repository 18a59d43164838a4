"""The price ladder: how a unit price came about, step by step, and its text form for storage."""

import json
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from crm_desktop.errors import BugError
from crm_desktop.rules.rounding import Rounding, exact, percent_of

StepKind = Literal["list", "scale", "condition", "discount", "bonus"]


@dataclass(frozen=True, slots=True)
class Step:
    """One rung. The deltas of all steps add up to the net price; the first is the list price itself.

    `label_code` is language-free: list_price, scale_from, condition_percent, condition_net_price,
    own_discount, bonus. `percent` is what the step changes, signed, of the price before it (None: list price). A
    bonus changes nothing: its `percent` of the net price is paid at the end of the year.
    """

    kind: StepKind
    label_code: str
    source: str  # price list or condition it comes from, as the user named it
    amount_delta: Decimal
    percent: Decimal | None = None
    valid_until: date | None = None
    min_quantity: Decimal | None = None  # of a scale step


@dataclass(frozen=True, slots=True)
class PriceLadder:
    """List price to net price of one unit."""

    steps: tuple[Step, ...]
    list_price: Decimal
    unit_net: Decimal
    rounding: Rounding
    currency: str

    @property
    def discount_percent(self) -> Decimal:
        """All steps together as a percentage off the list price, one place (14.3); 0 without a list price."""
        if not self.list_price:
            return Decimal(0)
        return percent_of(self.list_price - self.unit_net, self.list_price, 1)

    @property
    def bonus(self) -> Step | None:
        """What is paid back at the end of the year and not taken off the price; None where nothing is agreed."""
        return next((step for step in self.steps if step.kind == "bonus"), None)

    @property
    def before_own_discount(self) -> Decimal:
        """Unit price before the seller's own discount."""
        return sum((step.amount_delta for step in self.steps if step.kind != "discount"), Decimal(0))


def ladder_to_text(ladder: PriceLadder) -> str:
    """JSON text for the line's `ladder` field; equal ladders give equal text."""
    return json.dumps(asdict(ladder), default=_plain, ensure_ascii=False, sort_keys=True)


def ladder_from_text(text: str) -> PriceLadder:
    """The ladder that `ladder_to_text` wrote. BugError for anything else."""
    try:
        fields = json.loads(text)
        steps = tuple(_step(step) for step in fields["steps"])
        return PriceLadder(
            steps,
            Decimal(fields["list_price"]),
            Decimal(fields["unit_net"]),
            fields["rounding"],
            fields["currency"],
        )
    except (ValueError, KeyError, TypeError, ArithmeticError) as error:
        raise BugError(f"not a price ladder: {type(error).__name__}") from error


def _step(fields: dict[str, Any]) -> Step:
    until = fields["valid_until"]
    return Step(
        fields["kind"],
        fields["label_code"],
        fields["source"],
        Decimal(fields["amount_delta"]),
        _decimal_or_none(fields["percent"]),
        None if until is None else date.fromisoformat(until),
        _decimal_or_none(fields["min_quantity"]),
    )


def _decimal_or_none(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _plain(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(exact(value, "price"), "f")
    raise TypeError(f"{type(value).__name__} has no place in a price ladder")
