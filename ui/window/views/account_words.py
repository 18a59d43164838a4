"""The words of an account's parts, shared by its page and the preview."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from crm_desktop.model.wire import Row, field_facts
from crm_desktop.rules.maturity import Question
from ui.catalogue import catalogue
from ui.presenters.account import TimelineItem
from ui.window.i18n import fmt_date, language, tr
from ui.window.models.list_cells import status_label

ICONS: Mapping[str, str] = {
    "visit": "map-pin",
    "call": "phone",
    "mail": "mail",
    "meeting": "users",
    "quote": "file-text",
    "order": "package",
    "contract": "handshake",
    "case": "life-buoy",
    "task": "square-check-big",
    "conflict": "git-compare-arrows",
}


def address_line(address: Row | None) -> str:
    """Street, postal code and city on one line."""
    if address is None:
        return ""
    place = " ".join(part for part in (address["postal_code"], address["city"]) if part)
    return ", ".join(part for part in (address["street"], place) if part)


def question(asked: Question) -> str:
    """The question that makes the account more complete."""
    key = f"question.{asked.entity}_{asked.field}"
    if key in catalogue("en"):
        return tr(key)
    return tr("question.other", field=field_facts(asked.entity)[asked.field].label(language()))


def entry_icon(item: TimelineItem) -> str:
    """Icon of a timeline entry."""
    return ICONS.get(item.kind, "history")


def entry_title(item: TimelineItem) -> str:
    """What happened, with its kind where the title alone does not say it."""
    title = str(item.entry.title or "")
    if item.kind in ("quote", "order", "visit", "call", "contract", "case"):
        word = tr(f"account.kind_{item.kind}")
        return f"{word} {title}" if item.kind in ("quote", "order") else f"{word}: {title}" if title else word
    return title or tr(f"account.kind_{item.kind}")


def entry_status(item: TimelineItem) -> str:
    """The state of an entry in words."""
    status: Any = item.entry.status
    if not status:
        return ""
    entity = item.entry.entity
    if entity == "visit":
        for field in ("status", "outcome"):
            if status in {choice.value for choice in field_facts("visit")[field].choices}:
                return status_label("visit", field, str(status))
    if entity == "activity":
        return ""
    return status_label(entity, "status", str(status))


def near_year(day: date, now: datetime) -> str:
    """A day of this year without its year."""
    return fmt_date(day, "short" if day.year == now.astimezone().year else "year")
