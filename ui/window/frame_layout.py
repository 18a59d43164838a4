"""Where the parts of the window stand: navigation at the left, what is worked on beside it, the strip below."""

from collections.abc import Sequence

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from ui.window.widgets.surface import surface


def work_area(above: Sequence[QWidget], page: QWidget) -> QWidget:
    """The pages with what may appear above them."""
    area, column = _canvas()
    for widget in above:
        column.addWidget(widget)
    column.addWidget(page, 1)
    return area


def whole_window(navigation: QWidget, work: QWidget, strip: QWidget) -> QWidget:
    """Everything in the window."""
    central, column = _canvas()
    upper = QHBoxLayout()
    upper.setContentsMargins(0, 0, 0, 0)
    upper.setSpacing(0)
    upper.addWidget(navigation)
    upper.addWidget(work, 1)
    column.addLayout(upper, 1)
    column.addWidget(strip)
    return central


def _canvas() -> tuple[QWidget, QVBoxLayout]:
    area = QWidget()
    surface(area, "canvas")
    column = QVBoxLayout(area)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    return area, column
