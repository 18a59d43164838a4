"""What holds for quotes and their orders: frozen papers, approval, totals, ceilings, losses, one order a quote."""

from decimal import Decimal
from typing import Any

from sqlalchemy import select

from crm_desktop.model.operations import Create, Delete, Operation, Patch, Restore, Text, Transition
from crm_desktop.model.wire import Row, default_row
from crm_desktop.rules.closing import loss_lacks
from crm_desktop.rules.discount_ceiling import ceiling_of, lines_above, own_discount
from crm_desktop.rules.forks import FIGURES
from crm_desktop.rules.line_pricing import figures_hold, price_at
from crm_desktop.rules.merged import Refused
from crm_desktop.rules.ordering import (
    AFTER_ORDER,
    CANCELLED,
    ORDERED,
    called,
    cancel_gap,
    order_before_paper,
    standing_order,
)
from crm_desktop.rules.permissions import APPROVE, roles_with
from crm_desktop.rules.revisions import is_fork
from server.storage.commit import Commit
from server.storage.devices import Device
from server.storage.price_book import PriceBook
from server.storage.records_in_work import Record
from server.storage.tables import commit as commit_table
from server.storage.tax_book import TaxBook
from server.storage.written import written_fields, written_values

_AFTER_ISSUE = frozenset({"sent_at", "needs_review"})
_DECISION = frozenset({"decided_by", "decided_at", "decision_note"})
_SIGNATURE = frozenset({"signed_by", "signed_at", "signature_id"})
_SIGNABLE = frozenset({"sent", "superseded"})
_DECIDES = roles_with(APPROVE)


