"""The way from the name of a record to its page: parts open with what they belong to."""

from typing import Any

from ui.window.page import Shell

_PAGES = {
    "account": ("account", "account_id"),
    "quote": ("quote", "quote_id"),
    "order": ("order", "order_id"),
    "visit": ("note", "visit_id"),
    "conflict": ("conflicts", "conflict_id"),
}


def open_record(shell: Shell, entity: str, record_id: str) -> None:
    """Show the page of a record; what has none of its own is shown in its form."""
    if entity in _PAGES:
        page, name = _PAGES[entity]
        shell.navigate(page, **{name: record_id})
        return
    store = shell.app.store

    def show(found: dict[str, Any] | None) -> None:
        if found is not None and found.get("quote_id"):
            shell.navigate("quote", quote_id=found["quote_id"])
        elif found is not None and entity in ("address", "channel") and found.get("account_id"):
            shell.navigate("account", account_id=found["account_id"])
        else:
            shell.navigate("record", entity=entity, record_id=record_id)

    shell.tasks.read(lambda: store.read(lambda reader: reader.get(entity, record_id)), show, key="record way")
