"""Visits and their notes: the most frequent thing a rep writes."""

from dataclasses import dataclass
from datetime import date, datetime

from babel.localtime import get_localzone

from crm_desktop.clock import Clock
from crm_desktop.errors import NotFound
from crm_desktop.services.records import Batch, RecordService
from crm_desktop.services.tasks import task_values
from crm_desktop.store.changes import ChangeSet
from crm_desktop.store.client_store import ClientStore
from crm_desktop.store.intents import text


@dataclass(frozen=True, slots=True)
class FollowUp:
    """A task born in a visit."""

    subject: str
    due_on: date | None = None
    note: str = ""


class NoteService:
    """Starts visits and saves their notes."""

    def __init__(self, store: ClientStore, clock: Clock, user_id: str) -> None:
        self._store = store
        self._clock = clock
        self._user_id = user_id
        self._records = RecordService(store, user_id)

    def start_visit(
        self,
        account_id: str | None = None,
        *,
        contact_id: str | None = None,
        subject: str = "",
        starts_at: datetime | None = None,
        zone: str = "",
        status: str = "done",
        note: str = "",
        follow_up: FollowUp | None = None,
        initiator: str = "",
    ) -> str:
        """A visit, by default now, with its note and follow-up in one transaction; returns its id.

        `zone` is the IANA zone of the start (default: this machine's). NotFound for an account that is not here.
        """
        if account_id and self._store.read(lambda reader: reader.get("account", account_id)) is None:
            raise NotFound("no_account", "This account is not on this laptop.", "Search for it again.")
        with self._records.batch(initiator) as batch:
            visit_id = batch.create(
                "visit",
                {
                    "account_id": account_id,
                    "contact_id": contact_id,
                    "subject": subject,
                    "status": status,
                    "starts_at": starts_at or self._clock.now(),
                    "zone": zone or local_zone(),
                    "note": note,
                },
            )
            if follow_up is not None:
                self._add_follow_up(batch, follow_up, visit_id, account_id)
        return visit_id

    def save_note(self, visit_id: str, note: str, *, base: str | None = None, initiator: str = "") -> ChangeSet:
        """Save the note as written from `base` (what the editor last knew; default: what is visible)."""
        return self._store.commit([text("visit", visit_id, "note", note, base)], initiator)

    def follow_up(self, visit_id: str, follow_up: FollowUp, initiator: str = "") -> str:
        """Add a task to a visit; returns its id. NotFound for a visit that is not here."""
        visit = self._store.read(lambda reader: reader.get("visit", visit_id))
        if visit is None:
            raise NotFound("not_here", "This visit is not on this laptop.", "Search for it again.")
        with self._records.batch(initiator) as batch:
            return self._add_follow_up(batch, follow_up, visit_id, visit["account_id"])

    def _add_follow_up(self, batch: Batch, follow_up: FollowUp, visit_id: str, account_id: str | None) -> str:
        values = task_values(follow_up.subject, follow_up.due_on, follow_up.note)
        return batch.create("task", values | {"visit_id": visit_id, "account_id": account_id})


def local_zone() -> str:
    """IANA name of this machine's zone, empty where it cannot be told."""
    zone = get_localzone()  # a pytz zone where that package is installed; it says its name in another way
    return str(getattr(zone, "key", "") or getattr(zone, "zone", "") or "")
