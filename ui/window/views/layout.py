"""Putting a page together: rows and columns from lists of parts, the way here, the scrolling column."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QApplication,
    QBoxLayout,
    QFrame,
    QHBoxLayout,
    QLayout,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from ui.window.page import Page, Spot
from ui.window.widgets.button import Button
from ui.window.widgets.fitting_bar import FittingBar
from ui.window.widgets.icon_label import IconLabel
from ui.window.widgets.label import Label
from ui.window.widgets.surface import hline, surface

STRETCH = -1
Part = QWidget | QLayout | int | None
Margins = tuple[int, int, int, int]
_NONE: Margins = (0, 0, 0, 0)
_BAR_HEIGHT = 52


def column(*parts: Part, spacing: int = 0, margins: Margins = _NONE) -> QVBoxLayout:
    """Parts below each other; a number is that much space, STRETCH fills, None is left out."""
    layout = QVBoxLayout()
    _fill(layout, parts, spacing, margins)
    return layout


def row(*parts: Part, spacing: int = 8, margins: Margins = _NONE) -> QHBoxLayout:
    """Parts beside each other; numbers as in `column`."""
    layout = QHBoxLayout()
    _fill(layout, parts, spacing, margins)
    return layout


def boxed(layout: QLayout, face: str = "") -> QWidget:
    """A widget around a layout, with a background of the theme if named."""
    widget = QWidget()
    if face:
        surface(widget, face)
    widget.setLayout(layout)
    return widget


def scrolling(content: QWidget) -> QScrollArea:
    """The content in a frameless area that scrolls up and down only."""
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setWidget(content)
    return area


def clear(layout: QLayout) -> None:
    """Take every part out of a layout and let the widgets go; keys that one of them had go to the page around it."""
    while (item := layout.takeAt(0)) is not None:
        widget = item.widget()
        inner = item.layout()
        if widget is not None:
            _let_go(widget)
        elif inner is not None:
            clear(inner)


def take_out(layout: QLayout, widget: QWidget) -> None:
    """Take one part out of a layout and let it go, as `clear` does with all."""
    layout.removeWidget(widget)
    _let_go(widget)


def refill(place: QLayout, parts: QLayout) -> None:
    """Put filled `parts` where others stood, in one go: neither blank nor at half its height in between."""
    clear(place)
    content = boxed(parts)
    place.addWidget(content)
    content.show()  # Qt would do it a moment later, and may paint before


def first_stop(layout: QLayout) -> QWidget | None:
    """What Tab comes to first in a layout that was filled just now; None where nothing takes keys."""
    for at in range(layout.count()):
        item = layout.itemAt(at)
        widget = item.widget() if item is not None else None
        parts: list[QWidget] = [widget, *widget.findChildren(QWidget)] if widget is not None else []
        for part in parts:
            if part.focusPolicy() & Qt.FocusPolicy.TabFocus:
                return part
    return None


def _let_go(widget: QWidget) -> None:
    _leave_keys_to_page(widget)
    widget.hide()
    widget.deleteLater()


def _leave_keys_to_page(leaving: QWidget) -> None:
    # Else Qt hands them on until they leave the page, and the keys of its footer act no more.
    at = QApplication.focusWidget()
    if at is None or not (at is leaving or leaving.isAncestorOf(at)):
        return
    around = leaving.parentWidget()
    while around is not None and not isinstance(around, Page):
        around = around.parentWidget()
    if around is not None:
        around.look_for(Spot.of(at, around))


class Crumbs(QWidget):
    """Where one is: the way here as quiet buttons, the page itself as text."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._place = row()
        self.setLayout(self._place)

    def set_path(self, way: Sequence[tuple[str, Callable[[], None]]], here: str) -> None:
        """`way` are pairs of text and where it leads."""
        parts = row(spacing=2)
        for text, go in way:
            button = Button(text, "ghost")
            button.clicked.connect(lambda _checked=False, go=go: go())
            parts.addWidget(button)
            parts.addWidget(IconLabel("chevron-right", "t3", 14))
        parts.addSpacing(6 if way else 0)
        parts.addWidget(Label(here, "m" if way else "h2"))
        refill(self._place, parts)


def crumb_bar(crumbs: Crumbs, *right: QWidget) -> QWidget:
    """The bar above a page that has a way back: 52 px and a hairline."""
    inner = FittingBar(_BAR_HEIGHT)
    inner.setLayout(row(crumbs, STRETCH, *right, margins=(16, 0, 20, 0)))
    return boxed(column(inner, hline()))


def _fill(layout: QBoxLayout, parts: Sequence[Part], spacing: int, margins: Margins) -> None:
    layout.setContentsMargins(*margins)
    layout.setSpacing(spacing)
    for part in parts:
        if part is None:
            continue
        if isinstance(part, QWidget):
            layout.addWidget(part)
        elif isinstance(part, QLayout):
            layout.addLayout(part)
        elif part == STRETCH:
            layout.addStretch(1)
        else:
            layout.addSpacing(part)
