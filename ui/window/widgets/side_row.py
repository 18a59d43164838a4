"""Small rows of side columns: icon and two lines, a person, a fact."""

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from ui.window import theme
from ui.window.widgets.avatar import Avatar
from ui.window.widgets.chip import Chip
from ui.window.widgets.icon_label import IconLabel
from ui.window.widgets.label import Label

_TOP = Qt.AlignmentFlag.AlignTop


class SideRow(QWidget):
    """Icon, title, second line, and a figure or time at the right."""

    def __init__(
        self,
        icon: str,
        title: str,
        sub: str = "",
        right: str = "",
        tone: str = "t2",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        row = QGridLayout(self)
        row.setContentsMargins(0, 5, 0, 3 if sub else 5)  # a wrapped label has room of its own below its last line
        row.setHorizontalSpacing(10)
        row.setVerticalSpacing(1)
        row.setColumnStretch(1, 1)
        row.addWidget(IconLabel(icon, tone), 0, 0, 2 if sub else 1, 1, _TOP)
        row.addWidget(Label(title, "body", elide=True), 0, 1, 1, 1 if right else 2)
        if right:
            row.addWidget(Label(right, "sec", "t2", tabular=True), 0, 2, _TOP)
        if sub:  # below the figure too: what the words say matters more than a column of air
            row.addWidget(Label(sub, "cap", wrap=True), 1, 1, 1, 2)


class PersonRow(QWidget):
    """Initials, name and a chip beside it; below what `sub` says, line by line."""

    def __init__(self, name: str, sub: str = "", chip: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 5, 0, 5)
        row.setSpacing(10)
        row.addWidget(Avatar(name), 0, _TOP)
        first = QHBoxLayout()
        first.addWidget(Label(name, "m", elide=True), 1)
        if chip:
            first.addWidget(Chip(chip))
        lines = QVBoxLayout()
        lines.setSpacing(1)
        lines.addLayout(first)
        for line in filter(None, sub.split("\n")):
            lines.addWidget(Label(line, "cap", elide=True))
        row.addLayout(lines, 1)


class FactRow(QWidget):
    """A label and its value; all rows of a column get the same label width, a longer label widens its row or wraps."""

    def __init__(
        self,
        label: str,
        value: str,
        label_width: int = 112,
        icon: str = "",
        tone: str = "",
        wrap_label: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 4, 0, 4)
        row.setSpacing(6)
        self._width_at_100 = label_width
        caption = self._caption = Label(label, "sec", wrap=wrap_label)
        caption.setMinimumWidth(theme.px(label_width))
        if wrap_label:
            caption.setMaximumWidth(theme.px(label_width))
        caption.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        row.addWidget(caption, 0, _TOP)
        if icon:
            row.addWidget(IconLabel(icon, tone or "t2", 14), 0, _TOP)
        self.value = Label(value, "body", wrap=True)
        row.addWidget(self.value, 1)

    def changeEvent(self, event: QEvent) -> None:
        """A theme change brings another text size."""
        if event.type() == QEvent.Type.StyleChange:
            self._caption.setMinimumWidth(theme.px(self._width_at_100))
            if self._caption.wordWrap():
                self._caption.setMaximumWidth(theme.px(self._width_at_100))
        super().changeEvent(event)
