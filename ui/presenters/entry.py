"""What people type into fields, to wire values and back: figures and dates in the language of the user."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation

from crm_desktop.errors import InvalidInput
from crm_desktop.model.columns import format_instant, parse_instant
from crm_desktop.model.facts import Facts, Kind
from crm_desktop.model.wire import Value, clean_value

_DAY = re.compile(r"^(\d{1,2})[./](\d{1,2})[./](\d{4})$")
_GERMAN = str.maketrans(".,", ",.")
_GROUPS = (re.compile(r"^-?[1-9]\d{0,2}(,\d{3})+$"), re.compile(r"^-?[1-9]\d{0,2}(\.\d{3})+$"))  # English, German
_CLOCK = re.compile(r"^(.*?)[ ,T]+(\d{1,2})[:.](\d{2})$")


def read_entry(name: str, facts: Facts, typed: str, language: str) -> Value:
    """The wire value of a typed text; InvalidInput with `field` in its values where it is none."""
    text = typed.strip() if facts.kind is not Kind.LONG_TEXT else typed
    try:
        value = _read(facts, text, language)
    except (ValueError, InvalidOperation) as error:
        code = {Kind.DATE: "not_a_day", Kind.INSTANT: "not_an_instant"}.get(facts.kind, "not_a_number")
        raise InvalidInput(
            code, f"“{text}” cannot be read.", "Correct it or leave the field empty.", field=name, typed=text
        ) from error
    return clean_value(name, facts, value)


def _read(facts: Facts, text: str, language: str) -> object:
    if facts.kind is Kind.SET:
        return [part.strip() for part in text.split(",") if part.strip()]
    if facts.kind in (Kind.TEXT, Kind.LONG_TEXT, Kind.CHOICE, Kind.STATE):
        return text
    if not text:
        return None
    if facts.kind is Kind.INTEGER:
        return int(_plain_number(text, language))
    if facts.kind is Kind.DECIMAL:
        number = Decimal(_plain_number(text, language))
        if not number.is_finite():
            raise ValueError(text)
        return str(number)
    if facts.kind is Kind.DATE:
        return read_day(text).isoformat()
    if facts.kind is Kind.INSTANT:
        return format_instant(read_instant(text))
    return text


def _plain_number(text: str, language: str) -> str:
    """Digits with a point, whichever way a figure was typed.

    Of two signs the last one is the point. One alone parts thousands where it does so in the language and stands
    between whole groups: a German's 1.000 are a thousand, his 1.5 and 0.125 are not.
    """
    plain = text.replace("\u2212", "-").replace("\u00a0", "").replace("\u202f", "").replace(" ", "").rstrip("%€")
    if "," in plain and "." in plain:
        group = "," if plain.rfind(".") > plain.rfind(",") else "."
        return plain.replace(group, "").replace(",", ".")
    if _GROUPS[language == "de"].match(plain):
        return plain.replace(",", "").replace(".", "")
    return plain.replace(",", ".")


def read_day(text: str) -> date:
    """3.11.2026, 3/11/2026 (day first) or 2026-11-03; ValueError for anything else."""
    found = _DAY.match(text)
    if found:
        return date(int(found[3]), int(found[2]), int(found[1]))
    return date.fromisoformat(text)


def read_instant(text: str) -> datetime:
    """A day with an optional time of the local zone."""
    found = _CLOCK.match(text)
    day = read_day(found[1] if found else text)
    hour, minute = (int(found[2]), int(found[3])) if found else (0, 0)
    return datetime(day.year, day.month, day.day, hour, minute).astimezone(UTC)


def write_entry(facts: Facts, value: Value, language: str) -> str:
    """A wire value as it stands in its field, ready to be typed over."""
    if value is None:
        return ""
    if isinstance(value, list):
        return ", ".join(value)
    if facts.kind is Kind.DECIMAL:
        number = Decimal(str(value))
        plain = f"{number.normalize():f}" if facts.places > 2 else f"{number:f}"
        if facts.places <= 2 and "." in plain:  # with both signs it is the same figure in every language
            plain = f"{number:,f}"
        return plain.translate(_GERMAN) if language == "de" else plain
    if facts.kind is Kind.DATE:
        return write_day(date.fromisoformat(str(value)), language)
    if facts.kind is Kind.INSTANT:
        local = parse_instant(str(value)).astimezone()
        return f"{write_day(local.date(), language)} {local:%H:%M}"
    return str(value)


def write_day(day: date, language: str) -> str:
    """03.11.2026 or 03/11/2026."""
    return f"{day:%d.%m.%Y}" if language == "de" else f"{day:%d/%m/%Y}"


def parse_figure(text: str, language: str) -> Decimal | None:
    """A figure as people type it: 1,5 or 1.5, with a minus of either kind; None where it is none."""
    try:
        value = Decimal(_plain_number(text.strip(), language))
    except InvalidOperation:
        return None
    return value if value.is_finite() else None


def differs(before: object, value: object) -> bool:
    """Whether a typed value says something else than the record; nothing and an empty text are alike."""
    plain = value.isoformat() if isinstance(value, date) else value
    if isinstance(plain, Decimal):
        return Decimal(str(before or 0)) != plain
    return bool((before or "") != (plain or ""))
