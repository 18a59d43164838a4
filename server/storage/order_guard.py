"""What a representative orders is what a customer accepted: the lines of an issued quote, at its prices and tax.

His program makes an order in no other way. One that came from elsewhere is kept by inside sales, with its lines.
"""

from crm_desktop.model.operations import Create, Operation, Patch
from crm_desktop.model.wire import Row, default_row
from crm_desktop.rules.line_pricing import decimal_of
from crm_desktop.rules.merged import Refused
from crm_desktop.rules.scope import DESK_ROLES
from server.storage.commit import Commit
from server.storage.records_in_work import Record
from server.storage.written import written_fields, written_values

_OFFERED = ("quantity", "line_total", "tax_percent")
_COMPARED = frozenset({"order_id", "product_id", *_OFFERED})


def check_order(commit: Commit, op: Operation, record: Record | None, role: str) -> None:
    """Refused where the customer was never offered this, or never accepted it. Inside sales keeps orders, and may."""
    if role in DESK_ROLES or not isinstance(op, (Create, Patch)) or (record is not None and record.deleted):
        return
    if op.e == "order":
        _check_head(commit, op)
    elif op.e == "order_line" and written_fields(op) & _COMPARED:
        _check_line(commit, op, (default_row("order_line") if record is None else record.row) | written_values(op))


def _check_head(commit: Commit, op: Operation) -> None:
    quote_id = written_values(op).get("quote_id")
    if quote_id and commit.live("quote", quote_id) is None:
        raise Refused("dangling", f"quote_id: quote {quote_id}")  # of a restored server: another laptop brings it
    if quote_id and not any(_accepted(commit, i) for i in commit.where("quote_revision", "quote_id", quote_id)):
        raise Refused("not_accepted", f"order {op.id} of a quote nobody accepted")


def _check_line(commit: Commit, op: Operation, line: Row) -> None:
    order = commit.live("order", line["order_id"] or "")
    if order is None:
        if line["order_id"] and "order_id" in written_fields(op):
            # Before its order is there nothing says what the customer accepted.
            raise Refused("dangling", f"order_id: order {line['order_id']}")
        return
    if not order.row["quote_id"]:
        raise Refused("not_accepted", f"order line {op.id} of no quote")
    offered = [
        found.row
        for line_id in commit.where("quote_line", "quote_id", order.row["quote_id"])
        if (found := commit.live("quote_line", line_id)) is not None and found.row["product_id"] == line["product_id"]
    ]
    same = [other for other in offered if _alike(line, other, _OFFERED)]
    if any(_accepted(commit, other["revision_id"]) for other in same):
        return
    if same:
        raise Refused("not_accepted", f"order line {op.id} was offered and not accepted")
    only_tax = any(_alike(line, other, _OFFERED[:-1]) for other in offered)
    raise Refused("tax_differs" if only_tax else "total_differs", f"order line {op.id} was not offered like this")


def _accepted(commit: Commit, revision_id: str | None) -> bool:
    revision = commit.live("quote_revision", revision_id or "")
    return revision is not None and revision.row["status"] == "accepted"


def _alike(line: Row, other: Row, names: tuple[str, ...]) -> bool:
    return all(decimal_of(line[name]) == decimal_of(other[name]) for name in names)
