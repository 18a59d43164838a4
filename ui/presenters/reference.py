"""Finding the record a reference field may point to."""

from crm_desktop.model.facts import Kind
from crm_desktop.model.wire import Row, entity_facts, field_facts
from crm_desktop.store.lists import Filter, ListQuery
from crm_desktop.store.reader import Reader
from ui.presenters.titles import called, title_of

MOST = 12


def candidates(reader: Reader, entity: str, typed: str) -> list[tuple[str, str]]:
    """Id and title of the best records for a typed text, at most a dozen; the first by name without a text."""
    facts = field_facts(entity)
    text = typed.strip()
    if text and any(field.search for field in facts.values()):
        hits = reader.search(text, MOST, (entity,))
        return [(hit.id, hit.title) for hit in hits]
    name = entity_facts(entity).title[0]
    known = facts.get(name)
    filters = (Filter(name, "contains", text),) if text and known is not None and known.kind is Kind.TEXT else ()
    numbers = reader.row_ids(ListQuery(entity, filters, name))[:MOST]
    return [(row["id"], shown(entity, row)) for row in reader.rows(entity, numbers)]


def shown(entity: str, row: Row) -> str:
    """What stands in the field for a record."""
    return title_of(entity, row)


def title(reader: Reader, entity: str, record_id: str) -> str:
    """Title of one record; empty where it is not on this device."""
    row = reader.get(entity, record_id)
    return called(reader, entity, row) if row is not None else ""