class QuoteGuard:
    """Checks of papers for the transactions of one device in one commit; each raises Refused.

    `overtaken`: revisions that went out at prices which changed before their author could know; they are let go and
    have to be looked at.
    """

    def __init__(self, commit: Commit, device: Device) -> None:
        self._commit = commit
        self._device = device
        self._who = (device.user_id, device.role)
        self._prices = PriceBook(commit, self._is_own)
        self._taxes = TaxBook(commit, self._is_own)
        self.overtaken: set[str] = set()

    def check(self, op: Operation, record: Record | None, seen: int) -> None:
        """Refused where a paper may not be changed like this. `seen`: the newest commit its author knew."""
        if op.e == "order":
            self._ordered_once(op, record)
            self._cancelled(op, record)
        if record is not None:
            self._frozen(op, record)
            self._decided(op, record, seen)
        elif isinstance(op, Create) and op.e == "quote_line":
            self._open_revision(op.v.get("revision_id"))

    def check_total(self, op: Transition, seen: int) -> None:
        """A paper may only be sent with the total its author saw, and with what he offered beside it.

        `seen`: the newest commit he knew. Of another history nobody knows what that was.
        """
        if op.e != "quote_revision" or op.to != "sent":
            return
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
            elif op.base_epoch == self._commit.epoch and self._repriced(line["id"], seen):
                raise Refused("total_differs", f"{op.id}: the optional line {line['id']}")
        if total != expected:
            raise Refused("total_differs", f"{op.id}: {total} here, {expected} there")

    def _repriced(self, line_id: str, seen: int) -> bool:
        """Whether somebody else has changed after `seen` what a line costs."""
        line = self._commit.get("quote_line", line_id)
        newest = 0 if line is None else max((line.field_ver.get(name, 0) for name in FIGURES), default=0)
        return newest > seen and not self._is_own(newest)

    # -- one by one -----------------------------------------------------------------------------------

    def _ordered_once(self, op: Operation, record: Record | None) -> None:
        """Two laptops may order two revisions of one quote, each without knowing of the other: the first stands."""
        written = written_values(op)
        if not isinstance(op, Restore) and not {"quote_id", "status"} & written.keys():
            return
        after = (default_row("order") if record is None else record.row) | written
        if not after["quote_id"] or after["status"] == CANCELLED:
            return
        others = (row for row in self._live("order", "quote_id", after["quote_id"]) if row["id"] != op.id)
        made = standing_order(others, op.id)
        if made is not None:
            raise Refused(ORDERED, called(made))

    def _cancelled(self, op: Operation, record: Record | None) -> None:
        """An order ends by those it belongs to, and not when its goods are with the customer."""
        if record is None or record.deleted or written_values(op).get("status") != CANCELLED:
            return
        gap = "" if record.row["status"] == CANCELLED else cancel_gap(record.row, *self._who)
        if gap:
            raise Refused(gap, called(record.row))

    def _not_ordered(self, revision: Row) -> None:
        """Who has ordered is sent no other offer for it, however late the laptop that issued one comes."""
        made = order_before_paper(self._live("order", "quote_id", revision["quote_id"] or ""))
        if made is not None:
            raise Refused(AFTER_ORDER, called(made))

    def _frozen(self, op: Operation, record: Record) -> None:
        if op.e == "quote_line" and isinstance(op, Restore):
            self._open_revision(record.row["revision_id"])  # else a line comes into a paper that is decided
        if isinstance(op, (Create, Restore)) or record.deleted:
            return
        if op.e == "quote_line":
            self._open_revision(record.row["revision_id"])
            self._open_revision(written_values(op).get("revision_id"))
        elif op.e == "quote_revision" and isinstance(op, Delete) and is_fork({"id": op.id}):
            # Its lines are deleted before it: one that is here still was changed or added by somebody else.
            if record.row["status"] == "draft" and self._live("quote_line", "revision_id", op.id):
                raise Refused("state_changed", f"revision {op.id} has lines that its reader did not know")
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

    def _decided(self, op: Operation, record: Record, seen: int) -> None:
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
        if (op.from_, op.to) == ("waiting_approval", "approved") and self._device.user_id in self._asked(record):
            raise Refused("own_approval", op.id)
        if op.to == "sent":
            self._not_ordered(record.row)
        if op.from_ == "draft" or op.to == "sent":
            self._calculated(op.id, record.row)
        if op.from_ == "draft":
            self._taxed(op, record.row, seen)
        if (op.from_, op.to) == ("draft", "sent"):
            self._below_ceiling(op.id, record.row, seen)
        if op.to == "lost":
            quote = self._commit.live("quote", record.row["quote_id"] or "")
            lacking = "reason" if quote is None else loss_lacks(quote.row)
            if lacking == "reason":
                raise Refused("lost_reason_missing", op.id)
            if lacking:
                raise Refused("lost_competitor_missing", op.id)

    def _asked(self, revision: Record) -> frozenset[str]:
        """Who asked: as the paper says, and who brought it into this state, which no laptop can say otherwise."""
        seq = revision.field_ver.get("status", 0)
        actor = self._commit.actor
        if seq != self._commit.seq:
            c = commit_table.c
            actor = self._commit.connection.scalar(select(c.actor).where(c.seq == seq)) or ""
        return frozenset({revision.row["requested_by"] or "", actor})

    def _calculated(self, revision_id: str, revision: Row) -> None:
        """Nothing goes out, or before the eyes of who approves, whose lines do not add up in themselves."""
        if revision["needs_review"]:
            raise Refused("needs_review", revision_id)
        for line in self._live("quote_line", "revision_id", revision_id):
            if not figures_hold(line, revision["currency"]):
                raise Refused("total_differs", f"{revision_id}: the total of line {line['id']}")

    def _taxed(self, op: Transition, revision: Row, seen: int) -> None:
        """No line leaves the draft with another tax than that of its product on the day of the paper.

        What is printed already at a rate that changed after its author looked goes out, and is looked at again.
        """
        wrong = [
            line for line in self._live("quote_line", "revision_id", op.id) if not self._taxes.holds(revision, line)
        ]
        known = [line for line in wrong if op.to != "sent" or not self._taxes.moved(line, seen)]
        if known:
            raise Refused("tax_differs", f"{op.id}: the tax of line {known[0]['id']}")
        if wrong:
            self.overtaken.add(op.id)

    def _below_ceiling(self, revision_id: str, revision: Row, seen: int) -> None:
        """No line gives away more than the role may, by what it says of itself and by the price of the catalogue.

        A price that changed after its author looked, while he had no network, is no discount of his.
        """
        role = self._device.role
        ceiling = ceiling_of(self._live("discount_ceiling", "role", role), role, revision["quote_date"])
        if ceiling is None:
            return
        quote = self._commit.live("quote", revision["quote_id"] or "")
        account_id = "" if quote is None else quote.row["account_id"] or ""

        def lowest(line: Row, own: Decimal) -> Decimal | None:
            return price_at(self._prices.basis(revision, account_id, line), revision, line, own)

        above = lines_above(self._live("quote_line", "revision_id", revision_id), ceiling, lowest)
        given = [
            line
            for line in above
            if own_discount(line) > ceiling or not self._prices.moved(revision, account_id, line, seen)
        ]
        if given:
            raise Refused("above_ceiling", f"revision {revision_id}: {len(given)} lines")
        if above:
            self.overtaken.add(revision_id)

    def _is_own(self, seq: int) -> bool:
        return self._commit.is_by(self._device.device_id, seq)

    def _live(self, entity: str, name: str, value: str) -> list[Row]:
        found = (
            (record_id, self._commit.live(entity, record_id)) for record_id in self._commit.where(entity, name, value)
        )
        return [record.row | {"id": record_id} for record_id, record in found if record is not None]

    def _open_revision(self, revision_id: Any) -> None:
        revision = self._commit.live("quote_revision", revision_id) if isinstance(revision_id, str) else None
        if revision is not None and revision.row["status"] != "draft":
            raise Refused("frozen", f"revision {revision_id} is {revision.row['status']}")
