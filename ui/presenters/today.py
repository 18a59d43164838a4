"""What today asks for: visits with their briefing, what is due, who waits, whether one may set out, what is new."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise

from crm_desktop.model.columns import format_instant, parse_instant
from crm_desktop.model.wire import Row
from crm_desktop.rules.contract_term import notice_on
from crm_desktop.rules.maturity import Question
from crm_desktop.rules.rhythm import class_rhythms, rhythm_days
from crm_desktop.rules.travel import road_km, road_minutes
from crm_desktop.services.departure import Departure, check_departure
from crm_desktop.services.rhythm import OverdueVisit, first_overdue
from crm_desktop.store.client_store import ClientStore
from crm_desktop.store.lists import ListQuery
from crm_desktop.store.reader import Reader
from ui.presenters import day_lists
from ui.presenters.briefing import OPEN_CASES, OpenQuote, next_question, open_quote
from ui.presenters.day_route import DayStop, day_stop
from ui.presenters.last_run import load_last_run
from ui.presenters.note_drafts import DRAFT_KEY
from ui.presenters.today_news import FRESH_SHOWN, Fresh, Names, news

NEXT_DAYS = 7
OVERDUE_SHOWN = 5
VISITS_SHOWN = 30
LATER_SHOWN = 20
DUE_SHOWN = 20
BIRTHDAYS_SHOWN = 12
QUOTES_SHOWN = 8
"""Who carries a whole company's customers still has one page a day: the rest is in the lists, one click away."""


@dataclass(frozen=True, slots=True)
class VisitToday:
    """A visit with what to know before it. `promised` is the next step of the visit before."""

    visit: Row
    account: Row | None
    contact: str
    place: str
    promised: str
    promised_at: str
    quotes: tuple[OpenQuote, ...]
    tasks: tuple[Row, ...]
    cases: tuple[Row, ...]
    question: Question | None
    days_since: int | None
    rhythm_days: int | None
    stop: DayStop


@dataclass(frozen=True, slots=True)
class Way:
    """From one visit of the day to the next, estimated: kilometres and minutes of driving, minutes left to spare."""

    km: float
    minutes: int
    spare: int


@dataclass(frozen=True, slots=True)
class Due:
    """A record that is due (task, case, contract) with the name of its account and the day."""

    row: Row
    account: str
    day: date


@dataclass(frozen=True, slots=True)
class FollowUp:
    """An open quote that wants something; `reason` is follow_up, expired, approved or returned."""

    quote: OpenQuote
    account: str
    reason: str
    day: date


@dataclass(frozen=True, slots=True)
class Birthday:
    """A contact's birthday within a week."""

    day: date
    contact: Row
    account: Row


@dataclass(frozen=True, slots=True)
class Counts:
    """How many records each section has in all."""

    visits: int
    later: int
    tasks: int
    quotes: int
    cases: int
    contracts: int
    birthdays: int


@dataclass(frozen=True, slots=True)
class TodayContents:
    """Everything on the page. `ways[n]` leads from visit n to the next; None where a place is unknown.

    Sections hold their first records, `counts` says of each how many there are in all. `km` is 0 where the page does
    not show all visits. `overdue` is None until it is read: it asks every customer, `load_today` leaves it out.
    `unfinished`: id and account of a note that was never saved to the end.
    """

    day: date
    user_name: str
    visits: tuple[VisitToday, ...]
    ways: tuple[Way | None, ...]
    km: float
    later: tuple[VisitToday, ...]
    tasks: tuple[Due, ...]
    quotes: tuple[FollowUp, ...]
    cases: tuple[Due, ...]
    contracts: tuple[Due, ...]
    birthdays: tuple[Birthday, ...]
    departure: Departure
    fresh: tuple[Fresh, ...]
    fresh_count: int
    as_of: str
    unfinished: tuple[str, str] | None
    counts: Counts
    overdue: tuple[OverdueVisit, ...] | None = None
    overdue_count: int = 0

    @property
    def current(self) -> int:
        """Place of the visit that comes next, -1 where all are over; what lasts the day is next when no hour is."""
        coming = [number for number, found in enumerate(self.visits) if found.visit["status"] != "done"]
        return min(coming, key=lambda number: (self.visits[number].stop.whole_day, number), default=-1)


def load_overdue(store: ClientStore, user_id: str, day: date) -> tuple[tuple[OverdueVisit, ...], int]:
    """The first customers who wait for a visit longer than agreed, and how many there are; reads every customer."""
    found, count = store.read(lambda reader: first_overdue(reader, user_id, day, OVERDUE_SHOWN))
    return tuple(found), count


