"""Tasks: add, tick off, what is due."""

from datetime import date
from typing import Any

from crm_desktop.clock import Clock
from crm_desktop.errors import InvalidInput
from crm_desktop.model.wire import Row
from crm_desktop.services.records import RecordService
from crm_desktop.store.changes import ChangeSet
from crm_desktop.store.client_store import ClientStore


class TaskService:
    """Everything a person does with tasks."""

    def __init__(self, store: ClientStore, clock: Clock, user_id: str) -> None:
        self._store = store
        self._clock = clock
        self._user_id = user_id
        self._records = RecordService(store, user_id)

    def add(
        self,
        subject: str,
        *,
        account_id: str | None = None,
        due_on: date | None = None,
        visit_id: str | None = None,
        owner_id: str | None = None,
        note: str = "",
        initiator: str = "",
    ) -> str:
        """A new open task; returns its id."""
        values = task_values(subject, due_on, note) | {
            "account_id": account_id,
            "visit_id": visit_id,
            "owner_id": owner_id or self._user_id or None,
        }
        return self._records.create("task", values, initiator=initiator)

    def done(self, task_id: str, initiator: str = "") -> ChangeSet:
        """Tick off."""
        return self._records.update("task", task_id, {"status": "done"}, initiator=initiator)

    def reopen(self, task_id: str, initiator: str = "") -> ChangeSet:
        """Undo `done`."""
        return self._records.update("task", task_id, {"status": "open"}, initiator=initiator)

    def due(self, until: date | None = None, owner_id: str | None = None) -> list[Row]:
        """Open tasks of a person (default: the user) due until a day (default: all), the oldest first."""
        owner = owner_id or self._user_id
        rows = self._store.read(lambda reader: reader.where("task", status="open"))
        limit = until.isoformat() if until else None
        return sorted(
            (
                row
                for row in rows
                if (not owner or row["owner_id"] == owner)
                and (limit is None or (row["due_on"] and row["due_on"] <= limit))
            ),
            key=lambda row: (row["due_on"] or "9999-12-31", row["id"]),
        )


def task_values(subject: str, due_on: date | None, note: str) -> dict[str, Any]:
    """Values of an open task; InvalidInput where nobody could tell what to do."""
    if not subject.strip():
        raise InvalidInput("task_without_subject", "The task says nothing.", "Write what is to be done.")
    return {"subject": subject.strip(), "due_on": due_on, "note": note, "status": "open"}
