"""What else this customer may need, from the orders on this laptop: each hint says what it counts."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from crm_desktop.model.wire import Row
from crm_desktop.store.purchases import BoughtWith
from crm_desktop.store.reader import Reader

MOST = 4
_LEAST_ACCOUNTS = 2  # one other customer is an accident
_CANDIDATES = 40


@dataclass(frozen=True, slots=True)
class BoughtBefore:
    """The customer ordered this `orders` times, last on `last_on` and then `quantity`; it is not on the quote."""

    product_id: str
    name: str
    unit: str
    orders: int
    last_on: str | None
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class GoesWith:
    """`accounts` other customers had this in an order together with `beside`, which is on the quote."""

    product_id: str
    name: str
    unit: str
    beside: str
    orders: int
    accounts: int


@dataclass(frozen=True, slots=True)
class Hints:
    """At most a handful of each, the strongest first; none is in both."""

    before: tuple[BoughtBefore, ...] = ()
    beside: tuple[GoesWith, ...] = ()


def load_hints(reader: Reader, account_id: str, on_quote: Sequence[str], offered: frozenset[str]) -> Hints:
    """Hints for a quote with these products; only products of `offered` (ids) can be put on a line."""
    here = set(on_quote)
    history = [item for item in reader.bought(account_id) if item.product_id in offered and item.product_id not in here]
    known = {item.product_id for item in history[:MOST]}
    pairs = reader.bought_with(on_quote, account_id, _LEAST_ACCOUNTS, _CANDIDATES) if on_quote else []
    strongest: dict[str, BoughtWith] = {}
    for pair in pairs:
        if pair.product_id in offered and pair.product_id not in known:
            strongest.setdefault(pair.product_id, pair)
    chosen = list(strongest.values())[:MOST]
    products = reader.many("product", [*known, *(pair.product_id for pair in chosen), *on_quote])
    return Hints(
        tuple(
            BoughtBefore(
                item.product_id,
                *_named(products, item.product_id),
                item.orders,
                item.last_on,
                Decimal(item.last_quantity) / 1000 or Decimal(1),
            )
            for item in history[:MOST]
        ),
        tuple(
            GoesWith(
                pair.product_id,
                *_named(products, pair.product_id),
                _named(products, pair.beside)[0],
                pair.orders,
                pair.accounts,
            )
            for pair in chosen
        ),
    )


def _named(products: dict[str, Row], product_id: str) -> tuple[str, str]:
    row = products.get(product_id)
    return (row["name"], row["unit"]) if row is not None else ("", "")
