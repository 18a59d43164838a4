"""From the values of a row view to what the delegate paints, in the language and words of the window."""

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal

from crm_desktop.model.columns import parse_instant
from crm_desktop.model.facts import Kind
from crm_desktop.model.wire import field_facts
from ui.presenters.list_columns import Column, ListSpec, Look
from ui.presenters.list_fields import label
from ui.presenters.record_list import RowView
from ui.window.delegates.roles import Cell
from ui.window.i18n import fmt_date, fmt_money, fmt_near_day, fmt_number, fmt_percent, language, tr
from ui.window.widgets.sync_badge import SYNC_LOOK

COMPLETE_FROM = 90
THIN_BELOW = 30
_NEAR_DAYS = 6
_SAME_YEAR_DAYS = {"date": 183, "instant": 300}
"""How far a day may be to stand without its year. A term may end this year or the next, so half a year is all that
leaves no doubt; what has happened lies behind, and may be as old as its column is short.
"""
STATUS_TONE = {
    "delivered": "ok",
    "done": "ok",
    "accepted": "ok",
    "sent": "accent",
    "approved": "accent",
    "planned": "accent",
    "waiting_approval": "warn",
    "returned": "warn",
    "expired": "warn",
    "lost": "bad",
    "cancelled": "bad",
    "qualified": "ok",
    "working": "accent",
    "won": "ok",
    "active": "ok",
    "notice_given": "warn",
    "answered": "ok",
    "in_progress": "accent",
    "open": "accent",
}
_STAGE_TONE = {"won": "ok", "lost": "bad"}
_UNFINISHED = ("open", "new", "in_progress")  # of tasks and cases


def heading(spec: ListSpec, column: Column) -> str:
    """The heading of a column."""
    return tr(column.word) if column.word else label(spec, column, language())


def status_label(entity: str, field: str, value: str) -> str:
    """A choice or state in the user's language."""
    if entity == "quote" and field == "status":
        entity = "quote_revision"
    facts = field_facts(entity).get(field)
    return facts.choice_label(value, language()) if facts is not None else value


def cell(spec: ListSpec, column: Column, view: RowView, now: Callable[[], datetime]) -> tuple[Cell, str]:
    """The cell and its whole sentence for tooltip and screen reader."""
    value = view.values.get(column.key)
    if column.look is Look.TITLE:
        title = view.title or view.second or tr("list.unnamed")
        return Cell(title, view.second if view.title else "", weight=600), title
    if column.look is Look.STATE:
        icon, tone = SYNC_LOOK[view.state]
        return Cell("", icon=icon, icon_tone=tone), tr(f"state.{view.state}_long")
    if column.look is Look.CLASS:
        chip = (tr("list.key_chip"), "accent") if view.values.get("key_account") else None
        return Cell(str(value or ""), chip=chip), ""
    if column.look is Look.COMPLETE:
        percent = int(value or 0)
        fill = "okfill" if percent >= COMPLETE_FROM else "warnfill" if percent < THIN_BELOW else "accent"
        text = f"{percent}\u00a0%"
        return Cell(text, tone="t2", size=12, bar=percent / 100, bar_fill=fill, tabular=True), text
    if column.look is Look.MONEY:
        if value in (None, "") or Decimal(str(value)) == 0:
            return Cell("", right=True), ""
        return Cell(fmt_money(value, view.values.get("currency") or "EUR"), right=True, tabular=True), ""
    if column.look is Look.INSTANT:
        return _instant(view, column, value, now())
    if column.look is Look.DATE:
        return _date(view, column, value, now())
    if column.look is Look.CHIP:
        if not value:
            return Cell(""), ""
        own = view.values.get(f"{column.key}_label")
        text = own.label(language()) if own is not None else status_label(spec.entity, column.key, str(value))
        if own is not None:  # a stage: its name may be anything, its outcome is one of three
            tone = _STAGE_TONE.get(own.outcome, "plain")
        else:
            tone = STATUS_TONE.get(str(value), "plain")
        return Cell("", chip=(text, tone)), text
    if column.look is Look.YES_NO:
        return Cell(tr("word.yes") if value else ""), ""
    if column.look is Look.PERCENT:
        return Cell("" if value is None else fmt_percent(value), right=column.right, tabular=True), ""
    if column.look is Look.NUMBER:
        return Cell("" if value is None else fmt_number(value), right=column.right, tabular=True), ""
    return _text(spec, column, view, value, now())


def _text(spec: ListSpec, column: Column, view: RowView, value: object, now: datetime) -> tuple[Cell, str]:
    facts = field_facts(spec.entity).get(column.key)
    if isinstance(value, list):
        value = ", ".join(str(part) for part in value)
    if facts is not None and facts.kind in (Kind.CHOICE, Kind.STATE) and value:
        value = facts.choice_label(str(value), language())
    text = str(value or "").split("\n", 1)[0]
    if column.key == "next_task" and text:
        due = view.values.get("next_task_on")
        if due:
            when = fmt_near_day(date.fromisoformat(str(due)), now, capital=False)
            return Cell(text), f"{text}, {when}"
    return Cell(text), text


def _instant(view: RowView, column: Column, value: object, now: datetime) -> tuple[Cell, str]:
    if not value:
        return Cell(""), ""
    day = view.values.get("whole_day")
    if day is not None and column.key == "starts_at":
        return Cell(_short(day, now)), f"{fmt_date(day, 'long')}, {tr('note.whole_day')}"
    when = parse_instant(str(value))
    if column.key == "last_visit_at":
        rhythm = view.values.get("visit_rhythm_days")
        late = (now - when).days > int(rhythm or 90)
        return Cell(_short(when, now, words=False), tone="warn" if late else "t1"), fmt_date(when, "long")
    return Cell(_short(when, now)), fmt_date(when, "long")


def _date(view: RowView, column: Column, value: object, now: datetime) -> tuple[Cell, str]:
    if not value:
        return Cell(""), ""
    day = date.fromisoformat(str(value))
    late = column.key == "due_on" and view.values.get("status") in _UNFINISHED and day < now.date()
    if column.key == "notice_on" and view.values.get("status") == "active":
        begins = date.fromisoformat(str(view.values["remind_on"]))
        return Cell(_short(day, now), tone="warn" if begins <= now.date() else "t1"), fmt_date(day, "long")
    over = column.key == "valid_until" and view.values.get("status") == "sent" and day < now.date()
    return Cell(_short(day, now), tone="bad" if late else "warn" if over else "t1"), fmt_date(day, "long")


def _short(when: date | datetime, now: datetime, *, words: bool = True) -> str:
    """A date for a column: near in words, and without its year where no other can be meant."""
    day = when.astimezone().date() if isinstance(when, datetime) else when
    apart = abs((now.astimezone().date() - day).days)
    if words and apart <= _NEAR_DAYS:
        return fmt_near_day(when, now)
    far = _SAME_YEAR_DAYS["instant" if isinstance(when, datetime) else "date"]
    return fmt_date(day, "short" if apart < far else "year")
