"""What has to be said before an opportunity is lost: asked of every local change, whoever makes it."""

from collections.abc import Sequence

from crm_desktop.errors import InvalidInput
from crm_desktop.model.wire import default_row
from crm_desktop.rules.closing import LOST, closing_gap, codes_of
from crm_desktop.store.client_store import ClientStore
from crm_desktop.store.intents import CreateIntent, Intent, PatchIntent
from crm_desktop.store.reader import Reader


def check_closing(store: ClientStore, intents: Sequence[Intent]) -> None:
    """InvalidInput where a change would leave an opportunity lost without reason or competitor."""
    touched = [
        intent
        for intent in intents
        if isinstance(intent, (CreateIntent, PatchIntent))
        and intent.entity == "opportunity"
        and "stage" in intent.values
    ]
    if touched:
        store.read(lambda reader: _check(reader, touched))


def _check(reader: Reader, touched: Sequence[CreateIntent | PatchIntent]) -> None:
    lost = codes_of(reader.where("opportunity_stage", outcome=LOST), LOST)
    for intent in touched:
        row = default_row("opportunity") if isinstance(intent, CreateIntent) else reader.get("opportunity", intent.id)
        gap = closing_gap((row or {}) | dict(intent.values), lost)
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
