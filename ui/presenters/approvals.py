"""Quotes above a ceiling: what waits for the user's decision, and what became of his own requests."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from crm_desktop.model.wire import Row
from crm_desktop.rules.discount_ceiling import own_discount
from crm_desktop.rules.line_pricing import other_currency
from crm_desktop.rules.margin import is_below_floor, margin, paper_margin
from crm_desktop.rules.permissions import APPROVE, SEE_COST, permissions_of
from crm_desktop.services.quote_approvals import WAITING, check_ceiling, lines_of, role_of
from crm_desktop.services.quote_prices import cost_currency
from crm_desktop.services.quote_totals import revision_totals
from crm_desktop.store.reader import Reader
from ui.presenters.quote_standing import name_of

_OWN = (WAITING, "returned", "approved")


@dataclass(frozen=True, slots=True)
class AskedLine:
    """A line of a quote that waits; `discount` is what it gives away in truth.

    `margin` and `floor` (percent) are None for who may not see cost.
    """

    number: int
    name: str
    quantity: Decimal
    unit: str
    discount: Decimal
    net_price: Decimal
    total: Decimal
    above: bool
    margin: Decimal | None
    floor: Decimal | None
    below_floor: bool


@dataclass(frozen=True, slots=True)
class Approval:
    """A revision that was handed to inside sales. `ceiling`: of who asked, in percent; None: none is declared."""

    revision_id: str
    quote_id: str
    account_id: str
    number: str
    revision: int
    account: str
    status: str
    requested_by: str
    requested_at: str | None
    reason: str
    decided_by: str
    word: str
    ceiling: Decimal | None
    lines: tuple[AskedLine, ...]
    net: Decimal
    currency: str
    margin: Decimal | None

    @property
    def above(self) -> tuple[AskedLine, ...]:
        """The lines that go beyond the ceiling."""
        return tuple(line for line in self.lines if line.above)


@dataclass(frozen=True, slots=True)
class Approvals:
    """`waiting`: to be decided by the user, oldest first; `own`: his requests, newest first."""

    may_decide: bool
    waiting: tuple[Approval, ...]
    own: tuple[Approval, ...]


def load_approvals(reader: Reader, user_id: str) -> Approvals:
    """Everything on the page."""
    may = permissions_of(role_of(reader, user_id))
    waiting = _to_decide(reader, user_id) if APPROVE in may else []
    shown = {row["id"] for row in waiting}
    asked = reader.where("quote_revision", requested_by=user_id) if user_id else []
    own = [row for row in asked if row["status"] in _OWN and row["id"] not in shown]
    sees_cost = SEE_COST in may
    return Approvals(
        APPROVE in may,
        _all(reader, sorted(waiting, key=_asked_at), sees_cost),
        _all(reader, sorted(own, key=_asked_at, reverse=True), sees_cost),
    )


def count_approvals(reader: Reader, user_id: str) -> int:
    """How many wait for the user's decision; for who does not decide, how many of his own are not sent yet."""
    if APPROVE in permissions_of(role_of(reader, user_id)):
        return len(_to_decide(reader, user_id))
    own = reader.where("quote_revision", requested_by=user_id) if user_id else []
    return sum(row["status"] in _OWN for row in own)


def _to_decide(reader: Reader, user_id: str) -> list[Row]:
    """What waits, but what the user has asked for himself: that is for a colleague."""
    return [row for row in reader.where("quote_revision", status=WAITING) if row["requested_by"] != user_id]


def _asked_at(row: Row) -> str:
    return str(row["requested_at"] or "")


def _all(reader: Reader, rows: Sequence[Row], sees_cost: bool) -> tuple[Approval, ...]:
    made = (_approval(reader, row, sees_cost) for row in rows)
    return tuple(found for found in made if found is not None)


def _approval(reader: Reader, revision: Row, sees_cost: bool) -> Approval | None:
    quote = reader.get("quote", revision["quote_id"])
    if quote is None:
        return None
    account = reader.get("account", quote["account_id"])
    rows = lines_of(reader, revision)
    found = check_ceiling(reader, revision, rows, role_of(reader, revision["requested_by"]))
    products = reader.many("product", [row["product_id"] for row in rows])
    sees_cost = sees_cost and not other_currency(cost_currency(reader), revision["currency"])
    costs = [_decimal(products.get(row["product_id"], {}).get("cost")) if sees_cost else None for row in rows]
    lines = tuple(
        _line(number, row, products.get(row["product_id"]), cost, found.granted.get(row["id"]))
        for number, (row, cost) in enumerate(zip(rows, costs, strict=True), 1)
    )
    known = [(line.total, cost * line.quantity) for line, cost in zip(lines, costs, strict=True) if cost is not None]
    return Approval(
        revision_id=revision["id"],
        quote_id=quote["id"],
        account_id=quote["account_id"] or "",
        number=quote["number"],
        revision=revision["revision"] or 1,
        account=account["name"] if account is not None else "",
        status=revision["status"],
        requested_by=name_of(reader, revision["requested_by"]),
        requested_at=revision["requested_at"],
        reason=revision["request_note"],
        decided_by=name_of(reader, revision["decided_by"]),
        word=revision["decision_note"],
        ceiling=found.ceiling,
        lines=lines,
        net=revision_totals(reader, revision["id"]).net,
        currency=revision["currency"] or "EUR",
        margin=paper_margin(known) if known else None,
    )


def _line(number: int, row: Row, product: Row | None, cost: Decimal | None, granted: Decimal | None) -> AskedLine:
    net = Decimal(row["net_price"] or 0)
    floor = _decimal(product["margin_floor_percent"]) if product is not None and cost is not None else None
    return AskedLine(
        number=number,
        name=row["name"],
        quantity=Decimal(row["quantity"] or 0),
        unit=row["unit"],
        discount=own_discount(row) if granted is None else granted,
        net_price=net,
        total=Decimal(row["line_total"] or 0),
        above=granted is not None,
        margin=margin(net, cost),
        floor=floor,
        below_floor=is_below_floor(net, cost, floor),
    )


def _decimal(value: str | None) -> Decimal | None:
    return Decimal(value) if value else None
