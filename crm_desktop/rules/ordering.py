"""One quote becomes one order, whichever of its revisions was ordered. Laptop and server ask here alone."""

from collections.abc import Iterable

from crm_desktop.model.wire import Row
from crm_desktop.rules.scope import DESK_ROLES

CANCELLED = "cancelled"
ORDERED = "ordered_already"
AFTER_ORDER = "sent_after_order"
DELIVERED = "order_delivered"
NOT_YOURS = "no_permission"
"""Reasons of a refusal: a second order of a quote, a revision that would go out while an order of it stands,
an order that is cancelled too late, or by somebody it does not belong to."""


def standing_order(orders: Iterable[Row], order_id: str) -> Row | None:
    """The order (row with `id`) that keeps `order_id` from being made; None where nothing does.

    `orders` are those of one quote. A cancelled one makes room for another, but never for itself: of several the
    one that was given its number first stands.
    """
    standing = [row for row in orders if row["id"] == order_id or row["status"] != CANCELLED]
    return min(standing, key=lambda row: (row["id"] != order_id, row["number"] or "~", row["id"]), default=None)


def order_before_paper(orders: Iterable[Row]) -> Row | None:
    """The order (row with `id`) that keeps another revision of its quote from going out; None where nothing does.

    `orders` are those of one quote. Who ordered must not hold an offer for what he has ordered.
    """
    return standing_order(orders, "")


def cancel_gap(order: Row, user_id: str, role: str) -> str:
    """Why a person may not cancel an order; empty where he may.

    What is delivered is not cancelled any more. Inside sales keeps the orders; who made one of a quote, or is
    responsible for it, may cancel that too. An order that came from elsewhere is kept where it came from.
    """
    if order["status"] == "delivered" or order["shipped_on"]:
        return DELIVERED
    own = bool(order["quote_id"]) and user_id in (order["owner_id"], order["created_by"])
    return "" if own or role in DESK_ROLES else NOT_YOURS


def called(order: Row) -> str:
    """How an order is named to a person: by its number, before the server gave one by that of its quote."""
    return str(order["number"] or order["provisional_number"])
