"""Rows that lead somewhere, shared by the pages of the day."""

from collections.abc import Callable

from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.window.views.account_side import Opens
from ui.window.views.layout import boxed, row
from ui.window.widgets.button import link
from ui.window.widgets.icon_label import IconLabel
from ui.window.widgets.label import Label
from ui.window.widgets.section_header import SectionHeader
from ui.window.widgets.side_row import SideRow


def side_line(icon: str, title: str, sub: str, right: str, go: Callable[[], None], tone: str = "t2") -> QWidget:
    """A row of a side column that opens its record by click or Enter."""
    spoken = ", ".join(part for part in (title, sub, right) if part)
    return Opens(SideRow(icon, title, sub, right, tone=tone), spoken, go)


def wide_line(
    icon: str, title: str, sub: str, right: str, go: Callable[[], None], right_tone: str = "", *more: QWidget
) -> QWidget:
    """A row of the main column: icon, name, what is said of it, at the right a day; `more` are its buttons."""
    name = Label(title, "body", elide=True)
    name.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)
    second = Label(sub, "cap", elide=True)
    line = row(IconLabel(icon, "t2"), name, second, Label(right, "sec", right_tone), spacing=10, margins=(0, 6, 0, 6))
    line.setStretch(2, 1)
    spoken = ", ".join(part for part in (title, sub, right) if part)
    opens = Opens(boxed(line), spoken, go)
    if not more:
        return opens
    whole = row(opens, *more, spacing=10)
    whole.setStretch(0, 1)
    return boxed(whole)


def headed(title: str, count: str, text: str, go: Callable[[], None]) -> SectionHeader:
    """The title of a section with its count, and at the right the way to the whole list."""
    button = link(text)
    button.setAccessibleName(f"{text}: {title}")
    button.clicked.connect(go)
    return SectionHeader(title, count, right=button)
