"""What the invented layer knows about the real tables: who buys what from whom, in which language and zone."""

import random
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import cached_property
from zoneinfo import ZoneInfo

from crm_desktop.model.columns import format_instant
from crm_desktop.model.wire import Row
from server.sample.northwind import Northwind

_GERMAN_SPEAKING = {"germany", "austria", "switzerland", "deutschland", "österreich", "schweiz"}
_ZONES = {
    "germany": "Europe/Berlin",
    "austria": "Europe/Vienna",
    "switzerland": "Europe/Zurich",
    "france": "Europe/Paris",
    "uk": "Europe/London",
    "ireland": "Europe/Dublin",
    "spain": "Europe/Madrid",
    "portugal": "Europe/Lisbon",
    "italy": "Europe/Rome",
    "belgium": "Europe/Brussels",
    "denmark": "Europe/Copenhagen",
    "sweden": "Europe/Stockholm",
    "norway": "Europe/Oslo",
    "finland": "Europe/Helsinki",
    "poland": "Europe/Warsaw",
    "usa": "America/Chicago",
    "canada": "America/Toronto",
    "mexico": "America/Mexico_City",
    "brazil": "America/Sao_Paulo",
    "argentina": "America/Argentina/Buenos_Aires",
    "venezuela": "America/Caracas",
}
_HOME_ZONE = "Europe/Berlin"


@dataclass(frozen=True)
class Customer:
    """An account of the real tables with what its orders say."""

    id: str
    name: str
    key: str
    owner_id: str | None
    country: str
    language: str
    zone: str
    customer_class: str
    key_account: bool
    favourites: tuple[str, ...]  # products on sale it bought most, best first
    contact_id: str | None
    contact_name: str


@dataclass(frozen=True)
class Scene:
    """The real records, the seed and the day everything invented is relative to."""

    northwind: Northwind
    seed: int
    today: date

    def dice(self, *topic: str) -> random.Random:
        """Chance for one topic, the same on every run, whatever else is made before it."""
        return random.Random("|".join((str(self.seed), *topic)))

    def instant(self, on: date, at: time, zone: str) -> str:
        """Wire instant of a local time."""
        return format_instant(datetime.combine(on, at, ZoneInfo(zone)).astimezone(UTC))

    def workday(self, days: int) -> date:
        """The day that many days from today, moved off the weekend towards the past (future: onwards)."""
        day = self.today + timedelta(days=days)
        while day.weekday() > 4:
            day += timedelta(days=1 if days > 0 else -1)
        return day

    @cached_property
    def products(self) -> dict[str, Row]:
        """Products that may be offered and have a price today, by id."""
        return {
            record.id: record.row
            for record in self.northwind.of("product")
            if not record.row["discontinued"] and record.id in self.prices
        }

    @cached_property
    def prices(self) -> dict[str, Decimal]:
        """Price of a product in the open-ended list, by product id."""
        current = {record.id for record in self.northwind.of("price_list") if record.row["valid_until"] is None}
        return {
            record.row["product_id"]: Decimal(record.row["price"])
            for record in self.northwind.of("price_item")
            if record.row["price_list_id"] in current
        }

    @cached_property
    def customers(self) -> list[Customer]:
        """All accounts in file order."""
        net: dict[str, Decimal] = defaultdict(Decimal)
        bought: dict[str, Counter[str]] = defaultdict(Counter)
        buyer = {record.id: record.row["account_id"] for record in self.northwind.of("order")}
        for record in self.northwind.of("order_line"):
            account = buyer[record.row["order_id"]]
            net[account] += Decimal(record.row["line_total"])
            if record.row["product_id"] in self.products:
                bought[account][record.row["product_id"]] += 1
        accounts = self.northwind.of("account")
        ranked = sorted((a.id for a in accounts if net[a.id]), key=lambda account: (-net[account], account))
        rank = {account: index / max(len(ranked), 1) for index, account in enumerate(ranked)}
        countries = {r.row["account_id"]: r.row["country"] for r in self.northwind.of("address")}
        contacts = {r.row["account_id"]: r for r in self.northwind.of("contact")}
        result: list[Customer] = []
        for record in accounts:
            place = rank.get(record.id, 1.0)
            country = countries.get(record.id, "")
            contact = contacts.get(record.id)
            counts = bought[record.id]
            result.append(
                Customer(
                    record.id,
                    record.row["name"],
                    record.row["external_id"],
                    record.row["owner_id"],
                    country,
                    "de" if country.casefold() in _GERMAN_SPEAKING else "en",
                    _ZONES.get(country.casefold(), _HOME_ZONE),
                    "A" if place < 0.2 else "B" if place < 0.5 else "C",
                    place < 0.1,
                    tuple(sorted(counts, key=lambda product: (-counts[product], product))),
                    contact.id if contact else None,
                    contact.row["name"] if contact else "",
                )
            )
        return result

    @cached_property
    def owned(self) -> list[Customer]:
        """Accounts with an owner: the invented work happens there."""
        return [customer for customer in self.customers if customer.owner_id]

    def assortment(self, customer: Customer, topic: str, count: int) -> list[str]:
        """Products to talk about with a customer: what it buys, filled up from the catalogue."""
        dice = self.dice("products", topic, customer.key)
        chosen = list(customer.favourites[: count * 2])
        dice.shuffle(chosen)
        others = [product for product in self.products if product not in chosen]
        dice.shuffle(others)
        return [*chosen, *others][:count]
