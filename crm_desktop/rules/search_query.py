"""What was typed into the search, taken apart: words, and conditions like `city:Berlin` or `since:7d`.

Each condition has an English and a German name. A word before a colon that names no condition is searched as a word
and told as unknown.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from crm_desktop.rules.folding import digits, fold

OPERATORS: dict[str, tuple[str, ...]] = {
    "name": ("name",),
    "city": ("city", "ort", "stadt"),
    "tag": ("tag", "schlagwort"),
    "since": ("since", "seit"),
    "type": ("type", "art"),
}
_NAMED = {name: operator for operator, names in OPERATORS.items() for name in names}
# A letter before the colon and something else than a path behind it: neither 9:30 nor https://…
_PIECE = re.compile(r'(?P<key>[^\W\d_]+):(?P<value>"[^"]*"?|[^\s/]\S*|(?=\s|$))|(?P<word>"[^"]*"?|\S+)')
_BACK = re.compile(r"(\d{1,4})([dtwm])")
_DAYS = {"d": 1, "t": 1, "w": 7, "m": 30}
_TODAY = {"today": 0, "heute": 0, "yesterday": 1, "gestern": 1}
_GERMAN_DAY = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4}|\d{2})?")
_MONTH = re.compile(r"(\d{4})-(\d{1,2})")

SHORTEST_NUMBER = 4
# Country codes of ITU-T E.164 of one digit, and those of two; all others have three.
_ONE_DIGIT = "17"
_TWO_DIGITS = frozenset(
    "20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 55 56 57 58 60 61 62 63 64 65 66 "
    "81 82 84 86 90 91 92 93 94 95 98".split()
)


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """Words, and what narrows them. `unknown` names operators that are none, `not_a_day` a date that is none.

    `types` are beginnings of names of kinds of records, as typed.
    """

    words: str = ""
    name: str = ""
    city: str = ""
    tag: str = ""
    since: date | None = None
    types: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    not_a_day: str = ""

    @property
    def narrowed(self) -> bool:
        """Whether anything but words was asked for."""
        return bool(self.name or self.city or self.tag or self.since or self.types)

    @property
    def marked(self) -> str:
        """What a reader wants to see marked in the results."""
        return " ".join(part for part in (self.words, self.name, self.city) if part)


def parse(text: str, today: date) -> SearchQuery:
    """Take apart what was typed so far; a condition without its value narrows nothing yet."""
    words: list[str] = []
    said: dict[str, list[str]] = {operator: [] for operator in OPERATORS}
    unknown: list[str] = []
    for piece in _PIECE.finditer(text):
        key, value = piece["key"], (piece["value"] or "").strip('"').strip()
        operator = _NAMED.get(key.lower()) if key else None
        if operator is not None:
            said[operator] += [value] if value else []
        elif key and value:
            unknown.append(key)
            words += [key, value]
        else:
            words.append((key or piece["word"] or "").strip('"'))
    since, not_a_day = None, ""
    for given in said["since"]:
        found = day_of(given, today)
        since, not_a_day = (found, not_a_day) if found else (since, given)
    return SearchQuery(
        " ".join(words),
        " ".join(said["name"]),
        " ".join(said["city"]),
        " ".join(said["tag"]),
        since,
        tuple(said["type"]),
        tuple(unknown),
        not_a_day,
    )


def day_of(text: str, today: date) -> date | None:
    """A day as people type it: 2026-11-01, 1.11.2026, 1.11., 2026-11, today, 7d, 2w, 3m; None where it is none."""
    plain = text.strip().lower()
    if plain in _TODAY:
        return today - timedelta(days=_TODAY[plain])
    if back := _BACK.fullmatch(plain):
        return today - timedelta(days=int(back[1]) * _DAYS[back[2]])
    try:
        if german := _GERMAN_DAY.fullmatch(plain):
            year = int(german[3]) if german[3] else today.year
            found = date(year + 2000 if year < 100 else year, int(german[2]), int(german[1]))
            return found if german[3] or found <= today else found.replace(year=found.year - 1)
        if month := _MONTH.fullmatch(plain):
            return date(int(month[1]), int(month[2]), 1)
        return date.fromisoformat(plain)
    except ValueError:
        return None


def kinds_named(types: Iterable[str], names: Mapping[str, tuple[str, ...]]) -> frozenset[str]:
    """Kinds of records whose names (per kind, in any language) begin as typed."""
    typed = [fold(text) for text in types]
    return frozenset(
        kind for kind, called in names.items() if any(fold(name).startswith(text) for name in called for text in typed)
    )


def number_variants(text: str) -> tuple[str, ...]:
    """How the digits of a typed telephone number may begin within a stored one; none where it is no number.

    A national number is stored with or without its country code, and typed with or without it.
    """
    if not all(char.isdigit() or char in " +-/()." for char in text):
        return ()
    plain = digits(text)
    found = [plain.lstrip("0")]
    international = text.strip().startswith(("+", "00")) and not text.strip().startswith("000")
    if international and plain:
        length = 1 if plain[0] in _ONE_DIGIT else 2 if plain[:2] in _TWO_DIGITS else 3
        found.append(plain[length:].lstrip("0"))
    return tuple(dict.fromkeys(part for part in found if len(part) >= SHORTEST_NUMBER))
