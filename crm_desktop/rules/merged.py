"""What a merge is given and what it gives back: a record as it stands, what else is known, decisions, refusals."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from crm_desktop.model.operations import Outcome
from crm_desktop.model.wire import Row


class Refused(Exception):
    """A guard failed: the whole transaction has no effect. `reason` is a stable code."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
        self.detail = detail


@dataclass(frozen=True, slots=True)
class RecordState:
    """A record as the server holds it. `field_ver`: field (or 'field/element') -> commit seq of its change."""

    row: Row
    field_ver: Mapping[str, int]
    row_ver: int
    deleted: bool = False


@dataclass(frozen=True, slots=True)
class Context:
    """What a merge may know beside row and operation."""

    epoch: str
    commit_seq: int
    at: str  # when the user wrote it
    received_at: str  # server clock
    clock_trusted: bool = True  # false: the device's clock was more than 5 minutes off at hello
    through_alias: bool = False
    text_base: Callable[[str], str | None] = lambda sha: None
    field_at: Callable[[str], str | None] = lambda name: None


@dataclass(frozen=True, slots=True)
class FieldConflict:
    """One decision: `fields` conflict as a unit under the name `field`; each side maps field -> value.

    `settled`: the rule decided it and nobody is asked; the value that does not stand is kept all the same.
    """

    field: str
    fields: tuple[str, ...]
    before: Row
    mine: Row
    theirs: Row
    rule: str
    mine_stands: bool = False
    settled: bool = False


@dataclass(frozen=True, slots=True)
class Merged:
    """Result of a merge. `state` is the input state where nothing changed."""

    state: RecordState | None
    outcome: Outcome
    conflicts: tuple[FieldConflict, ...] = ()
    changed: bool = False
    detail: dict[str, Any] | None = field(default=None)
