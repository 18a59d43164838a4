"""Invented quotes with revisions and lines, priced by the product's own rules, and the opportunities behind them."""

import random
from collections.abc import Iterator
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any

from crm_desktop.rules.numbers import quote_number
from crm_desktop.rules.positions import between
from crm_desktop.rules.price_ladder import ladder_to_text
from crm_desktop.rules.price_lists import PriceListTerms
from crm_desktop.rules.pricing import (
    Condition,
    ScalePrice,
    explain_price,
    line_total,
)
from crm_desktop.rules.tax import TaxRateTerms, rate_on
from server.sample.demo_approvals import above_ceiling, asked, lost
from server.sample.demo_catalogue import FREIGHT
from server.sample.demo_scene import Customer, Scene
from server.sample.demo_texts import CHANCES, INTROS
from server.sample.northwind import CURRENCY
from server.sample.record import SampleRecord, sample_id, sample_record

_DEVICE_CODE = "DEM"  # no device is ever given it by chance alone: a quote's number ends in a check of its id
_FREE_FROM = Decimal(500)
_VALID_DAYS = 30
_UNSENT = frozenset({"draft", "waiting_approval"})
# (state of the newest revision, days since it was written): what a sales week looks like.
_PATTERN = (("sent", 6), ("draft", 1), ("sent", 12), ("revised", 9), ("accepted", 25), ("sent", 20), ("lost", 33))
_DEALS = {
    "de": ("{product} für die Saison", "Sortiment mit {product}", "Jahresbedarf {product}"),
    "en": ("{product} for the season", "Range with {product}", "A year of {product}"),
}
_STAGES = {
    "draft": "qualified",
    "waiting_approval": "qualified",
    "sent": "quoted",
    "revised": "negotiation",
    "accepted": "won",
    "lost": "lost",
}


class PriceBook:
    """Today's invented price list with what else decides a price."""

    def __init__(self, records: list[SampleRecord]) -> None:
        by_entity: dict[str, list[SampleRecord]] = {}
        for record in records:
            by_entity.setdefault(record.entity, []).append(record)
        entry = by_entity["price_list"][0]
        row = entry.row
        self.terms = PriceListTerms(
            entry.id,
            row["name"],
            row["currency"],
            row["rounding"],
            date.fromisoformat(row["valid_from"]),
            date.fromisoformat(row["valid_until"]),
        )
        self._prices: dict[str, list[ScalePrice]] = {}
        for record in by_entity["price_item"]:
            product = record.row["product_id"]
            self._prices.setdefault(product, []).append(
                ScalePrice(product, Decimal(record.row["min_quantity"]), Decimal(record.row["price"]))
            )
        self._rates = [TaxRateTerms(r.row["tax_class"], Decimal(r.row["percent"])) for r in by_entity["tax_rate"]]
        self._conditions: dict[str, list[Condition]] = {}
        for record in by_entity.get("customer_condition", []):
            row = record.row
            self._conditions.setdefault(row["account_id"], []).append(
                Condition(
                    row["kind"],
                    Decimal(row["value"]),
                    row["product_id"],
                    row["category"] or None,
                    date.fromisoformat(row["valid_from"]),
                    date.fromisoformat(row["valid_until"]),
                    row["name"],
                )
            )
        self._products = {record.id: record.row for record in by_entity["product"]}

    def line(self, account: str, product: str, quantity: Decimal, own: Decimal, on: date) -> dict[str, Any]:
        """Values of a quote line, as the quote editor would write them."""
        row = self._products[product]
        ladder = explain_price(
            product_id=product,
            category=row["category"],
            quantity=quantity,
            on=on,
            price_list=self.terms,
            prices=self._prices[product],
            conditions=[c for c in self._conditions.get(account, ()) if not (row["is_charge"] and c.kind == "bonus")],
            own_discount_percent=own,
        )
        return {
            "product_id": product,
            "name": row["name"],
            "unit": row["unit"],
            "quantity": quantity,
            "list_price": ladder.list_price,
            "discount_percent": own,
            "net_price": ladder.unit_net,
            "ladder": ladder_to_text(ladder),
            "tax_percent": rate_on(self._rates, row["tax_class"], on),
            "line_total": line_total(quantity, ladder.unit_net, self.terms.currency),
        }


def quotes(scene: Scene, book: PriceBook) -> list[SampleRecord]:
    """About three quotes for every five accounts of class A and B, newest first in each colleague's list."""
    records: list[SampleRecord] = []
    customers = [c for c in scene.owned if c.customer_class in "AB" and scene.products]
    counter, waits = 0, False
    reps = {colleague.user_id for colleague in scene.northwind.colleagues if colleague.role == "rep"}
    for index, customer in enumerate(customers):
        dice = scene.dice("quote", customer.key)
        if dice.random() < 0.35:
            continue
        counter += 1
        state, ago = _PATTERN[index % len(_PATTERN)]
        if state == "draft" and not waits and customer.owner_id in reps:
            state, waits = "waiting_approval", True
        records += _quote(scene, book, dice, customer, counter, state, scene.workday(-ago - dice.randrange(0, 3)))
    return records


