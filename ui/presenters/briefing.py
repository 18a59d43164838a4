"""What one should know about an account before the door opens: visits, promises, quotes, cases, changes."""

from dataclasses import dataclass
from decimal import Decimal

from crm_desktop.model.wire import Row
from crm_desktop.rules.maturity import CHILDREN, Question, maturity
from crm_desktop.store.reader import Reader

_OPEN_QUOTE = ("draft", "waiting_approval", "approved", "returned", "sent")
OPEN_CASES = ("", "new", "in_progress")
_VISITS = 3


@dataclass(frozen=True, slots=True)
class OpenQuote:
    """A quote that is not decided: its newest revision and net total."""

    quote_id: str
    number: str
    account_id: str
    revision: int
    status: str
    valid_until: str | None
    follow_up_on: str | None
    total: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class Briefing:
    """Rows newest or most urgent first. `question` is what to ask next to know the customer better."""

    visits: tuple[Row, ...]
    quotes: tuple[OpenQuote, ...]
    tasks: tuple[Row, ...]
    cases: tuple[Row, ...] = ()
    question: Question | None = None


def load_briefing(reader: Reader, account_id: str, without_visit: str = "") -> Briefing:
    """The briefing of an account; the visit being written is left out."""
    visits = [
        row
        for row in reader.where("visit", account_id=account_id)
        if row["id"] != without_visit and row["status"] != "cancelled" and (row["note"] or row["status"] == "done")
    ]
    visits.sort(key=lambda row: row["starts_at"] or "", reverse=True)
    tasks = reader.where("task", account_id=account_id, status="open")
    tasks.sort(key=lambda row: row["due_on"] or "9999")
    quotes = [found for row in reader.where("quote", account_id=account_id) if (found := open_quote(reader, row))]
    quotes.sort(key=lambda quote: quote.number, reverse=True)
    cases = [row for row in reader.where("case", account_id=account_id) if row["status"] in OPEN_CASES]
    cases.sort(key=lambda row: (row["due_on"] or "9999", row["id"]))
    return Briefing(
        tuple(visits[:_VISITS]), tuple(quotes), tuple(tasks), tuple(cases), next_question(reader, account_id)
    )


def next_question(reader: Reader, account_id: str) -> Question | None:
    """What to ask a customer next; None where everything is known."""
    account = reader.get("account", account_id)
    if account is None:
        return None
    children = {entity: reader.where(entity, account_id=account_id) for entity in CHILDREN}
    return maturity(account, children).next_question


def open_quote(reader: Reader, quote: Row) -> OpenQuote | None:
    """The quote as a line of a list; None when it is decided or empty of revisions."""
    view = reader.quote(quote["id"])
    if view is None or view.revision is None or view.revision["status"] not in _OPEN_QUOTE:
        return None
    newest = view.revision
    total = sum((Decimal(line["line_total"] or 0) for line in view.lines if not line["optional"]), Decimal(0))
    return OpenQuote(
        quote_id=quote["id"],
        number=quote["number"],
        account_id=quote["account_id"] or "",
        revision=newest["revision"] or 1,
        status=newest["status"],
        valid_until=newest["valid_until"],
        follow_up_on=quote["follow_up_on"],
        total=total,
        currency=newest["currency"] or "EUR",
    )
