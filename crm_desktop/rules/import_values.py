"""Cells of foreign files as wire values: numbers, days, yes and no, choices, in German, English or ISO form."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Literal

from crm_desktop.errors import InvalidInput
from crm_desktop.model.facts import Facts, Kind
from crm_desktop.model.wire import Value, clean_value

_YES = {"1", "true", "yes", "y", "x", "ja", "j", "wahr", "on"}
_NO = {"0", "false", "no", "n", "nein", "falsch", "off"}
_CURRENCY = re.compile(r"[€$£¥%\s'’]|\b(?:EUR|USD|GBP|CHF)\b", re.IGNORECASE)
_NUMBER = re.compile(r"[+-]?[\d.,]+(?:[eE][+-]?\d+)?")
_GROUPED = re.compile(r"[+-]?\d{1,3}(?:(?:\.\d{3})+|(?:,\d{3})+)")
_SLASHES = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4}|\d{2})(?:[ T].*)?")
_GERMAN = re.compile(r"(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4}|\d{2})(?:[ T].*)?")
_YEAR_FIRST = re.compile(r"(\d{4})[-/.]?(\d{2})[-/.]?(\d{2})(?:[ T].*)?")
_ELEMENT_SIGNS = (";", "\n", "|", ",")
_GUARDED = re.compile(r"'[=+\-@\t\r']")

SlashOrder = Literal["day", "month", "unknown", "mixed"]


class Unreadable(ValueError):
    """A cell holds no value of its field; says so in both languages, fit to stand behind “Line n: ”."""

    def __init__(self, cell: str, en: str, de: str) -> None:
        super().__init__(f"“{cell}” {en}")
        self.en = f"“{cell}” {en}"
        self.de = f"„{cell}“ {de}"


@dataclass(frozen=True, slots=True)
class Hints:
    """What a whole column says about single cells: its decimal sign and what comes first in 3/4/2025."""

    decimal_sign: str = "."
    slash_order: SlashOrder = "unknown"


def column_hints(cells: Iterable[str], delimiter: str) -> Hints:
    """Hints from all cells of a column. Where numbers leave it open, a semicolon file has decimal commas."""
    signs: set[str] = set()
    day_first = month_first = False
    for cell in cells:
        text = _CURRENCY.sub("", cell)
        if _NUMBER.fullmatch(text) and not _GROUPED.fullmatch(text):
            last = max(text.rfind("."), text.rfind(","))
            if last >= 0:
                signs.add(text[last])
        if found := _SLASHES.fullmatch(cell.strip()):
            day_first = day_first or int(found[1]) > 12
            month_first = month_first or int(found[2]) > 12
    sign = signs.pop() if len(signs) == 1 else "," if delimiter == ";" else "."
    if day_first and month_first:
        return Hints(sign, "mixed")
    return Hints(sign, "day" if day_first else "month" if month_first else "unknown")


def parse_cell(name: str, facts: Facts, cell: str, hints: Hints) -> Value:
    """Wire value of a filled cell; Unreadable where it holds none."""
    text = cell.strip()
    try:
        return clean_value(name, facts, _parse(facts, text, hints))
    except InvalidInput as error:
        raise Unreadable(text, "does not fit here", "passt hier nicht") from error


def _parse(facts: Facts, text: str, hints: Hints) -> object:
    kind = facts.kind
    if kind is Kind.LONG_TEXT:
        return text.replace("\r\n", "\n").replace("\r", "\n")
    if kind is Kind.INTEGER:
        amount = parse_number(text, hints)
        if amount != amount.to_integral_value():
            raise Unreadable(text, "is no whole number", "ist keine ganze Zahl")
        return int(amount)
    if kind is Kind.DECIMAL:
        return parse_number(text, hints).quantize(Decimal(1).scaleb(-facts.places), ROUND_HALF_UP)
    if kind is Kind.BOOLEAN:
        word = text.casefold()
        if word not in _YES | _NO:
            raise Unreadable(text, "is neither yes nor no", "ist weder ja noch nein")
        return word in _YES
    if kind is Kind.DATE:
        return parse_day(text, hints)
    if kind is Kind.INSTANT:
        return _instant(text, hints)
    if kind is Kind.CHOICE:
        return _choice(facts, text)
    if kind is Kind.SET:
        sign = next((sign for sign in _ELEMENT_SIGNS if sign in text), ",")
        return [element.strip() for element in text.split(sign) if element.strip()]
    return text.replace("\r\n", "\n").replace("\r", "\n")


def unguarded(cell: str) -> str:
    """A cell without the apostrophe that keeps spreadsheets from running its text as a formula."""
    return cell[1:] if _GUARDED.match(cell) else cell


def parse_number(text: str, hints: Hints) -> Decimal:
    """Exact number; 1.234,50 and 1,234.50 alike. A lone sign before three digits follows the column."""
    plain = _CURRENCY.sub("", text)
    negative = plain.startswith("(") and plain.endswith(")")
    plain = plain.strip("()") if negative else plain
    if not _NUMBER.fullmatch(plain):
        raise Unreadable(text, "is no number", "ist keine Zahl")
    if _GROUPED.fullmatch(plain):
        sign = "," if "." in plain else "."
        if plain.count(".") + plain.count(",") == 1:
            sign = hints.decimal_sign
    else:
        sign = plain[max(plain.rfind("."), plain.rfind(","))] if re.search("[.,]", plain) else "."
    grouping = "." if sign == "," else ","
    try:
        amount = Decimal(plain.replace(grouping, "").replace(sign, "."))
    except InvalidOperation as error:
        raise Unreadable(text, "is no number", "ist keine Zahl") from error
    return -amount if negative else amount


def parse_day(text: str, hints: Hints) -> date:
    """Calendar day from ISO, German or slash form; Unreadable where day and month cannot be told apart."""
    try:
        if found := _YEAR_FIRST.fullmatch(text):
            return date(int(found[1]), int(found[2]), int(found[3]))
        if found := _GERMAN.fullmatch(text):
            return date(_year(found[3]), int(found[2]), int(found[1]))
        if found := _SLASHES.fullmatch(text):
            first, second, year = int(found[1]), int(found[2]), _year(found[3])
            if first > 12 or (hints.slash_order == "day" and second <= 12) or first == second:
                return date(year, second, first)
            if second > 12 or hints.slash_order == "month":
                return date(year, first, second)
            raise Unreadable(
                text,
                "may be read with the day or the month first; write the year first",
                "kann mit dem Tag oder dem Monat beginnen; bitte das Jahr voranstellen",
            )
    except Unreadable:
        raise
    except ValueError as error:
        raise Unreadable(text, "is no day of the calendar", "ist kein Tag im Kalender") from error
    raise Unreadable(text, "is no date", "ist kein Datum")


def _instant(text: str, hints: Hints) -> datetime:
    """ISO instant; without a zone it is taken as UTC, without a time as the start of the day."""
    try:
        # Some exports write fewer than six digits of a second, which older parsers refuse.
        moment = datetime.fromisoformat(re.sub(r"\.(\d+)", lambda m: "." + m[1][:6].ljust(6, "0"), text))
    except ValueError:
        return datetime.combine(parse_day(text, hints), time(), UTC)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _choice(facts: Facts, text: str) -> str:
    wanted = plain_name(text)
    for choice in facts.choices:
        if wanted in (plain_name(choice.value), plain_name(choice.en), plain_name(choice.de)):
            return choice.value
    # “Closed Won” of another system says Won; a single letter says nothing.
    words = set(re.findall(r"\w{3,}", text.casefold()))
    hinted = {c.value for c in facts.choices if words & {c.value.casefold(), c.en.casefold(), c.de.casefold()}}
    if len(hinted) == 1:
        return hinted.pop()
    raise Unreadable(
        text,
        "is none of " + ", ".join(choice.en for choice in facts.choices),
        "ist nichts von " + ", ".join(choice.de for choice in facts.choices),
    )


def _year(text: str) -> int:
    year = int(text)
    return year if len(text) == 4 else year + (2000 if year < 69 else 1900)


def plain_name(text: str) -> str:
    """A name without case, spaces, underscores, hyphens and other punctuation: what makes headers alike."""
    return "".join(char for char in unicodedata.normalize("NFKC", text).casefold() if char.isalnum())
