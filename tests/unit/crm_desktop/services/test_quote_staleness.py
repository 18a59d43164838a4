"""A draft against today's prices: what differs is told line by line; it is kept, priced again or asked about."""

from dataclasses import dataclass
from decimal import Decimal

import pytest

from crm_desktop.errors import InvalidInput
from crm_desktop.services.quote_staleness import PriceGuard, StalePrices
from crm_desktop.services.quotes import NewLine, QuoteService
from crm_desktop.services.records import RecordService
from crm_desktop.store.client_store import ClientStore
from tests.standing_clock import StandingClock
from tests.unit.crm_desktop.conftest import USER


@dataclass
class Desk:
    """A store with two products on a list that ends in March."""

    store: ClientStore
    clock: StandingClock
    quotes: QuoteService
    records: RecordService
    guard: PriceGuard
    revision_id: str = ""

    def stale(self) -> StalePrices | None:
        return self.store.read(lambda r: self.guard.check(r, r.get("quote_revision", self.revision_id) or {}))

    def lines(self) -> dict[str, tuple[str, str, str]]:
        rows = self.store.read(lambda r: r.where("quote_line", revision_id=self.revision_id))
        return {row["name"]: (row["net_price"], row["discount_percent"], row["line_total"]) for row in rows}


@pytest.fixture
def desk(store: ClientStore, clock: StandingClock, records: RecordService) -> Desk:
    records.create("account", {"name": "Adler"}, "acc")
    records.create("tax_rate", {"tax_class": "food", "percent": "7"}, "tax")
    for name, begins, ends in (("March", "2026-03-01", "2026-03-31"), ("April", "2026-04-01", None)):
        head = {"name": name, "currency": "EUR", "rounding": "unit", "valid_from": begins, "valid_until": ends}
        records.create("price_list", head, name)
    for product, march, april in (("Chai", "18", "19"), ("Tofu", "23", "23"), ("Konbu", "6", None)):
        records.create("product", {"name": product, "tax_class": "food", "category": "x"}, product)
        for name, price in (("March", march), ("April", april)):
            if price is not None:
                item = {"price_list_id": name, "product_id": product, "price": price}
                records.create("price_item", item, f"{name}-{product}")
    quotes = QuoteService(store, clock, USER)
    made = Desk(store, clock, quotes, records, PriceGuard(store, clock))
    lines = [NewLine(name, Decimal(10), Decimal(5) if name == "Chai" else None) for name in ("Chai", "Tofu")]
    quote = quotes.new_quote("acc", lines=lines)
    (row,) = store.read(lambda reader: reader.where("quote_revision", quote_id=quote))
    made.revision_id = row["id"]
    return made


def test_nothing_is_told_while_the_prices_are_todays(desk: Desk) -> None:
    assert desk.stale() is None
    desk.clock.move(days=20)
    assert desk.stale() is None


def test_another_list_names_the_lines_that_differ(desk: Desk) -> None:
    desk.clock.move(days=40)
    found = desk.stale()
    assert found is not None
    assert (found.old_list, found.new_list) == ("March", "April")
    (line,) = found.lines
    assert (line.name, line.old_price, line.new_price) == ("Chai", Decimal("17.10"), Decimal("18.05"))
    assert (line.old_total, line.new_total) == (Decimal("171.00"), Decimal("180.50"))
    assert (found.old_net, found.new_net) == (Decimal("401.00"), Decimal("410.50"))


def test_an_item_and_a_condition_that_changed_are_seen_too(desk: Desk) -> None:
    desk.records.update("price_item", "March-Tofu", {"price": "22"})
    found = desk.stale()
    assert found is not None
    assert [(line.name, line.new_price) for line in found.lines] == [("Tofu", Decimal("22.00"))]
    condition = {"account_id": "acc", "name": "Spring", "kind": "percent", "value": "10", "product_id": "Chai"}
    desk.records.create("customer_condition", condition)
    again = desk.stale()
    assert again is not None
    assert {line.name for line in again.lines} == {"Chai", "Tofu"}


