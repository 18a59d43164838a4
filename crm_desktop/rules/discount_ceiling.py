"""How far a role may go with its own discount. Laptop and server ask here alone, so that both say the same."""

from collections.abc import Callable, Iterable
from datetime import date
from decimal import Decimal

from crm_desktop.model.wire import Row

_EVER = date.max.isoformat()


def ceiling_of(ceilings: Iterable[Row], role: str, quote_date: str | None) -> Decimal | None:
    """The highest own discount (percent) of a role on the day of a quote; None: no limit is declared.

    `ceilings` are rows of `discount_ceiling`: of those valid on the day the one that began last counts. A quote
    without a day is measured by the newest of all, so that leaving the day out opens no door.
    """
    valid = [
        row
        for row in ceilings
        if row["role"] == role and row["percent"] is not None and (row["valid_from"] or "") <= (quote_date or _EVER)
    ]
    newest = max(valid, key=lambda row: (row["valid_from"] or "", row.get("id") or ""), default=None)
    return None if newest is None else Decimal(newest["percent"])


def own_discount(line: Row) -> Decimal:
    """The seller's own discount on a line in percent, that of the whole paper included."""
    return Decimal(line["discount_percent"] or 0)


def lines_above(
    lines: Iterable[Row], ceiling: Decimal | None, lowest: Callable[[Row, Decimal], Decimal | None]
) -> list[Row]:
    """Lines that give away more than the ceiling, optional ones too: they are offered like the others.

    `lowest` is the unit price the rules give a line at an own discount (None: they give none). What a line says of
    its discount is not enough: its price must not lie below the one that the ceiling leads to, and a price that no
    list names is nobody's to give alone.
    """
    if ceiling is None:
        return []
    return [line for line in lines if own_discount(line) > ceiling or _too_low(line, lowest(line, ceiling))]


def _too_low(line: Row, lowest: Decimal | None) -> bool:
    return lowest is None or Decimal(line["net_price"] or 0) < lowest
