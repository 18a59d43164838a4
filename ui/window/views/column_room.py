"""How much room the values of a column need, measured in the language and letters of the window."""

from datetime import datetime, timedelta
from math import ceil

from crm_desktop.model.facts import Kind
from crm_desktop.model.wire import field_facts
from ui.presenters.list_columns import Column, Look
from ui.window import theme
from ui.window.delegates.cell import BAR_GAP, BAR_WIDTH
from ui.window.delegates.draw import chip_width
from ui.window.i18n import fmt_date, fmt_near_day, fmt_percent, language
from ui.window.theme import metrics

_PADDINGS = 18
_NOON = datetime(2028, 9, 27, 22, 58)
"""A long day: September is the longest month of a column in both languages."""


def measured(entity: str, item: Column) -> tuple[int, int] | None:
    """Px a column of dates, of declared choices or of completeness needs: the least and what is wanted.

    None where its values may be anything. Words of a choice are as few as chips and dates of this year: they are
    read at a glance or not at all, and what they leave is for names.
    """
    if item.look in (Look.DATE, Look.INSTANT):
        near, far = (_widest(texts) + theme.px(_PADDINGS) for texts in (_days(item), [fmt_date(_NOON, "year")]))
        return near, max(near, far)
    if item.look is Look.COMPLETE:
        whole = theme.px(BAR_WIDTH) + BAR_GAP + _widest([fmt_percent(100)], figures=True) + theme.px(_PADDINGS)
        return whole, whole
    labels = _choices(entity, item.key) if item.look in (Look.CHIP, Look.TEXT) else []
    if not labels:
        return None
    chip = item.look is Look.CHIP
    wide = (ceil(max(chip_width(text, "accent") for text in labels)) if chip else _widest(labels)) + theme.px(_PADDINGS)
    return wide, wide


def _days(item: Column) -> list[str]:
    days = [fmt_date(_NOON, "short")]
    if item.key != "last_visit_at":  # which says no yesterday and no time
        for apart in (-1, 0, 1):
            near = _NOON + timedelta(days=apart)
            days.append(fmt_near_day(near if item.look is Look.INSTANT else near.date(), _NOON))
    return days


def _choices(entity: str, field: str) -> list[str]:
    if entity == "quote" and field == "status":
        entity = "quote_revision"
    facts = field_facts(entity).get(field)
    if facts is None or facts.own_values or facts.kind not in (Kind.CHOICE, Kind.STATE):
        return []
    return [choice.label(language()) for choice in facts.choices]


def _widest(texts: list[str], *, figures: bool = False) -> int:
    return ceil(max(metrics(13, 400, figures).horizontalAdvance(text) for text in texts))
