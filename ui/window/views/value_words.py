"""Wire values as people read them, by the facts of their field."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from crm_desktop.model import ENTITIES
from crm_desktop.model.columns import parse_instant
from crm_desktop.model.facts import Kind
from crm_desktop.model.wire import entity_facts, field_facts
from ui.window.i18n import fmt_date, fmt_number, fmt_time, language, tr

_LONG = 90


def entity_word(entity: str) -> str:
    """Kind of record in the language on the screen."""
    return entity_facts(entity).label(language()) if entity in ENTITIES else entity


def in_sentence(noun: str) -> str:
    """A noun within a sentence: only German keeps its capital; what is all capitals keeps them."""
    return noun if language() == "de" or noun[1:2].isupper() else noun[:1].lower() + noun[1:]


def field_word(entity: str, name: str) -> str:
    """Label of a field."""
    facts = field_facts(entity).get(name) if entity in ENTITIES else None
    return facts.label(language()) if facts is not None else name


def value_word(
    entity: str, name: str, value: Any, names: Mapping[str, str] | None = None, *, whole: bool = False
) -> str:
    """A value; empty text for none. `names` words references; long texts are cut unless `whole`."""
    facts = field_facts(entity).get(name) if entity in ENTITIES else None
    if value in (None, "", []):
        return ""
    if isinstance(value, bool):
        return tr("word.yes" if value else "word.no")
    if isinstance(value, list):
        return ", ".join(str(item) for item in value)
    if facts is None:
        return str(value)
    if facts.kind in (Kind.CHOICE, Kind.STATE):
        return facts.choice_label(str(value), language())
    if facts.kind is Kind.DATE:
        return fmt_date(date.fromisoformat(str(value)))
    if facts.kind is Kind.INSTANT:
        when = parse_instant(str(value))
        return f"{fmt_date(when)}, {fmt_time(when)}"
    if facts.kind in (Kind.DECIMAL, Kind.INTEGER):
        return fmt_number(value if isinstance(value, int) else str(value))
    if facts.kind is Kind.REFERENCE:
        return (names or {}).get(str(value)) or tr("word.missing")
    text = str(value)
    if whole:
        return text
    flat = " ".join(text.split())
    return flat if len(flat) <= _LONG else flat[:_LONG].rsplit(" ", 1)[0] + " …"
