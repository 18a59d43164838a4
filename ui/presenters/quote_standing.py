"""How a revision stands with those who decide: ceiling, approval, order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from crm_desktop.model.wire import Row
from crm_desktop.rules.ordering import called, order_before_paper, standing_order
from crm_desktop.rules.permissions import APPROVE, permissions_of
from crm_desktop.services.quote_approvals import check_ceiling, role_of
from crm_desktop.services.quote_outcome import order_id_of
from crm_desktop.store.reader import Reader


@dataclass(frozen=True, slots=True)
class Standing:
    """`ceiling`: what the user gives without being asked, in percent (None: none is declared); `above`: the lines
    beyond it, id to what they give away in truth.

    `may_decide`: his role approves, and he is not the one who asked.
    Names are empty where nobody asked or decided, `order_id` where there is no order yet, `ordered` (the
    number of the order that stands) where none stands or it was cancelled.
    """

    ceiling: Decimal | None
    above: Mapping[str, Decimal]
    may_decide: bool
    requested_by: str
    decided_by: str
    order_id: str
    ordered: str


def load_standing(reader: Reader, revision: Row, lines: Sequence[Row], user_id: str) -> Standing:
    """The standing of one revision for one user."""
    role = role_of(reader, user_id)
    found = check_ceiling(reader, revision, lines, role)
    orders = reader.where("order", quote_id=revision["quote_id"])
    opens, stands = standing_order(orders, order_id_of(revision["id"])), order_before_paper(orders)
    return Standing(
        ceiling=found.ceiling,
        above=found.granted,
        may_decide=APPROVE in permissions_of(role) and revision["requested_by"] != user_id,
        requested_by=name_of(reader, revision["requested_by"]),
        decided_by=name_of(reader, revision["decided_by"]),
        order_id=opens["id"] if opens is not None else "",
        ordered=called(stands) if stands is not None else "",
    )


def state_of(reader: Reader, quote_id: str, revision_id: str, lines: Sequence[Row]) -> str:
    """How a quote stands with the server, with the revision shown and its lines: the worst of them."""
    quote = reader.record_state("quote", quote_id)
    parts = {reader.record_state("quote_revision", revision_id)}
    parts.update(reader.states("quote_line", [line["id"] for line in lines]).values())
    for state in ("conflict", "refused"):
        if state == quote or state in parts:
            return state
    # A new line of a quote the server knows waits: the quote itself is not here alone.
    waits = parts != {"synced"} or reader.waits_below(quote_id)  # a line that was removed is not among the lines
    return "waiting" if quote == "synced" and waits else quote


def name_of(reader: Reader, user_id: str | None) -> str:
    """Name of a colleague; empty where he is not known here."""
    user = reader.get("user", user_id) if user_id else None
    return str(user["name"]) if user is not None else ""
