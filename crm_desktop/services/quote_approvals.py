"""Discounts above a ceiling: asking for approval, deciding, and what waits for whom. All of it works offline."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from crm_desktop.clock import Clock, stamp
from crm_desktop.errors import InvalidInput, KnownError, NotFound
from crm_desktop.model.wire import Row
from crm_desktop.rules.discount_ceiling import ceiling_of, lines_above
from crm_desktop.rules.line_pricing import figures_hold, granted_percent, price_at
from crm_desktop.rules.ordering import called, order_before_paper
from crm_desktop.rules.permissions import APPROVE, permissions_of
from crm_desktop.services.quote_forks import take_number
from crm_desktop.services.quote_prices import price_basis, taxes_hold
from crm_desktop.store.client_store import ClientStore
from crm_desktop.store.intents import Intent, patch, text, transition
from crm_desktop.store.reader import Reader

WAITING = "waiting_approval"
_INITIATOR = "quotes"


@dataclass(frozen=True, slots=True)
class CeilingCheck:
    """A revision against the ceiling of a role in percent (None: none is declared) and the lines above it.

    `granted`: line id to what these lines give away in truth, in percent.
    """

    ceiling: Decimal | None
    above: tuple[Row, ...]
    granted: Mapping[str, Decimal]


class ApprovalService:
    """Asking and deciding for the enrolled user; each call is one transaction."""

    def __init__(self, store: ClientStore, clock: Clock, user_id: str) -> None:
        self._store = store
        self._clock = clock
        self._user_id = user_id

    def ask(self, revision_id: str, note: str = "") -> None:
        """Hand a draft to inside sales with a reason. InvalidInput not_a_draft, ordered_already, empty_quote."""

        def build(reader: Reader) -> list[Intent]:
            revision = _revision(reader, revision_id)
            if revision["status"] != "draft":
                raise InvalidInput("not_a_draft", "This revision is frozen.", "Start a new revision to change it.")
            refuse_ordered(reader, revision["quote_id"])
            lines = lines_of(reader, revision)
            if not lines:
                raise InvalidInput("empty_quote", "The quote has no lines.", "Add a product first.")
            refuse_unreviewed(reader, revision, lines)
            asked = {"requested_by": self._user_id or None, "requested_at": stamp(self._clock)}
            made = [*take_number(reader, revision), patch("quote_revision", revision_id, asked)]
            if note.strip() != revision["request_note"]:
                made.append(text("quote_revision", revision_id, "request_note", note.strip()))
            return [*made, transition("quote_revision", revision_id, WAITING)]

        self._store.commit(self._store.read(build), _INITIATOR)

    def approve(self, revision_id: str, note: str = "") -> None:
        """Let a revision go out as it is. InvalidInput not_waiting; KnownError may_not_approve, own_approval."""
        self._decide(revision_id, "approved", note)

    def send_back(self, revision_id: str, note: str) -> None:
        """Return it to its author with a word. InvalidInput not_waiting, word_missing; KnownError may_not_approve."""
        if not note.strip():
            raise InvalidInput(
                "word_missing", "A quote is returned with a word.", "Write what has to be changed, then return it."
            )
        self._decide(revision_id, "returned", note)

    def edit_again(self, revision_id: str) -> None:
        """A returned revision becomes a draft."""
        self._store.commit([transition("quote_revision", revision_id, "draft")], _INITIATOR)

    def _decide(self, revision_id: str, to: str, note: str) -> None:
        def build(reader: Reader) -> list[Intent]:
            if APPROVE not in permissions_of(role_of(reader, self._user_id)):
                raise KnownError(
                    "may_not_approve",
                    "Your role does not decide about approvals.",
                    "Ask inside sales to decide.",
                )
            revision = _revision(reader, revision_id)
            if revision["status"] != WAITING:
                raise InvalidInput(
                    "not_waiting", "This quote does not wait for approval any more.", "Look at the quote again."
                )
            if to == "approved" and revision["requested_by"] == self._user_id:
                raise KnownError(
                    "own_approval",
                    "You asked for this approval yourself; somebody else has to give it.",
                    "Ask a colleague in inside sales to decide.",
                )
            decided = {"decided_by": self._user_id or None, "decided_at": stamp(self._clock)}
            made = [patch("quote_revision", revision_id, decided)]
            if note.strip() != revision["decision_note"]:
                made.append(text("quote_revision", revision_id, "decision_note", note.strip()))
            return [*made, transition("quote_revision", revision_id, to)]

        self._store.commit(self._store.read(build), _INITIATOR)


def role_of(reader: Reader, user_id: str | None) -> str:
    """Role of a user; empty for nobody, who has neither permission nor ceiling."""
    user = reader.get("user", user_id) if user_id else None
    return str(user["role"]) if user is not None else ""


def lines_of(reader: Reader, revision: Row) -> list[Row]:
    """Lines of a revision in their order."""
    rows = reader.where("quote_line", quote_id=revision["quote_id"], revision_id=revision["id"])
    return sorted(rows, key=lambda row: (row["position"], row["id"]))


def check_ceiling(reader: Reader, revision: Row, lines: Sequence[Row], role: str) -> CeilingCheck:
    """A revision's lines against the ceiling of a role on its day, each by the price the rules give."""
    ceiling = ceiling_of(reader.where("discount_ceiling", role=role), role, revision["quote_date"])
    if ceiling is None:
        return CeilingCheck(None, (), {})
    quote = reader.get("quote", revision["quote_id"])
    account_id = str(quote["account_id"] or "") if quote is not None else ""
    bases = {line["id"]: price_basis(reader, revision, account_id, line) for line in lines}
    above = lines_above(lines, ceiling, lambda line, own: price_at(bases[line["id"]], revision, line, own))
    granted = {line["id"]: granted_percent(bases[line["id"]], revision, line) for line in above}
    return CeilingCheck(ceiling, tuple(above), granted)


