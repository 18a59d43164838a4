"""A condition of a list in words: "Class: A", "Last visit: before 1 August 2026"."""

from collections.abc import Mapping
from datetime import date

from crm_desktop.model.columns import parse_instant
from crm_desktop.model.facts import Kind
from crm_desktop.store.computed import list_fields
from crm_desktop.store.lists import Filter
from ui.presenters.list_filters import needs_value, word_of
from ui.window.i18n import fmt_date, fmt_number, language, tr


def filter_label(entity: str, item: Filter) -> str:
    """The field of a condition."""
    return list_fields(entity)[item.field].label(language())


def filter_sentence(entity: str, item: Filter, titles: Mapping[tuple[str, str], str]) -> str:
    """`titles` are those of referenced records by entity and id."""
    facts = list_fields(entity)[item.field]
    label = filter_label(entity, item)
    if item.op == "older":
        return f"{label}: {tr('filter.older_than', count=item.value)}"
    comparison = tr(word_of(item.op, facts))
    if not needs_value(item.op):
        return f"{label}: {comparison}"
    value = str(item.value)
    if facts.kind is Kind.REFERENCE:
        value = titles.get((facts.ref or "", value), tr("filter.unknown"))
    elif facts.kind in (Kind.CHOICE, Kind.STATE):
        value = facts.choice_label(value, language())
    elif facts.kind in (Kind.DATE, Kind.INSTANT):
        value = fmt_date(parse_instant(value).astimezone() if "T" in value else date.fromisoformat(value))
    elif facts.kind is Kind.BOOLEAN:
        value = tr("word.yes") if item.value else tr("word.no")
    elif facts.kind in (Kind.INTEGER, Kind.DECIMAL):
        value = fmt_number(value)
    if item.op in ("=", "has"):
        return f"{label}: {value}"
    return f"{label}: {comparison} {value}"
