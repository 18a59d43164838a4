"""What an operation writes: fields, values, and the records it refers to."""

from crm_desktop.model.operations import Create, Operation, Patch, SetAdd, SetRemove, Text, Transition
from crm_desktop.model.wire import Row, field_facts


def written_fields(op: Operation) -> frozenset[str]:
    """Names of the fields an operation writes."""
    if isinstance(op, Create):
        return frozenset(op.v)
    if isinstance(op, Patch):
        return frozenset(op.set)
    if isinstance(op, (Text, SetAdd, SetRemove, Transition)):
        return frozenset({op.f})
    return frozenset()


def written_values(op: Operation) -> Row:
    """What the author wanted to stand: field -> value."""
    if isinstance(op, Create):
        return dict(op.v)
    if isinstance(op, Patch):
        return {name: change.new for name, change in op.set.items()}
    if isinstance(op, Text):
        return {op.f: op.text}
    if isinstance(op, (SetAdd, SetRemove)):
        return {op.f: op.v}
    if isinstance(op, Transition):
        return {op.f: op.to}
    return {}


def references(op: Operation) -> list[tuple[str, str, str]]:
    """(field, entity, id) of the references an operation sets and that have to be there.

    A file is not waited for: its record follows its bytes, and what names it (a signature) goes before.
    """
    facts = field_facts(op.e)
    return [
        (name, str(facts[name].ref), value)
        for name, value in written_values(op).items()
        if name in facts and facts[name].ref not in (None, "", "attachment") and isinstance(value, str) and value
    ]
