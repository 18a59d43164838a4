"""Tax rates by day, and rounding once per rate."""

from datetime import date
from decimal import Decimal

import pytest

from crm_desktop.errors import KnownError
from crm_desktop.rules.tax import TaxLine, TaxRateTerms, rate_on, tax_per_rate

D = Decimal
RATES = (
    TaxRateTerms("standard", D(19)),
    TaxRateTerms("standard", D(16), date(2020, 7, 1)),
    TaxRateTerms("standard", D(19), date(2021, 1, 1)),
    TaxRateTerms("reduced", D(7), date(2007, 1, 1)),
)


@pytest.mark.parametrize(
    ("day", "percent"), [("2020-06-30", 19), ("2020-07-01", 16), ("2020-12-31", 16), ("2021-01-01", 19)]
)
def test_rate_of_the_day(day: str, percent: int) -> None:
    assert rate_on(RATES, "standard", date.fromisoformat(day)) == percent
    assert rate_on(RATES[::-1], "standard", date.fromisoformat(day)) == percent


def test_no_class_is_no_tax_but_an_unknown_class_is_refused() -> None:
    assert rate_on(RATES, "", date(2026, 1, 1)) == 0
    for tax_class, day in (("luxury", date(2026, 1, 1)), ("reduced", date(2006, 12, 31))):
        with pytest.raises(KnownError) as refusal:
            rate_on(RATES, tax_class, day)
        assert refusal.value.code == "no_tax_rate"


def test_tax_is_rounded_once_per_rate() -> None:
    # Line by line, 3 x 0.035 would be 0.04 each: 0.12 instead of 0.11.
    lines = [(D(7), D("0.50"))] * 3 + [(D("19"), D("1.00"))]
    assert tax_per_rate(lines, "EUR") == (
        TaxLine(D(7), D("1.50"), D("0.11")),
        TaxLine(D(19), D(1), D("0.19")),
    )


def test_yen_has_no_minor_unit() -> None:
    assert tax_per_rate([(D(10), D(105))], "JPY") == (TaxLine(D(10), D(105), D(11)),)


def test_equal_rates_of_other_writing_are_one_rate() -> None:
    assert len(tax_per_rate([(D("7"), D(1)), (D("7.00"), D(1))], "EUR")) == 1
