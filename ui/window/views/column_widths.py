"""The columns of a list fill its table exactly, at every width and in every language."""

from collections.abc import Mapping, Sequence

from crm_desktop.model.facts import Kind
from crm_desktop.model.wire import field_facts
from ui.presenters.list_columns import Column, Look
from ui.window import theme
from ui.window.views.column_room import measured
from ui.window.widgets.record_table import RecordTable

_MARGIN = 16
_SORT_MARK = 8
_LEAST_PART = 0.75
_LEAST_TITLE = 0.9  # the name is what a row is found by
_MOST_TITLE, _MOST_NAME, _MOST_WORDS = 250, 200, 190  # px at 100 %: what is longer is shortened before columns go
_FEW_WORDS = 90
_WHOLE = frozenset({Look.MONEY, Look.COMPLETE, Look.CLASS, Look.CHIP, Look.PERCENT, Look.NUMBER})
"""Figures and chips are read at a glance or not at all: they are never shortened, words may be."""


def share_width(
    table: RecordTable,
    entity: str,
    columns: Sequence[Column],
    kept: Mapping[str, int],
    contents: Mapping[str, int] | None = None,
) -> None:
    """What is left is shared among the columns; where there is too little room each gives a part.

    No heading is ever cut, no figure, no date and no chip, names of usual length are whole, and no words are left
    with less than three quarters of their width: where even that is too much, the columns that yield most go, never
    the first nor the last. `kept` are widths a person gave, px at 100 % by the key of a column: they stand as long as
    the others fit beside them. `contents` is what the rows on the screen need, px by the key of a column.
    """
    room = table.viewport().width()
    headings = [table.heading_width(at) + (_SORT_MARK if item.sort else 0) for at, item in enumerate(columns)]
    known = contents or {}
    needs = [_standing(entity, item, known.get(item.key)) for item in columns]
    own = [wanted for _, wanted in needs]
    least = [max(named, need) for named, (need, _) in zip(headings, needs, strict=True)]
    given = {at: max(headings[at], theme.px(kept[item.key])) for at, item in enumerate(columns) if item.key in kept}
    usual = [measured(entity, item) or needed(entity, item, None) for item in columns]
    close = [max(named, min(wide, need)) for named, wide, (need, _) in zip(headings, least, usual, strict=True)]
    drawn = [given.get(at, wide) for at, wide in enumerate(close)]
    held = sum(drawn) <= room
    least = drawn if held and given else least
    shown = list(range(len(columns)))
    while len(shown) > 2 and sum(least[at] for at in shown) > room:
        del shown[max(range(1, len(shown) - 1), key=lambda at: (columns[shown[at]].yields, at))]
    wanted = {at: max(own[at], least[at]) for at in shown}
    wanted[0] += _MARGIN
    if columns[shown[-1]].look is not Look.STATE:  # an icon needs no more than its heading
        wanted[shown[-1]] += _MARGIN
    shares = {at: columns[at].share for at in shown}
    if held:
        wanted |= {at: wide for at, wide in given.items() if at in wanted}
        shares |= dict.fromkeys(given, 0)
    widths = _shared(wanted, {at: least[at] for at in shown}, shares, room)
    for section in range(len(columns)):
        table.setColumnHidden(section, section not in widths)
        if section in widths:
            table.setColumnWidth(section, widths[section])


def _standing(entity: str, item: Column, content: int | None) -> tuple[int, int]:
    room = measured(entity, item)
    if room is None:
        return needed(entity, item, content)
    least, wanted = room
    return max(least, min(content or 0, wanted)), wanted  # a day of another year is no day without its year


def needed(entity: str, item: Column, content: int | None) -> tuple[int, int]:
    """The least a column needs and what is wanted, px: by what stands in it where that is known."""
    wide = theme.px(item.width)
    if item.look in _WHOLE:
        wide = max(wide, content or 0)
        return wide, wide
    most = _MOST_TITLE if item.look is Look.TITLE else _MOST_NAME if _is_name(entity, item) else 0
    if content is None:
        part = _LEAST_TITLE if item.look is Look.TITLE else _LEAST_PART
        return round(wide * part), wide
    if most:
        own = min(content, theme.px(most))
        return own, own
    own = min(content, max(wide, theme.px(_MOST_WORDS)))
    return (own if own <= theme.px(_FEW_WORDS) else max(theme.px(_FEW_WORDS), round(own * _LEAST_PART))), own


def _is_name(entity: str, item: Column) -> bool:
    facts = field_facts(entity).get(item.key)
    return facts is not None and facts.kind is Kind.REFERENCE


def _shared(wanted: dict[int, int], least: dict[int, int], shares: dict[int, int], room: int) -> dict[int, int]:
    spare = room - sum(wanted.values())
    if spare >= 0:
        parts = sum(shares.values()) or 1
        widths = {at: wide + spare * shares[at] // parts for at, wide in wanted.items()}
    else:
        give = {at: wide - least[at] for at, wide in wanted.items()}
        all_give = sum(give.values()) or 1
        widths = {at: wide + max(spare, -all_give) * give[at] // all_give for at, wide in wanted.items()}
    widths[max(widths)] += room - sum(widths.values())
    return widths
