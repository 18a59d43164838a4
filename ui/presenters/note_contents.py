"""What the page of a visit note shows when it opens."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from crm_desktop.model.columns import format_instant
from crm_desktop.model.wire import Row, default_row
from crm_desktop.services.notes import local_zone
from crm_desktop.store.reader import Reader
from ui.presenters.briefing import Briefing, load_briefing

FIELDS = (
    "account_id",
    "contact_id",
    "owner_id",
    "starts_at",
    "duration_min",
    "zone",
    "status",
    "subject",
    "outcome",
    "next_step",
    "participants",
    "note",
)


@dataclass(frozen=True, slots=True)
class NoteContents:
    """Everything the page shows on opening. `row` is what the user starts from."""

    visit_id: str
    exists: bool
    row: Row
    version: int
    account: Row | None
    contacts: tuple[Row, ...]
    briefing: Briefing
    state: str
    draft: Row | None = None
    drafted_at: str = ""


def load_note(
    reader: Reader, visit_id: str, account_id: str, user_id: str, now: datetime, draft: dict[str, Any] | None
) -> NoteContents:
    """A visit of this device, or a new one at an account; `draft` is what a crash left behind."""
    row = reader.get("visit", visit_id)
    exists = row is not None
    if row is None:
        row = default_row("visit") | {
            "account_id": account_id or (draft or {}).get("values", {}).get("account_id"),
            "owner_id": user_id or None,
            "starts_at": format_instant(now.replace(second=0, microsecond=0)),
            "zone": local_zone(),  # a place: "CEST" names no rule for the day the clocks change
            "status": "planned",
        }
    account_id = row["account_id"] or account_id
    return NoteContents(
        visit_id=visit_id,
        exists=exists,
        row=row,
        version=reader.version("visit", visit_id) if exists else 0,
        account=reader.get("account", account_id) if account_id else None,
        contacts=tuple(reader.where("contact", account_id=account_id)) if account_id else (),
        briefing=load_briefing(reader, account_id, visit_id),
        state=reader.record_state("visit", visit_id) if exists else "local",
        draft=draft["values"] if draft else None,
        drafted_at=draft["at"] if draft else "",
    )
