"""How rows look. Models answer the roles of `roles`, the delegates paint them."""

from ui.window.delegates.cell import COMPACT, ONE_LINE, TWO_LINES, CellDelegate
from ui.window.delegates.roles import (
    ACCESSIBLE_ROLE,
    ALIGN_ROLE,
    CELL_ROLE,
    ID_ROLE,
    NAV_ROLE,
    TEXT_ROLE,
    TIMELINE_ROLE,
    TOOLTIP_ROLE,
    Cell,
    NavGroup,
    NavItem,
    TimelineEntry,
    TimelineMonth,
)
from ui.window.delegates.timeline import TimelineDelegate

__all__ = [
    "ACCESSIBLE_ROLE",
    "ALIGN_ROLE",
    "CELL_ROLE",
    "COMPACT",
    "ID_ROLE",
    "NAV_ROLE",
    "ONE_LINE",
    "TEXT_ROLE",
    "TIMELINE_ROLE",
    "TOOLTIP_ROLE",
    "TWO_LINES",
    "Cell",
    "CellDelegate",
    "NavGroup",
    "NavItem",
    "TimelineDelegate",
    "TimelineEntry",
    "TimelineMonth",
]
