"""Replay of one's own operations on top of the last server state: what the user sees until the server answers."""

from collections.abc import Iterable
from typing import assert_never

from crm_desktop.model.operations import (
    Create,
    Delete,
    Operation,
    Patch,
    Restore,
    SetAdd,
    SetRemove,
    Text,
    Transition,
)
from crm_desktop.model.wire import Row, default_row
from crm_desktop.rules.text_merge import merge_text


def apply(row: Row | None, op: Operation) -> Row | None:
    """The row after one operation; None: not visible. An operation on an absent row never creates it."""
    if isinstance(op, Create):
        return default_row(op.e) | op.v if row is None else row
    if isinstance(op, Restore):
        return row  # what comes back is told by the server's next page
    if row is None or isinstance(op, Delete):
        return None
    if isinstance(op, Patch):
        return row | {name: change.new for name, change in op.set.items()}
    if isinstance(op, Text):
        # The base stays on the laptop with the operation: a server text that moved on is merged, not hidden.
        merged = None if op.base is None else merge_text(op.base, op.text, row[op.f])
        return row | {op.f: op.text if merged is None else merged}
    if isinstance(op, SetAdd):
        return row | {op.f: sorted({*row[op.f], *op.v})}
    if isinstance(op, SetRemove):
        return row | {op.f: sorted(set(row[op.f]) - set(op.v))}
    if isinstance(op, Transition):
        return row | {op.f: op.to}
    assert_never(op)


def replay(row: Row | None, ops: Iterable[Operation]) -> Row | None:
    """The row after all operations in order."""
    for op in ops:
        row = apply(row, op)
    return row
