"""One quote becomes one order, whichever of its revisions was ordered. Laptop and server ask here alone."""

from collections.abc import Iterable

from crm_desktop.model.wire import Row

CANCELLED = "cancelled"
ORDERED = "ordered_already"
AFTER_ORDER = "sent_after_order"
"""Reasons of a refusal: a second order of a quote, a revision that would go out while an order of it stands."""


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


def called(order: Row) -> str:
    """How an order is named to a person: by its number, before the server gave one by that of its quote."""
    return str(order["number"] or order["provisional_number"])