def refuse_ordered(reader: Reader, quote_id: str) -> None:
    """InvalidInput `ordered_already` where an order of the quote stands: nothing of it goes out any more."""
    made = order_before_paper(reader.where("order", quote_id=quote_id))
    if made is not None:
        raise InvalidInput(
            "ordered_already",
            f"This quote was ordered already: order {called(made)} stands.",
            "Make a new quote for what is wanted beyond it; to offer anew, have the order cancelled first.",
            number=called(made),
        )


def refuse_unreviewed(reader: Reader, revision: Row, lines: Sequence[Row]) -> None:
    """InvalidInput `not_calculated` where two people priced it apart or the figures of a line are not those of rules.

    A total is quantity times price; the tax of a draft is that of the product, as the server looks at it too.
    """
    holds = all(figures_hold(line, revision["currency"]) for line in lines)
    if revision["status"] == "draft":
        holds = holds and taxes_hold(reader, revision, lines)
    if revision["needs_review"] or not holds:
        raise InvalidInput(
            "not_calculated",
            "The lines of this quote were not calculated together.",
            "Calculate again, then look at each line.",
        )


def refuse_above(reader: Reader, revision: Row, lines: Sequence[Row], user_id: str) -> None:
    """InvalidInput `above_ceiling`, `price_not_in_list` where a line needs somebody else's word."""
    found = check_ceiling(reader, revision, lines, role_of(reader, user_id))
    if found.above:
        worst = max(found.above, key=lambda line: found.granted[line["id"]])
        percent = found.granted[worst["id"]]
        if percent <= (found.ceiling or 0):
            raise InvalidInput(
                "price_not_in_list",
                f"The price list has no price for “{worst['name']}” as it stands.",
                "Ask for approval, or price the line again.",
                name=worst["name"],
            )
        raise InvalidInput(
            "above_ceiling",
            f"“{worst['name']}” has {percent.normalize():f} % discount, your ceiling is "
            f"{(found.ceiling or Decimal(0)).normalize():f} %.",
            "Ask for approval, or lower the discount.",
            name=worst["name"],
            percent=percent,
            ceiling=found.ceiling,
        )


def _revision(reader: Reader, revision_id: str) -> Row:
    revision = reader.get("quote_revision", revision_id)
    if revision is None:
        raise NotFound("not_here", "This record is not on this laptop.", "Search for it again.")
    return revision
