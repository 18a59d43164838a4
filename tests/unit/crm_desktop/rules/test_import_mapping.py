from datetime import date
from decimal import Decimal

import pytest

from crm_desktop.model import ENTITIES
from crm_desktop.model.facts import Kind
from crm_desktop.model.wire import field_facts
from crm_desktop.rules.delimited import Table, TableRow, read_table
from crm_desktop.rules.import_mapping import Mapped, MappedRecord, map_columns, map_rows, same_name
from crm_desktop.rules.import_values import Hints, column_hints, parse_cell, parse_day, parse_number


def mapped(entity: str, text: str) -> Mapped:
    table = read_table(text.encode())
    return map_rows(map_columns(entity, table.header), table)


def first(entity: str, text: str) -> MappedRecord:
    result = mapped(entity, text)
    assert result.problems == []
    return result.records[0]


def meanings(entity: str, *header: str) -> list[str]:
    mapping = map_columns(entity, header)
    found = {target.column: f"{target.entity}.{target.field}" for target in mapping.targets}
    return [found.get(column, "") for column in range(len(header))]


@pytest.mark.parametrize("entity", ENTITIES)
@pytest.mark.parametrize("language", ["en", "de"])
def test_every_label_leads_back_to_its_field(entity: str, language: str) -> None:
    facts = {n: f for n, f in field_facts(entity).items() if f.form and f.kind is not Kind.STATE}
    assert meanings(entity, *(f.label(language) for f in facts.values())) == [f"{entity}.{name}" for name in facts]
    assert meanings(entity, *facts) == [f"{entity}.{name}" for name in facts]


@pytest.mark.parametrize("header", ["Account Name", "account_name", "ACCOUNT-NAME", "AccountName", " Firma "])
def test_spelling_of_a_header_does_not_matter(header: str) -> None:
    assert meanings("account", header) == ["account.name"]


def test_columns_of_a_stock_index() -> None:
    header = ["Symbol", "Security", "GICS Sector", "GICS Sub-Industry", "Headquarters Location", "CIK", "Founded"]
    assert meanings("account", *header) == [
        "account.external_id",
        "account.name",
        "account.industry",
        "",
        "address.city",
        "",
        "",
    ]
    assert map_columns("account", header).unmapped == ("GICS Sub-Industry", "CIK", "Founded")
    record = first("account", 'Symbol,Security,Headquarters Location\nQXZ,Quarz AG,"Saint Paul, Minnesota"\n')
    assert record.values == {"external_id": "QXZ", "name": "Quarz AG"}
    assert record.children[0].values == {
        "city": "Saint Paul",
        "region": "Minnesota",
        "kind": "billing",
        "preferred": True,
    }
    assert record.key == ("external_id", "QXZ")


def test_columns_of_a_sales_cloud() -> None:
    record = first(
        "account",
        "ID,NAME,BILLINGSTREET,BILLINGCITY,BILLINGSTATE,BILLINGPOSTALCODE,SHIPPINGCITY,PHONE,FAX,ACCOUNTNUMBER,ISDELETED\n"
        '001x,Pébéo,"1 Rue, Nord",Lyon,,01234,Nice,04 1,04 2,,false\n',
    )
    assert record.values == {"name": "Pébéo", "external_id": "001x"}
    assert [(child.entity, child.values) for child in record.children] == [
        (
            "address",
            {"street": "1 Rue, Nord", "city": "Lyon", "postal_code": "01234", "kind": "billing", "preferred": True},
        ),
        ("address", {"city": "Nice", "kind": "delivery"}),
        ("channel", {"value": "04 1", "kind": "phone", "preferred": True}),
        ("channel", {"value": "04 2", "kind": "fax", "preferred": True}),
    ]
    numbered = first("account", "ID,NAME,ACCOUNTNUMBER\n001x,Pébéo,K-7\n")
    assert numbered.values["external_id"] == "K-7"


def test_contact_columns_of_an_account_file() -> None:
    record = first(
        "account",
        "Kundennummer;Firma;Ansprechpartner;Contact Title;Contact Email;PLZ;Ort;Telefon;E-Mail\n"
        "7;Öhm KG;Rita Öhm;Einkauf;r@oehm.example;01067;Dresden;0351 1;info@oehm.example\n",
    )
    assert [(child.entity, child.of, child.values) for child in record.children] == [
        ("contact", "", {"name": "Rita Öhm", "job_title": "Einkauf", "preferred": True}),
        ("channel", "contact", {"value": "r@oehm.example", "kind": "email", "preferred": True}),
        ("address", "", {"postal_code": "01067", "city": "Dresden", "kind": "billing", "preferred": True}),
        ("channel", "", {"value": "0351 1", "kind": "phone", "preferred": True}),
        ("channel", "", {"value": "info@oehm.example", "kind": "email", "preferred": True}),
    ]


