"""Figures and dates as each language writes them."""

from datetime import date, datetime, timedelta, timezone
from decimal import Decimal

from crm_desktop.documents.wording import WORDS, Wording

D = Decimal


def test_every_word_is_there_in_both_languages_with_the_same_values() -> None:
    assert WORDS["de"].keys() == WORDS["en"].keys()
    for key, german in WORDS["de"].items():
        assert german
        for value in ("number", "revision", "old", "date", "name", "rate", "base", "currency", "at", "page", "pages"):
            assert (f"{{{value}}}" in german) == (f"{{{value}}}" in WORDS["en"][key])


def test_german_figures() -> None:
    german = Wording("de", "EUR")
    assert german.money(D("3227.89")) == "3.227,89\u00a0€"
    assert german.money(D("-3227.89")) == "−3.227,89\u00a0€"
    assert german.amount(D("3227.8")) == "3.227,80"
    assert german.unit_price(D("15.4154")) == "15,4154"
    assert german.unit_price(D("15.41735")) == "15,4174"
    assert german.unit_price(D("100")) == "100,00"
    assert german.quantity(D("1.500")) == "1,5"
    assert german.percent(D("7.00")) == "7\u00a0%"
    assert german.percent(D("7.5")) == "7,5\u00a0%"
    assert german.day(date(2026, 3, 1)) == "1. März 2026"
    assert german.moment(datetime(2026, 3, 1, 9, 5)) == "01.03.2026, 09:05"


def test_english_figures() -> None:
    english = Wording("en", "EUR")
    assert english.money(D("3227.89")) == "€3,227.89"
    assert english.percent(D("7")) == "7%"
    assert english.day(date(2026, 3, 1)) == "1 March 2026"
    assert english.moment(datetime(2026, 3, 1, 9, 5)) == "1 Mar 2026, 09:05"


def test_the_wall_clock_of_the_device_is_printed() -> None:
    ahead = datetime(2026, 3, 1, 0, 30, tzinfo=timezone(timedelta(hours=13)))
    assert Wording("de", "EUR").moment(ahead) == "01.03.2026, 00:30"


def test_yen_has_no_decimals() -> None:
    assert Wording("en", "JPY").amount(D("3228")) == "3,228"
    assert Wording("en", "JPY").unit_price(D("3228")) == "3,228"
