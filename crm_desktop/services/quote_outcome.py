"""How a quote ends: accepted, ordered or lost. Each is one transaction and works offline."""

from datetime import date
from decimal import Decimal
from typing import Any

from crm_desktop.clock import Clock
from crm_desktop.errors import InvalidInput, NotFound
from crm_desktop.model.wire import Row
from crm_desktop.rules.closing import loss_lacks
from crm_desktop.rules.named_ids import named_id
from crm_desktop.rules.ordering import standing_order
from crm_desktop.services.closing import quote_closed
from crm_desktop.services.orders import Written
from crm_desktop.services.quote_approvals import lines_of
from crm_desktop.store.client_store import ClientStore
from crm_desktop.store.intents import Intent, create, transition, update
from crm_desktop.store.reader import Reader

_INITIATOR = "quotes"
_ORDERABLE = frozenset({"sent", "superseded", "accepted"})


class QuoteOutcomes:
    """The end of quotes, for the enrolled user."""

    def __init__(self, store: ClientStore, clock: Clock, user_id: str) -> None:
        self._store = store
        self._clock = clock
        self._user_id = user_id

    def lose(
        self,
        revision_id: str,
        reason: str,
        *,
        competitor: str = "",
        price_gap_percent: Decimal | None = None,
        note: str = "",
    ) -> None:
        """Close a sent revision as lost. `price_gap_percent`: how much dearer we were; None: unknown.

        InvalidInput `lost_reason_missing` without one of the declared reasons, `lost_competitor_missing` where
        somebody else made the sale and is not named.
        """
        lacking = loss_lacks({"lost_reason": reason, "competitor": competitor})
        if lacking == "reason":
            raise InvalidInput(
                "lost_reason_missing", "A quote is closed as lost with a reason.", "Choose a reason, then close it."
            )
        if lacking:
            raise InvalidInput(
                "lost_competitor_missing",
                "Somebody else made this sale, but the competitor is not named.",
                "Name the competitor, then close the quote.",
            )

        def build(reader: Reader) -> list[Intent]:
            revision = _require(reader, "quote_revision", revision_id)
            told: dict[str, Any] = {
                "competitor": competitor.strip(),
                "lost_reason": reason,
                "price_gap_percent": price_gap_percent,
                "lost_note": note.strip(),
            }
            made = [update("quote", revision["quote_id"], told), transition("quote_revision", revision_id, "lost")]
            return quote_closed(reader, made)

        self._store.commit(self._store.read(build), _INITIATOR)

    def order(self, revision_id: str) -> Written:
        """The order of a revision: accepted and ordered in one step; the answer can be taken back (`OrderService`).

        The id follows from the revision, so a second press, here or on another laptop, makes no second order; where
        another revision of the quote was ordered already and not cancelled, that order is returned. Optional lines
        stay out.
        InvalidInput not_orderable, empty_quote.
        """
        order_id = order_id_of(revision_id)

        def build(reader: Reader) -> tuple[str, list[Intent]]:
            revision = _require(reader, "quote_revision", revision_id)
            known = standing_order(reader.where("order", quote_id=revision["quote_id"]), order_id)
            if known is not None:
                return known["id"], []
            if revision["status"] not in _ORDERABLE:
                raise InvalidInput(
                    "not_orderable", "Only a sent quote becomes an order.", "Send the quote first, then order it."
                )
            quote = _require(reader, "quote", revision["quote_id"])
            lines = [line for line in lines_of(reader, revision) if not line["optional"]]
            if not lines:
                raise InvalidInput("empty_quote", "The quote has no lines.", "Add a product first.")
            made: list[Intent] = []
            if revision["status"] != "accepted":
                made.append(transition("quote_revision", revision_id, "accepted"))
            made.append(create("order", order_id, self._head(reader, quote, revision)))
            for place, line in enumerate(lines, 1):
                made.append(
                    create("order_line", named_id(f"{order_id} {line['id']}"), _order_line(order_id, place, line))
                )
            return order_id, quote_closed(reader, made)

        found, intents = self._store.read(build)
        return Written(found, self._store.commit(intents, _INITIATOR).client_seq if intents else None)

    def _head(self, reader: Reader, quote: Row, revision: Row) -> dict[str, Any]:
        today: date = self._clock.now().astimezone().date()
        return {
            "provisional_number": quote["number"],
            "account_id": quote["account_id"],
            "quote_id": quote["id"],
            "owner_id": quote["owner_id"] or self._user_id or None,
            "ordered_on": today,
            "status": "open",
            "currency": revision["currency"],
            "ship_to": _ship_to(reader, quote["account_id"]),
        }


def order_id_of(revision_id: str) -> str:
    """Id of the one order a revision may become."""
    return named_id(f"order of {revision_id}")


def _order_line(order_id: str, place: int, line: Row) -> dict[str, Any]:
    # The price per unit is what was offered; the discount is in it already.
    price = Decimal(line["net_price"] or 0).quantize(Decimal("0.0001"))
    return {
        "order_id": order_id,
        "position": place,
        "product_id": line["product_id"],
        "name": line["name"],
        "quantity": line["quantity"],
        "unit_price": price,
        "tax_percent": line["tax_percent"],
        "line_total": line["line_total"],
    }


def _ship_to(reader: Reader, account_id: str | None) -> str:
    places = reader.where("address", account_id=account_id) if account_id else []
    places.sort(key=lambda row: (row["kind"] != "shipping", not row["preferred"], row["id"]))
    if not places:
        return ""
    place = places[0]
    lines = [*place["street"].splitlines(), f"{place['postal_code']} {place['city']}".strip(), place["country"]]
    return "\n".join(line for line in lines if line)


def _require(reader: Reader, entity: str, record_id: str | None) -> Row:
    row = reader.get(entity, record_id) if record_id else None
    if row is None:
        raise NotFound("not_here", "This record is not on this laptop.", "Search for it again.")
    return row
