"""How an error is told: the user's language by its code, the text it carries where no catalogue knows it.

The sentence an error carries is the English one, so the English catalogue holds only those that say it better in
the window; every other language holds all codes.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from crm_desktop.errors import CrmError, KnownError
from crm_desktop.model.facts import Choice, EntityFacts, Facts
from ui.catalogue import sentence
from ui.presenters.entry import write_day


@dataclass(frozen=True, slots=True)
class Shown:
    """What happened and what to do."""

    title: str
    advice: str


def shown(error: CrmError, language: str) -> Shown:
    """An error in words of 'de' or 'en'. A defect of ours (BugError) is never shown raw."""
    if not isinstance(error, KnownError):
        return Shown(sentence(language, "error.defect.title") or "", sentence(language, "error.defect.advice") or "")
    values = {name: _said(value, language) for name, value in error.values.items()}
    title = _filled(sentence(language, f"error.{error.code}.title"), values)
    if title is None:
        return Shown(error.title, error.advice)
    advice = _filled(sentence(language, f"error.{error.code}.advice"), values)
    return Shown(title, error.advice if advice is None else advice)


def _filled(message: str | None, values: dict[str, object]) -> str | None:
    if message is None:
        return None
    try:
        return message.format_map(values)
    except (KeyError, IndexError, ValueError):
        return None


def _said(value: object, language: str) -> object:
    """A value as people of the language write it."""
    if isinstance(value, Choice | EntityFacts | Facts):
        return value.label(language)
    if isinstance(value, Decimal):
        plain = f"{value.normalize():f}"
        return plain.replace(".", ",") if language == "de" else plain
    return write_day(value, language) if type(value) is date else value
