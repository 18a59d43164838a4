"""What we sell and at which price: products, price lists, taxes, the company on the letterhead."""

from datetime import date
from decimal import Decimal
from typing import ClassVar

from crm_desktop.model.facts import EntityFacts, Privacy
from crm_desktop.model.fields import Record, choice, day, decimal, flag, long_text, reference, text

ROUNDINGS = (
    ("line", "Each line once", "Jede Zeile einmal"),
    ("unit", "Each step of the unit price", "Jede Stufe des Einzelpreises"),
)
CONDITION_KINDS = (
    ("percent", "Percent off", "Prozent Nachlass"),
    ("net_price", "Net price", "Nettopreis"),
    ("bonus", "Bonus at the end of the year", "Jahresbonus"),
)


class Product(Record, table=True):
    """An article. Discontinued products stay valid on old papers and are not offered on new ones."""

    __tablename__ = "product"
    FACTS: ClassVar[EntityFacts] = EntityFacts(
        "product",
        "Product",
        "Artikel",
        "Products",
        "Artikel",
        "package",
        ("name", "number"),
        catalogue=True,
        indexes=(("number",), ("name",)),
    )

    number: str = text(
        "Number", "Nummer", search=True, aliases=("productid", "product id", "sku", "artikelnummer", "number")
    )
    name: str = text("Name", "Name", search=True, aliases=("productname", "product name", "name", "artikel"))
    category: str = text("Category", "Warengruppe", aliases=("categoryname", "category", "warengruppe"))
    unit: str = text("Sales unit", "Verkaufseinheit", aliases=("quantityperunit", "unit", "einheit"))
    tax_class: str = text("Tax class", "Steuerklasse", aliases=("tax class", "taxclass", "steuerklasse"))
    is_charge: bool = flag("Charge (freight)", "Nebenkosten (Fracht)")
    discontinued: bool = flag("Discontinued", "Auslaufend", aliases=("discontinued",))
    cost: Decimal | None = decimal(
        "Cost", "Einstand", places=4, privacy=Privacy.CONFIDENTIAL, permission="see_cost", aliases=("cost",)
    )
    margin_floor_percent: Decimal | None = decimal(
        "Margin floor (%)",
        "Mindestmarge (%)",
        privacy=Privacy.CONFIDENTIAL,
        permission="see_cost",
        aliases=("margin floor",),
    )
    description: str = long_text("Description", "Beschreibung")


class PriceList(Record, table=True):
    """A price list with its validity; `rounding` says where the minor unit is reached."""

    __tablename__ = "price_list"
    FACTS: ClassVar[EntityFacts] = EntityFacts(
        "price_list",
        "Price list",
        "Preisliste",
        "Price lists",
        "Preislisten",
        "tag",
        ("name",),
        catalogue=True,
    )

    name: str = text("Name", "Name")
    currency: str = text("Currency", "Währung")
    rounding: str = choice("Rounding", "Rundung", ROUNDINGS)
    valid_from: date | None = day("Valid from", "Gültig ab")
    valid_until: date | None = day("Valid until", "Gültig bis")


class PriceItem(Record, table=True):
    """Price of a product in a list from a quantity on (scale price)."""

    __tablename__ = "price_item"
    FACTS: ClassVar[EntityFacts] = EntityFacts(
        "price_item",
        "Price",
        "Preis",
        "Prices",
        "Preise",
        "coins",
        ("product_id",),
        parents=("price_list_id",),
        catalogue=True,
        indexes=(("price_list_id", "product_id"), ("product_id",)),
    )

    price_list_id: str | None = reference("Price list", "Preisliste", "price_list")
    product_id: str | None = reference("Product", "Artikel", "product")
    min_quantity: Decimal | None = decimal("From quantity", "Ab Menge", places=3)
    price: Decimal | None = decimal("Price", "Preis", places=4, aliases=("unitprice", "price", "unit price"))


class CustomerCondition(Record, table=True):
    """A price agreement with one account: a percentage or a net price, for one product or a category."""

    __tablename__ = "customer_condition"
    FACTS: ClassVar[EntityFacts] = EntityFacts(
        "customer_condition",
        "Customer condition",
        "Kundenkondition",
        "Customer conditions",
        "Kundenkonditionen",
        "badge-percent",
        ("name",),
        parents=("account_id",),
        indexes=(("account_id",),),
    )

    account_id: str | None = reference("Account", "Kunde", "account")
    name: str = text("Name", "Name")
    kind: str = choice("Kind", "Art", CONDITION_KINDS)
    value: Decimal | None = decimal("Value", "Wert", places=4)
    product_id: str | None = reference("Product", "Artikel", "product")
    category: str = text("Category", "Warengruppe")
    valid_from: date | None = day("Valid from", "Gültig ab")
    valid_until: date | None = day("Valid until", "Gültig bis")


class TaxRate(Record, table=True):
    """Rate of a tax class from a day on."""

    __tablename__ = "tax_rate"
    FACTS: ClassVar[EntityFacts] = EntityFacts(
        "tax_rate",
        "Tax rate",
        "Steuersatz",
        "Tax rates",
        "Steuersätze",
        "percent",
        ("tax_class",),
        catalogue=True,
    )

    tax_class: str = text("Tax class", "Steuerklasse", aliases=("tax class", "class"))
    percent: Decimal | None = decimal("Percent", "Prozent", aliases=("rate", "percent"))
    valid_from: date | None = day("Valid from", "Gültig ab")


class Company(Record, table=True):
    """Our own company as it stands on paper: letterhead, terms, bank lines."""

    __tablename__ = "company"
    FACTS: ClassVar[EntityFacts] = EntityFacts(
        "company", "Company", "Unternehmen", "Companies", "Unternehmen", "building", ("name",), catalogue=True
    )

    name: str = text("Name", "Name")
    tagline_en: str = text("Tagline (English)", "Zusatz (Englisch)")
    tagline_de: str = text("Tagline (German)", "Zusatz (Deutsch)")
    street: str = text("Street", "Straße", group="place")
    postal_code: str = text("Postal code", "PLZ", group="place")
    city: str = text("City", "Ort", group="place")
    country: str = text("Country", "Land", group="place")
    phone: str = text("Phone", "Telefon")
    email: str = text("E-mail", "E-Mail")
    register_entry: str = text("Register entry", "Registereintrag")
    vat_id: str = text("VAT number", "USt-IdNr.")
    bank: str = long_text("Bank lines", "Bankverbindung")
    terms_en: str = long_text("Terms (English)", "Bedingungen (Englisch)")
    terms_de: str = long_text("Terms (German)", "Bedingungen (Deutsch)")
    contract_clauses_en: str = long_text("Contract clauses (English)", "Vertragsklauseln (Englisch)")
    contract_clauses_de: str = long_text("Contract clauses (German)", "Vertragsklauseln (Deutsch)")
    quote_valid_days: Decimal | None = decimal("Quote valid (days)", "Angebot gültig (Tage)", places=0)
    invented_notice: str = long_text("Notice on invented data", "Hinweis auf erfundene Daten")
