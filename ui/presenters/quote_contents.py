"""A quote revision as the editor shows it: lines with margin, totals, price list, revisions."""

from dataclasses import dataclass, replace
from decimal import Decimal

from crm_desktop.model.wire import Row
from crm_desktop.rules.margin import discount_for_floor, is_below_floor, margin, paper_margin
from crm_desktop.rules.permissions import SEE_COST, permissions_of
from crm_desktop.rules.price_ladder import PriceLadder, ladder_from_text
from crm_desktop.rules.pricing import Totals, bonus_of
from crm_desktop.rules.revisions import current_last
from crm_desktop.services.quote_approvals import lines_of
from crm_desktop.services.quote_staleness import PriceGuard, StalePrices
from crm_desktop.services.quote_totals import revision_totals
from crm_desktop.store.reader import Reader
from ui.presenters.quote_compare import LineChange, compare_lines
from ui.presenters.quote_forks import NO_FORK, ForkView, author_of, load_fork
from ui.presenters.quote_money import QuoteMoney, load_money
from ui.presenters.quote_standing import Standing, load_standing, state_of


@dataclass(frozen=True, slots=True)
class LineView:
    """One line. `key` stays the same from the keystroke that made it; `id` is empty until it is stored."""

    key: str
    id: str
    product_id: str
    name: str
    unit: str
    quantity: Decimal
    own_discount: Decimal
    list_price: Decimal | None = None
    net_price: Decimal | None = None
    tax_percent: Decimal | None = None
    total: Decimal | None = None
    ladder: PriceLadder | None = None
    margin: Decimal | None = None
    floor: Decimal | None = None
    below_floor: bool = False
    allowed_discount: Decimal | None = None
    above_ceiling: bool = False
    optional: bool = False


@dataclass(frozen=True, slots=True)
class RevisionView:
    """A revision in the list at the side; `author` is empty where its number says enough."""

    id: str
    revision: int
    status: str
    sent_at: str | None
    valid_until: str | None
    net: Decimal
    currency: str
    author: str = ""


@dataclass(frozen=True, slots=True)
class Offered:
    """A product that may be put on a new line."""

    id: str
    number: str
    name: str
    unit: str


@dataclass(frozen=True, slots=True)
class QuoteContents:
    """Everything on the page. `paper_margin` is None where cost is unknown or not for this user."""

    quote: Row
    revision: Row
    account: Row | None
    contact: Row | None
    lines: tuple[LineView, ...]
    totals: Totals
    revisions: tuple[RevisionView, ...]
    price_list: Row | None
    editable: bool
    paper_margin: Decimal | None
    paper_floor: Decimal | None
    state: str
    standing: Standing
    bonus: Decimal
    money: QuoteMoney
    changes: tuple[LineChange, ...] = ()
    compared_with: int = 0
    stale: StalePrices | None = None
    fork: ForkView = NO_FORK


OpenQuote = tuple[QuoteContents | None, tuple[Offered, ...]]
"""A quote, None where it is not here, and the products offered for its lines."""


def load_offered(reader: Reader, price_list_id: str | None) -> tuple[Offered, ...]:
    """Products with a price in the list; discontinued ones are not offered."""
    priced = {row["product_id"] for row in reader.where("price_item", price_list_id=price_list_id)}
    rows = reader.where("product", discontinued=False)
    found = [Offered(row["id"], row["number"], row["name"], row["unit"]) for row in rows if row["id"] in priced]
    return tuple(sorted(found, key=lambda product: product.name.casefold()))


