"""Tax: the rate of a class on a day, and the tax of a paper rounded once per rate."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from crm_desktop.errors import KnownError
from crm_desktop.rules.rounding import HUNDRED, exact, exact_arithmetic, round_money


@dataclass(frozen=True, slots=True)
class TaxRateTerms:
    """Rate of a tax class from a day on (None: since ever)."""

    tax_class: str
    percent: Decimal
    valid_from: date | None = None

    def __post_init__(self) -> None:
        exact(self.percent, "tax rate")


@dataclass(frozen=True, slots=True)
class TaxLine:
    """Tax of all lines of one rate: `tax` is `rate` percent of `base`, rounded once."""

    rate: Decimal
    base: Decimal
    tax: Decimal


def rate_on(rates: Iterable[TaxRateTerms], tax_class: str, on: date) -> Decimal:
    """Percent of the class on the day. No class: 0. An unknown one: KnownError `no_tax_rate`."""
    if not tax_class:
        return Decimal(0)
    valid = [
        rate for rate in rates if rate.tax_class == tax_class and (rate.valid_from is None or rate.valid_from <= on)
    ]
    if not valid:
        raise KnownError(
            "no_tax_rate",
            f"The tax class “{tax_class}” has no rate on {on.isoformat()}.",
            "Ask inside sales to enter the rate, or choose another tax class for the product.",
            tax_class=tax_class,
            on=on,
        )
    return max(valid, key=lambda rate: (rate.valid_from or date.min, rate.percent)).percent


def tax_per_rate(amounts: Iterable[tuple[Decimal, Decimal]], currency: str) -> tuple[TaxLine, ...]:
    """Tax lines of (percent, net) pairs, lowest rate first. Rounding line by line would drift by cents."""
    bases: dict[Decimal, Decimal] = {}
    with exact_arithmetic():
        for percent, net in amounts:
            rate = exact(percent, "tax rate")
            bases[rate] = bases.get(rate, Decimal(0)) + exact(net, "net amount")
        return tuple(
            TaxLine(rate, base, round_money(base * rate / HUNDRED, currency)) for rate, base in sorted(bases.items())
        )
