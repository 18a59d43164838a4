"""Figures, money and dates in the language of the user.

English follows British order and signs. A negative figure carries the real minus sign.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from babel.dates import format_date, format_datetime, format_time
from babel.numbers import format_currency, format_decimal, get_currency_precision

from crm_desktop.rules.rounding import round_half_up

_MINUS = "\u2212"
_NO_BREAK = "\u00a0"
MISSING = "\u2013"
LOCALES = {"en": "en_GB", "de": "de_DE"}

DateStyle = Literal["long", "short", "year", "day"]
_PATTERNS: dict[str, dict[DateStyle, str]] = {
    "en": {"long": "d MMMM y", "short": "d MMM", "year": "d MMM y", "day": "EEE d"},
    "de": {"long": "d. MMMM y", "short": "d. MMM", "year": "d. MMM y", "day": "EEE d."},
}
FIELD_DATES = {"en": "d MMM yyyy", "de": "dd.MM.yyyy"}
"""How a field shows the date one types into it, in the letters of Qt; with a weekday in it Qt takes no keys."""
_NEAR_DAYS = 6
_MOST_PRICE_PLACES = 4


def money(amount: Decimal | str | None, currency: str, language: str) -> str:
    """€3,011.22 or 3.011,22 €; "–" for no amount. `amount` is exact, never a float."""
    if amount is None or amount == "":
        return MISSING
    return _signed(format_currency(Decimal(amount), currency, locale=LOCALES[language]))


def number(value: Decimal | int | str | None, language: str, decimals: int | None = None) -> str:
    """A figure with the language's separators, with exactly `decimals` places if given."""
    if value is None or value == "":
        return MISSING
    places = "" if not decimals else "." + "0" * decimals
    pattern = "#,##0.###" if decimals is None else f"#,##0{places}"
    return _signed(format_decimal(Decimal(value), format=pattern, locale=LOCALES[language]))


def amount(value: Decimal | str | None, currency: str, language: str) -> str:
    """3,011.22 or 3.011,22, in yen 3,011: money where the currency stands elsewhere."""
    return number(value, language, get_currency_precision(currency))


def unit_price(value: Decimal | str | None, currency: str, language: str) -> str:
    """At the minor unit of the currency, or with up to four places where the price has them: as on the paper."""
    if value is None or value == "":
        return MISSING
    exponent = Decimal(value).normalize().as_tuple().exponent
    used = -exponent if isinstance(exponent, int) else 0
    places = max(get_currency_precision(currency), min(used, _MOST_PRICE_PLACES))
    return number(round_half_up(Decimal(value), places), language, places)


def percent(value: Decimal | int | str | None, language: str, decimals: int | None = None) -> str:
    """22 becomes "22 %": the value is in per cent already."""
    text = number(value, language, decimals)
    return text if text == MISSING else f"{text}{_NO_BREAK}%"


def day(value: date | datetime | None, language: str, style: DateStyle = "long") -> str:
    """long: 3 November 2026; short: 3 Nov; year: 3 Nov 2026; day: Tue 3. An instant is shown in the local zone."""
    if value is None:
        return MISSING
    pattern = _PATTERNS[language][style]
    return _plain(format_date(_local(value), format=pattern, locale=LOCALES[language]), style)


def clock(value: datetime, language: str) -> str:
    """07:41 in the local zone."""
    local = value.astimezone().replace(tzinfo=None) if value.tzinfo is not None else value
    return format_time(local, format="HH:mm", locale=LOCALES[language])


def month(value: date, language: str) -> str:
    """November 2026."""
    return format_datetime(value, format="LLLL y", locale=LOCALES[language])


def is_near(value: date | datetime, now: datetime) -> bool:
    """True within six days of now, where a weekday names a day without doubt."""
    return abs((_as_date(value) - _as_date(now)).days) <= _NEAR_DAYS


def days_from(value: date | datetime, now: datetime) -> int:
    """Whole calendar days from now to the value in the local zone; negative in the past."""
    return (_as_date(value) - _as_date(now)).days


def _as_date(value: date | datetime) -> date:
    local = _local(value)
    return local.date() if isinstance(local, datetime) else local


def _local(value: date | datetime) -> date | datetime:
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.astimezone().replace(tzinfo=None)
    return value


def _plain(text: str, style: DateStyle) -> str:
    # German abbreviates "Mi." and ends the day with a full stop; in a column both are noise.
    return text.replace(".", "") if style == "day" else text


def _signed(text: str) -> str:
    return text.replace("-", _MINUS)
