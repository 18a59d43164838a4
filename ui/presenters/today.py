"""What today asks for: visits with their briefing, tasks due, quotes to follow up, what colleagues added."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from crm_desktop.model.columns import format_instant, parse_instant
from crm_desktop.model.wire import Row
from crm_desktop.store.client_store import ClientStore
from crm_desktop.store.lists import Filter, ListQuery
from crm_desktop.store.reader import Reader
from ui.presenters.briefing import OpenQuote, open_quote
from ui.presenters.last_run import load_last_run
from ui.presenters.note_drafts import DRAFT_KEY

NEXT_DAYS = 7
_FRESH = ("order", "quote", "visit", "activity", "account", "contact")
_FRESH_EACH = 6
_FRESH_SHOWN = 8


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
    days_since: int | None


@dataclass(frozen=True, slots=True)
class TaskDue:
    """An open task with the name of its account."""

    task: Row
    account: str


@dataclass(frozen=True, slots=True)
class FollowUp:
    """A quote past its follow-up date."""

    quote: OpenQuote
    account: str


@dataclass(frozen=True, slots=True)
class Fresh:
    """A record a colleague added since yesterday."""

    entity: str
    id: str
    title: str
    account_id: str
    account: str
    who: str
    at: str


@dataclass(frozen=True, slots=True)
class TodayContents:
    """Everything on the page. `unfinished`: id and account of a note that was never saved to the end."""

    visits: tuple[VisitToday, ...]
    later: tuple[VisitToday, ...]
    tasks: tuple[TaskDue, ...]
    quotes: tuple[FollowUp, ...]
    fresh: tuple[Fresh, ...]
    as_of: str
    unfinished: tuple[str, str] | None


def load_today(store: ClientStore, user_id: str, now: datetime) -> TodayContents:
    """Read the page for a person and a moment, off the main thread."""
    draft = store.load_draft(DRAFT_KEY)
    day = now.astimezone().date()

    def read(reader: Reader) -> TodayContents:
        planned = sorted(_planned(reader, user_id, day), key=lambda row: row["starts_at"])
        first = [row for row in planned if _day_of(row) == day]
        names = _Names(reader)
        last = load_last_run(reader)
        unfinished = None
        if draft:
            unfinished = (str(draft["visit_id"]), names.account(draft["values"].get("account_id")))
        return TodayContents(
            visits=tuple(_visit(reader, row, day) for row in first),
            later=tuple(_visit(reader, row, day) for row in planned if _day_of(row) != day),
            tasks=tuple(TaskDue(row, names.account(row["account_id"])) for row in _due(reader, user_id, day)),
            quotes=tuple(_follow_ups(reader, user_id, day, names)),
            fresh=tuple(_fresh(reader, user_id, day, names)),
            as_of=format_instant(last.at) if last else "",
            unfinished=unfinished,
        )

    return store.read(read)


class _Names:
    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._known: dict[tuple[str, str], str] = {}

    def account(self, record_id: str | None) -> str:
        return self._name("account", record_id)

    def user(self, record_id: str | None) -> str:
        return self._name("user", record_id)

    def _name(self, entity: str, record_id: str | None) -> str:
        if not record_id:
            return ""
        key = (entity, record_id)
        if key not in self._known:
            row = self._reader.get(entity, record_id)
            self._known[key] = str(row["name"]) if row is not None else ""
        return self._known[key]


def _day_of(visit: Row) -> date:
    return parse_instant(visit["starts_at"]).astimezone().date()


def _planned(reader: Reader, user_id: str, day: date) -> list[Row]:
    start = datetime.combine(day, datetime.min.time()).astimezone()
    query = ListQuery(
        "visit",
        (
            Filter("owner_id", "=", user_id),
            Filter("starts_at", ">=", format_instant(start)),
            Filter("starts_at", "<", format_instant(start + timedelta(days=NEXT_DAYS + 1))),
            Filter("status", "!=", "cancelled"),
        ),
        "starts_at",
    )
    return reader.rows("visit", list(reader.row_ids(query)))


def _visit(reader: Reader, visit: Row, day: date) -> VisitToday:
    account_id = visit["account_id"] or ""
    account = reader.get("account", account_id) if account_id else None
    contact = reader.get("contact", visit["contact_id"]) if visit["contact_id"] else None
    addresses = sorted(reader.where("address", account_id=account_id), key=lambda row: not row["preferred"])
    place = ""
    if addresses:
        town = " ".join(part for part in (addresses[0]["postal_code"], addresses[0]["city"]) if part)
        place = ", ".join(part for part in (addresses[0]["street"], town) if part)
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
        place=place,
        promised=last["next_step"] if last is not None else "",
        promised_at=last["starts_at"] if last is not None else "",
        quotes=tuple(quotes),
        tasks=tuple(tasks),
        days_since=(day - _day_of(last)).days if last is not None else None,
    )


def _due(reader: Reader, user_id: str, day: date) -> list[Row]:
    query = ListQuery(
        "task",
        (
            Filter("owner_id", "=", user_id),
            Filter("status", "=", "open"),
            Filter("due_on", "filled"),
            Filter("due_on", "<=", day.isoformat()),
        ),
        "due_on",
    )
    return reader.rows("task", list(reader.row_ids(query)))


def _follow_ups(reader: Reader, user_id: str, day: date, names: _Names) -> list[FollowUp]:
    query = ListQuery(
        "quote",
        (
            Filter("owner_id", "=", user_id),
            Filter("follow_up_on", "filled"),
            Filter("follow_up_on", "<=", day.isoformat()),
        ),
        "follow_up_on",
    )
    rows = reader.rows("quote", list(reader.row_ids(query)))
    found = [quote for row in rows if (quote := open_quote(reader, row)) is not None]
    return [FollowUp(quote, names.account(quote.account_id)) for quote in found]


def _fresh(reader: Reader, user_id: str, day: date, names: _Names) -> list[Fresh]:
    since = datetime.combine(day - timedelta(days=1), datetime.min.time()).astimezone()
    found: list[Fresh] = []
    for entity in _FRESH:
        query = ListQuery(entity, (Filter("created_at", ">=", format_instant(since)),), "created_at", True)
        for row in reader.rows(entity, list(reader.row_ids(query)[: 4 * _FRESH_EACH])):
            if not row["created_by"] or row["created_by"] == user_id:
                continue
            account_id = row["id"] if entity == "account" else row.get("account_id") or ""
            title = row.get("number") or row.get("name") or row.get("subject") or ""
            who = names.user(row["created_by"])
            found.append(Fresh(entity, row["id"], title, account_id, names.account(account_id), who, row["created_at"]))
    found.sort(key=lambda fresh: fresh.at, reverse=True)
    return found[:_FRESH_SHOWN]
