"""The briefing on one page: all one should know at the door."""

from dataclasses import dataclass
from datetime import datetime

from crm_desktop.errors import NotFound
from crm_desktop.model.columns import format_instant
from crm_desktop.model.wire import Row
from crm_desktop.store.reader import Reader
from ui.presenters.account_changes import Since, changes_since
from ui.presenters.briefing import Briefing, load_briefing
from ui.presenters.day_route import DayStop, day_stop


@dataclass(frozen=True, slots=True)
class VisitBriefing:
    """`visit` is the one that is ahead, if there is one; `people` are the contacts, the preferred one first."""

    account: Row
    visit: Row | None
    place: str
    people: tuple[Row, ...]
    phone: str
    briefing: Briefing
    since: Since


def load_visit_briefing(reader: Reader, account_id: str, visit_id: str, user_id: str, now: datetime) -> VisitBriefing:
    """Read it. NotFound for an account that is not on this laptop."""
    account = reader.get("account", account_id)
    if account is None:
        raise NotFound("no_account", "This account is not on this laptop.", "Search for it again.")
    visit = reader.get("visit", visit_id) if visit_id else _ahead(reader, account_id, user_id, now)
    stop: DayStop = day_stop(reader, visit or {"account_id": account_id, "subject": ""})
    people = sorted(reader.where("contact", account_id=account_id), key=lambda row: (not row["preferred"], row["name"]))
    channels = reader.where("channel", account_id=account_id)
    channels += [row for person in people[:1] for row in reader.where("channel", contact_id=person["id"])]
    phones = [row["value"] for row in channels if row["kind"] in ("mobile", "phone")]
    before = visit["starts_at"] if visit is not None and visit["starts_at"] else format_instant(now)
    return VisitBriefing(
        account,
        visit,
        stop.place,
        tuple(people),
        phones[0] if phones else "",
        load_briefing(reader, account_id, visit["id"] if visit is not None else ""),
        changes_since(reader, account_id, user_id, before),
    )


def _ahead(reader: Reader, account_id: str, user_id: str, now: datetime) -> Row | None:
    """The next planned visit of today or later."""
    midnight = format_instant(now.astimezone().replace(hour=0, minute=0, second=0, microsecond=0))
    planned = [
        row
        for row in reader.where("visit", account_id=account_id, status="planned", owner_id=user_id)
        if row["starts_at"] and row["starts_at"] >= midnight
    ]
    return min(planned, key=lambda row: row["starts_at"], default=None)
