"""Northwind's catalogue and orders: products, the two price lists that its order lines prove, orders with lines.

An order line keeps the price of its day. Up to some day prices differ from the product table, after it none
does: that day parts the old price list from the new one.
"""

from collections import Counter
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from server.sample.record import SampleRecord, sample_id, sample_record
from server.sample.tables import Cells, Tables, day, number

_CENT = Decimal("0.01")


def catalogue(tables: Tables, currency: str) -> list[SampleRecord]:
    """Products, price lists with prices, and the conditions that explain prices off the old list."""
    categories = tables.names("categories", "CategoryID", "CategoryName")
    products = dict(tables.keyed("products", "ProductID"))
    records = [_product(key, row, categories) for key, row in products.items()]
    current = {key: price for key, row in products.items() if (price := number(row["UnitPrice"])) is not None}
    sold = _sold(tables, current)
    last_old = max((on for on, _, key, price in sold if price != current[key]), default=None)
    if last_old is None:
        return records + _price_list("from the start", None, None, current, currency)
    before = [item for item in sold if item[0] <= last_old]
    old = current | _usual_prices(before)
    cut = (date.fromisoformat(last_old) + timedelta(days=1)).isoformat()
    records += _price_list(f"until {last_old}", None, last_old, old, currency)
    records += _price_list(f"from {cut}", cut, None, current, currency)
    return records + _exceptions(tables, before, old)


def orders(tables: Tables, users: dict[str, str], currency: str) -> list[SampleRecord]:
    """Orders with their lines in file order. An order of an unknown customer is reported and left out."""
    carriers = tables.names("shippers", "ShipperID", "CompanyName")
    customers = {row["CustomerID"] for row in tables.rows["customers"] if row["CustomerID"]}
    names = tables.names("products", "ProductID", "ProductName")
    result: list[SampleRecord] = []
    known: set[str] = set()
    for key, row in tables.keyed("orders", "OrderID"):
        if row["CustomerID"] not in customers:
            tables.problems.append(f"orders: order {key} has no known customer; it was left out.")
            continue
        known.add(key)
        result.append(_order(key, row, users, carriers, currency))
    positions: Counter[str] = Counter()
    for row in tables.rows["order_details"]:
        quantity, price = number(row["Quantity"]), number(row["UnitPrice"])
        if row["OrderID"] not in known or quantity is None or price is None:
            tables.problems.append(f"order_details: a line of order {row['OrderID']!r} is incomplete; it was left out.")
            continue
        positions[row["OrderID"]] += 1
        result.append(_line(row, positions[row["OrderID"]], quantity, price, names))
    return result


def _product(key: str, row: Cells, categories: dict[str, str]) -> SampleRecord:
    return sample_record(
        "product",
        key,
        {
            "number": key,
            "name": row["ProductName"],
            "category": categories.get(row.get("CategoryID", ""), ""),
            "unit": row.get("QuantityPerUnit", ""),
            "discontinued": row.get("Discontinued", "").casefold() in ("1", "true", "yes"),
        },
    )


def _sold(tables: Tables, products: dict[str, Decimal]) -> list[tuple[str, str, str, Decimal]]:
    """(day, OrderID, ProductID, price) of every dated line of a known product."""
    days = {row["OrderID"]: day(row["OrderDate"]) for row in tables.rows["orders"]}
    result = []
    for row in tables.rows["order_details"]:
        on, price = days.get(row["OrderID"]), number(row["UnitPrice"])
        if on is not None and price is not None and row["ProductID"] in products:
            result.append((on, row["OrderID"], row["ProductID"], price))
    return result


def _usual_prices(sold: list[tuple[str, str, str, Decimal]]) -> dict[str, Decimal]:
    """The price most lines of a product show; the latest among equals."""
    counts: dict[str, Counter[Decimal]] = {}
    latest: dict[tuple[str, Decimal], str] = {}
    for on, _, key, price in sold:
        counts.setdefault(key, Counter())[price] += 1
        latest[key, price] = max(on, latest.get((key, price), ""))
    return {
        key: max(count, key=lambda price: (count[price], latest[key, price], price)) for key, count in counts.items()
    }


def _price_list(
    name: str, first: str | None, last: str | None, prices: dict[str, Decimal], currency: str
) -> list[SampleRecord]:
    entry = sample_record(
        "price_list",
        name,
        {
            "name": f"Northwind {name}",
            "currency": currency,
            "rounding": "line",
            "valid_from": first,
            "valid_until": last,
        },
    )
    return [
        entry,
        *(
            sample_record(
                "price_item",
                f"{name} {key}",
                {
                    "price_list_id": entry.id,
                    "product_id": sample_id("product", key),
                    "price": _places(price, 4),
                },
            )
            for key, price in prices.items()
        ),
    ]


def _exceptions(
    tables: Tables, sold: list[tuple[str, str, str, Decimal]], old: dict[str, Decimal]
) -> list[SampleRecord]:
    """One-day net prices of the customers whose old lines do not show the old list's price."""
    customers = tables.names("customers", "CustomerID", "CompanyName")
    buyers = tables.names("orders", "OrderID", "CustomerID")
    return [
        sample_record(
            "customer_condition",
            f"{order} {key}",
            {
                "account_id": sample_id("account", buyers[order]),
                "name": f"Price of order {order}",
                "kind": "net_price",
                "value": _places(price, 4),
                "product_id": sample_id("product", key),
                "valid_from": on,
                "valid_until": on,
            },
        )
        for on, order, key, price in sold
        if price != old[key] and buyers.get(order) in customers
    ]


def _order(key: str, row: Cells, users: dict[str, str], carriers: dict[str, str], currency: str) -> SampleRecord:
    shipped = day(row.get("ShippedDate", ""))
    freight = number(row.get("Freight", ""))
    place = " ".join(part for part in (row.get("ShipPostalCode", ""), row.get("ShipCity", "")) if part)
    ship_to = (
        row.get("ShipName", ""),
        row.get("ShipAddress", ""),
        place,
        row.get("ShipRegion", ""),
        row.get("ShipCountry", ""),
    )
    return sample_record(
        "order",
        key,
        {
            "number": key,
            "account_id": sample_id("account", row["CustomerID"]),
            "owner_id": users.get(row["EmployeeID"]),
            "ordered_on": day(row["OrderDate"]),
            "requested_on": day(row.get("RequiredDate", "")),
            "shipped_on": shipped,
            "status": "delivered" if shipped else "open",
            "currency": currency,
            "freight": None if freight is None else _places(freight, 2),
            "carrier": carriers.get(row.get("ShipVia", ""), ""),
            "ship_to": "\n".join(part for part in ship_to if part),
        },
    )


def _line(row: Cells, position: int, quantity: Decimal, price: Decimal, names: dict[str, str]) -> SampleRecord:
    # Some exports carry the discount as a binary fraction (0.1500000059): four digits of it are meant.
    discount = _places(number(row.get("Discount", "")) or Decimal(0), 4)
    total = (quantity * price * (1 - discount)).quantize(_CENT, ROUND_HALF_UP)
    values: dict[str, Any] = {
        "order_id": sample_id("order", row["OrderID"]),
        "position": position,
        "product_id": sample_id("product", row["ProductID"]) if row["ProductID"] in names else None,
        "name": names.get(row["ProductID"]) or row["ProductID"],
        "quantity": _places(quantity, 3),
        "unit_price": _places(price, 4),
        "discount_percent": _places(discount * 100, 4),
        "tax_percent": Decimal(0),
        "line_total": total,
    }
    return sample_record("order_line", f"{row['OrderID']} {position}", values)


def _places(value: Decimal, places: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
