"""From draft to paper and on to the next draft: what issuing and revising a quote write."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from crm_desktop.errors import InvalidInput, NotFound
from crm_desktop.ids import new_id
from crm_desktop.model.wire import Row
from crm_desktop.rules.line_pricing import decimal_of
from crm_desktop.services.quote_approvals import lines_of, refuse_above, refuse_ordered, refuse_unreviewed
from crm_desktop.services.quote_forks import take_number
from crm_desktop.store.intents import Intent, create, patch, transition
from crm_desktop.store.reader import Reader

DEFAULT_VALID_DAYS = 30
_HEADER = ("price_list_id", "currency", "discount_percent", "intro", "terms")
_LINE = (
    "product_id", "name", "unit", "detail", "quantity", "list_price", "discount_percent", "net_price", "ladder",
    "tax_percent", "optional", "line_total", "position",
)  # fmt: skip


def issue(reader: Reader, revision_id: str, user_id: str, sent_at: str) -> list[Intent]:
    """The paper goes out: the revision freezes, an older sent one is superseded.

    InvalidInput not_a_draft, ordered_already, empty_quote, not_calculated, above_ceiling, price_not_in_list.
    """
    revision = kept(reader, "quote_revision", revision_id)
    if revision["status"] not in ("draft", "approved"):
        raise InvalidInput("not_a_draft", "This revision was sent already.", "Start a new revision to change it.")
    refuse_ordered(reader, revision["quote_id"])
    lines = lines_of(reader, revision)
    if not lines:
        raise InvalidInput("empty_quote", "The quote has no lines.", "Add a product first.")
    refuse_unreviewed(reader, revision, lines)
    if revision["status"] == "draft":
        refuse_above(reader, revision, lines, user_id)
    made = [
        *(take_number(reader, revision) if revision["status"] == "draft" else ()),
        patch("quote_revision", revision_id, {"sent_at": sent_at}),
        transition("quote_revision", revision_id, "sent", expected_total=_expected_total(lines)),
    ]
    for other in reader.where("quote_revision", quote_id=revision["quote_id"], status="sent"):
        made.append(transition("quote_revision", other["id"], "superseded"))
    return made


def next_draft(reader: Reader, quote_id: str, revision_id: str, today: date) -> tuple[str, list[Intent]]:
    """A draft `revision_id` with the lines of the newest revision; where that is a draft itself, nothing is made.

    Returns the id of the draft. NotFound no_quote; InvalidInput ordered_already.
    """
    view = reader.quote(quote_id)
    if view is None or view.revision is None:
        raise NotFound("no_quote", "This quote is not on this laptop.", "Search for it again.")
    newest = view.revision
    if newest["status"] == "draft":
        return newest["id"], []
    refuse_ordered(reader, quote_id)
    header: dict[str, Any] = {name: newest[name] for name in _HEADER}
    header |= {
        "quote_id": quote_id,
        "revision": max(row["revision"] or 0 for row in view.revisions) + 1,
        "quote_date": today,
        "valid_until": today + timedelta(days=valid_days(reader)),
    }
    made = [create("quote_revision", revision_id, header)]
    for line in view.lines:
        values = {name: line[name] for name in _LINE}
        made.append(create("quote_line", new_id(), values | {"quote_id": quote_id, "revision_id": revision_id}))
    return revision_id, made


def valid_days(reader: Reader) -> int:
    """How long a new quote is valid, as the company says."""
    companies = reader.where("company")
    days = companies[0]["quote_valid_days"] if companies else None
    return int(days) if days else DEFAULT_VALID_DAYS


def kept(reader: Reader, entity: str, record_id: str) -> Row:
    """A record; NotFound where it is not on this device."""
    row = reader.get(entity, record_id)
    if row is None:
        raise NotFound("not_here", "This record is not on this laptop.", "Search for it again.")
    return row


def _expected_total(lines: Sequence[Row]) -> str:
    """Net total of the lines that count, as the server computes it to compare."""
    return f"{sum((decimal_of(line['line_total']) for line in lines if not line['optional']), Decimal(0)):.2f}"
