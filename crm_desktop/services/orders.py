"""Orders after they were made: cancelled, opened again, taken back. Each is one transaction and works offline."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from crm_desktop.errors import InvalidInput, KnownError, NotFound
from crm_desktop.model.wire import Row
from crm_desktop.rules.line_pricing import decimal_of
from crm_desktop.rules.ordering import CANCELLED, DELIVERED, called, cancel_gap, standing_order
from crm_desktop.rules.pricing import TotalLine, Totals, totals
from crm_desktop.services.quote_approvals import role_of
from crm_desktop.store.client_store import ClientStore
from crm_desktop.store.intents import Intent, update
from crm_desktop.store.reader import Reader

_INITIATOR = "orders"


@dataclass(frozen=True, slots=True)
class Written:
    """A step with an order that can be taken back; `client_seq` is None where nothing had to be written."""

    order_id: str
    client_seq: int | None


class OrderService:
    """What the enrolled user does with orders that are there."""

    def __init__(self, store: ClientStore, user_id: str) -> None:
        self._store = store
        self._user_id = user_id

    def cancel(self, order_id: str) -> Written:
        """Cancel an order that is not delivered; its quote may be offered and ordered anew then.

        NotFound; InvalidInput order_delivered; KnownError may_not_cancel (`rules.ordering.cancel_gap`).
        """

        def build(reader: Reader) -> list[Intent]:
            order = _order(reader, order_id)
            if order["status"] == CANCELLED:
                return []
            gap = cancel_gap(order, self._user_id, role_of(reader, self._user_id))
            if gap == DELIVERED:
                raise InvalidInput(
                    "order_delivered",
                    f"Order {called(order)} is delivered and cannot be cancelled.",
                    "Agree with inside sales on what is sent back.",
                    number=called(order),
                )
            if gap:
                raise KnownError(
                    "may_not_cancel",
                    "This order is a colleague's; inside sales keeps it.",
                    "Ask inside sales to cancel it.",
                )
            return [update("order", order_id, {"status": CANCELLED})]

        return self._write(order_id, build)

    def reopen(self, order_id: str) -> Written:
        """A cancelled order holds again. InvalidInput ordered_already where another one of its quote stands."""

        def build(reader: Reader) -> list[Intent]:
            order = _order(reader, order_id)
            if order["status"] != CANCELLED:
                return []
            others = reader.where("order", quote_id=order["quote_id"]) if order["quote_id"] else []
            other = standing_order([row for row in others if row["id"] != order_id], order_id)
            if other is not None:
                raise InvalidInput(
                    "ordered_already",
                    f"This quote was ordered already: order {called(other)} stands.",
                    "Cancel that order first, then open this one again.",
                    number=called(other),
                )
            return [update("order", order_id, {"status": "open"})]

        return self._write(order_id, build)

    def take_back(self, written: Written) -> None:
        """Undo a cancellation, or an order that was just made.

        What has not left this laptop never happened; else the order is opened again, or cancelled.
        """
        if written.client_seq is not None and self._store.discard(written.client_seq):
            return
        order = self._store.read(lambda reader: _order(reader, written.order_id))
        (self.reopen if order["status"] == CANCELLED else self.cancel)(written.order_id)

    def _write(self, order_id: str, build: Callable[[Reader], list[Intent]]) -> Written:
        made = self._store.read(build)
        return Written(order_id, self._store.commit(made, _INITIATOR).client_seq if made else None)


def order_totals(reader: Reader, order: Row, lines: Sequence[Row]) -> Totals:
    """Goods, charges, net, tax per rate and gross of an order with its lines; freight of its own bears no tax."""
    charges = {row["id"] for row in reader.where("product", is_charge=True)}
    parts = [
        TotalLine(decimal_of(line["line_total"]), decimal_of(line["tax_percent"]), charge=line["product_id"] in charges)
        for line in lines
    ]
    freight = decimal_of(order["freight"])
    if freight:
        parts.append(TotalLine(freight, Decimal(0), charge=True))
    return totals(parts, order["currency"] or "EUR")


def _order(reader: Reader, order_id: str) -> Row:
    order = reader.get("order", order_id)
    if order is None:
        raise NotFound("not_here", "This record is not on this laptop.", "Search for it again.")
    return order
