"""Any declared field as a column of a list, and the headings that come from the declaration."""

from crm_desktop.model.facts import Kind
from crm_desktop.model.wire import entity_facts, field_facts
from ui.presenters.list_columns import Column, ListSpec, Look

_LOOKS = {
    Kind.DATE: Look.DATE,
    Kind.INSTANT: Look.INSTANT,
    Kind.INTEGER: Look.NUMBER,
    Kind.DECIMAL: Look.NUMBER,
    Kind.BOOLEAN: Look.YES_NO,
}


def field_column(entity: str, field: str) -> Column:
    """A declared field as a column."""
    facts = field_facts(entity)[field]
    look = _LOOKS.get(facts.kind, Look.TEXT)
    sort = "" if facts.kind in (Kind.SET, Kind.LONG_TEXT) else field
    return Column(field, look, 130, 0, sort=sort, right=facts.kind in (Kind.INTEGER, Kind.DECIMAL))


def label(spec: ListSpec, column: Column, language: str) -> str:
    """Heading of a column from the declaration; '' where a message names it."""
    if column.word:
        return ""
    if column.key == "title":
        name = next((n for n in entity_facts(spec.entity).title if n in field_facts(spec.entity)), "")
        return field_facts(spec.entity)[name].label(language) if name else ""
    return field_facts(spec.entity)[column.key].label(language)
