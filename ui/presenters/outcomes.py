"""What was won and lost in a stretch of time, from what is on this laptop: sums, reasons, competitors."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from crm_desktop.model.columns import parse_instant
from crm_desktop.model.wire import Row
from crm_desktop.rules.closing import LOST, QUOTE_END, WON
from crm_desktop.services.pipeline import stages
from crm_desktop.services.quote_totals import totals_of
from crm_desktop.store.lists import Filter, ListQuery
from crm_desktop.store.reader import Reader
from ui.presenters.titles import called

PERIODS = ("quarter", "last_quarter", "year", "last_year")
Sums = tuple[tuple[str, Decimal], ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """A quote or opportunity that was decided on a `day`; `amount` is net.

    Of those closed before days of closing were noted: when the quote was sent, the opportunity planned to close.
    """

    entity: str
    id: str
    title: str
    account: str
    day: date
    won: bool
    amount: Decimal | None
    currency: str
    reason: str
    competitor: str
    gap: Decimal | None


@dataclass(frozen=True, slots=True)
class Group:
    """What one reason or competitor cost: how many and how much by currency. An empty `key`: not told."""

    key: str
    count: int
    sums: Sums


@dataclass(frozen=True, slots=True)
class Outcomes:
    """Decided in the period, the newest first; `open_count` counts the quotes sent in it and not decided."""

    first: date
    last: date
    won: tuple[Outcome, ...]
    lost: tuple[Outcome, ...]
    open_count: int

    @property
    def rate(self) -> int | None:
        """Won of all decided, in percent; None where nothing was decided."""
        decided = len(self.won) + len(self.lost)
        return round(100 * len(self.won) / decided) if decided else None

    @property
    def reasons(self) -> tuple[Group, ...]:
        """What was lost by reason, the costliest first."""
        return _grouped(self.lost, lambda one: one.reason)

    @property
    def competitors(self) -> tuple[Group, ...]:
        """What was lost to whom, the costliest first."""
        return _grouped([one for one in self.lost if one.competitor], lambda one: one.competitor)


def span(period: str, today: date) -> tuple[date, date]:
    """First and last day of one of PERIODS, by the calendar."""
    quarter = date(today.year, 3 * ((today.month - 1) // 3) + 1, 1)
    if period == "quarter":
        return quarter, _before(_later(quarter))
    if period == "last_quarter":
        start = _before(quarter)
        return date(start.year, 3 * ((start.month - 1) // 3) + 1, 1), start
    year = today.year - (period == "last_year")
    return date(year, 1, 1), date(year, 12, 31)


def load_outcomes(reader: Reader, first: date, last: date) -> Outcomes:
    """Quotes, and opportunities without a quote, by the day they were closed."""
    since, until = first - timedelta(days=1), last + timedelta(days=2)  # days are those of this laptop's zone
    query = ListQuery(
        "quote_revision",
        (Filter("sent_at", ">=", since.isoformat()), Filter("sent_at", "<", until.isoformat())),
        "sent_at",
        descending=True,
    )
    rows = reader.rows("quote_revision", list(reader.row_ids(query)))
    sent = [row for row in rows if first <= _local_day(row["sent_at"]) <= last]
    quotes = reader.many("quote", {str(row["quote_id"]) for row in sent})
    ended = [
        (quotes[row["quote_id"]], row, _local_day(row["sent_at"]))
        for row in sent
        if _decided(row) and row["quote_id"] in quotes and not quotes[row["quote_id"]]["closed_on"]
    ]
    found = _quotes(reader, [*ended, *_closed_quotes(reader, first, last)])
    waiting = {row["quote_id"] for row in sent if row["status"] == "sent"} - {one.id for one in found}
    found += _opportunities(reader, first, last)
    found.sort(key=lambda one: (one.day, one.title), reverse=True)
    return Outcomes(
        first,
        last,
        tuple(one for one in found if one.won),
        tuple(one for one in found if not one.won),
        len(waiting),
    )


def total(found: Iterable[Outcome]) -> Sums:
    """Exact sums by currency; what has no amount counts nothing."""
    sums: dict[str, Decimal] = {}
    for one in found:
        if one.amount is not None:
            sums[one.currency] = sums.get(one.currency, Decimal(0)) + one.amount
    return tuple(sorted(sums.items()))


def _within(field: str, first: date, last: date) -> tuple[Filter, ...]:
    return Filter(field, ">=", first.isoformat()), Filter(field, "<=", last.isoformat())


def _closed_quotes(reader: Reader, first: date, last: date) -> Iterator[tuple[Row, Row, date]]:
    """Each with the newest of its revisions that was accepted, else lost, and its day."""
    closed = reader.rows("quote", list(reader.row_ids(ListQuery("quote", _within("closed_on", first, last)))))
    ended: dict[str, list[Row]] = {}
    for row in _of(reader, "quote_revision", "quote_id", closed):
        if _decided(row):
            ended.setdefault(row["quote_id"], []).append(row)
    for quote in closed:
        if quote["id"] in ended:
            newest = max(ended[quote["id"]], key=lambda row: (row["status"] == "accepted", row["revision"] or 0))
            yield quote, newest, date.fromisoformat(quote["closed_on"])


def _of(reader: Reader, entity: str, reference: str, rows: Sequence[Row]) -> list[Row]:
    """All records that point to one of the rows: of thousands of them, by one question."""
    query = ListQuery(entity, (Filter(reference, "in", [row["id"] for row in rows]),))
    return reader.rows(entity, list(reader.row_ids(query)))


def _quotes(reader: Reader, ended: Sequence[tuple[Row, Row, date]]) -> list[Outcome]:
    sums = totals_of(reader, [revision for _, revision, _ in ended])
    accounts = _accounts(reader, [quote for quote, _, _ in ended])
    found = []
    for quote, revision, day in ended:
        won = QUOTE_END[revision["status"]] == WON
        found.append(
            Outcome(
                "quote",
                quote["id"],
                quote["number"],
                accounts.get(quote["account_id"], ""),
                day,
                won,
                sums[revision["id"]].net,
                revision["currency"] or "EUR",
                "" if won else quote["lost_reason"],
                "" if won else quote["competitor"],
                Decimal(quote["price_gap_percent"]) if quote["price_gap_percent"] and not won else None,
            )
        )
    return found


def _opportunities(reader: Reader, first: date, last: date) -> list[Outcome]:
    """Those that no quote tells of: what has a quote is counted with it."""
    ends = {stage.code: stage.outcome for stage in stages(reader) if stage.outcome in (WON, LOST)}
    closed = Filter("stage", "in", sorted(ends))
    before = (closed, Filter("closed_on", "empty"), *_within("closes_on", first, last))
    rowids = [
        *reader.row_ids(ListQuery("opportunity", (closed, *_within("closed_on", first, last)))),
        *reader.row_ids(ListQuery("opportunity", before)),
    ]
    closed_ones = reader.rows("opportunity", rowids)
    told = {quote["opportunity_id"] for quote in _of(reader, "quote", "opportunity_id", closed_ones)}
    accounts = _accounts(reader, closed_ones)
    found = []
    for row in closed_ones:
        if row["id"] in told:
            continue
        won = ends[row["stage"]] == WON
        found.append(
            Outcome(
                "opportunity",
                row["id"],
                called(reader, "opportunity", row),
                accounts.get(row["account_id"], ""),
                date.fromisoformat(row["closed_on"] or row["closes_on"]),
                won,
                Decimal(row["amount"]) if row["amount"] is not None else None,
                row["currency"] or "EUR",
                "" if won else row["lost_reason"],
                "" if won else row["competitor"],
                Decimal(row["price_gap_percent"]) if row["price_gap_percent"] and not won else None,
            )
        )
    return found


def _accounts(reader: Reader, rows: Sequence[Row]) -> dict[str, str]:
    known = reader.many("account", [row["account_id"] for row in rows])
    return {account_id: called(reader, "account", account) for account_id, account in known.items()}


def _grouped(lost: Sequence[Outcome], key_of: Callable[[Outcome], str]) -> tuple[Group, ...]:
    parts: dict[str, list[Outcome]] = {}
    for one in lost:
        parts.setdefault(key_of(one), []).append(one)
    groups = [Group(key, len(part), total(part)) for key, part in parts.items()]
    return tuple(sorted(groups, key=lambda group: (-sum(amount for _, amount in group.sums), -group.count, group.key)))


def _decided(revision: Row) -> bool:
    return revision["status"] in QUOTE_END


def _local_day(instant: str) -> date:
    return parse_instant(instant).astimezone().date()


def _later(quarter: date) -> date:
    return date(quarter.year + (quarter.month == 10), (quarter.month + 2) % 12 + 1, 1)


def _before(day: date) -> date:
    return day - timedelta(days=1)
