"""Everything the account page and the preview show, read in one snapshot; values only, no words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from crm_desktop.errors import NotFound
from crm_desktop.model.columns import parse_instant
from crm_desktop.model.wire import Row
from crm_desktop.rules.maturity import CHILDREN, Maturity, Question, maturity
from crm_desktop.store.lists import Filter, ListQuery
from crm_desktop.store.reader import Reader
from ui.presenters.account_business import Business, business
from ui.presenters.account_group import Group, group_of, superiors
from ui.presenters.record_list import line_sum, quote_values
from ui.presenters.titles import called, title_of

YEAR = timedelta(days=365)
OPEN_QUOTE = ("draft", "waiting_approval", "approved", "returned", "sent")


@dataclass(frozen=True, slots=True)
class Person:
    """A contact with the way to reach him and whom he reports to, both empty where not known."""

    row: Row
    channel: str
    reports_to: str


@dataclass(frozen=True, slots=True)
class OpenQuote:
    """A quote that may still become an order."""

    id: str
    number: str
    revision: int | None
    status: str
    total: str | None
    currency: str
    valid_until: date | None
    chance: int | None


@dataclass(frozen=True, slots=True)
class Figures:
    """Key figures. `revenue` counts the net of orders of the last 365 days, `before` of the 365 days before."""

    revenue: Decimal
    before: Decimal
    currency: str
    orders: int
    last_order: date | None
    open_total: Decimal
    last_visit: date | None
    rhythm: int | None

    @property
    def visit_due(self) -> date | None:
        """When the next visit is due by the rhythm."""
        if self.rhythm is None or self.last_visit is None:
            return None
        return self.last_visit + timedelta(days=self.rhythm)


@dataclass(frozen=True, slots=True)
class TimelineItem:
    """One entry of the timeline. `kind` is the tab it belongs to."""

    entry: Any
    kind: str
    state: str
    who: str


@dataclass(frozen=True, slots=True)
class AccountView:
    """One account with what belongs to it."""

    row: Row
    state: str
    title: str
    owner: str
    contacts: tuple[Person, ...]
    address: Row | None
    channels: tuple[Row, ...]
    conditions: tuple[Row, ...]
    maturity: Maturity
    conflicts: tuple[Row, ...]
    quotes: tuple[OpenQuote, ...]
    tasks: tuple[Row, ...]
    next_visit: Row | None
    figures: Figures
    business: Business
    group: Group
    timeline: tuple[TimelineItem, ...]
    counts: Mapping[str, int]


TABS = ("all", "visit", "call", "mail", "meeting", "quote", "order", "contract", "case", "task")
_COUNTED = ("visit", "quote", "order", "contract", "case", "task")
_ACTIVITY_TAB = {"call": "call", "email": "mail", "letter": "mail", "meeting": "meeting"}


def account_view(reader: Reader, account_id: str, today: date, now: str, limit: int = 200) -> AccountView:
    """Read one account; NotFound where it is not on this device. `now` is the instant in wire form."""
    row = reader.get("account", account_id)
    if row is None:
        raise NotFound(
            "account_not_here", "This account is not on this laptop.", "Ask for it or search for another one."
        )
    children = {entity: reader.where(entity, account_id=account_id) for entity in CHILDREN}
    users = _titles(reader, "user", [row.get("owner_id")])
    visits = reader.where("visit", account_id=account_id)
    quotes = _open_quotes(reader, account_id)
    tasks = sorted(
        (task for task in reader.where("task", account_id=account_id) if task["status"] != "done"),
        key=lambda task: task["due_on"] or "9999",
    )
    planned = sorted(
        (visit for visit in visits if visit["status"] == "planned" and (visit["starts_at"] or "") >= now[:10]),
        key=lambda visit: visit["starts_at"],
    )
    return AccountView(
        row=row,
        state=reader.record_state("account", account_id),
        title=called(reader, "account", row),
        owner=users.get(row.get("owner_id") or "", ""),
        contacts=_people(reader, children["contact"]),
        address=_preferred(children["address"]),
        channels=tuple(sorted(children["channel"], key=lambda channel: not channel["preferred"])),
        conditions=tuple(reader.where("customer_condition", account_id=account_id)),
        maturity=maturity(row, children),
        conflicts=tuple(reader.where("conflict", record_id=account_id, status="open")),
        quotes=quotes,
        tasks=tuple(tasks),
        next_visit=planned[0] if planned else None,
        figures=_figures(reader, row, visits, quotes, today),
        business=business(reader, account_id, today),
        group=group_of(reader, row),
        timeline=timeline(reader, account_id, limit),
        counts=_counts(reader, account_id),
    )


def answer_place(view: AccountView) -> dict[str, Any] | None:
    """The form and field where the next question is answered; None where nothing is asked."""
    asked = view.maturity.next_question
    if asked is None:
        return None
    return question_place(asked, view.row["id"], view.contacts[0].row["id"] if view.contacts else None)


def question_place(asked: Question, account_id: str, contact_id: str | None) -> dict[str, Any]:
    """The form and field where a question about an account is answered."""
    if asked.entity == "contact":
        place: dict[str, Any] = {"entity": "contact", "focus": asked.field}
        return place | ({"record_id": contact_id} if contact_id else {"values": {"account_id": account_id}})
    focus = asked.field if asked.entity == "account" else asked.entity
    return {"entity": "account", "record_id": account_id, "focus": focus}


def timeline(reader: Reader, account_id: str, limit: int, before: Any = None) -> tuple[TimelineItem, ...]:
    """A stretch of the timeline, newest first, with states and names."""
    entries = reader.timeline(account_id, limit=limit, before=before)
    owners = _titles(reader, "user", [entry.owner_id for entry in entries])
    by_entity: dict[str, list[str]] = {}
    for entry in entries:
        by_entity.setdefault(entry.entity, []).append(entry.id)
    states = {entity: reader.states(entity, ids) for entity, ids in by_entity.items()}
    activities = reader.many("activity", by_entity.get("activity", []))
    return tuple(
        TimelineItem(
            entry,
            _tab(entry.entity, activities.get(entry.id)),
            states[entry.entity].get(entry.id, "synced"),
            owners.get(entry.owner_id or "", ""),
        )
        for entry in entries
    )


def _tab(entity: str, activity: Row | None) -> str:
    if entity != "activity":
        return entity
    return _ACTIVITY_TAB.get(str((activity or {}).get("kind")), "call")


def _counts(reader: Reader, account_id: str) -> dict[str, int]:
    mine = Filter("account_id", "=", account_id)
    done = {"task": (Filter("status", "=", "done"),)}  # open ones stand at the side, not in the timeline
    counts = {entity: reader.count(ListQuery(entity, (mine, *done.get(entity, ())))) for entity in _COUNTED}
    for kind, tab in _ACTIVITY_TAB.items():
        query = ListQuery("activity", (mine, Filter("kind", "=", kind)))
        counts[tab] = counts.get(tab, 0) + reader.count(query)
    return counts


def _titles(reader: Reader, entity: str, ids: Sequence[str | None]) -> dict[str, str]:
    wanted = sorted({record_id for record_id in ids if record_id})
    return {record_id: title_of(entity, row) for record_id, row in reader.many(entity, wanted).items()}


def _people(reader: Reader, contacts: list[Row]) -> tuple[Person, ...]:
    above = superiors(reader, contacts)
    found = []
    for contact in sorted(contacts, key=lambda row: (not row["preferred"], row["name"])):
        channels = sorted(reader.where("channel", contact_id=contact["id"]), key=lambda row: not row["preferred"])
        channel = str(channels[0]["value"]) if channels else ""
        found.append(Person(contact, channel, above.get(contact["id"], "")))
    return tuple(found)


def _preferred(rows: list[Row]) -> Row | None:
    return min(rows, key=lambda row: not row["preferred"]) if rows else None


def _open_quotes(reader: Reader, account_id: str) -> tuple[OpenQuote, ...]:
    found = []
    for quote in reader.where("quote", account_id=account_id):
        values = quote_values(reader, quote["id"])
        if values["status"] in OPEN_QUOTE:
            until = values["valid_until"]
            found.append(
                OpenQuote(
                    quote["id"],
                    quote["number"],
                    values["revision"],
                    values["status"],
                    values["total"],
                    values["currency"],
                    date.fromisoformat(until) if until else None,
                    quote["chance_percent"],
                )
            )
    return tuple(sorted(found, key=lambda quote: quote.number, reverse=True))


def _figures(reader: Reader, row: Row, visits: list[Row], quotes: Sequence[OpenQuote], today: date) -> Figures:
    orders = [order for order in reader.where("order", account_id=row["id"]) if order["status"] != "cancelled"]
    revenue = before = Decimal(0)
    for order in orders:
        ordered = date.fromisoformat(order["ordered_on"]) if order["ordered_on"] else None
        if ordered is None or not today - 2 * YEAR < ordered <= today:
            continue
        net = line_sum(reader.where("order_line", order_id=order["id"]))
        if ordered > today - YEAR:
            revenue += net
        else:
            before += net
    days = [order["ordered_on"] for order in orders if order["ordered_on"]]
    done = [visit["starts_at"] for visit in visits if visit["status"] == "done" and visit["starts_at"]]
    currency = next((order["currency"] for order in orders if order["currency"]), row.get("currency") or "EUR")
    return Figures(
        revenue=revenue,
        before=before,
        currency=currency,
        orders=len(orders),
        last_order=date.fromisoformat(max(days)) if days else None,
        open_total=sum((Decimal(quote.total) for quote in quotes if quote.total), Decimal(0)),
        last_visit=parse_instant(max(done)).astimezone().date() if done else None,
        rhythm=row.get("visit_rhythm_days"),
    )
