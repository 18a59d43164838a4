"""Filters of a list in parts a view can put in words: which comparisons a field offers, what a filter says."""

from collections.abc import Mapping

from crm_desktop.model.facts import Facts, Kind
from crm_desktop.rules.permissions import Permissions, offered_fields
from crm_desktop.store.computed import computed
from crm_desktop.store.lists import Filter

_WITHOUT_VALUE = ("empty", "filled", "today")
_OPS: dict[Kind, tuple[str, ...]] = {
    Kind.TEXT: ("contains", "=", "!=", "empty", "filled"),
    Kind.LONG_TEXT: ("contains", "empty", "filled"),
    Kind.CHOICE: ("=", "!=", "empty", "filled"),
    Kind.STATE: ("=", "!="),
    Kind.INTEGER: ("=", ">=", "<=", "empty", "filled"),
    Kind.DECIMAL: ("=", ">=", "<=", "empty", "filled"),
    Kind.DATE: ("today", ">=", "<", "older", "=", "empty", "filled"),
    Kind.INSTANT: ("today", ">=", "<", "older", "empty", "filled"),
    Kind.BOOLEAN: ("=",),
    Kind.REFERENCE: ("=", "empty", "filled"),
    Kind.SET: ("has", "empty", "filled"),
}


def filter_fields(entity: str, permissions: Permissions) -> Mapping[str, Facts]:
    """What a person may make a condition of: every field of the form, a new one by itself, and computed columns."""
    shown = computed(entity)
    return dict(offered_fields(entity, permissions)) | {name: column.facts for name, column in shown.items()}


def comparisons(facts: Facts) -> tuple[str, ...]:
    """Comparisons a field offers, the likely one first."""
    return _OPS[facts.kind]


def needs_value(op: str) -> bool:
    """Whether a comparison has a right side."""
    return op not in _WITHOUT_VALUE


def word_of(op: str, facts: Facts) -> str:
    """Message key of a comparison; dates are after and before, not greater and less."""
    time = facts.kind in (Kind.DATE, Kind.INSTANT)
    names = {"=": "is", "!=": "is_not", ">=": "from" if time else "at_least", "<=": "at_most", "<": "before"}
    return f"filter.{names.get(op, op)}"


def value_facts(facts: Facts, op: str) -> Facts:
    """The kind of editor for the right side: an element of a set is a text, an instant is asked by its day."""
    if op == "older":
        return Facts(Kind.INTEGER, facts.en, facts.de)
    if facts.kind is Kind.SET:
        return Facts(Kind.TEXT, facts.en, facts.de, default="")
    if facts.kind is Kind.LONG_TEXT:
        return Facts(Kind.TEXT, facts.en, facts.de, default="")
    if facts.kind is Kind.INSTANT:
        return Facts(Kind.DATE, facts.en, facts.de)
    if facts.kind is Kind.STATE:
        return Facts(Kind.CHOICE, facts.en, facts.de, choices=facts.choices, default="")
    return facts


def without(filters: tuple[Filter, ...], number: int) -> tuple[Filter, ...]:
    """All filters but one."""
    return tuple(item for at, item in enumerate(filters) if at != number)


def replaced(filters: tuple[Filter, ...], number: int | None, fresh: Filter) -> tuple[Filter, ...]:
    """One filter changed, or one more."""
    if number is None:
        return (*filters, fresh)
    return tuple(fresh if at == number else item for at, item in enumerate(filters))
