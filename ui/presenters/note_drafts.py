"""A note on its way from a local draft to operations of the outbox."""

from crm_desktop.model.wire import Row, field_facts
from crm_desktop.store.client_store import ClientStore
from crm_desktop.store.intents import Intent, create, text, update

DRAFT_KEY = "note"
_WRITABLE = frozenset(field_facts("visit")) - {"created_at", "created_by"}


def finish_draft(store: ClientStore) -> str:
    """Make a draft left behind an operation; returns its visit's id, empty where there was none."""
    draft = store.load_draft(DRAFT_KEY)
    if not draft:
        return ""
    visit_id, values = str(draft["visit_id"]), draft["values"]
    found: tuple[Row | None, int] = store.read(
        lambda reader: (reader.get("visit", visit_id), reader.version("visit", visit_id))
    )
    row, version = found
    intents = visit_intents(visit_id, values, row or {}, version, row is not None)
    if intents:
        store.commit(intents, "note")
    store.clear_draft(DRAFT_KEY)
    return visit_id


def visit_intents(visit_id: str, values: Row, base: Row, version: int, exists: bool) -> list[Intent]:
    """What makes the visit say `values` where the user started from `base`."""
    if not exists:
        return [
            create("visit", visit_id, {name: value for name, value in (base | values).items() if name in _WRITABLE})
        ]
    made: list[Intent] = []
    changed = {name: value for name, value in values.items() if name != "note" and value != base.get(name)}
    if changed:
        made.append(update("visit", visit_id, changed, seen_ver=version, seen=base))
    if "note" in values and values["note"] != base.get("note", ""):
        made.append(text("visit", visit_id, "note", values["note"], base=base.get("note", "")))
    return made