def load_quote(reader: Reader, quote_id: str, revision_id: str = "", user_id: str = "") -> QuoteContents | None:
    """The quote with one of its revisions (default: the newest); None where it is not on this device."""
    view = reader.quote(quote_id)
    if view is None or view.revision is None:
        return None
    rows = {row["id"]: row for row in view.revisions}
    revision, quote = rows.get(revision_id, view.revision), view.quote
    line_rows = sorted(
        reader.where("quote_line", quote_id=quote_id, revision_id=revision["id"]),
        key=lambda row: (row["position"], row["id"]),
    )
    products = reader.many("product", [row["product_id"] for row in line_rows if row["product_id"]])
    sees_cost = _may_see_cost(reader, user_id)
    money = load_money(reader, revision, quote["account_id"] or "", sees_cost=sees_cost)
    shows_cost = sees_cost and not money.cost_in
    standing = load_standing(reader, revision, line_rows, user_id)
    lines = tuple(
        replace(
            _line(row, products.get(row["product_id"] or ""), shows_cost), above_ceiling=row["id"] in standing.above
        )
        for row in line_rows
    )
    costs = [_cost(products.get(line.product_id), shows_cost) for line in lines]
    known = [(line.total or Decimal(0), cost * line.quantity) for line, cost in zip(lines, costs, strict=True) if cost]
    floors = [line.floor for line in lines if line.floor is not None]
    earlier = max(
        (row for row in view.revisions if (row["revision"] or 0) < (revision["revision"] or 0)),
        key=current_last,
        default=None,
    )
    if earlier is not None and (earlier["currency"] or "EUR") != (revision["currency"] or "EUR"):
        earlier = None  # amounts of two currencies have no difference
    return QuoteContents(
        quote=quote,
        revision=revision,
        account=reader.get("account", quote["account_id"]) if quote["account_id"] else None,
        contact=reader.get("contact", quote["contact_id"]) if quote["contact_id"] else None,
        lines=lines,
        totals=revision_totals(reader, revision["id"]),
        revisions=tuple(
            replace(_revision(reader, row), author=author_of(reader, row, view.revisions)) for row in view.revisions
        ),
        price_list=reader.get("price_list", revision["price_list_id"]) if revision["price_list_id"] else None,
        editable=revision["status"] == "draft",
        paper_margin=paper_margin(known) if known else None,
        paper_floor=max(floors) if floors else None,
        state=state_of(reader, quote_id, revision["id"], line_rows),
        standing=standing,
        fork=load_fork(reader, revision, view.revisions),
        changes=compare_lines(lines_of(reader, earlier), line_rows) if earlier is not None else (),
        compared_with=(earlier["revision"] or 1) if earlier is not None else 0,
        money=money,
        bonus=bonus_of(
            [(line.total or Decimal(0), line.ladder) for line in lines if line.ladder and not line.optional],
            revision["currency"] or "EUR",
        ),
    )


def load_open(reader: Reader, quote_id: str, revision_id: str, user_id: str, guard: PriceGuard) -> OpenQuote:
    """A quote, whether its prices are today's, and the products its lines may be of."""
    contents = load_quote(reader, quote_id, revision_id, user_id)
    if contents is not None:
        contents = replace(contents, stale=guard.check(reader, contents.revision))
    return contents, load_offered(reader, contents.revision["price_list_id"]) if contents is not None else ()


def _may_see_cost(reader: Reader, user_id: str) -> bool:
    user = reader.get("user", user_id) if user_id else None
    return user is not None and SEE_COST in permissions_of(user["role"])


def _cost(product: Row | None, shown: bool) -> Decimal | None:
    return Decimal(product["cost"]) if shown and product is not None and product["cost"] else None


def _line(row: Row, product: Row | None, shows_cost: bool) -> LineView:
    cost = _cost(product, shows_cost)
    floor_text = product["margin_floor_percent"] if product is not None and cost is not None else None
    floor = Decimal(floor_text) if floor_text else None
    net = Decimal(row["net_price"] or 0)
    ladder = ladder_from_text(row["ladder"]) if row["ladder"] else None
    below = is_below_floor(net, cost, floor)
    allowed = None
    if below and ladder is not None and cost is not None and floor is not None:
        allowed = discount_for_floor(ladder, cost, floor)
    return LineView(
        key=row["id"],
        id=row["id"],
        product_id=row["product_id"] or "",
        name=row["name"],
        unit=row["unit"],
        quantity=Decimal(row["quantity"] or 0),
        own_discount=Decimal(row["discount_percent"] or 0),
        list_price=_decimal(row["list_price"]),
        net_price=net,
        tax_percent=_decimal(row["tax_percent"]),
        total=_decimal(row["line_total"]),
        ladder=ladder,
        margin=margin(net, cost),
        floor=floor,
        below_floor=below,
        allowed_discount=allowed,
        optional=row["optional"],
    )


def _revision(reader: Reader, row: Row) -> RevisionView:
    net = revision_totals(reader, row["id"]).net
    currency = row["currency"] or "EUR"
    return RevisionView(
        row["id"], row["revision"] or 1, row["status"], row["sent_at"], row["valid_until"], net, currency
    )


def _decimal(value: str | None) -> Decimal | None:
    return Decimal(value) if value is not None else None
