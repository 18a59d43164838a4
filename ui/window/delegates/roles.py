"""What a model says about a cell, a timeline entry or a navigation row; the delegates know the look.

A model answers one role with one small object: one call per cell and repaint instead of a dozen. It also
answers `DisplayRole` with the plain text, for copying and for screen readers.
"""

from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import Qt

TEXT_ROLE: Final[int] = Qt.ItemDataRole.DisplayRole.value
ALIGN_ROLE: Final[int] = Qt.ItemDataRole.TextAlignmentRole.value
TOOLTIP_ROLE: Final[int] = Qt.ItemDataRole.ToolTipRole.value
ACCESSIBLE_ROLE: Final[int] = Qt.ItemDataRole.AccessibleTextRole.value
ID_ROLE: Final[int] = Qt.ItemDataRole.UserRole.value + 1
"""The record's id, for whoever handles a click."""
CELL_ROLE: Final[int] = Qt.ItemDataRole.UserRole.value + 2
"""A `Cell`, for `CellDelegate`."""
TIMELINE_ROLE: Final[int] = Qt.ItemDataRole.UserRole.value + 3
"""A `TimelineMonth` or `TimelineEntry`, for `TimelineDelegate`."""
NAV_ROLE: Final[int] = Qt.ItemDataRole.UserRole.value + 4
"""A `NavGroup` or `NavItem`, for the navigation."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell. Colours are token names. An empty text with nothing else is a missing value: "–"."""

    text: str | None = ""
    second: str = ""
    """The second line, 12 px t2."""
    after: str = ""
    """Stands behind the text, 12 px t3."""
    tone: str = "t1"
    weight: int = 400
    tabular: bool = False
    """Figures of one width; for figures only."""
    right: bool = False
    struck: bool = False
    size: int = 13
    icon: str = ""
    icon_tone: str = "t2"
    icon_size: int = 16
    centred_icon: bool = False
    chip: tuple[str, str] | None = None
    """Text and kind of a chip; it stands behind the text."""
    bar: float | None = None
    """A share from 0 to 1 as a bar before the text."""
    bar_fill: str = "accent"
    check: bool | None = None
    """A check box before the text; None for none."""
    diff: tuple[str, str] | None = None
    """Old and new value instead of a text."""
    background: str = ""
    waiting: bool = False
    """Its row is still being read: a grey bar, not a missing value."""


@dataclass(frozen=True, slots=True)
class TimelineMonth:
    """A heading with a line."""

    text: str


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One thing that happened. `lines` are up to three, each a text or a pair of icon and text."""

    date: str
    icon: str
    title: str
    chip: tuple[str, str] | None = None
    who: str = ""
    amount: str = ""
    state: str = ""
    """synced, waiting, local, refused, conflict, or empty."""
    lines: tuple[str | tuple[str, str], ...] = ()
    icon_tone: str = "t2"


@dataclass(frozen=True, slots=True)
class NavGroup:
    """A heading in the navigation; a gap in the rail."""

    text: str


@dataclass(frozen=True, slots=True)
class NavItem:
    """A page. `tone` (warn, ask, bad) makes the count a chip and, in the rail, a dot."""

    key: str
    text: str
    icon: str
    count: str = ""
    tone: str = ""
    in_rail: bool = True
