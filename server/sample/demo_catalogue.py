"""Invented terms of trade: letterhead, taxes, costs, today's price list, customer conditions, tags, classes."""

from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from server.sample.demo_people import Changes
from server.sample.demo_scene import Scene
from server.sample.northwind import CURRENCY
from server.sample.record import SampleRecord, sample_id, sample_record

_CENT = Decimal("0.01")
_FOOD = {"condiments", "confections", "dairy products", "grains/cereals", "meat/poultry", "produce", "seafood"}
_REDUCED_DRINKS = ("tea", "coffee", "chai", "milk", "tee", "kaffee", "milch")
_TRADE_LIST = "EUR Trade"
FREIGHT = "FREIGHT"
_TAGS = (
    ("Organic", "Asks for organic goods"),
    ("Weekly delivery", "Is delivered to on a fixed day"),
    ("Trade fair", "Met at a trade fair"),
    ("Newsletter", "Receives the product news"),
    ("Private label", "Sells our goods under its own name"),
    ("Seasonal", "Buys for the season"),
)
_INDUSTRIES = {
    "en": ("Delicatessen", "Restaurant", "Food wholesale", "Supermarket", "Catering", "Hotel"),
    "de": ("Feinkost", "Gastronomie", "Lebensmittelgroßhandel", "Supermarkt", "Catering", "Hotel"),
}
NOTICE = (
    "Sample data. From Microsoft's Northwind sample database (MIT licence), unchanged: employees, territories, "
    "customers with one contact each, addresses and telephone numbers, products, categories, prices, and the orders "
    "of 1996 to 1998. Derived from it: who looks after a customer, its region, the two old price lists; the currency "
    "is assumed to be the euro. Invented, and by chance at best true of anybody: this letterhead with its register, "
    "tax and bank lines, further contacts, salutations, e-mail addresses, classes, tags, payment terms, visits, "
    "notes, activities, tasks, opportunities, quotes, the freight charge, taxes, costs, margins, the price list "
    "EUR Trade and the yearly contracts.\n\n"
    "Beispieldaten. Aus Microsofts Beispieldatenbank Northwind (MIT-Lizenz), unverändert: Mitarbeiter, Gebiete, "
    "Kunden mit je einem Kontakt, Adressen und Telefonnummern, Artikel, Warengruppen, Preise und die Aufträge "
    "von 1996 bis 1998. Daraus abgeleitet: wer einen Kunden betreut, seine Region, die zwei alten Preislisten; als "
    "Währung ist der Euro angenommen. Erfunden und allenfalls zufällig wahr: dieser Briefkopf mit Register-, Steuer- "
    "und Bankzeilen, weitere Kontakte, Anreden, E-Mail-Adressen, Klassen, Schlagwörter, Zahlungsziele, Besuche, "
    "Berichte, Aktivitäten, Aufgaben, Verkaufschancen, Angebote, die Fracht, Steuern, Kosten, Margen, die Preisliste "
    "EUR Trade und die Jahresverträge."
)


def company() -> SampleRecord:
    """The letterhead, obviously fictitious, with the notice on what is invented."""
    return sample_record(
        "company",
        "own",
        {
            "name": "Northwind Traders",
            "tagline_en": "Fine foods for the trade",
            "tagline_de": "Feinkost für den Handel",
            "street": "Speicherstraße 12",
            "postal_code": "10243",
            "city": "Berlin",
            "country": "Germany",
            "phone": "030 555 0100",
            "email": "office@northwind.example",
            "register_entry": "Amtsgericht Musterstadt, HRB 000000",
            "vat_id": "DE000000000",
            "bank": "Musterbank, IBAN DE00 0000 0000 0000 0000 00\nBIC MUSTDEXX",
            "terms_en": "Delivery: within one week of your order, free from €500 per delivery\n"
            "Order: informally, or by signing this page",
            "terms_de": "Lieferung: binnen einer Woche nach Bestellung, ab 500 € je Lieferung frei\n"
            "Bestellung: formlos oder mit Unterschrift auf dieser Seite",
            "quote_valid_days": Decimal(30),
            "invented_notice": NOTICE,
        },
    )


def taxes() -> list[SampleRecord]:
    """Two tax classes, valid since ever so that any quote date finds a rate."""
    return [
        sample_record("tax_rate", name, {"tax_class": name, "percent": Decimal(percent)})
        for name, percent in (("reduced", 7), ("standard", 19))
    ]


