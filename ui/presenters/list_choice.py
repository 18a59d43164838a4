"""Which columns a list shows: the page's own, or those a person chose among all declared fields."""

from collections.abc import Iterable

from crm_desktop.model.wire import entity_facts
from crm_desktop.rules.permissions import Permissions, offered_fields
from ui.presenters.list_columns import Column, ListSpec, Look
from ui.presenters.list_fields import field_column

_ALWAYS = (Look.TITLE, Look.STATE)


def choosable(spec: ListSpec, permissions: Permissions) -> tuple[Column, ...]:
    """The page's own columns, then every other field the person may see. Title and state are always there."""
    own = tuple(column for column in spec.columns if column.look not in _ALWAYS)
    title = entity_facts(spec.entity).title[0]
    known = {column.key for column in spec.columns} | {title}
    offered = offered_fields(spec.entity, permissions)
    return own + tuple(field_column(spec.entity, name) for name in offered if name not in known)


def chosen_columns(spec: ListSpec, keys: Iterable[str], permissions: Permissions) -> tuple[Column, ...]:
    """Title, the chosen ones in the order of the choice, state; the page's own where none is chosen."""
    wanted = tuple(keys)
    if not wanted:
        return spec.columns
    known = {column.key: column for column in choosable(spec, permissions)}
    middle = tuple(known[key] for key in wanted if key in known)
    first = tuple(column for column in spec.columns if column.look is Look.TITLE)
    last = tuple(column for column in spec.columns if column.look is Look.STATE)
    return first + middle + last


def keys_of(columns: Iterable[Column]) -> tuple[str, ...]:
    """The choice that shows these columns."""
    return tuple(column.key for column in columns if column.look not in _ALWAYS)
