"""Net prices agreed in another currency: laptop and server count them alike, a change of the customer's is no fraud."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from crm_desktop.services.quotes import NewLine, QuoteService
from crm_desktop.services.refusals import RefusalService
from crm_desktop.store.intents import transition, update
from tests.integration.in_process import Company, Profile, profile_at


@pytest.fixture
def anna(company: Company, tmp_path: Path) -> Iterator[Profile]:
    """A rep who may give 10 %, and a customer with a net price of half the list."""
    territory = company.write("territory", code="N", name="North")
    company.write("account", "acc", name="Adler", territory_id=territory, currency="EUR")
    company.write("price_list", "list", name="List", currency="EUR", rounding="unit", valid_from="2026-01-01")
    company.write("product", "chai", name="Chai", number="1")
    company.write("price_item", price_list_id="list", product_id="chai", price="18.00")
    company.write("customer_condition", account_id="acc", name="Frame", kind="net_price", value="9")
    company.write("discount_ceiling", role="rep", percent="10", valid_from="2026-01-01")
    with profile_at(company, company.user("anna", "rep", [territory]), tmp_path / "anna") as made:
        assert made.sync().error is None
        yield made


def offer(anna: Profile) -> tuple[str, str, str]:
    """Revision and line of a new quote, and the line's price."""
    quotes = QuoteService(anna.store, anna.company.clock, anna.user_id)
    quote = quotes.new_quote("acc", lines=[NewLine("chai", Decimal(1))])
    (line,) = anna.store.read(lambda reader: reader.where("quote_line", quote_id=quote))
    return line["revision_id"], line["id"], line["net_price"]


def sent(anna: Profile, revision_id: str) -> tuple[list[str], bool]:
    """What the server refused, and whether the paper has to be looked at."""
    anna.store.commit([transition("quote_revision", revision_id, "sent")])
    assert anna.sync().error is None
    found = anna.get("quote_revision", revision_id)
    assert found is not None
    refusals = RefusalService(anna.store, anna.company.clock).open()
    return [view.reason for view in refusals], found["needs_review"]


def test_what_is_agreed_in_the_currency_of_the_list_counts_and_else_does_not(anna: Profile) -> None:
    revision, _, price = offer(anna)
    assert Decimal(price) == 9
    assert sent(anna, revision) == ([], False)
    anna.company.write("account", "acc", name="Adler", currency="CHF")
    assert anna.sync().error is None
    revision, line, price = offer(anna)
    assert Decimal(price) == 18
    anna.store.commit([update("quote_line", line, {"net_price": "9", "line_total": "9"})])
    assert sent(anna, revision) == (["above_ceiling"], False)


def test_an_offer_made_before_the_customer_changed_his_currency_is_looked_at(anna: Profile) -> None:
    revision, _, _ = offer(anna)
    anna.company.write("account", "acc", name="Adler", currency="CHF")
    assert sent(anna, revision) == ([], True)
