"""Cards and sums of the board in words."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from crm_desktop.services.pipeline import BoardColumn, Card, StageView
from ui.window.delegates.board_card import CardFace
from ui.window.i18n import fmt_date, fmt_money, tr


def face(card: Card, stage: StageView, today: date) -> CardFace:
    """A card as it is painted and spoken; its day is bad where it has passed and the sale is open."""
    amount = fmt_money(card.amount, card.currency) if card.amount is not None else ""
    day = date.fromisoformat(card.closes_on) if card.closes_on else None
    late = day is not None and day < today and stage.outcome == "open"
    when = fmt_date(day, "short") if day is not None else ""
    title = card.title or tr("list.unnamed")
    words = [title, card.account, amount, fmt_date(day) if day else "", tr(f"state.{card.state}")]
    spoken = ", ".join(word for word in words if word)
    return CardFace(card.id, title, card.account, amount, when, "bad" if late else "t3", card.state, spoken)


def sums_in_words(sums: Mapping[str, Decimal]) -> str:
    """Sums by currency, one after the other."""
    return " + ".join(fmt_money(amount, currency) for currency, amount in sums.items())


def sums_together(columns: Sequence[BoardColumn]) -> str:
    """The sums of some columns."""
    found: dict[str, Decimal] = {}
    for item in columns:
        for currency, amount in item.sums.items():
            found[currency] = found.get(currency, Decimal(0)) + amount
    return sums_in_words(dict(sorted(found.items())))
