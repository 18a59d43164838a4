from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

import resources
from crm_desktop.errors import InvalidInput
from crm_desktop.model.wire import Row, clean_row
from server.sample.northwind import Northwind, read_northwind
from server.sample.record import sample_id

FOLDER = Path(resources.__file__).parent / "sample" / "northwind"


@pytest.fixture(scope="module")
def northwind() -> Northwind:
    return read_northwind(FOLDER)


def total(rows: list[Row], field: str) -> Decimal:
    return sum((Decimal(row[field]) for row in rows if row[field] is not None), Decimal(0))


def test_every_record_is_there(northwind: Northwind) -> None:
    counts = Counter(record.entity for record in northwind.records)
    assert counts == {
        "user": 9,
        "territory": 57,
        "product": 77,
        "price_list": 2,
        "price_item": 154,
        "customer_condition": 3,
        "account": 91,
        "contact": 91,
        "address": 91,
        "channel": 160,
        "order": 830,
        "order_line": 2155,
    }
    assert northwind.problems == []
    assert len({record.id for record in northwind.records}) == len(northwind.records)


def test_rows_are_complete_and_in_wire_form(northwind: Northwind) -> None:
    for record in northwind.records:
        assert clean_row(record.entity, record.row) == record.row


def test_totals(northwind: Northwind) -> None:
    lines = [record.row for record in northwind.of("order_line")]
    assert total(lines, "quantity") == 51317
    assert total(lines, "line_total") == Decimal("1265793.29")
    assert total([record.row for record in northwind.of("order")], "freight") == Decimal("64942.69")
    exact = sum(
        Decimal(row["quantity"]) * Decimal(row["unit_price"]) * (1 - Decimal(row["discount_percent"]) / 100)
        for row in lines
    )
    assert exact == Decimal("1265793.0395")


def test_owners(northwind: Northwind) -> None:
    owners = Counter(record.row["owner_id"] for record in northwind.of("account"))
    by_number = [owners[sample_id("user", str(number))] for number in range(1, 10)]
    assert by_number == [22, 11, 19, 23, 1, 3, 4, 5, 1]
    unowned = [record.row for record in northwind.of("account") if record.row["owner_id"] is None]
    assert [(row["external_id"], row["territory_id"]) for row in unowned] == [("FISSA", None), ("PARIS", None)]


def test_an_account_lies_in_the_region_of_its_owner(northwind: Northwind) -> None:
    names = {record.id: record.row["name"] for record in northwind.of("territory")}
    regions = {c.user_id: names[c.region_id] for c in northwind.colleagues if c.region_id}
    assert list(regions.values()) == [
        "Eastern",
        "Eastern",
        "Southern",
        "Eastern",
        "Eastern",
        "Western",
        "Western",
        "Northern",
        "Northern",
    ]
    for record in northwind.of("account"):
        if record.row["owner_id"]:
            assert names[record.row["territory_id"]] == regions[record.row["owner_id"]]


def test_people(northwind: Northwind) -> None:
    assert [(c.login, c.role) for c in northwind.colleagues] == [
        ("ndavolio", "rep"),
        ("afuller", "admin"),
        ("jleverling", "rep"),
        ("mpeacock", "rep"),
        ("sbuchanan", "rep"),
        ("msuyama", "rep"),
        ("rking", "rep"),
        ("lcallahan", "inside_sales"),
        ("adodsworth", "rep"),
    ]
    managers = {record.row["login"]: record.row["manager_id"] for record in northwind.of("user")}
    assert managers["afuller"] is None
    assert managers["rking"] == sample_id("user", "5")


def test_territories_lie_in_their_region(northwind: Northwind) -> None:
    parents = Counter(record.row["parent_id"] for record in northwind.of("territory"))
    assert parents.pop(None) == 4
    assert sorted(parents.values()) == [8, 11, 15, 19]


def test_what_an_account_carries(northwind: Northwind) -> None:
    anton = sample_id("account", "ANTON")
    carried = [r for r in northwind.records if r.row.get("account_id") == anton and r.entity != "order"]
    assert [(r.entity, r.row.get("kind"), r.row.get("value")) for r in carried] == [
        ("contact", None, None),
        ("address", "billing", None),
        ("channel", "phone", "(5) 555-3932"),
    ]
    assert carried[0].row["name"] == "Antonio Moreno"
    assert carried[1].row["postal_code"] == "05023"
    fax = [r for r in northwind.of("channel") if r.row["kind"] == "fax"]
    assert len(fax) == 91 - 22


