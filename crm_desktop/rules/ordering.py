"""One quote becomes one order, whichever of its revisions was ordered. Laptop and server ask here alone."""

from collections.abc import Iterable

from crm_desktop.model.wire import Row

CANCELLED = "cancelled"


def standing_order(orders: Iterable[Row], order_id: str) -> Row | None:
    """The order (row with `id`) that keeps `order_id` from being made; None where nothing does.

    `orders` are those of one quote. A cancelled one makes room for another, but never for itself: of several the
    one that was given its number first stands.
    """
    standing = [row for row in orders if row["id"] == order_id or row["status"] != CANCELLED]
    return min(standing, key=lambda row: (row["id"] != order_id, row["number"] or "~", row["id"]), default=None)
