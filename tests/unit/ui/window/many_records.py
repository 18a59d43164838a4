"""What hangs on 100,000 accounts besides the notes and quotes of the benchmarks, so that no page is empty there.

In the proportions of a trading company: six contacts for ten accounts, an order for three of ten, a task for every
fifth account, an opportunity for every tenth, a contract or a case for every twentieth, a lead for every thirtieth.
One account has some of everything.
"""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from benchmarks.full_store import USER, put_pages
from benchmarks.generated import Record
from crm_desktop.model.wire import Row, clean_row, clean_value, columns, field_facts
from crm_desktop.services.quotes import NewLine
from crm_desktop.store.client_store import ClientStore
from crm_desktop.store.lists import ListQuery
from crm_desktop.store.reader import Reader
from server.sample.record import sample_id
from tests.unit.ui.window.window_for_tests import sample_rows
from ui.compose import App

NOW = datetime(2026, 12, 2, 9, 4, tzinfo=UTC)
"""A Wednesday after the last visit of the benchmarks' notes."""
TODAY = NOW.date()
_CATALOGUE = (
    "user", "territory", "company", "tax_rate", "product", "price_list", "price_item", "discount_ceiling",
    "visit_rhythm", "opportunity_stage", "tag",
)  # fmt: skip
LAURA = sample_id("user", "8")
_FIRST = "Jens Ulrike Claire Tomasz Giulia Sabine Luc Astrid Pieter Elena Markus Nadine".split()
_LAST = "Brandt Lindner Favre Wójcik Marchetti Keller Moreau Sjögren Janssens Navarro Huber Voß Böhm".split()
_TITLES = ("Leitung Einkauf", "Purchasing Manager", "Technik", "Managing Director", "Warehouse Manager")
_STAGES = ("prospect", "qualified", "quoted", "negotiation", "won", "lost", "quoted")
_QUOTES = ("sent", "draft", "accepted", "sent", "lost", "accepted", "sent", "expired")
_CITIES = "Berlin Graz Zürich Köln Lyon Torino Brno Gdańsk Gent".split()
_NEAR = (("Berlin", "10115"), ("Potsdam", "14467"), ("Brandenburg", "14776"), ("Leipzig", "04109"))
_COUNTRIES = "DE AT CH DE FR IT CZ PL BE".split()
_TODO = ("Muster schicken", "Send the data sheet", "Termin für die Wartung abstimmen", "Call about the delivery date")
_DEALS = ("Jahresbedarf Dichtungen", "Second filling line", "Wartung 2027", "Spare parts for spring")
_BROUGHT_UP = (
    ("complaint", "high", "new", "Drei Kartons beschädigt", "Beim Ausladen festgestellt, Fotos folgen."),
    ("question", "normal", "in_progress", "Data sheet of the new valve", "The plant needs it before the audit."),
    ("idea", "low", "answered", "Smaller boxes", "Half boxes would suit the counter better."),
    ("feedback", "normal", "closed", "Lieferung sehr pünktlich", "Der Fahrer wird gelobt."),
)
_HOURS = (time(9), time(11, 30), time(14), time(16))


class _Maker:
    """Records from one pattern for each entity: to check every one of them costs more than to store it."""

    def __init__(self) -> None:
        self._patterns: dict[str, Row] = {}
        self._made = 0

    def __call__(self, entity: str, **values: Any) -> Record:
        facts = field_facts(entity)
        if entity not in self._patterns:
            common = {"created_at": "2026-10-05T08:00:00.000Z", "created_by": USER, "owner_id": USER}
            self._patterns[entity] = clean_row(
                entity, {name: value for name, value in common.items() if name in clean_row(entity, {})}
            )
        self._made += 1
        row = self._patterns[entity] | {name: clean_value(name, facts[name], values[name]) for name in values}
        return entity, f"0fa11e40-0000-7000-8000-{self._made:012x}", row


def fill_every_page(store: ClientStore, star: str) -> None:
    """Records of all kinds by pages of the server; the account `star` has some of everything."""
    accounts, quotes, revisions = store.read(_held)
    accounts.sort(key=lambda account: account["id"] != star)
    put_pages(store, _catalogue())
    put_pages(store, _of_accounts(accounts))
    put_pages(store, _of_quotes(quotes, {row["quote_id"]: row for row in revisions}))


def _held(reader: Reader) -> tuple[list[Row], list[Row], list[Row]]:
    return (
        reader.where("account", owner_id=USER),
        reader.where("quote", owner_id=USER),
        reader.where("quote_revision", currency="EUR"),
    )


def _catalogue() -> Iterator[tuple[str, Record]]:
    rows = sample_rows(TODAY)
    for entity in _CATALOGUE:
        for row in rows.get(entity, []):
            yield row["id"], (entity, row["id"], {name: row[name] for name in row if name != "id"})
    anne = {"name": "Anne Dodsworth", "login": "adodsworth", "role": "inside_sales", "title": "Inside Sales"}
    yield USER, ("user", USER, clean_row("user", anne))


