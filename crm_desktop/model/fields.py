"""One line declares a field: helpers that put column, default and facts into one `Field`."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import Boolean, Integer, Text
from sqlmodel import Field, SQLModel

from crm_desktop.model.columns import IsoDate, IsoInstant, ScaledDecimal, TextSet
from crm_desktop.model.facts import Choice, EntityFacts, Facts, Kind

Options = Sequence[tuple[str, str, str]]


def _field(facts: Facts, default: Any, column: Any, *, nullable: bool) -> Any:
    info: Any = Field(default=default, sa_type=column, nullable=nullable)
    info.metadata.append(facts)
    return info


def text(en: str, de: str, **facts: Any) -> Any:
    """Short text; empty when unknown, never null."""
    return _field(Facts(Kind.TEXT, en, de, default="", **facts), "", Text, nullable=False)


def long_text(en: str, de: str, **facts: Any) -> Any:
    """Text of any length, merged by line and word."""
    return _field(Facts(Kind.LONG_TEXT, en, de, default="", **facts), "", Text, nullable=False)


def integer(en: str, de: str, **facts: Any) -> Any:
    """Whole number or unknown."""
    return _field(Facts(Kind.INTEGER, en, de, **facts), None, Integer, nullable=True)


def decimal(en: str, de: str, places: int = 2, **facts: Any) -> Any:
    """Exact decimal with `places` places, or unknown."""
    return _field(Facts(Kind.DECIMAL, en, de, places=places, **facts), None, ScaledDecimal(places), nullable=True)


def flag(en: str, de: str, **facts: Any) -> Any:
    """Yes or no; no when unknown."""
    return _field(Facts(Kind.BOOLEAN, en, de, default=False, **facts), False, Boolean, nullable=False)


def day(en: str, de: str, **facts: Any) -> Any:
    """Calendar date without a zone."""
    return _field(Facts(Kind.DATE, en, de, **facts), None, IsoDate, nullable=True)


def instant(en: str, de: str, **facts: Any) -> Any:
    """Point in time, UTC."""
    return _field(Facts(Kind.INSTANT, en, de, **facts), None, IsoInstant, nullable=True)


def choice(en: str, de: str, options: Options, **facts: Any) -> Any:
    """One of a few values; empty when unknown."""
    choices = tuple(Choice(*option) for option in options)
    return _field(Facts(Kind.CHOICE, en, de, choices=choices, default="", **facts), "", Text, nullable=False)


def state(en: str, de: str, options: Options, transitions: Sequence[tuple[str, str]], **facts: Any) -> Any:
    """State machine; starts in its first option and moves along `transitions` alone."""
    choices = tuple(Choice(*option) for option in options)
    start = choices[0].value
    declared = Facts(Kind.STATE, en, de, choices=choices, transitions=tuple(transitions), default=start, **facts)
    return _field(declared, start, Text, nullable=False)


def text_set(en: str, de: str, **facts: Any) -> Any:
    """Set of short texts."""
    info: Any = Field(default_factory=list, sa_type=TextSet, nullable=False)
    info.metadata.append(Facts(Kind.SET, en, de, **facts))
    return info


def reference(en: str, de: str, ref: str, **facts: Any) -> Any:
    """Id of a record of entity `ref`, or none."""
    return _field(Facts(Kind.REFERENCE, en, de, ref=ref, **facts), None, Text, nullable=True)


class Record(SQLModel):
    """Base of every synced record. `id` is a UUIDv7 made on the device that creates it."""

    FACTS: ClassVar[EntityFacts]

    id: str = Field(primary_key=True, sa_type=Text)
    created_at: datetime | None = instant("Created", "Angelegt", form=False)
    created_by: str | None = reference("Created by", "Angelegt von", "user", form=False)
