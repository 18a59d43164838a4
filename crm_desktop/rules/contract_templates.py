"""What contracts of a kind usually agree: a beginning that the rep changes, not a rule."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from crm_desktop.rules.contract_term import months_later


@dataclass(frozen=True, slots=True)
class _Usual:
    months: int
    notice_days: int
    renews_months: int
    en: tuple[str, str]  # name, price commitment
    de: tuple[str, str]


_USUAL: Mapping[str, _Usual] = {
    "frame": _Usual(
        12, 90, 12,
        ("Framework agreement {year}", "The prices of the price list on the day of signing hold for twelve months. "
         "If the supplier's costs rise by more than 5 %, the parties negotiate anew."),
        ("Rahmenvertrag {year}", "Die Preise der am Tag der Unterschrift geltenden Preisliste gelten zwölf Monate. "
         "Steigen die Kosten des Lieferanten um mehr als 5 %, verhandeln die Parteien neu."),
    ),
    "supply": _Usual(
        24, 180, 12,
        ("Supply contract {year}", "The agreed prices are fixed for twelve months; after that the price list of the "
         "day of each delivery applies."),
        ("Liefervertrag {year}", "Die vereinbarten Preise sind zwölf Monate fest; danach gilt die Preisliste am Tag "
         "der jeweiligen Lieferung."),
    ),
    "service": _Usual(
        12, 60, 12,
        ("Service contract {year}", "The charge stays the same during the first term."),
        ("Wartungsvertrag {year}", "Die Vergütung bleibt während der ersten Laufzeit gleich."),
    ),
}  # fmt: skip
KINDS = tuple(_USUAL)
"""Kinds of contract that have a template."""


def template_values(kind: str, language: str, start: date, known: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a contract of this kind that begins on `start`, in wire values; what is `known` stays."""
    usual = _USUAL[kind]
    name, prices = usual.de if language == "de" else usual.en
    ends = months_later(start, usual.months) - timedelta(days=1)
    values = {
        "kind": kind,
        "name": name.format(year=start.year),
        "starts_on": start.isoformat(),
        "ends_on": ends.isoformat(),
        "notice_days": usual.notice_days,
        "renews_months": usual.renews_months,
        "price_commitment": prices,
    }
    return values | {field: value for field, value in known.items() if value not in (None, "") and field != "kind"}
