"""Column types that keep exact values exact on SQLite and PostgreSQL alike."""

from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import orjson
from sqlalchemy import BigInteger, Text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator


def format_instant(value: datetime) -> str:
    """UTC instant as ISO 8601 with milliseconds and Z; a naive value is a mistake of ours."""
    if value.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def parse_instant(text: str) -> datetime:
    """Inverse of `format_instant`; ValueError on anything else."""
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


class ScaledDecimal(TypeDecorator[Decimal]):
    """Decimal stored as an integer of `places` decimal places: sums and sorts exactly in SQL."""

    impl = BigInteger
    cache_ok = True

    def __init__(self, places: int = 2) -> None:
        super().__init__()
        self.places = places

    def process_bind_param(self, value: Any, dialect: Dialect) -> int | None:
        if value is None:
            return None
        return int(Decimal(value).scaleb(self.places).to_integral_value(ROUND_HALF_UP))

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        return None if value is None else Decimal(value).scaleb(-self.places)


class IsoDate(TypeDecorator[date]):
    """Date as YYYY-MM-DD text."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return value.isoformat() if isinstance(value, date) else value

    def process_result_value(self, value: Any, dialect: Dialect) -> date | None:
        return None if value is None else date.fromisoformat(value)


class IsoInstant(TypeDecorator[datetime]):
    """UTC instant as text (see `format_instant`)."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return format_instant(value) if isinstance(value, datetime) else value

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        return None if value is None else parse_instant(value)


class TextSet(TypeDecorator[list[str]]):
    """Set of texts as a sorted JSON array."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str:
        return orjson.dumps(sorted(value or ())).decode()

    def process_result_value(self, value: Any, dialect: Dialect) -> list[str]:
        return list(orjson.loads(value)) if value else []
