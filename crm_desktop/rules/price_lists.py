"""Price lists: which one holds on a day, and the currency of the house."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from crm_desktop.errors import InvalidInput, KnownError
from crm_desktop.rules.rounding import Rounding


@dataclass(frozen=True, slots=True)
class PriceListTerms:
    """A price list with its validity; both days belong to it, None is open."""

    id: str
    name: str
    currency: str
    rounding: Rounding
    valid_from: date | None = None
    valid_until: date | None = None
    version_label: str = ""

    def __post_init__(self) -> None:
        if self.rounding not in ("line", "unit"):
            raise InvalidInput(
                "unknown_rounding",
                f"The price list “{self.name}” does not say how to round.",
                "Choose its rounding: each line once, or each step of the unit price.",
            )

    @property
    def label(self) -> str:
        """Name with version, as shown beside a price: “EUR Trade v48”."""
        return f"{self.name} {self.version_label}".strip()


def select_price_list(lists: Iterable[PriceListTerms], on: date, currency: str = "") -> PriceListTerms:
    """The list valid on the day; of several the one that began last. KnownError `no_price_list` when none.

    Lists in `currency` (that of the customer) come first. Where it names none of them, the currency counts that the
    oldest list has: a list for another country, released later, must not become everybody's.
    """
    known = sorted(lists, key=_age)
    valid = [terms for terms in known if is_valid(terms.valid_from, terms.valid_until, on)]
    if not valid:
        raise KnownError(
            "no_price_list",
            f"No price list is valid on {on.isoformat()}.",
            "Choose another date, or ask inside sales to release a price list for it.",
            on=on,
        )
    offered = {terms.currency for terms in valid}
    wanted = currency.strip().upper()
    if wanted not in offered:
        wanted = next(terms.currency for terms in known if terms.currency in offered)
    return [terms for terms in valid if terms.currency == wanted][-1]


def home_currency(lists: Iterable[PriceListTerms]) -> str:
    """The currency of the house, in which cost is kept: that of the oldest list. Empty where there is none."""
    return next((terms.currency for terms in sorted(lists, key=_age)), "")


def is_valid(valid_from: date | None, valid_until: date | None, on: date) -> bool:
    """Whether a day lies in a validity; both days belong to it, None is open."""
    return (valid_from is None or valid_from <= on) and (valid_until is None or on <= valid_until)


def _age(terms: PriceListTerms) -> tuple[date, str]:
    return terms.valid_from or date.min, terms.id
