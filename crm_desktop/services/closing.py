"""What every local change says of a closing: the reason of a loss, asked for, and the day, noted by itself."""

from collections.abc import Sequence
from dataclasses import replace

from crm_desktop.errors import InvalidInput
from crm_desktop.model.wire import default_row
from crm_desktop.rules.closing import LOST, QUOTE_END, WON, closing_day, closing_gap, codes_of
from crm_desktop.store.client_store import ClientStore
from crm_desktop.store.intents import CreateIntent, Intent, PatchIntent, TransitionIntent, patch
from crm_desktop.store.reader import Reader


def closed(store: ClientStore, intents: Sequence[Intent]) -> list[Intent]:
    """The changes, with the day of closing where one closes an opportunity, and none where one opens it again.

    InvalidInput where a change would leave an opportunity lost without reason or competitor.
    """
    if not any(_moved(intent) for intent in intents):
        return list(intents)
    return store.read(lambda reader: [_checked(reader, intent) for intent in intents])


def quote_closed(reader: Reader, intents: Sequence[Intent]) -> list[Intent]:
    """The changes, with the day of closing on each quote whose revision is accepted or lost by them."""
    made = list(intents)
    for intent in intents:
        if not isinstance(intent, TransitionIntent) or intent.entity != "quote_revision" or intent.to not in QUOTE_END:
            continue
        revision = reader.get("quote_revision", intent.id)
        quote = reader.get("quote", revision["quote_id"]) if revision is not None else None
        if quote is not None and quote["closed_on"] != reader.today:
            made.append(patch("quote", quote["id"], {"closed_on": reader.today}))
    return made


def _moved(intent: Intent) -> CreateIntent | PatchIntent | None:
    """A change that puts an opportunity into a stage."""
    if not isinstance(intent, (CreateIntent, PatchIntent)) or intent.entity != "opportunity":
        return None
    return intent if "stage" in intent.values else None


def _checked(reader: Reader, change: Intent) -> Intent:
    intent = _moved(change)
    if intent is None:
        return change
    own = {outcome: codes_of(reader.where("opportunity_stage", outcome=outcome), outcome) for outcome in (LOST, WON)}
    row = (None if isinstance(intent, CreateIntent) else reader.get("opportunity", intent.id)) or default_row(
        "opportunity"
    )
    after = row | dict(intent.values)
    gap = closing_gap(after, own[LOST])
    if gap == "opportunity_lost_reason_missing":
        raise InvalidInput(
            "opportunity_lost_reason_missing",
            "An opportunity is closed as lost with a reason.",
            "Choose the reason of the loss, then close it.",
        )
    if gap:
        raise InvalidInput(
            "opportunity_competitor_missing",
            "Somebody else made this sale, but the competitor is not named.",
            "Name the competitor, then close it.",
        )
    if "closed_on" in intent.values:
        return intent
    day = closing_day(row["closed_on"], ended=after["stage"] in own[LOST] | own[WON], day=reader.today)
    return intent if day == row["closed_on"] else replace(intent, values=dict(intent.values) | {"closed_on": day})
