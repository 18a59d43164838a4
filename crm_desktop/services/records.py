"""Create, change, delete any record. One call, or one `batch`, is one user action and one transaction."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from crm_desktop.errors import KnownError
from crm_desktop.ids import new_id
from crm_desktop.model.wire import Row, entity_facts, field_facts
from crm_desktop.rules.permissions import may_write
from crm_desktop.services.closing import closed
from crm_desktop.services.contract_terms import check_terms
from crm_desktop.store.changes import NOTHING, ChangeSet
from crm_desktop.store.client_store import ClientStore
from crm_desktop.store.intents import Intent, create, delete, restore, transition, update


class Batch:
    """Changes collected for one transaction; see `RecordService.batch`."""

    def __init__(self, user_id: str) -> None:
        self._user_id = user_id
        self.intents: list[Intent] = []
        self.changes: ChangeSet = NOTHING

    def create(self, entity: str, values: Mapping[str, Any], record_id: str | None = None) -> str:
        """A new record; returns its id. The owner is the user where the entity has one and none is given."""
        record_id = record_id or new_id()
        owner = entity_facts(entity).owner
        filled = dict(values)
        if owner and owner in field_facts(entity) and not filled.get(owner) and self._user_id:
            filled[owner] = self._user_id
        self.intents.append(create(entity, record_id, filled))
        return record_id

    def update(
        self,
        entity: str,
        record_id: str,
        changes: Mapping[str, Any],
        *,
        seen: Row | None = None,
        seen_ver: int | None = None,
    ) -> None:
        """Fields of any kind but states; `seen` is the row (version `seen_ver`) the user had before him."""
        self.intents.append(update(entity, record_id, changes, seen_ver=seen_ver, seen=seen))

    def transition(self, entity: str, record_id: str, to: str, field: str = "status") -> None:
        """Move a state on."""
        self.intents.append(transition(entity, record_id, to, field))

    def delete(self, entity: str, record_id: str) -> None:
        """Delete a record."""
        self.intents.append(delete(entity, record_id))

    def restore(self, entity: str, record_id: str) -> None:
        """Ask for a deleted record again."""
        self.intents.append(restore(entity, record_id))

    def add(self, intent: Intent) -> None:
        """Any other change."""
        self.intents.append(intent)


class RecordService:
    """Writes records of any entity on the local store; every method returns when the change is durable."""

    def __init__(self, store: ClientStore, user_id: str) -> None:
        self._store = store
        self._user_id = user_id

    @contextmanager
    def batch(self, initiator: str = "") -> Iterator[Batch]:
        """Collect changes; they are committed together at the end of the block, or not at all.

        `changes` of the batch holds the ChangeSet afterwards.
        """
        batch = Batch(self._user_id)
        yield batch
        if batch.intents:
            self._check_role(batch.intents)
            check_terms(self._store, batch.intents)
            batch.changes = self._store.commit(closed(self._store, batch.intents), initiator)

    def _check_role(self, intents: Sequence[Intent]) -> None:
        """KnownError kept_by_desk: what the server would refuse must not make a price on this laptop either."""
        kept = [intent.entity for intent in intents if not may_write(intent.entity, "")]
        user = self._store.read(lambda reader: reader.get("user", self._user_id)) if kept and self._user_id else None
        if user is not None and not all(may_write(entity, user["role"]) for entity in kept):
            raise KnownError(
                "kept_by_desk", "Inside sales keeps prices, conditions and lists.", "Ask inside sales to enter it."
            )

    def create(self, entity: str, values: Mapping[str, Any], record_id: str | None = None, initiator: str = "") -> str:
        """A new record; returns its id. InvalidInput for a value that is none."""
        with self.batch(initiator) as batch:
            return batch.create(entity, values, record_id)

    def update(
        self,
        entity: str,
        record_id: str,
        changes: Mapping[str, Any],
        *,
        seen: Row | None = None,
        seen_ver: int | None = None,
        initiator: str = "",
    ) -> ChangeSet:
        """Change fields; what equals the visible value is left out. NotFound where the record is not here.

        A form passes the row and version it was opened with, so that what came meanwhile is not overwritten.
        """
        with self.batch(initiator) as batch:
            batch.update(entity, record_id, changes, seen=seen, seen_ver=seen_ver)
        return batch.changes

    def transition(self, entity: str, record_id: str, to: str, field: str = "status", initiator: str = "") -> ChangeSet:
        """Move a state on; InvalidInput where the declaration knows no such step."""
        with self.batch(initiator) as batch:
            batch.transition(entity, record_id, to, field)
        return batch.changes

    def delete(self, entity: str, record_id: str, initiator: str = "") -> ChangeSet:
        """Delete a record."""
        with self.batch(initiator) as batch:
            batch.delete(entity, record_id)
        return batch.changes

    def restore(self, entity: str, record_id: str, initiator: str = "") -> ChangeSet:
        """Ask for a deleted record again; it comes back with the next sync."""
        with self.batch(initiator) as batch:
            batch.restore(entity, record_id)
        return batch.changes