def test_two_price_lists_replay_every_line(northwind: Northwind) -> None:
    old, new = (record for record in northwind.of("price_list"))
    assert (old.row["valid_from"], old.row["valid_until"], old.row["rounding"]) == (None, "1997-04-04", "line")
    assert (new.row["valid_from"], new.row["valid_until"]) == ("1997-04-05", None)
    prices = {(r.row["price_list_id"], r.row["product_id"]): r.row["price"] for r in northwind.of("price_item")}
    special = {
        (r.row["account_id"], r.row["product_id"], r.row["valid_from"]): r.row["value"]
        for r in northwind.of("customer_condition")
    }
    orders = {record.id: record.row for record in northwind.of("order")}
    for record in northwind.of("order_line"):
        order = orders[record.row["order_id"]]
        on, product = order["ordered_on"], record.row["product_id"]
        listed = prices[old.id if on <= "1997-04-04" else new.id, product]
        assert record.row["unit_price"] == special.get((order["account_id"], product, on), listed)
    used = {(product, value) for (_, product, _), value in special.items()}
    assert used == {
        (sample_id("product", "11"), "14.0000"),
        (sample_id("product", "42"), "9.8000"),
        (sample_id("product", "72"), "34.8000"),
    }


def test_orders(northwind: Northwind) -> None:
    status = Counter(record.row["status"] for record in northwind.of("order"))
    assert status == {"delivered": 809, "open": 21}
    last = sample_id("order", "11077")
    lines = [record.row for record in northwind.of("order_line") if record.row["order_id"] == last]
    assert [row["position"] for row in lines] == list(range(1, 26))
    first = northwind.of("order")[0].row
    assert first["ship_to"] == "Vins et alcools Chevalier\n59 rue de l'Abbaye\n51100 Reims\nFrance"
    assert (first["carrier"], first["freight"], first["currency"]) == ("Federal Shipping", "32.38", "EUR")


def test_discontinued_products_and_categories(northwind: Northwind) -> None:
    products = [record.row for record in northwind.of("product")]
    assert sum(row["discontinued"] for row in products) == 8
    assert (products[0]["name"], products[0]["category"], products[0]["unit"]) == (
        "Chai",
        "Beverages",
        "10 boxes x 20 bags",
    )


def test_a_second_reading_is_the_same(northwind: Northwind) -> None:
    assert read_northwind(FOLDER).records == northwind.records


def test_a_folder_of_other_content(small_folder: Path) -> None:
    small = read_northwind(small_folder)
    assert [(c.login, c.role, c.region_id is None) for c in small.colleagues] == [
        ("oesterreich", "admin", True),
        ("zlodz", "rep", False),
        ("zlodz2", "inside_sales", True),
        ("user", "rep", False),
    ]
    accounts = {record.row["external_id"]: record.row for record in small.of("account")}
    assert accounts["BÄCK"]["owner_id"] == sample_id("user", "2")
    assert accounts["NEU"]["owner_id"] is None
    assert accounts["LEER"]["name"] == "LEER"
    assert [(r.row["number"], r.row["status"]) for r in small.of("order")] == [("A-1", "delivered"), ("A-2", "open")]
    lines = [record.row for record in small.of("order_line")]
    assert [(row["position"], row["line_total"], row["product_id"] is None) for row in lines] == [
        (1, "2.55", False),
        (2, "1.01", False),
        (3, "10.00", True),
    ]
    assert len(small.of("price_list")) == 1
    assert len(small.problems) == 4
    assert len({record.id for record in small.records}) == len(small.records)


def test_a_missing_file_and_a_missing_column_say_which(small_folder: Path) -> None:
    (small_folder / "orders.csv").write_text("OrderID,CustomerID\n1,2\n")
    with pytest.raises(InvalidInput, match=r"orders\.csv has no column EmployeeID"):
        read_northwind(small_folder)
    (small_folder / "orders.csv").unlink()
    with pytest.raises(InvalidInput, match=r"no file orders\.csv"):
        read_northwind(small_folder)
