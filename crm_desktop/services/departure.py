"""Before the trip: is everything for the visits of the next days on this laptop, and fresh?"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal

from crm_desktop.model.columns import format_instant, parse_instant
from crm_desktop.model.wire import Row
from crm_desktop.store.file_views import FileView
from crm_desktop.store.lists import Filter, ListQuery
from crm_desktop.store.reader import Reader

DAYS = 3
FRESH = timedelta(hours=24)  # a copy older than this is told

Reason = Literal[
    "account_away", "no_contact", "no_address", "quote_without_lines", "files_away", "files_lost",
    "no_prices", "never_synced", "stale", "to_come",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Gap:
    """What is missing. `entity` and `record_id` name the record that one opens to see or to mend it."""

    reason: Reason
    entity: str = ""
    record_id: str = ""
    count: int = 0
    size: int = 0
    day: date | None = None


@dataclass(frozen=True, slots=True)
class PackedAccount:
    """A customer of the coming days; complete where `gaps` is empty."""

    account_id: str
    name: str
    days: tuple[date, ...]
    contacts: int
    quotes: int
    files: int
    gaps: tuple[Gap, ...]


@dataclass(frozen=True, slots=True)
class Departure:
    """The check of `days` from `first` on. `files` are those whose bytes are on the server alone."""

    first: date
    days: int
    accounts: tuple[PackedAccount, ...]
    price_lists: tuple[Row, ...]
    gaps: tuple[Gap, ...]
    files: tuple[FileView, ...]
    synced_at: datetime | None

    @property
    def complete(self) -> int:
        """How many customers have nothing missing."""
        return sum(not account.gaps for account in self.accounts)

    @property
    def ready(self) -> bool:
        """Whether nothing is missing at all."""
        return not self.gaps and self.complete == len(self.accounts)

    @property
    def size(self) -> int:
        """Bytes to fetch; what an earlier attempt brought is here."""
        return sum(file.size - file.sent for file in self.files)

    @property
    def share(self) -> float:
        """How much of what was checked is there, 0 to 1."""
        checked = len(self.accounts) + 2
        general = {"prices" if gap.reason == "no_prices" else "sync" for gap in self.gaps}
        return (self.complete + 2 - len(general)) / checked


def check_departure(
    reader: Reader, user_id: str, now: datetime, synced_at: datetime | None, days: int = DAYS
) -> Departure:
    """Look at the visits a person has planned from today on, for so many days. `synced_at`: the last good sync."""
    first = now.astimezone().date()
    visits = _planned(reader, user_id, first, days)
    dates: dict[str, list[date]] = {}
    for visit in visits:
        if visit["account_id"]:
            dates.setdefault(visit["account_id"], []).append(parse_instant(visit["starts_at"]).astimezone().date())
    files: dict[str, list[FileView]] = {account_id: reader.files("account", account_id) for account_id in dates}
    accounts = tuple(_packed(reader, account_id, found, files[account_id]) for account_id, found in dates.items())
    lists = [row for row in reader.where("price_list") if _holds(row, first, first + timedelta(days=days - 1))]
    lists.sort(key=lambda row: row["valid_from"] or "", reverse=True)
    gaps = (
        *_prices(reader, sorted({day for found in dates.values() for day in found})),
        *_sync(reader, synced_at, now),
    )
    away = {file.sha256: file for found in files.values() for file in found if file.place in ("away", "wanted")}
    return Departure(first, days, accounts, tuple(lists), tuple(gaps), tuple(away.values()), synced_at)


def _planned(reader: Reader, user_id: str, first: date, days: int) -> list[Row]:
    start = datetime.combine(first, time()).astimezone()
    query = ListQuery(
        "visit",
        (
            Filter("owner_id", "=", user_id),
            Filter("status", "=", "planned"),
            Filter("starts_at", ">=", format_instant(start)),
            Filter("starts_at", "<", format_instant(start + timedelta(days=days))),
        ),
        "starts_at",
    )
    return reader.rows("visit", list(reader.row_ids(query)))


def _packed(reader: Reader, account_id: str, days: Sequence[date], files: Sequence[FileView]) -> PackedAccount:
    account = reader.get("account", account_id)
    each = tuple(sorted(set(days)))
    if account is None:
        return PackedAccount(account_id, "", each, 0, 0, len(files), (Gap("account_away", "account", account_id),))
    contacts = reader.where("contact", account_id=account_id)
    addresses = [row for row in reader.where("address", account_id=account_id) if row["city"] or row["street"]]
    gaps: list[Gap] = []
    if not contacts:
        gaps.append(Gap("no_contact", "account", account_id))
    if not addresses:
        gaps.append(Gap("no_address", "account", account_id))
    quotes = reader.where("quote", account_id=account_id)
    gaps += [Gap("quote_without_lines", "quote", quote["id"]) for quote in quotes if _bare(reader, quote["id"])]
    away = [file for file in files if file.place in ("away", "wanted")]
    lost = [file for file in files if file.place in ("missing", "damaged")]
    if away:
        size = sum({file.sha256: file.size for file in away}.values())
        gaps.append(Gap("files_away", "account", account_id, len(away), size))
    if lost:
        gaps.append(Gap("files_lost", "account", account_id, len(lost), sum(file.size for file in lost)))
    return PackedAccount(account_id, account["name"], each, len(contacts), len(quotes), len(files), tuple(gaps))


def _bare(reader: Reader, quote_id: str) -> bool:
    """A quote was sent to the customer but its lines are not here: there is nothing to talk about."""
    view = reader.quote(quote_id)
    return view is not None and (view.revision is None or (view.revision["status"] != "draft" and not view.lines))


def _holds(price_list: Row, first: date, last: date) -> bool:
    begins, ends = price_list["valid_from"], price_list["valid_until"]
    return (not begins or begins <= first.isoformat()) and (not ends or ends >= last.isoformat())


def _prices(reader: Reader, days: Sequence[date]) -> Iterator[Gap]:
    """The first day of the trip on which no price list holds."""
    lists = reader.where("price_list")
    for day in days:
        if not any(_holds(row, day, day) for row in lists):
            yield Gap("no_prices", day=day)
            return


def _sync(reader: Reader, synced_at: datetime | None, now: datetime) -> Iterator[Gap]:
    to_come = reader.to_come()
    if to_come:
        yield Gap("to_come", count=to_come)
    if synced_at is None:
        yield Gap("never_synced")
    elif now - synced_at > FRESH:
        yield Gap("stale", count=int((now - synced_at).total_seconds() // 3600))
