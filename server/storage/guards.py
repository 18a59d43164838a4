"""What an operation of a user may touch. A guard that fails refuses its whole transaction."""

from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from crm_desktop.model.columns import parse_instant
from crm_desktop.model.operations import Create, Delete, Operation, Patch, Restore, SetAdd, SetRemove, Text, Transition
from crm_desktop.model.wire import Row, entity_facts, field_facts
from crm_desktop.rules.closing import loss_lacks
from crm_desktop.rules.discount_ceiling import ceiling_of, lines_above
from crm_desktop.rules.merge import Refused
from crm_desktop.rules.permissions import APPROVE, roles_with
from crm_desktop.rules.scope import DESK_ROLES
from server.settings import Settings
from server.storage.blobs import Blobs
from server.storage.change_log import Commit, Record
from server.storage.closing_guard import check_closing
from server.storage.devices import Device
from server.storage.handed_over import check_handed_over
from server.storage.records import confidential_fields
from server.storage.tables import change_log, tombstone
from server.storage.users import SEES_COST, commit_time, scopes_at, scopes_now

LEDGER = frozenset({"conflict", "quarantine"})
_LEDGER_FIELDS = frozenset({"status", "resolved_by", "resolved_at", "note", "handed_at"})
_OPEN_CATALOGUE = frozenset({"tag"})  # everybody may coin a tag
_AFTER_ISSUE = frozenset({"sent_at", "needs_review"})
_DECISION = frozenset({"decided_by", "decided_at", "decision_note"})
_SIGNATURE = frozenset({"signed_by", "signed_at", "signature_id"})
_SIGNABLE = frozenset({"sent", "superseded"})
_DECIDES = roles_with(APPROVE)
_SERVER_FIELDS = {"order": frozenset({"number"})}


