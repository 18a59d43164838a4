"""What a revision changed against the one before it, line by line."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from crm_desktop.model.wire import Row


@dataclass(frozen=True, slots=True)
class LineChange:
    """A line of two revisions; None on a side where it does not stand. Each side: quantity, net price, line total."""

    name: str
    before: tuple[Decimal, Decimal, Decimal] | None
    after: tuple[Decimal, Decimal, Decimal] | None


def compare_lines(before: Iterable[Row], after: Iterable[Row]) -> tuple[LineChange, ...]:
    """Lines that differ, in the order of the later revision, those left out behind. Lines meet by their product."""
    earlier: dict[str, list[Row]] = defaultdict(list)
    for row in before:
        earlier[_key(row)].append(row)
    found = []
    for row in after:
        known = earlier[_key(row)]
        old = known.pop(0) if known else None
        if old is None or _figures(old) != _figures(row):
            found.append(LineChange(row["name"], None if old is None else _figures(old), _figures(row)))
    left_out = (row for rows in earlier.values() for row in rows)
    return (*found, *(LineChange(row["name"], _figures(row), None) for row in left_out))


def _key(row: Row) -> str:
    return str(row["product_id"] or row["name"])


def _figures(row: Row) -> tuple[Decimal, Decimal, Decimal]:
    quantity, net, total = (Decimal(row[name] or 0) for name in ("quantity", "net_price", "line_total"))
    return quantity, net, total
