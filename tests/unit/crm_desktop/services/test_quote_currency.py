"""A quote in another currency: the list brings it, and what its lines cannot keep is said."""

from datetime import date
from decimal import Decimal

import pytest

from crm_desktop.errors import KnownError
from crm_desktop.services.quote_prices import cost_currency, valid_price_lists
from crm_desktop.services.quotes import NewLine, QuoteService
from crm_desktop.services.records import RecordService
from crm_desktop.store.client_store import ClientStore
from tests.standing_clock import StandingClock
from tests.unit.crm_desktop.conftest import USER


@pytest.fixture
def priced(store: ClientStore, records: RecordService) -> ClientStore:
    """One product at 18.00 EUR and 1.235 KWD, and a list that is over."""
    records.create("account", {"name": "Adler"}, "acc")
    records.create("product", {"name": "Chai"}, "Chai")
    for name, currency, begins, ends, price in (
        ("Euro", "EUR", "2026-01-01", None, "18"),
        ("Dinar", "KWD", "2026-02-01", None, "1.235"),
        ("Over", "USD", "2026-01-02", "2026-01-31", "20"),
    ):
        head = {"name": name, "currency": currency, "rounding": "line", "valid_from": begins, "valid_until": ends}
        records.create("price_list", head, name)
        records.create("price_item", {"price_list_id": name, "product_id": "Chai", "price": price})
    return store


def test_lists_of_the_day_and_the_currency_of_cost(priced: ClientStore) -> None:
    lists = priced.read(lambda reader: valid_price_lists(reader, date(2026, 3, 4)))
    assert [row["name"] for row in lists] == ["Dinar", "Euro"]
    assert priced.read(cost_currency) == "EUR"


def test_a_list_brings_its_currency_and_an_amount_too_fine_to_keep_is_told(
    priced: ClientStore, clock: StandingClock
) -> None:
    quotes = QuoteService(priced, clock, USER)
    quote = quotes.new_quote("acc", lines=[NewLine("Chai", Decimal(3))])
    (revision,) = priced.read(lambda reader: reader.where("quote_revision", quote_id=quote))
    (line,) = priced.read(lambda reader: reader.where("quote_line", quote_id=quote))
    with pytest.raises(KnownError) as told:
        quotes.set_header(revision["id"], {"price_list_id": "Dinar"})
    assert (told.value.code, told.value.values["total"]) == ("amount_too_fine", "3.705 KWD")
    quotes.change_line(line["id"], Decimal(4))
    quotes.set_header(revision["id"], {"price_list_id": "Dinar"})
    view = priced.read(lambda reader: reader.quote(quote))
    assert view is not None
    assert view.revision is not None
    assert (view.revision["currency"], view.lines[0]["line_total"]) == ("KWD", "4.94")
