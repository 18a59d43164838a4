"""The columns of a list fill its table exactly, at every width."""

from collections.abc import Sequence

from PySide6.QtWidgets import QTableView

from ui.presenters.list_columns import Column
from ui.window import theme

_MARGIN = 16
_HEADING_ROOM = 20


def share_width(table: QTableView, columns: Sequence[Column], headings: Sequence[str]) -> None:
    """What is left is shared among the columns; where there is too little room each gives a part."""
    room = table.viewport().width()
    named = theme.metrics(12, 500)
    wanted = [
        max(theme.px(item.width), round(named.horizontalAdvance(text)) + _HEADING_ROOM)
        for item, text in zip(columns, headings, strict=True)
    ]
    wanted[0] += _MARGIN
    wanted[-1] += _MARGIN
    spare = room - sum(wanted)
    if spare > 0:
        shares = sum(item.share for item in columns) or 1
        widths = [wide + spare * item.share // shares for wide, item in zip(wanted, columns, strict=True)]
    else:
        widths = [wide * room // sum(wanted) for wide in wanted]
    widths[-1] += room - sum(widths)
    for section, width in enumerate(widths):
        table.horizontalHeader().resizeSection(section, width)
