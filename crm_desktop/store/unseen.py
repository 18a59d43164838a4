"""Changes of a record that is not on this device: what its author had seen is told by him, not by the table."""

from collections.abc import Callable, Iterator
from typing import Any

from crm_desktop.errors import InvalidInput
from crm_desktop.model.facts import Kind
from crm_desktop.model.operations import FieldChange, Operation, Patch, SetAdd, SetRemove, Text, Transition
from crm_desktop.model.wire import clean_value, field_facts, text_hash
from crm_desktop.store.intents import RestoreIntent


def unseen_changes(intent: RestoreIntent, head: Callable[[], dict[str, Any]], cursor: int) -> Iterator[Operation]:
    """Operations of what comes back changed. Versions are unknown: a field is written where it holds what was seen.

    `cursor` is what the author has seen by now: the base of his decision about the elements of a set.
    """
    plain: dict[str, FieldChange] = {}
    for name, value in intent.values.items():
        facts = field_facts(intent.entity).get(name)
        if facts is None:
            raise InvalidInput(
                "unknown_field", f"{intent.entity} has no such field {name!r}.", "Check the name.", name=name
            )
        new, old = clean_value(name, facts, value), clean_value(name, facts, intent.seen.get(name))
        if facts.kind is Kind.LONG_TEXT:
            yield Text(**head(), f=name, base_sha=text_hash(str(old)), text=str(new), base=str(old))
        elif facts.kind is Kind.SET:
            assert isinstance(new, list)
            assert isinstance(old, list)
            if added := [item for item in new if item not in old]:
                yield SetAdd(**head(), f=name, v=added, base_ver=cursor)
            if removed := [item for item in old if item not in new]:
                yield SetRemove(**head(), f=name, v=removed, base_ver=cursor)
        elif facts.kind is Kind.STATE:
            moved: dict[str, Any] = {"from": old}
            yield Transition(**head(), **moved, f=name, to=str(new))
        else:
            plain[name] = FieldChange(base_ver=0, old=old, new=new)
    if plain:
        yield Patch(**head(), set=plain)