def test_pricing_again_takes_list_and_day_and_leaves_the_discounts(desk: Desk) -> None:
    desk.clock.move(days=40)
    desk.guard.reprice(desk.revision_id)
    assert desk.lines() == {
        "Chai": ("18.05000000", "5.0000", "180.50"),
        "Tofu": ("23.00000000", "0.0000", "230.00"),
    }
    row = desk.store.read(lambda reader: reader.get("quote_revision", desk.revision_id))
    assert row is not None
    assert (row["price_list_id"], row["quote_date"]) == ("April", "2026-04-13")
    assert desk.stale() is None


def test_kept_prices_are_asked_about_again_only_when_they_change_again(desk: Desk) -> None:
    desk.clock.move(days=40)
    before = desk.lines()
    desk.guard.keep(desk.revision_id)
    assert desk.stale() is None
    assert desk.lines() == before
    desk.records.update("price_item", "April-Chai", {"price": "20"})
    assert desk.stale() is not None


def test_a_product_that_is_on_no_list_any_more_keeps_its_price_and_is_named(desk: Desk) -> None:
    desk.quotes.add_line(desk.revision_id, "Konbu", Decimal(2))
    desk.clock.move(days=40)
    desk.guard.reprice(desk.revision_id)
    assert desk.lines()["Konbu"][2] == "12.00"
    found = desk.stale()
    assert found is not None
    assert [(line.name, line.new_price) for line in found.lines] == [("Konbu", None)]
    assert found.old_net == found.new_net


def test_a_sent_paper_is_never_stale(desk: Desk) -> None:
    desk.quotes.send(desk.revision_id)
    desk.clock.move(days=40)
    assert desk.stale() is None


def test_a_list_released_for_another_country_leaves_drafts_alone_and_prices_its_customers(desk: Desk) -> None:
    head = {"name": "Japan", "currency": "JPY", "rounding": "unit", "valid_from": "2026-03-05"}
    desk.records.create("price_list", head, "Japan")
    desk.records.create("price_item", {"price_list_id": "Japan", "product_id": "Chai", "price": "2833"}, "Japan-Chai")
    desk.records.create("account", {"name": "Kissaten", "currency": "JPY"}, "kissa")
    desk.clock.move(days=2)
    assert desk.stale() is None
    quote = desk.quotes.new_quote("kissa", lines=[NewLine("Chai", Decimal("0.5"), Decimal(5))])
    (row,) = desk.store.read(lambda reader: reader.where("quote_revision", quote_id=quote))
    assert (row["price_list_id"], row["currency"]) == ("Japan", "JPY")
    desk.revision_id = row["id"]
    assert desk.lines() == {"Chai": ("2691.00000000", "5.0000", "1346.00")}  # whole yen: half of 2691 goes up
    assert desk.stale() is None
    desk.quotes.send(desk.revision_id)


def test_a_tax_that_was_corrected_is_told_and_prices_may_be_kept_but_not_the_wrong_tax(desk: Desk) -> None:
    desk.records.update("tax_rate", "tax", {"percent": "8"})
    for _ in range(2):
        found = desk.stale()
        assert found is not None
        assert {line.name: (line.old_tax, line.new_tax) for line in found.lines} == {
            name: (Decimal(7), Decimal(8)) for name in ("Chai", "Tofu")
        }
        assert found.old_net == found.new_net
        with pytest.raises(InvalidInput) as told:
            desk.quotes.send(desk.revision_id)
        assert told.value.code == "not_calculated"
        desk.guard.keep(desk.revision_id)
    desk.guard.reprice(desk.revision_id)
    assert desk.stale() is None
    desk.quotes.send(desk.revision_id)


def test_a_rate_that_begins_after_the_day_of_the_paper_may_stay_out_of_it(desk: Desk) -> None:
    desk.records.create("tax_rate", {"tax_class": "food", "percent": "9", "valid_from": "2026-03-20"}, "spring")
    assert desk.stale() is None
    desk.clock.move(days=20)
    found = desk.stale()
    assert found is not None
    assert {line.new_tax for line in found.lines} == {Decimal(9)}
    desk.guard.keep(desk.revision_id)
    assert desk.stale() is None
    desk.quotes.send(desk.revision_id)