class Guards:
    """Checks for the transactions of one device in one commit."""

    def __init__(self, commit: Commit, device: Device, settings: Settings, blobs: Blobs) -> None:
        self._commit = commit
        self._device = device
        self._settings = settings
        self._blobs = blobs
        self.scopes = scopes_now(commit.connection, device.user_id)

    def check(self, op: Operation, record: Record | None, seen_cursor: int) -> None:
        """Refused where the user may not do this to the record as it stands."""
        self._permission(op)
        self._blobs.check(self._commit.connection, self._device.user_id, op)
        check_closing(self._commit, op, record)
        if record is not None:
            self._reach(op, record, seen_cursor)
            self._frozen(op, record)
            self._decided(op, record)
        elif isinstance(op, Create) and op.e == "quote_line":
            self._open_revision(op.v.get("revision_id"))

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

    def check_total(self, op: Transition, record: Record) -> None:
        """A paper may only be sent with the total its author saw."""
        if op.e != "quote_revision" or op.to != "sent":
            return
        if record.row["needs_review"]:
            raise Refused("needs_review", op.id)
        if op.expected_total is None:
            return
        try:
            expected = Decimal(op.expected_total)
        except ArithmeticError as error:
            raise Refused("invalid_value", f"expected_total {op.expected_total}") from error
        total = Decimal(0)
        for line in self._live("quote_line", "revision_id", op.id):
            if not line["optional"]:
                total += Decimal(line["line_total"] or 0)
        if total != expected:
            raise Refused("total_differs", f"{op.id}: {total} here, {expected} there")

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
        elif facts.catalogue and op.e not in _OPEN_CATALOGUE and self._device.role not in DESK_ROLES:
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
        """The user wrote on a row he could see then, and it arrives in time."""
        if seen_cursor < self._commit.floor_seq:
            return False  # where it stood then is not known any more
        c = change_log.c
        first = self._commit.connection.execute(
            select(c.seq, c.scopes_before)
            .where(c.entity == op.e, c.id == op.id, c.seq > seen_cursor)
            .order_by(c.seq)
            .limit(1)
        ).one_or_none()
        then = self._commit.scopes(record) if first is None else self._commit.sets.scopes(first.scopes_before)
        if not then & scopes_at(self._commit.connection, self._device.user_id, seen_cursor):
            return False
        moved_at = commit_time(self._commit.connection, first.seq) if first is not None else None
        if moved_at is None:
            return True
        grace = timedelta(days=self._settings.moved_grace_days)
        return parse_instant(self._commit.at) - parse_instant(moved_at) <= grace

    def _last_scopes(self, op: Operation) -> frozenset[str]:
        c = tombstone.c
        number = self._commit.connection.scalar(select(c.scope_set).where(c.entity == op.e, c.id == op.id))
        return frozenset() if number is None else self._commit.sets.scopes(number)

    def _frozen(self, op: Operation, record: Record) -> None:
        if op.e == "quote_line" and isinstance(op, Restore):
            self._open_revision(record.row["revision_id"])  # else a line comes into a paper that is decided
        if isinstance(op, (Create, Restore)) or record.deleted:
            return
        if op.e == "quote_line":
            self._open_revision(record.row["revision_id"])
            self._open_revision(written_values(op).get("revision_id"))
        elif op.e == "quote_revision":
            free = isinstance(op, Transition) or self._written_later(op, record.row)
            if not free and record.row["status"] != "draft":
                raise Refused("frozen", f"revision {op.id} is {record.row['status']}")
        elif op.e == "quote" and isinstance(op, Delete):
            for revision_id in self._commit.where("quote_revision", "quote_id", op.id):
                self._open_revision(revision_id)

    @staticmethod
    def _written_later(op: Operation, revision: Row) -> bool:
        """What is said of a paper after it was frozen: the decision, the issue, one signature."""
        names = written_fields(op)
        if revision["status"] == "waiting_approval" and isinstance(op, (Patch, Text)) and names <= _DECISION:
            return True
        if revision["status"] in _SIGNABLE and isinstance(op, Patch) and names <= _SIGNATURE:
            return not revision["signed_at"]
        return isinstance(op, Patch) and names <= _AFTER_ISSUE

    def _decided(self, op: Operation, record: Record) -> None:
        """Approval is for those who may give it, above the ceiling nothing goes out without, a loss has its reason."""
        if op.e != "quote_revision" or record.deleted:
            return
        if written_fields(op) & _DECISION and self._device.role not in _DECIDES:
            raise Refused("no_permission", f"approval of {op.id}")
        if isinstance(op, Patch) and "decided_by" in op.set and op.set["decided_by"].new != self._device.user_id:
            raise Refused("no_permission", f"approval of {op.id} in another name")
        if not isinstance(op, Transition):
            return
        if op.from_ == "waiting_approval" and self._device.role not in _DECIDES:
            raise Refused("no_permission", f"approval of {op.id}")
        if (op.from_, op.to) == ("draft", "sent"):
            self._below_ceiling(op.id, record.row)
        if op.to == "lost":
            quote = self._commit.live("quote", record.row["quote_id"] or "")
            lacking = "reason" if quote is None else loss_lacks(quote.row)
            if lacking == "reason":
                raise Refused("lost_reason_missing", op.id)
            if lacking:
                raise Refused("lost_competitor_missing", op.id)

    def _below_ceiling(self, revision_id: str, revision: Row) -> None:
        role = self._device.role
        ceilings = self._live("discount_ceiling", "role", role)
        above = lines_above(
            self._live("quote_line", "revision_id", revision_id),
            ceiling_of(ceilings, role, revision["quote_date"]),
        )
        if above:
            raise Refused("above_ceiling", f"revision {revision_id}: {len(above)} lines")

    def _live(self, entity: str, name: str, value: str) -> list[Row]:
        found = (
            (record_id, self._commit.live(entity, record_id)) for record_id in self._commit.where(entity, name, value)
        )
        return [record.row | {"id": record_id} for record_id, record in found if record is not None]

    def _open_revision(self, revision_id: Any) -> None:
        revision = self._commit.live("quote_revision", revision_id) if isinstance(revision_id, str) else None
        if revision is not None and revision.row["status"] != "draft":
            raise Refused("frozen", f"revision {revision_id} is {revision.row['status']}")


def written_fields(op: Operation) -> frozenset[str]:
    """Names of the fields an operation writes."""
    if isinstance(op, Create):
        return frozenset(op.v)
    if isinstance(op, Patch):
        return frozenset(op.set)
    if isinstance(op, (Text, SetAdd, SetRemove, Transition)):
        return frozenset({op.f})
    return frozenset()


def written_values(op: Operation) -> Row:
    """What the author wanted to stand: field -> value."""
    if isinstance(op, Create):
        return dict(op.v)
    if isinstance(op, Patch):
        return {name: change.new for name, change in op.set.items()}
    if isinstance(op, Text):
        return {op.f: op.text}
    if isinstance(op, (SetAdd, SetRemove)):
        return {op.f: op.v}
    if isinstance(op, Transition):
        return {op.f: op.to}
    return {}


def references(op: Operation) -> list[tuple[str, str, str]]:
    """(field, entity, id) of the references an operation sets and that have to be there.

    A file is not waited for: its record follows its bytes, and what names it (a signature) goes before.
    """
    facts = field_facts(op.e)
    return [
        (name, str(facts[name].ref), value)
        for name, value in written_values(op).items()
        if name in facts and facts[name].ref not in (None, "", "attachment") and isinstance(value, str) and value
    ]