def _of_accounts(accounts: list[Row]) -> Iterator[tuple[str, Record]]:
    make = _Maker()
    products = [row for row in sample_rows(TODAY)["product"] if not row["is_charge"] and not row["discontinued"]]
    for number, account in enumerate(accounts):
        star = number == 0
        for record in _of_one(make, number, account["id"], star):
            yield account["id"], record
        if number % 10 < 3:
            for record in _order(make, number, account["id"], products):
                yield account["id"], record
        if number % 30 == 0:
            record = _lead(make, number // 30)
            yield record[1], record


def _of_one(make: _Maker, number: int, account: str, star: bool) -> Iterator[Record]:
    own = {"account_id": account}
    contact: Record | None = None
    if number % 10 < 6:
        contact = make(
            "contact", **own, name=_person(number), job_title=_TITLES[number % 5], preferred=True,
            birthday=date(1960 + number % 40, 1 + number % 12, 1 + number % 28),
        )  # fmt: skip
        yield contact
    who = contact[1] if contact else None
    if number < 40:
        city, code = _NEAR[number % len(_NEAR)]
        yield make("address", **own, kind="visit", preferred=True, street=f"Hauptstraße {number + 1}",
                   postal_code=code, city=city, country="Germany")  # fmt: skip
        day = _workday(number // 4)
        yield make(
            "visit", **own, contact_id=who, starts_at=f"{day}T{_HOURS[number % 4]}.000Z", duration_min=60,
            zone="Europe/Berlin", status="planned", fixed=number % 4 == 1, subject="Jahresgespräch und Bedarf 2027",
        )  # fmt: skip
    if star or number % 5 == 1:
        done = number // 5 % 4 > 0 and not star
        yield make(
            "task", **own, subject=_TODO[number // 15 % 4], status="done" if done else "open",
            due_on=TODAY + timedelta(days=number // 5 % 90 - (60 if done else 3)),
        )  # fmt: skip
    if star or number % 10 == 2:
        place = number // 10 * 5 % 7 if not star else 2
        yield make(
            "opportunity", **own, name=_DEALS[number // 70 % 4], stage=_STAGES[place], currency="EUR",
            probability_percent=(10, 30, 50, 70, 100, 0, 50)[place], amount=Decimal(1000 + number * 7 % 90000),
            closes_on=TODAY + timedelta(days=number * 7 // 10 % 200 - 10), lost_reason="price" if place == 5 else "",
            competitor="Hafenkontor Nord" if place == 5 else "",
            closed_on=TODAY - timedelta(days=number % 300) if place in (4, 5) else None,
        )  # fmt: skip
    if star or number % 20 == 3:
        ends = TODAY + timedelta(days=70 + number // 20 % 700)
        yield make(
            "contract", **own, contact_id=who, number=f"V-{number:06d}", name=f"Rahmenvertrag {ends.year}",
            kind="frame", status="active", starts_on=ends - timedelta(days=730), ends_on=ends, notice_days=60,
            renews_months=12, remind_days=30, amount=Decimal(1200 + number * 13 % 80000), currency="EUR",
        )  # fmt: skip
    if star or number % 20 == 4:
        kind, priority, status, subject, text = _BROUGHT_UP[number // 20 % 4]
        yield make(
            "case", **own, contact_id=who, kind=kind, priority=priority, status=status, subject=subject,
            description=text, due_on=TODAY + timedelta(days=number // 20 % 31 - (4 if status != "closed" else 40)),
            answer="Ist unterwegs." if status in ("answered", "closed") else "",
        )  # fmt: skip


def _order(make: _Maker, number: int, account: str, products: list[Row]) -> Iterator[Record]:
    day = TODAY - timedelta(days=1 + number * 7 // 10 % 400)
    shipped = day + timedelta(days=6) if day < TODAY - timedelta(days=9) else None
    order = make(
        "order", account_id=account, number=f"A-{number:06d}", ordered_on=day, requested_on=day + timedelta(days=14),
        shipped_on=shipped, status="delivered" if shipped else "open", currency="EUR", freight=Decimal(24),
        carrier="Speedy Express",
    )  # fmt: skip
    yield order
    for place in range(1, 4):
        product = products[(number + place * 7) % len(products)]
        quantity, price = Decimal(6 * (1 + number % 9)), Decimal(1200 + number * place % 9000) / 100
        yield make(
            "order_line", order_id=order[1], position=place, product_id=product["id"], name=product["name"],
            quantity=quantity, unit_price=price, tax_percent=Decimal(19), line_total=quantity * price,
        )  # fmt: skip


def _lead(make: _Maker, number: int) -> Record:
    name, place = _person(number * 5 + 1), number % len(_CITIES)
    company = f"{_LAST[number % 13]} & {_LAST[number // 13 % 13]}"
    return make(
        "lead", name=name if number % 5 else "", company=company if number % 7 else "",
        email=f"kontakt{number}@beispiel.example", phone=f"+49 40 55{number:05d}" if number % 3 else "",
        city=_CITIES[place], country=_COUNTRIES[place], source="Hannover Messe",
        interest="Katalog und Muster", status=("new", "working", "working", "disqualified")[number % 4],
    )  # fmt: skip


def _of_quotes(quotes: list[Row], revisions: dict[str, Row]) -> Iterator[tuple[str, Record]]:
    """What became of the quotes, which the benchmarks have as drafts all of them; some wait for approval."""
    for number, quote in enumerate(quotes):
        row = dict(revisions[quote["id"]])
        day = TODAY - timedelta(days=number * 7 % 300)
        status = "waiting_approval" if number % 2500 == 7 else _QUOTES[number % len(_QUOTES)]
        status = "expired" if status == "sent" and day < TODAY - timedelta(days=30) else status
        row |= {"status": status, "quote_date": str(day), "valid_until": str(day + timedelta(days=30))}
        if status == "waiting_approval":
            row |= {"requested_by": LAURA, "requested_at": "2026-12-01T15:20:00.000Z",
                    "request_note": "They take the whole year's need in one go."}  # fmt: skip
        elif status != "draft":
            row["sent_at"] = f"{day}T10:00:00.000Z"
        record_id = row.pop("id")
        yield quote["account_id"], ("quote_revision", record_id, row)
        if status in ("sent", "lost"):
            row = dict(quote)
            record_id = row.pop("id")
            row |= {"chance_percent": 0 if status == "lost" else 30 + number % 5 * 10}
            row |= {"lost_reason": "price", "closed_on": str(day)} if status == "lost" else {}
            row |= {"follow_up_on": str(TODAY + timedelta(days=number // 8 % 60 - 1))} if status == "sent" else {}
            yield quote["account_id"], ("quote", record_id, row)


def something_happened(profile: App, star: str) -> None:
    """Changes that wait, one that was refused, conflicts, runs of the sync: what the user and a server leave."""
    lines = [NewLine(sample_id("product", key), Decimal(24)) for key in ("1", "11", "40")]
    profile.quotes.new_quote(star, lines=lines)
    accounts = profile.store.read(lambda reader: reader.rows("account", reader.row_ids(ListQuery("account"))[:3]))
    profile.records.update("account", accounts[0]["id"], {"industry": "Food", "visit_rhythm_days": 45})
    put_pages(profile.store, iter((record[1], record) for record in _marks_of_a_server(*accounts[1:])))
    for code, begun, ended in ((None, "07:41:02", "07:41:06"), ("offline", "08:41:02", "08:41:11")):
        profile.store.log_session({
            "started_at": f"{TODAY}T{begun}.000Z", "ended_at": f"{TODAY}T{ended}.000Z", "pushed": 3, "pulled": 1280,
            "evicted": 0, "deleted": 1, "conflicts": 1, "bytes_out": 1200, "bytes_in": 300000, "requests": 3,
            "error_code": code, "digest_ok": None if code else True,
        })  # fmt: skip


def colleagues_at_work(star: str) -> Iterator[list[tuple[str, Record]]]:
    """What a colleague changes while the window is open, by rounds of the sync."""
    make = _Maker()
    by_laura = {"account_id": star, "owner_id": LAURA, "created_by": LAURA}
    for number, subject in enumerate(("Muster sind unterwegs", "Called about the new valve", "Rückruf am Freitag")):
        _, record_id, row = make("activity", **by_laura, kind="call", subject=subject, direction="out",
                                 happened_at=f"{TODAY}T0{number + 7}:10:00.000Z")  # fmt: skip
        yield [(star, ("activity", record_id.replace("0fa11e40", "0fa11e41"), row))]


def _marks_of_a_server(refused: Row, asked: Row) -> tuple[Record, Record, Record]:
    """A change of one account that was not accepted, a decision about another, and how that one stands."""
    patch = {"ops": [{"k": "patch", "op_id": "o", "e": "account", "id": refused["id"],
                      "set": {"name": {"base_ver": 1, "old": refused["name"], "new": "König"}}}]}  # fmt: skip
    quarantine = {"txn_id": "t-1", "reason": "no_permission", "payload": json.dumps(patch), "user_id": USER,
                  "status": "open"}  # fmt: skip
    conflict = {"entity": "account", "record_id": asked["id"], "field": "payment_terms_days",
                "before": '{"payment_terms_days": 14}', "mine": '{"payment_terms_days": 21}',
                "theirs": '{"payment_terms_days": 30}', "rule": "ask", "mine_at": "2026-12-01T15:52:00.000Z",
                "theirs_at": "2026-12-01T16:20:00.000Z", "mine_by": USER, "theirs_by": LAURA,
                "status": "open"}  # fmt: skip
    stands = {name: asked[name] for name in columns("account")}
    return (
        ("quarantine", "0fa11e40-0000-7000-9000-000000000001", clean_row("quarantine", quarantine)),
        ("conflict", "0fa11e40-0000-7000-9000-000000000002", clean_row("conflict", conflict)),
        ("account", asked["id"], clean_row("account", stands | {"payment_terms_days": 30})),
    )


def _person(number: int) -> str:
    return f"{_FIRST[number % len(_FIRST)]} {_LAST[number * 7 % len(_LAST)]}"


def _workday(days: int) -> date:
    day = TODAY + timedelta(days=days)
    return day + timedelta(days=max(0, 7 - day.weekday()) if day.weekday() > 4 else 0)
