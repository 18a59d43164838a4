"""Exact decimals: what may enter a calculation, and the one way it is rounded."""

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import ROUND_HALF_UP, Context, Decimal, localcontext
from typing import Literal

from babel.numbers import get_currency_precision, is_currency

from crm_desktop.errors import InvalidInput

Rounding = Literal["line", "unit"]  # where a price list reaches the minor unit

UNIT_PLACES = 8  # places a stored unit price keeps; a total computed from the stored price is the same again
HUNDRED = Decimal(100)

# Wide enough for every product of a stored quantity, price and three percentages: nothing is cut silently.
_WIDE = Context(prec=80, rounding=ROUND_HALF_UP)


def exact(value: Decimal | int, name: str) -> Decimal:
    """`value` as a decimal. TypeError for floats (wrong half cents), InvalidInput for NaN."""
    if isinstance(value, bool) or not isinstance(value, Decimal | int):
        raise TypeError(f"{name} must be a Decimal, not {type(value).__name__}")
    number = Decimal(value)
    if not number.is_finite():
        raise InvalidInput("number_not_finite", f"The {name} is not a figure.", "Enter a figure.", name=name)
    return number


@contextmanager
def exact_arithmetic() -> Iterator[None]:
    """Decimal operators inside are exact for every amount this product can store."""
    with localcontext(_WIDE):
        yield


def minor_places(currency: str) -> int:
    """Decimal places of the currency's minor unit: EUR 2, JPY 0, KWD 3. InvalidInput for an unknown code."""
    if not is_currency(currency):
        raise InvalidInput(
            "unknown_currency",
            f"“{currency}” is not a currency code.",
            "Enter the three letters of the currency, for example EUR.",
            currency=currency,
        )
    return get_currency_precision(currency)


def round_half_up(value: Decimal, places: int) -> Decimal:
    """Commercial rounding: half of the last place goes away from zero."""
    with exact_arithmetic():
        return value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


def round_money(value: Decimal, currency: str) -> Decimal:
    """`value` rounded half-up to the currency's minor unit."""
    return round_half_up(value, minor_places(currency))


def round_unit_price(value: Decimal, rounding: Rounding, currency: str) -> Decimal:
    """A unit price as its list keeps it: `unit` at the minor unit, `line` at UNIT_PLACES, no idle zeros."""
    short = round_money(value, currency)
    if rounding == "unit":
        return short
    kept = round_half_up(value, UNIT_PLACES)
    return short if short == kept else kept.normalize()


def percent_of(part: Decimal, whole: Decimal, places: int) -> Decimal:
    """`part` as a percentage of `whole`, rounded half-up to `places`. `whole` must not be 0."""
    with exact_arithmetic():
        return round_half_up(part * HUNDRED / whole, places)
