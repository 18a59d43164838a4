"""What a service wants to change. The store makes operations of it, with what the user saw, as it commits."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class CreateIntent:
    """A new record with these values."""

    entity: str
    id: str
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class PatchIntent:
    """Scalar fields changed; `mixed` also takes texts and sets and splits them."""

    entity: str
    id: str
    values: Mapping[str, Any]
    seen_ver: int | None = None
    seen: Mapping[str, Any] = field(default_factory=dict)
    mixed: bool = False


@dataclass(frozen=True, slots=True)
class TextIntent:
    """A long text rewritten; `base` is the text the user started from, None: the visible one."""

    entity: str
    id: str
    field: str
    text: str
    base: str | None = None


@dataclass(frozen=True, slots=True)
class SetIntent:
    """Elements added to or removed from a set."""

    entity: str
    id: str
    field: str
    elements: tuple[str, ...]
    add: bool


@dataclass(frozen=True, slots=True)
class TransitionIntent:
    """A state moved on."""

    entity: str
    id: str
    to: str
    field: str
    expected_total: str | None


@dataclass(frozen=True, slots=True)
class DeleteIntent:
    """A record deleted."""

    entity: str
    id: str


@dataclass(frozen=True, slots=True)
class RestoreIntent:
    """A deleted record wanted back, with `values` instead of what its author had `seen` of it."""

    entity: str
    id: str
    values: Mapping[str, Any] = field(default_factory=dict)
    seen: Mapping[str, Any] = field(default_factory=dict)


Intent = CreateIntent | PatchIntent | TextIntent | SetIntent | TransitionIntent | DeleteIntent | RestoreIntent


def create(entity: str, record_id: str, values: Mapping[str, Any]) -> Intent:
    """A new record; absent fields take their defaults, created_at and created_by are filled."""
    return CreateIntent(entity, record_id, values)


def patch(
    entity: str,
    record_id: str,
    values: Mapping[str, Any],
    seen_ver: int | None = None,
    seen: Mapping[str, Any] | None = None,
) -> Intent:
    """Scalar fields set to new values.

    `seen_ver` and `seen` are the version and row the user had before him, so that a change pulled under an
    open form becomes a conflict instead of being overwritten; left out: what is visible now.
    """
    return PatchIntent(entity, record_id, values, seen_ver, seen or {})


def update(
    entity: str,
    record_id: str,
    values: Mapping[str, Any],
    seen_ver: int | None = None,
    seen: Mapping[str, Any] | None = None,
) -> Intent:
    """Fields of any kind but states set to new values: texts and sets become operations of their own."""
    return PatchIntent(entity, record_id, values, seen_ver, seen or {}, mixed=True)


def text(entity: str, record_id: str, name: str, new: str, base: str | None = None) -> Intent:
    """A long text rewritten from `base` (default: the visible text)."""
    return TextIntent(entity, record_id, name, new, base)


def set_add(entity: str, record_id: str, name: str, elements: Iterable[str]) -> Intent:
    """Elements added to a set."""
    return SetIntent(entity, record_id, name, tuple(elements), add=True)


def set_remove(entity: str, record_id: str, name: str, elements: Iterable[str]) -> Intent:
    """Elements removed from a set."""
    return SetIntent(entity, record_id, name, tuple(elements), add=False)


def transition(entity: str, record_id: str, to: str, name: str = "status", expected_total: str | None = None) -> Intent:
    """A state moved on; the whole transaction has no effect where the server finds another state."""
    return TransitionIntent(entity, record_id, to, name, expected_total)


def delete(entity: str, record_id: str) -> Intent:
    """A record deleted."""
    return DeleteIntent(entity, record_id)


def restore(
    entity: str, record_id: str, values: Mapping[str, Any] | None = None, seen: Mapping[str, Any] | None = None
) -> Intent:
    """A deleted record wanted back; it appears when the server has sent it.

    With `values` it comes back changed: fields of any kind, for what was `seen` there before it was deleted.
    """
    return RestoreIntent(entity, record_id, values or {}, seen or {})
