"""The lines of an order that came of a quote say what the quote said: no other price, no other tax."""

from crm_desktop.model.operations import Create, Operation, Patch
from crm_desktop.model.wire import Row, default_row
from crm_desktop.rules.line_pricing import decimal_of
from crm_desktop.rules.merge import Refused
from crm_desktop.rules.scope import DESK_ROLES
from server.storage.commit import Commit
from server.storage.records_in_work import Record
from server.storage.written import written_fields, written_values

_OFFERED = ("quantity", "line_total", "tax_percent")
_COMPARED = frozenset({"order_id", "product_id", *_OFFERED})


def check_order_line(commit: Commit, op: Operation, record: Record | None, role: str) -> None:
    """Refused where a line of such an order was never offered like this. Inside sales keeps orders, and may."""
    if op.e != "order_line" or not isinstance(op, (Create, Patch)) or role in DESK_ROLES:
        return
    if not written_fields(op) & _COMPARED or (record is not None and record.deleted):
        return
    line = (default_row("order_line") if record is None else record.row) | written_values(op)
    order = commit.live("order", line["order_id"] or "")
    if order is None or not order.row["quote_id"]:
        return
    offered = [
        found.row
        for line_id in commit.where("quote_line", "quote_id", order.row["quote_id"])
        if (found := commit.live("quote_line", line_id)) is not None and found.row["product_id"] == line["product_id"]
    ]
    if any(_alike(line, other, _OFFERED) for other in offered):
        return
    only_tax = any(_alike(line, other, _OFFERED[:-1]) for other in offered)
    raise Refused("tax_differs" if only_tax else "total_differs", f"order line {op.id} was not offered like this")


def _alike(line: Row, other: Row, names: tuple[str, ...]) -> bool:
    return all(decimal_of(line[name]) == decimal_of(other[name]) for name in names)