def load_today(store: ClientStore, user_id: str, now: datetime) -> TodayContents:
    """Read the page for a person and a moment, off the main thread."""
    draft = store.load_draft(DRAFT_KEY)
    day = now.astimezone().date()

    def read(reader: Reader) -> TodayContents:
        planned, visits_count = _first(reader, day_lists.visits_of(user_id, day), VISITS_SHOWN)
        coming = day_lists.visits_of(user_id, day + timedelta(days=1), NEXT_DAYS)
        later, later_count = _first(reader, coming, LATER_SHOWN)
        names = Names(reader)
        rhythms = class_rhythms(reader.where("visit_rhythm"))
        last = load_last_run(reader)
        unfinished = None
        if draft:
            unfinished = (str(draft["visit_id"]), names.account(draft["values"].get("account_id")))
        visits = tuple(_visit(reader, row, day, rhythms) for row in planned)
        ways = tuple(_way(one.stop, other.stop) for one, other in pairwise(visits))
        fresh = news(reader, user_id, day, names)
        tasks, tasks_count = _due(reader, day_lists.tasks_due(user_id, day), "due_on", names)
        cases, cases_count = _due(reader, day_lists.cases_due(user_id, day), "due_on", names)
        contracts, contracts_count = _contracts(reader, user_id, day, names)
        quotes, quotes_count = _follow_ups(reader, user_id, day, names)
        birthdays = day_lists.birthdays(reader, user_id, day)
        return TodayContents(
            day=day,
            user_name=names.user(user_id),
            visits=visits,
            ways=ways,
            km=sum(way.km for way in ways if way is not None) if visits_count == len(visits) else 0,
            later=tuple(_visit(reader, row, day, rhythms) for row in later),
            tasks=tasks,
            quotes=quotes,
            cases=cases,
            contracts=contracts,
            birthdays=tuple(Birthday(*found) for found in birthdays[:BIRTHDAYS_SHOWN]),
            departure=check_departure(reader, user_id, now, last.at if last else None),
            fresh=tuple(fresh[:FRESH_SHOWN]),
            fresh_count=len(fresh),
            as_of=format_instant(last.at) if last else "",
            unfinished=unfinished,
            counts=Counts(
                visits_count, later_count, tasks_count, quotes_count, cases_count, contracts_count, len(birthdays)
            ),
        )

    return store.read(read)


def _day_of(visit: Row) -> date:
    return parse_instant(visit["starts_at"]).astimezone().date()


def _visit(reader: Reader, visit: Row, day: date, rhythms: dict[str, int]) -> VisitToday:
    account_id = visit["account_id"] or ""
    account = reader.get("account", account_id) if account_id else None
    contact = reader.get("contact", visit["contact_id"]) if visit["contact_id"] else None
    stop = day_stop(reader, visit)
    before = [
        row
        for row in reader.where("visit", account_id=account_id)
        if row["id"] != visit["id"] and row["starts_at"] and row["starts_at"] < visit["starts_at"]
        and row["status"] == "done"
    ]  # fmt: skip
    last = max(before, key=lambda row: row["starts_at"], default=None)
    quotes = [found for row in reader.where("quote", account_id=account_id) if (found := open_quote(reader, row))]
    tasks = reader.where("task", account_id=account_id, status="open")
    return VisitToday(
        visit=visit,
        account=account,
        contact=contact["name"] if contact is not None else "",
        place=stop.place,
        promised=last["next_step"] if last is not None else "",
        promised_at=last["starts_at"] if last is not None else "",
        quotes=tuple(quotes),
        tasks=tuple(tasks),
        cases=tuple(row for row in reader.where("case", account_id=account_id) if row["status"] in OPEN_CASES),
        question=next_question(reader, account_id) if account is not None else None,
        days_since=(day - _day_of(last)).days if last is not None else None,
        rhythm_days=rhythm_days(account, rhythms) if account is not None else None,
        stop=stop,
    )


def _way(one: DayStop, other: DayStop) -> Way | None:
    if one.point is None or other.point is None or one.whole_day or other.whole_day:
        return None
    minutes = road_minutes(one.point, other.point)
    between = int((other.starts_at - one.starts_at).total_seconds() // 60) - one.minutes
    return Way(road_km(one.point, other.point), minutes, between - minutes)


def _first(reader: Reader, query: ListQuery, most: int) -> tuple[list[Row], int]:
    """The first rows of a list, and how many there are."""
    numbers = reader.row_ids(query)
    return reader.rows(query.entity, list(numbers[:most])), len(numbers)


def _due(reader: Reader, query: ListQuery, field: str, names: Names) -> tuple[tuple[Due, ...], int]:
    rows, count = _first(reader, query, DUE_SHOWN)
    return tuple(Due(row, names.account(row["account_id"]), date.fromisoformat(row[field])) for row in rows), count


def _contracts(reader: Reader, user_id: str, day: date, names: Names) -> tuple[tuple[Due, ...], int]:
    found = []
    rows, count = _first(reader, day_lists.contracts_due(user_id, day), DUE_SHOWN)
    for row in rows:
        by = notice_on(row)
        if by is not None:
            found.append(Due(row, names.account(row["account_id"]), by))
    return tuple(found), count


def _follow_ups(reader: Reader, user_id: str, day: date, names: Names) -> tuple[tuple[FollowUp, ...], int]:
    found = []
    rows, count = _first(reader, day_lists.quotes_due(user_id, day), QUOTES_SHOWN)
    for row in rows:
        quote = open_quote(reader, row)
        if quote is not None:
            found.append(_follow_up(reader, row, quote, day, names))
    return tuple(found), count


def _follow_up(reader: Reader, row: Row, quote: OpenQuote, day: date, names: Names) -> FollowUp:
    """A decision is told first, then the end of the validity, then the follow-up."""
    view = reader.quote(row["id"])
    decided = view.revision["decided_at"] if view is not None and view.revision is not None else None
    account = names.account(quote.account_id)
    if quote.status in ("approved", "returned") and decided:
        return FollowUp(quote, account, quote.status, parse_instant(decided).astimezone().date())
    until = date.fromisoformat(quote.valid_until) if quote.valid_until else None
    if until is not None and until < day:
        return FollowUp(quote, account, "expired", until)
    return FollowUp(quote, account, "follow_up", date.fromisoformat(row["follow_up_on"] or day.isoformat()))
