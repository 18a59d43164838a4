"""An empty page that answers instead of only being empty."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QVBoxLayout, QWidget

from ui.window.widgets.button import Button
from ui.window.widgets.icon_label import IconLabel
from ui.window.widgets.label import Label

_TEXT_WIDTH = 460


class EmptyState(QWidget):
    """Icon, one sentence with the answer, the nearest useful step, and what was searched."""

    def __init__(
        self,
        icon: str,
        title: str,
        text: str = "",
        actions: Sequence[tuple[str, Callable[[], None]]] = (),
        searched: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._icon = IconLabel(icon, "t3", 32)
        self._title = Label("", "h2")
        self._title.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._text = Label("", "body", "t2", wrap=True)
        self._text.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._searched = Label("", "cap")
        self._drive = IconLabel("hard-drive", "t3", 14)
        self.buttons: list[Button] = []
        self._actions = QHBoxLayout()
        self._actions.setSpacing(8)
        said = QHBoxLayout()
        said.setSpacing(6)
        said.addStretch(1)
        said.addWidget(self._drive)
        said.addWidget(self._searched)
        said.addStretch(1)
        # In a row of its own: an aligned label is given its hint, which counts one line alone.
        wrapped = QHBoxLayout()
        wrapped.addStretch(1)
        wrapped.addWidget(self._text)
        wrapped.addStretch(1)
        centre = Qt.AlignmentFlag.AlignHCenter
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 24)
        column.setSpacing(0)
        column.addStretch(2)
        column.addWidget(self._icon, 0, centre)
        column.addSpacing(14)
        column.addWidget(self._title, 0, centre)
        column.addSpacing(6)
        column.addLayout(wrapped)
        column.addSpacing(18)
        column.addLayout(self._actions)
        column.addSpacing(26)
        column.addLayout(said)
        column.addStretch(3)
        self.set_state(icon, title, text, actions, searched)

    def set_state(
        self,
        icon: str,
        title: str,
        text: str = "",
        actions: Sequence[tuple[str, Callable[[], None]]] = (),
        searched: str = "",
    ) -> None:
        """Say something else; `actions` are pairs of text and callback."""
        self._icon.set_icon(icon, "t3")
        self._title.set_text(title)
        self._text.set_text(text)
        self._text.setVisible(bool(text))
        self._balance()
        self._searched.set_text(searched)
        self._searched.setVisible(bool(searched))
        self._drive.setVisible(bool(searched))
        self.setAccessibleName(title)
        had_keys = any(button.hasFocus() for button in self.buttons)
        while (item := self._actions.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        self.buttons = []
        self._actions.addStretch(1)
        for label, act in actions:
            button = Button(label)
            button.clicked.connect(lambda _checked=False, act=act: act())
            self._actions.addWidget(button)
            self.buttons.append(button)
        self._actions.addStretch(1)
        self._take_keys(had_keys)

    def showEvent(self, event: QShowEvent) -> None:
        """What stood here before may have had the keys."""
        super().showEvent(event)
        self._balance()
        self._take_keys()

    def changeEvent(self, event: QEvent) -> None:
        """Another theme or text size is another width of the words."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange and self.isVisible():
            self._balance()

    def _balance(self) -> None:
        """Lines of about one length: as narrow as it goes without one line more, so no word stands alone."""
        self._text.ensurePolished()
        self._text.setMinimumWidth(0)  # no height is told for less
        lines = self._text.heightForWidth(_TEXT_WIDTH)
        longest = max(map(self._text.fontMetrics().horizontalAdvance, self._text.plain_text().split()), default=0)
        narrow, wide = min(longest, _TEXT_WIDTH), _TEXT_WIDTH
        while narrow < wide:
            between = (narrow + wide) // 2
            fits = self._text.heightForWidth(between) <= lines
            narrow, wide = (narrow, between) if fits else (between + 1, wide)
        self._text.setFixedWidth(wide)

    def _take_keys(self, had_keys: bool = False) -> None:
        # A table that goes away with its last row takes the focus along; the keys of the page would be dead.
        if self.isVisible() and (had_keys or QApplication.focusWidget() is None):
            target = self.buttons[0] if self.buttons else self
            target.show()  # made just now: what is not shown takes no keys
            target.setFocus(Qt.FocusReason.OtherFocusReason)