def test_names_in_pieces_and_several_channels_of_a_contact() -> None:
    record = first(
        "contact",
        "last_name,first_name,company_name,company,email_work,email_home,phone_work,background\n"
        "Ruiz,Ana,,Sol SA,a@sol.example,ana@home.example,1-2,prose\n",
    )
    assert record.values == {"name": "Ana Ruiz"}
    assert record.references == {"account_id": "Sol SA"}
    assert record.key == ("name", "ana ruiz", "sol sa")
    assert [(c.values["kind"], c.values["label"], c.values.get("preferred", False)) for c in record.children] == [
        ("email", "work", True),
        ("email", "home", False),
        ("phone", "work", True),
    ]


def test_prose_headers_are_no_channels() -> None:
    assert meanings("account", "Phone calls last year", "LinkedIn web profile", "Faxed?") == ["", "", ""]


def test_an_empty_cell_says_nothing() -> None:
    record = first("account", "name,employees,notes,tags\nA,,,\n")
    assert record.values == {"name": "A"}


def test_a_row_without_a_name_and_a_cell_that_is_none_are_reported() -> None:
    result = mapped("account", "name,employees,city\nA,many,X\n,12,Y\nB,3,Z\n")
    assert [record.values for record in result.records] == [{"name": "A"}, {"name": "B", "employees": 3}]
    assert [(p.line, p.message_code) for p in result.problems] == [(2, "unreadable_cell"), (3, "nothing_to_name")]
    assert "“employees”" in result.problems[0].text
    assert "“many”" in result.problems[0].text


def test_a_name_of_a_thousand_letters_is_left_out_and_named() -> None:
    """A quotation mark that is never closed makes one cell of half a file."""
    result = mapped("contact", f'Last name;Title;Company\nAdler;Dr.;"{"x" * 900}"\n"{"y" * 900}";Dr.;Adler\n')
    assert [(p.line, p.message_code) for p in result.problems] == [(3, "text_too_long"), (3, "nothing_to_name")]
    assert "“Name” is longer than 500 characters" in result.problems[0].text
    assert "Anführungszeichen" in result.problems[0].shown("de")
    assert [record.values["name"] for record in result.records] == ["Adler"]


def test_keys_tell_namesakes_apart() -> None:
    result = mapped("account", "name,city\nBäcker,Köln\nBÄCKER ,köln\nBäcker,Bonn\n")
    keys = [record.key for record in result.records]
    assert keys[0] == keys[1] != keys[2]


def test_choices_in_both_languages_and_of_other_systems() -> None:
    for text in ("won", "Gewonnen", "WON", "Closed Won"):
        assert first("opportunity", f"name,stage\nA,{text}\n").values["stage"] == "won"
    assert mapped("account", "name,class\nA,Grade A\n").problems[0].message_code == "unreadable_cell"


def test_sets_and_flags() -> None:
    record = first("account", "name;tags;key account;Schlüsselkunde\nA;vip, new,vip;ja;\n")
    assert record.values == {"name": "A", "tags": ["new", "vip"], "key_account": True}
    assert first("account", 'name,tags\nA,"b, c; d"\n').values["tags"] == ["b, c", "d"]


def test_the_guard_against_formulas_is_taken_away() -> None:
    record = first("account", "name,phone,notes\n'=A1,'+49 30,''quoted'\n")
    assert (record.values["name"], record.values["notes"]) == ("=A1", "'quoted'")
    assert record.children[0].values["value"] == "+49 30"


