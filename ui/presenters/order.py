"""An order as its page shows it: lines, totals, where it came from, and what its reader may do with it."""

from collections.abc import Mapping
from dataclasses import dataclass

from crm_desktop.model.wire import Row
from crm_desktop.rules.ordering import CANCELLED, cancel_gap, standing_order
from crm_desktop.rules.pricing import Totals
from crm_desktop.services.orders import order_totals
from crm_desktop.services.quote_approvals import role_of
from crm_desktop.services.quote_outcome import order_id_of
from crm_desktop.store.reader import Reader
from ui.presenters.quote_standing import name_of


@dataclass(frozen=True, slots=True)
class OrderContents:
    """Everything on the page. `units`: product id to the unit it is sold in.

    `quote_number` is empty where the order came of no quote that is here; `revision` names the one that was ordered
    (None: not known) and `contact` who it was offered to. `may_cancel` and `may_reopen` are for the user.
    """

    order: Row
    lines: tuple[Row, ...]
    units: Mapping[str, str]
    totals: Totals
    account: Row | None
    contact: str
    owner: str
    quote_number: str
    revision: Row | None
    state: str
    may_cancel: bool
    may_reopen: bool

    @property
    def number(self) -> str:
        """Its official number, before the server gave one that of its quote."""
        return str(self.order["number"] or self.order["provisional_number"])


def load_order(reader: Reader, order_id: str, user_id: str) -> OrderContents | None:
    """The order for a user; None where it is not on this device."""
    found = reader.order(order_id)
    if found is None:
        return None
    order, lines = found
    products = reader.many("product", [line["product_id"] for line in lines if line["product_id"]])
    quote = reader.get("quote", order["quote_id"]) if order["quote_id"] else None
    revisions = reader.where("quote_revision", quote_id=quote["id"]) if quote is not None else []
    contact = reader.get("contact", quote["contact_id"]) if quote is not None and quote["contact_id"] else None
    cancelled = order["status"] == CANCELLED
    mine = not cancel_gap(order, user_id, role_of(reader, user_id))
    return OrderContents(
        order=order,
        lines=tuple(lines),
        units={product_id: row["unit"] for product_id, row in products.items()},
        totals=order_totals(reader, order, lines),
        account=reader.get("account", order["account_id"]) if order["account_id"] else None,
        contact=str(contact["name"]) if contact is not None else "",
        owner=name_of(reader, order["owner_id"]),
        quote_number=str(quote["number"]) if quote is not None else "",
        revision=next((row for row in revisions if order_id_of(row["id"]) == order_id), None),
        state=reader.record_state("order", order_id),
        may_cancel=mine and not cancelled,
        may_reopen=mine and cancelled and not _replaced(reader, order),
    )


def _replaced(reader: Reader, order: Row) -> bool:
    """Whether another order of its quote stands in its place."""
    others = reader.where("order", quote_id=order["quote_id"]) if order["quote_id"] else []
    return standing_order([row for row in others if row["id"] != order["id"]], "") is not None
