"""Hints come from orders, say what they count, and suggest nothing that is on the quote or cannot be offered."""

from decimal import Decimal

import pytest

from crm_desktop.services.quote_hints import Hints, load_hints
from crm_desktop.services.records import RecordService
from crm_desktop.store.client_store import ClientStore

PRODUCTS = frozenset({"chai", "tofu", "konbu", "gone"})


@pytest.fixture
def sold(store: ClientStore, records: RecordService) -> ClientStore:
    """Products, customers and what they ordered."""
    for product in sorted(PRODUCTS):
        records.create("product", {"name": product.title(), "unit": "box"}, product)
    orders = [
        ("acc", "2026-01-05", {"tofu": 5, "chai": 1}, "delivered"),
        ("acc", "2026-02-05", {"tofu": 8}, "delivered"),
        ("acc", "2026-02-06", {"konbu": 2}, "cancelled"),
        ("acc", "2026-01-01", {"gone": 1}, "delivered"),
        ("b", "2026-01-05", {"chai": 1, "konbu": 1}, "delivered"),
        ("b", "2026-01-09", {"chai": 1, "konbu": 1}, "delivered"),
        ("c", "2026-01-05", {"chai": 1, "konbu": 1}, "delivered"),
        ("c", "2026-01-07", {"chai": 1, "gone": 1}, "delivered"),
        ("d", "2026-01-07", {"tofu": 1, "konbu": 1}, "cancelled"),
    ]
    for account in ("acc", "b", "c", "d"):
        records.create("account", {"name": account}, account)
    for number, (account, day, lines, status) in enumerate(orders):
        with records.batch() as batch:
            head = {"account_id": account, "ordered_on": day, "status": status}
            order = batch.create("order", head, f"order-{number}")
            for product, quantity in lines.items():
                batch.create("order_line", {"order_id": order, "product_id": product, "quantity": quantity})
    return store


def hints(sold: ClientStore, *on_quote: str, offered: frozenset[str] = PRODUCTS - {"gone"}) -> Hints:
    return sold.read(lambda reader: load_hints(reader, "acc", on_quote, offered))


def test_what_was_bought_before_with_its_count_and_last_quantity(sold: ClientStore) -> None:
    found = hints(sold, "chai")
    assert [(hint.name, hint.orders, hint.last_on, hint.quantity) for hint in found.before] == [
        ("Tofu", 2, "2026-02-05", Decimal(8))
    ]


def test_what_others_buy_with_it_counts_customers(sold: ClientStore) -> None:
    (hint,) = hints(sold, "chai").beside
    assert (hint.name, hint.beside, hint.orders, hint.accounts) == ("Konbu", "Chai", 3, 2)


def test_nothing_that_is_on_the_quote_or_cannot_be_offered(sold: ClientStore) -> None:
    assert hints(sold, "chai", "tofu", "konbu") == Hints()
    assert [hint.name for hint in hints(sold).before] == ["Tofu", "Chai"]
    assert hints(sold).beside == ()
    assert hints(sold, "chai", offered=frozenset()) == Hints()
