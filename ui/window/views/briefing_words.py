"""The words of a briefing's parts, shared by its page and its paper."""

from datetime import date

from crm_desktop.model.wire import Row, field_facts
from ui.presenters.account_changes import Change
from ui.presenters.briefing import OpenQuote
from ui.window.formats import MISSING
from ui.window.i18n import fmt_date, language, tr
from ui.window.models.list_cells import status_label
from ui.window.views.value_words import entity_word, field_word, value_word


def change_words(change: Change) -> tuple[str, str]:
    """What changed, and who did it with the values before and after."""
    what = f"{entity_word(change.entity)} {change.title}".strip()
    if change.did == "field":
        old, new = (value_word(change.entity, change.field, value) or MISSING for value in (change.old, change.new))
        said = " · ".join(part for part in (change.who, f"{old} → {new}") if part)
        return f"{what}: {field_word(change.entity, change.field)}", said
    if change.did == "changed":
        return tr("briefing.changed", what=what), tr("briefing.changed_why")
    if change.did in ("approved", "returned"):
        return tr(f"reminder.{change.did}", what=what), change.who
    return what, change.who


def quote_words(quote: OpenQuote) -> tuple[str, str]:
    """Number and revision; status and validity."""
    until = fmt_date(date.fromisoformat(quote.valid_until)) if quote.valid_until else ""
    status = status_label("quote", "status", quote.status)
    said = " · ".join(part for part in (status, tr("quote.valid_until", day=until) if until else "") if part)
    return tr("note.quote_title", number=quote.number, revision=quote.revision), said


def case_title(case: Row) -> str:
    """Kind and subject."""
    kind = field_facts("case")["kind"].choice_label(case["kind"], language()) if case["kind"] else ""
    return f"{kind}: {case['subject']}" if kind else str(case["subject"])
