"""Prices of quote lines from the local catalogue: reads what `rules.pricing` needs and asks it."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any, Protocol

from crm_desktop.errors import InvalidInput, KnownError, NotFound
from crm_desktop.model.wire import Row, field_facts
from crm_desktop.rules.line_pricing import (
    PriceBasis,
    day_of,
    decimal_of,
    ladder_by_rules,
    list_terms,
    tax_by_rules,
    tax_holds,
    tax_known,
)
from crm_desktop.rules.price_ladder import ladder_to_text
from crm_desktop.rules.price_lists import PriceListTerms, home_currency, is_valid, select_price_list
from crm_desktop.rules.pricing import line_total
from crm_desktop.rules.rounding import round_half_up
from crm_desktop.store.reader import Reader


class WantedLine(Protocol):
    """What a price is asked for."""

    @property
    def product_id(self) -> str:
        """The product."""
        ...

    @property
    def quantity(self) -> Decimal:
        """How many of its units."""
        ...

    @property
    def discount_percent(self) -> Decimal | None:
        """The seller's own discount in percent; None: none given."""
        ...


def find_price_list(reader: Reader, on: date, currency: str = "") -> PriceListTerms:
    """The price list valid on a day, in a currency if there is one. KnownError `no_price_list` where there is none."""
    return select_price_list([list_terms(row) for row in reader.where("price_list")], on, currency)


def valid_price_lists(reader: Reader, on: date) -> list[Row]:
    """The price lists that hold on a day, by name."""
    rows = (
        row for row in reader.where("price_list") if is_valid(day_of(row["valid_from"]), day_of(row["valid_until"]), on)
    )
    return sorted(rows, key=lambda row: (row["name"].casefold(), row["id"]))


def cost_currency(reader: Reader) -> str:
    """The currency in which the cost of products is kept; empty where no list tells."""
    return home_currency(list_terms(row) for row in reader.where("price_list"))


def currency_of(reader: Reader, account_id: str) -> str:
    """The currency a customer pays in; empty where he names none."""
    account = reader.get("account", account_id) if account_id else None
    return str(account["currency"]) if account is not None else ""


def price_line(reader: Reader, revision: Row, account_id: str, line: WantedLine) -> dict[str, Any]:
    """Values of a quote line: names, list price, net price, ladder, tax, total.

    Errors: NotFound for an unknown product, InvalidInput for a quantity of zero or less or a discontinued
    product, KnownError of the pricing rules where no price or tax rate is valid and `amount_too_fine`.
    """
    product = reader.get("product", line.product_id)
    if product is None:
        raise NotFound("no_product", "This product is not on this laptop.", "Sync, or choose another product.")
    if line.quantity <= 0:
        raise InvalidInput("invalid_quantity", "The quantity must be above zero.", "Correct the quantity.")
    price_list = reader.get("price_list", revision["price_list_id"])
    if price_list is None:
        raise NotFound("no_price_list", "The price list is not on this laptop.", "Sync, or choose another list.")
    on = date.fromisoformat(str(revision["quote_date"]))
    own = line.discount_percent if line.discount_percent is not None else decimal_of(revision.get("discount_percent"))
    basis = _basis(reader, product, price_list, account_id)
    ladder = ladder_by_rules(basis, line.quantity, on, own)
    rates = reader.where("tax_rate", tax_class=product["tax_class"])
    total = line_total(line.quantity, ladder.unit_net, price_list["currency"])
    _keepable(total, product["name"], price_list["currency"])
    return {
        "name": product["name"],
        "unit": product["unit"],
        "quantity": line.quantity,
        "list_price": ladder.list_price,
        "discount_percent": own,
        "net_price": ladder.unit_net,
        "ladder": ladder_to_text(ladder),
        "tax_percent": tax_by_rules(product, rates, on),
        "line_total": total,
    }


def taxes_hold(reader: Reader, revision: Row, lines: Iterable[Row]) -> bool:
    """Whether every line bears the tax of its product on the day of the paper, as far as the product is here.

    Without a product it bears one there is.
    """
    for line in lines:
        if not line["product_id"] and not tax_known(line, reader.where("tax_rate"), revision["quote_date"]):
            return False
        product = reader.get("product", line["product_id"]) if line["product_id"] else None
        if product is None:
            continue
        rates = reader.where("tax_rate", tax_class=product["tax_class"])
        if not tax_holds(line, product, rates, revision["quote_date"]):
            return False
    return True


def price_basis(reader: Reader, revision: Row, account_id: str, line: Row) -> PriceBasis | None:
    """Where the price of a kept line comes from; None where product or price list are not on this device."""
    product = reader.get("product", line["product_id"])
    price_list = reader.get("price_list", revision["price_list_id"])
    if product is None or price_list is None:
        return None
    return _basis(reader, product, price_list, account_id)


def _basis(reader: Reader, product: Row, price_list: Row, account_id: str) -> PriceBasis:
    return PriceBasis(
        product,
        price_list,
        reader.where("price_item", price_list_id=price_list["id"], product_id=product["id"]),
        reader.where("customer_condition", account_id=account_id),
        currency_of(reader, account_id),
    )


def _keepable(total: Decimal, name: str, currency: str) -> None:
    """KnownError `amount_too_fine` where a currency has smaller coins than the lines of a paper keep."""
    places = field_facts("quote_line")["line_total"].places
    if round_half_up(total, places) != total:
        raise KnownError(
            "amount_too_fine",
            f"“{name}” comes to {total} {currency}, and a quote keeps {places} decimals.",
            "Change the quantity or the discount, or choose a price list in another currency.",
            name=name,
            total=f"{total} {currency}",
            places=places,
        )