@pytest.mark.parametrize(
    ("text", "sign", "value"),
    [
        ("1.234,50", ".", "1234.50"),
        ("1,234.50", ",", "1234.50"),
        ("1.234.567", ".", "1234567"),
        ("1.234", ".", "1.234"),
        ("1.234", ",", "1234"),
        ("1,234", ".", "1234"),
        ("1,234", ",", "1.234"),
        ("12,5", ".", "12.5"),
        ("€ 1 234,5", ".", "1234.5"),
        ("7 %", ".", "7"),
        ("(3.50)", ".", "-3.50"),
        ("-2", ".", "-2"),
        ("6.0E7", ".", "60000000"),
        ("1'000.25 CHF", ".", "1000.25"),
    ],
)
def test_numbers(text: str, sign: str, value: str) -> None:
    assert parse_number(text, Hints(decimal_sign=sign)) == Decimal(value)


@pytest.mark.parametrize("text", ["", "abc", "1-2", "1,2,3.4.5", "NaN", "--1", "1,2.3,4"])
def test_no_numbers(text: str) -> None:
    with pytest.raises(ValueError, match="number"):
        parse_number(text, Hints())


def test_a_column_decides_what_a_lone_sign_means() -> None:
    assert column_hints(["1.234", "12,5"], ",").decimal_sign == ","
    assert column_hints(["1,234", "0.5"], ";").decimal_sign == "."
    assert column_hints(["1.234"], ";").decimal_sign == ","
    assert column_hints(["1.234"], ",").decimal_sign == "."


@pytest.mark.parametrize(
    ("text", "order", "value"),
    [
        ("2024-02-29", "unknown", date(2024, 2, 29)),
        ("2024-02-29T10:00:00Z", "unknown", date(2024, 2, 29)),
        ("20240229", "unknown", date(2024, 2, 29)),
        ("29.2.24", "unknown", date(2024, 2, 29)),
        ("01.02.1999", "unknown", date(1999, 2, 1)),
        ("13/02/2024", "unknown", date(2024, 2, 13)),
        ("02/13/2024", "unknown", date(2024, 2, 13)),
        ("3/4/2024", "month", date(2024, 3, 4)),
        ("3/4/2024", "day", date(2024, 4, 3)),
        ("5/5/2024", "unknown", date(2024, 5, 5)),
    ],
)
def test_days(text: str, order: str, value: date) -> None:
    assert parse_day(text, Hints(slash_order=order)) == value  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("3/4/2024", "day or the month first"),
        ("30.02.2024", "no day of the calendar"),
        ("soon", "no date"),
        ("99/99/2024", "no day of the calendar"),
    ],
)
def test_no_days(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        parse_day(text, Hints())


def test_a_column_decides_what_comes_first() -> None:
    assert column_hints(["3/4/2024", "13/4/2024"], ",").slash_order == "day"
    assert column_hints(["3/4/2024", "4/13/2024"], ",").slash_order == "month"
    assert column_hints(["13/4/2024", "4/13/2024"], ",").slash_order == "mixed"


def test_instants_and_odd_decimals() -> None:
    facts = field_facts("visit")["starts_at"]
    for text in ("2024-08-13T18:04:34.66+02:00", "2024-08-13T16:04:34.660Z", "2024-08-13 16:04:34.66"):
        assert parse_cell("starts_at", facts, text, Hints()) == "2024-08-13T16:04:34.660Z"
    assert parse_cell("starts_at", facts, "13.08.2024", Hints()) == "2024-08-13T00:00:00.000Z"
    price = field_facts("price_item")["price"]
    assert parse_cell("price", price, "0,33335", Hints()) == "0.3334"


def test_products_prices_and_tax_of_a_back_office() -> None:
    assert first("product", "SKU,Name,Unit,Cost\n7,Tea,box,1.25\n").values == {
        "number": "7",
        "name": "Tea",
        "unit": "box",
        "cost": "1.2500",
    }
    price = first("price_item", "ProductID,UnitPrice,From quantity\n7,18,50\n")
    assert (price.values, price.references) == ({"price": "18.0000", "min_quantity": "50.000"}, {"product_id": "7"})
    assert price.key == ("name", "7", "50.000")
    assert first("tax_rate", "class,rate,valid from\nreduced,7,2024-01-01\n").key == ("name", "reduced", "2024-01-01")


def test_same_name() -> None:
    assert same_name("  Groß &\tSöhne ") == same_name("GROSS & SÖHNE")


def test_a_header_without_cells_maps_nothing() -> None:
    mapping = map_columns("account", ["", "Name"])
    assert mapping.unmapped == ()
    table = Table(["", "Name"], [TableRow(2, ["x", "A"])], "utf-8", ",", [])
    assert map_rows(mapping, table).records[0].values == {"name": "A"}
