"""The title of a section with its count and one thing at the right."""

from PySide6.QtWidgets import QHBoxLayout, QWidget

from ui.window.widgets.fixed_height import FixedHeight
from ui.window.widgets.label import Label

_HEIGHT = 28


class SectionHeader(FixedHeight):
    """28 px: title 600, count in t3, `right` a link, a key or a caption."""

    def __init__(
        self, title: str, count: str = "", right: QWidget | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(_HEIGHT, parent)
        self._title = Label(title, "h3")
        self._count = Label(count, "cap", tabular=True)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self._title)
        row.addWidget(self._count)
        row.addStretch(1)
        if right is not None:
            row.addWidget(right)
        self._count.setVisible(bool(count))

    def set_title(self, title: str) -> None:
        """Say another title."""
        self._title.set_text(title)

    def set_count(self, count: str) -> None:
        """Say another count; empty hides it."""
        self._count.set_text(count)
        self._count.setVisible(bool(count))