def freight() -> SampleRecord:
    """The charge that stands on quotes as freight."""
    return sample_record(
        "product",
        FREIGHT,
        {
            "number": FREIGHT,
            "name": "Freight",
            "category": "Charges",
            "unit": "delivery",
            "tax_class": "standard",
            "is_charge": True,
        },
    )


def product_terms(scene: Scene) -> Changes:
    """Tax class of every product; cost and margin floor where it has a price."""
    changes: Changes = {}
    for record in scene.northwind.of("product"):
        words = record.row["name"].casefold().split()
        reduced = record.row["category"].casefold() in _FOOD or any(word in _REDUCED_DRINKS for word in words)
        changes[record.id] = {"tax_class": "reduced" if reduced else "standard"}
        price = scene.prices.get(record.id)
        if price is not None:
            dice = scene.dice("cost", record.row["number"])
            margin = Decimal(dice.randrange(30, 47)) / 100
            changes[record.id] |= {
                "cost": (price * (1 - margin)).quantize(_CENT, ROUND_HALF_UP),
                "margin_floor_percent": Decimal(dice.choice((18, 20, 22))),
            }
    return changes


def trade_list(scene: Scene) -> list[SampleRecord]:
    """Today's price list with scale prices: 5 % less from 50 on, 3 % less from 20 on for dear products."""
    begin = (scene.today - timedelta(days=60)).replace(day=1)
    year_end = date(scene.today.year, 12, 31)
    until = year_end if (year_end - scene.today).days >= 30 else date(scene.today.year + 1, 12, 31)
    entry = sample_record(
        "price_list",
        _TRADE_LIST,
        {
            "name": _TRADE_LIST,
            "currency": CURRENCY,
            "rounding": "unit",
            "valid_from": begin,
            "valid_until": until,
        },
    )
    records = [entry, _price(entry.id, sample_id("product", FREIGHT), 1, Decimal(49))]
    for product in scene.products:
        price = scene.prices[product].quantize(_CENT, ROUND_HALF_UP)
        scales = [(1, 0), (50, 5)] if price <= 40 else [(1, 0), (20, 3), (50, 5)]
        for quantity, percent in scales:
            scaled = (price * (100 - percent) / 100).quantize(_CENT, ROUND_HALF_UP)
            records.append(_price(entry.id, product, quantity, scaled))
    return records


def conditions(scene: Scene) -> list[SampleRecord]:
    """Yearly contracts of the key accounts on the category they buy most."""
    records: list[SampleRecord] = []
    for customer in scene.owned:
        if not customer.key_account or not customer.favourites:
            continue
        dice = scene.dice("contract", customer.key)
        category = scene.products[customer.favourites[0]]["category"]
        german = customer.language == "de"
        name = f"Vertrag {scene.today.year}" if german else f"Contract {scene.today.year}"
        records.append(
            sample_record(
                "customer_condition",
                f"{customer.key} demo",
                {
                    "account_id": customer.id,
                    "name": f"{name}, {category}",
                    "kind": "percent",
                    "value": Decimal(dice.choice((4, 5, 6, 8))),
                    "category": category,
                    "valid_from": date(scene.today.year, 1, 1),
                    "valid_until": date(scene.today.year, 12, 31),
                },
            )
        )
    return records


def tags() -> list[SampleRecord]:
    """Tags to choose from."""
    return [sample_record("tag", name, {"name": name, "description": text}) for name, text in _TAGS]


def account_terms(scene: Scene) -> Changes:
    """Class by turnover, language by country, payment terms, credit, visit rhythm, industry and tags."""
    changes: Changes = {}
    for customer in scene.customers:
        dice = scene.dice("account", customer.key)
        rank = "ABC".index(customer.customer_class)
        changes[customer.id] = {
            "customer_class": customer.customer_class,
            "key_account": customer.key_account,
            "language": customer.language,
            "industry": dice.choice(_INDUSTRIES[customer.language]),
            "payment_terms_days": (30, 21, 14)[rank],
            "credit_limit": Decimal((20000, 10000, 3000)[rank]),
            "visit_rhythm_days": (60, 90, 180)[rank] if customer.owner_id else None,
            "tags": sorted(name for name, _ in dice.sample(_TAGS, dice.choice((0, 1, 1, 2)))),
        }
    return changes


def _price(price_list: str, product: str, quantity: int, price: Decimal) -> SampleRecord:
    return sample_record(
        "price_item",
        f"{_TRADE_LIST} {product} {quantity}",
        {
            "price_list_id": price_list,
            "product_id": product,
            "min_quantity": Decimal(quantity),
            "price": price,
        },
    )
