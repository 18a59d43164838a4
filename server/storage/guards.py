"""What an operation of a user may touch. A guard that fails refuses its whole transaction."""

from collections.abc import Iterable
from datetime import timedelta

from sqlalchemy import select

from crm_desktop.model.columns import parse_instant
from crm_desktop.model.operations import Create, Operation, Patch, Restore, Text, Transition
from crm_desktop.model.wire import confidential_fields, entity_facts, field_facts
from crm_desktop.rules.merged import Refused
from crm_desktop.rules.permissions import may_write
from server.settings import Settings
from server.storage.blobs import Blobs
from server.storage.closing_guard import check_closing
from server.storage.commit import Commit
from server.storage.contract_guard import check_terms
from server.storage.devices import Device
from server.storage.handed_over import check_handed_over
from server.storage.order_guard import check_order
from server.storage.placing import scopes_if_live
from server.storage.quote_guard import QuoteGuard
from server.storage.records_in_work import Record
from server.storage.scope_sets import scopes_now
from server.storage.tables import change_log, tombstone
from server.storage.users import SEES_COST, commit_time, revoked_after, scopes_at
from server.storage.written import written_fields

LEDGER = frozenset({"conflict", "quarantine"})
_LEDGER_FIELDS = frozenset({"status", "resolved_by", "resolved_at", "note", "handed_at"})
_SERVER_FIELDS = {"order": frozenset({"number"})}


class Guards:
    """Checks for the transactions of one device in one commit."""

    def __init__(self, commit: Commit, device: Device, settings: Settings, blobs: Blobs) -> None:
        self._commit = commit
        self._device = device
        self._settings = settings
        self._blobs = blobs
        self.quotes = QuoteGuard(commit, device)
        self.scopes = scopes_now(commit.connection, device.user_id)

    def check(self, op: Operation, record: Record | None, seen_cursor: int) -> None:
        """Refused where the user may not do this to the record as it stands."""
        self._permission(op)
        self._blobs.check(self._commit.connection, self._device.user_id, op)
        check_closing(self._commit, op, record)
        check_terms(op, record)
        check_order(self._commit, op, record, self._device.role)
        if record is not None:
            self._reach(op, record, seen_cursor)
        self.quotes.check(op, record, seen_cursor)

    def visible(self, record: Record) -> bool:
        """Whether the user's devices hold the record now."""
        return record.row_ver == 0 or bool(self._commit.scopes(record) & self.scopes)

    def check_created(self, keys: Iterable[tuple[str, str]]) -> None:
        """A new record must lie where its author can see it."""
        for entity, record_id in keys:
            if self._commit.live(entity, record_id) is None:
                continue
            _, scopes = self._commit.place(entity, record_id)
            if not scopes & self.scopes:
                raise Refused("out_of_scope", f"{entity} {record_id}")

    def check_references(self, references: Iterable[tuple[str, str, str]]) -> None:
        """Each (field, entity, id) must point to a live record."""
        for name, entity, record_id in references:
            if self._commit.live(entity, record_id) is None:
                raise Refused("dangling", f"{name}: {entity} {record_id}")

    # -- one by one -----------------------------------------------------------------------------------

    def _permission(self, op: Operation) -> None:
        facts = entity_facts(op.e)
        names = written_fields(op)
        if op.e == "quarantine" and isinstance(op, Create):
            check_handed_over(op)
        elif op.e in LEDGER:
            if not isinstance(op, (Patch, Text, Transition)) or not names <= _LEDGER_FIELDS:
                raise Refused("no_permission", f"{op.e} is written by the server")
        elif facts.server_only:
            raise Refused("no_permission", f"{op.e} is kept by the administrator")
        elif not may_write(op.e, self._device.role):
            raise Refused("no_permission", f"{op.e} is kept by inside sales")
        if self._device.role not in SEES_COST and names & set(confidential_fields(op.e)):
            raise Refused("no_permission", f"{op.e}: costs")
        if not isinstance(op, Create) and names & _SERVER_FIELDS.get(op.e, frozenset()):
            raise Refused("no_permission", f"{op.e}: the number is given by the server")
        if isinstance(op, Create):
            for name, value in op.v.items():
                known = field_facts(op.e).get(name)
                if known is not None and known.transitions and value != known.default:
                    raise Refused("no_such_transition", f"{op.e} starts as {known.default}")

    def _reach(self, op: Operation, record: Record, seen_cursor: int) -> None:
        if record.deleted:
            if isinstance(op, Restore) and not self._last_scopes(op) & self.scopes:
                raise Refused("out_of_scope", f"{op.e} {op.id}")
            return
        if self.visible(record) or self._just_restored(op, record):
            return
        if not self._moved_away_lately(op, record, seen_cursor):
            raise Refused("out_of_scope", f"{op.e} {op.id}")

    def _just_restored(self, op: Operation, record: Record) -> bool:
        """An earlier operation of the same push brought it back; until the commit it is nowhere."""
        if self._commit.scopes(record):
            return False
        _, scopes = self._commit.place(op.e, op.id)
        return bool(scopes & self.scopes)

    def _moved_away_lately(self, op: Operation, record: Record, seen_cursor: int) -> bool:
        """The user wrote on a row he could see then, and it arrives in time after it moved or was taken from him."""
        if seen_cursor < self._commit.floor_seq:
            return False  # where it stood then is not known any more
        c, connection, user_id = change_log.c, self._commit.connection, self._device.user_id
        moved = connection.execute(
            select(c.seq, c.scopes_before)
            .where(c.entity == op.e, c.id == op.id, c.seq > seen_cursor, c.scopes_before != c.scopes_after)
            .order_by(c.seq)
            .limit(1)
        ).one_or_none()
        then = self._commit.scopes(record) if moved is None else self._commit.sets.scopes(moved.scopes_before)
        shared = then & scopes_at(connection, user_id, seen_cursor)
        if not shared:
            return False
        revoked = revoked_after(connection, user_id, shared, seen_cursor)
        left = [seq for seq in (None if moved is None else moved.seq, revoked) if seq is not None]
        moved_at = commit_time(connection, min(left)) if left else None
        if moved_at is None:
            return True
        grace = timedelta(days=self._settings.moved_grace_days)
        return parse_instant(self._commit.at) - parse_instant(moved_at) <= grace

    def _last_scopes(self, op: Operation) -> frozenset[str]:
        before = self._commit.before((op.e, op.id))
        if before is None or not before.deleted:  # deleted by an earlier operation of the same push
            return scopes_if_live(self._commit, (op.e, op.id))
        c = tombstone.c
        number = self._commit.connection.scalar(select(c.scope_set).where(c.entity == op.e, c.id == op.id))
        return frozenset() if number is None else self._commit.sets.scopes(number)
