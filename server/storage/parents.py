"""What a record belongs to may be gone: merged into another, which takes its place, or deleted."""

from collections.abc import Sequence

from crm_desktop.model.wire import Row, entity_facts, field_facts
from server.storage.aliases import kept_references
from server.storage.commit import Commit


def prefetch_parents(commit: Commit, records: Sequence[tuple[str, str, Row]]) -> None:
    """Read what many records belong to in one statement for each kind."""
    wanted: dict[str, list[str]] = {}
    for entity, _, values in records:
        for name in entity_facts(entity).parents:
            if values.get(name):
                wanted.setdefault(str(field_facts(entity)[name].ref), []).append(str(values[name]))
    for entity, ids in wanted.items():
        commit.prefetch(entity, ids)


def under_kept(commit: Commit, entity: str, values: Row) -> tuple[Row, list[str]]:
    """The values, under the record that was kept where a parent was merged, and the fields whose parent is deleted."""
    gone = _gone(commit, entity, values)
    if gone:
        values = values | kept_references(commit, entity, values)
        gone = _gone(commit, entity, values)
    return values, gone


def _gone(commit: Commit, entity: str, values: Row) -> list[str]:
    found = []
    for name in entity_facts(entity).parents:
        parent = commit.get(str(field_facts(entity)[name].ref), str(values[name])) if values.get(name) else None
        if parent is not None and parent.deleted:
            found.append(name)
    return found
