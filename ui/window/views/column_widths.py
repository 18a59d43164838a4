"""The columns of a list fill its table exactly, at every width and in every language."""

from collections.abc import Sequence

from ui.presenters.list_columns import Column, Look
from ui.window import theme
from ui.window.widgets.record_table import RecordTable

_MARGIN = 16
_SORT_MARK = 8
_LEAST_PART = 0.75
_LEAST_TITLE = 0.9  # the name is what a row is found by
_WHOLE = frozenset({Look.MONEY, Look.COMPLETE, Look.CLASS, Look.CHIP, Look.PERCENT, Look.NUMBER})
"""Figures and chips are read at a glance or not at all: they are never shortened, words may be."""


def share_width(table: RecordTable, columns: Sequence[Column]) -> None:
    """What is left is shared among the columns; where there is too little room each gives a part.

    No heading is ever cut, no figure and no chip, and no words are left with less than three quarters of their
    width: where even that is too much, columns go from the right, never the first nor the last.
    """
    room = table.viewport().width()
    headings = [table.heading_width(at) + (_SORT_MARK if item.sort else 0) for at, item in enumerate(columns)]
    least = [
        max(named, round(theme.px(item.width) * _least_part(item)))
        for named, item in zip(headings, columns, strict=True)
    ]
    shown = list(range(len(columns)))
    while len(shown) > 2 and sum(least[at] for at in shown) > room:
        del shown[-2]
    wanted = {at: max(theme.px(columns[at].width), least[at]) for at in shown}
    wanted[0] += _MARGIN
    if columns[shown[-1]].look is not Look.STATE:  # an icon needs no more than its heading
        wanted[shown[-1]] += _MARGIN
    widths = _shared(wanted, {at: least[at] for at in shown}, {at: columns[at].share for at in shown}, room)
    for section in range(len(columns)):
        table.setColumnHidden(section, section not in widths)
        if section in widths:
            table.setColumnWidth(section, widths[section])


def _least_part(item: Column) -> float:
    if item.look in _WHOLE:
        return 1
    return _LEAST_TITLE if item.look is Look.TITLE else _LEAST_PART


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