def _quote(
    scene: Scene, book: PriceBook, dice: random.Random, customer: Customer, counter: int, state: str, written: date
) -> Iterator[SampleRecord]:
    key = f"{customer.key} demo"
    quote_id = sample_id("quote", key)
    chance, reason = dice.choice(CHANCES[customer.language])
    if state in ("accepted", "lost"):
        chance, reason = (100, "") if state == "accepted" else (0, reason)
    first = scene.workday((written - scene.today).days - 8) if state == "revised" else written
    goods = [
        (product, Decimal(dice.choice((8, 12, 20, 24, 30, 40, 60))), Decimal(dice.choice((0, 0, 2, 3, 5))))
        for product in scene.assortment(customer, "quote", dice.choice((3, 4, 5, 5, 6)))
    ]
    if state == "waiting_approval":
        goods = above_ceiling(goods)
    papers: list[SampleRecord] = []
    revisions = [(1, "superseded" if state == "revised" else state, first, goods)]
    if state == "revised":
        better = [(product, quantity, own + 2) for product, quantity, own in goods]
        revisions.append((2, "sent", written, better))
    net = Decimal(0)
    for number, status, on, lines in revisions:
        papers_of, net = _revision(scene, book, dice, customer, key, number, status, on, lines)
        papers += papers_of
    product = papers[-1].row["name"] if papers[-1].row["product_id"] in scene.products else papers[-2].row["name"]
    follow_up = scene.workday(dice.choice((-2, 0, 1, 4))) if state in ("sent", "revised") else None
    deals = _DEALS[customer.language]
    why_lost = lost(dice, customer.language) if state == "lost" else {}
    yield sample_record(
        "opportunity",
        key,
        {
            "account_id": customer.id,
            "owner_id": customer.owner_id,
            "name": deals[counter % len(deals)].format(product=product),
            "stage": _STAGES[state],
            "probability_percent": chance,
            "amount": net,
            "currency": CURRENCY,
            "closes_on": written + timedelta(days=_VALID_DAYS),
            "created_by": customer.owner_id,
            "created_at": scene.instant(first, time(10), customer.zone),
        }
        | why_lost,
    )
    yield sample_record(
        "quote",
        key,
        {
            "number": quote_number(_DEVICE_CODE, counter, quote_id),
            "account_id": customer.id,
            "contact_id": customer.contact_id,
            "owner_id": customer.owner_id,
            "opportunity_id": sample_id("opportunity", key),
            "chance_percent": chance,
            "chance_reason": reason,
            "follow_up_on": follow_up,
            "created_by": customer.owner_id,
            "created_at": scene.instant(first, time(10), customer.zone),
        }
        | why_lost,
    )
    yield from papers


def _revision(
    scene: Scene,
    book: PriceBook,
    dice: random.Random,
    customer: Customer,
    key: str,
    number: int,
    status: str,
    on: date,
    goods: list[tuple[str, Decimal, Decimal]],
) -> tuple[list[SampleRecord], Decimal]:
    """The revision with its lines, and its net total. Below the free limit freight is added."""
    revision_key = f"{key} {number}"
    made = scene.instant(on, time(10, 30), customer.zone)
    records = [
        sample_record(
            "quote_revision",
            revision_key,
            {
                "quote_id": sample_id("quote", key),
                "revision": number,
                "status": status,
                "quote_date": on,
                "valid_until": on + timedelta(days=_VALID_DAYS),
                "price_list_id": book.terms.id,
                "currency": CURRENCY,
                "discount_percent": Decimal(0),
                "intro": dice.choice(INTROS[customer.language]),
                "sent_at": None if status in _UNSENT else scene.instant(on, time(11), customer.zone),
                "created_at": made,
                "created_by": customer.owner_id,
            }
            | (asked(customer, made) if status == "waiting_approval" else {}),
        )
    ]
    net, position = Decimal(0), ""
    wanted = list(goods)
    while wanted:
        product, quantity, own = wanted.pop(0)
        values = book.line(customer.id, product, quantity, own, on)
        net += values["line_total"]
        position = between(position, "")
        records.append(
            sample_record(
                "quote_line",
                f"{revision_key} {position}",
                values
                | {
                    "quote_id": sample_id("quote", key),
                    "revision_id": sample_id("quote_revision", revision_key),
                    "position": position,
                    "created_at": made,
                    "created_by": customer.owner_id,
                },
            )
        )
        freight = sample_id("product", FREIGHT)
        if not wanted and net < _FREE_FROM and product != freight:
            wanted.append((freight, Decimal(1), Decimal(0)))
    return records, net
