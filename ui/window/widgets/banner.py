"""A banner: what happened, why, and the action beside it. It stays until it is dealt with."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from ui.window.widgets.button import Button
from ui.window.widgets.icon_label import IconLabel
from ui.window.widgets.label import Label
from ui.window.widgets.restyle import restyle

BannerAction = tuple[str, Callable[[], None]]
_TOP = Qt.AlignmentFlag.AlignTop
_MIDDLE = Qt.AlignmentFlag.AlignVCenter
_ICON_TONES = {"plain": "t2", "info": "accent"}


class Banner(QFrame):
    """`kind`: bad, ask, warn, ok, info, plain. At most two actions, the likely one first."""

    def __init__(
        self,
        kind: str,
        icon: str,
        title: str,
        text: str = "",
        actions: Sequence[BannerAction] = (),
        *,
        primary: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        self._primary = primary
        self._icon = IconLabel(icon)
        self._title = Label("", "h3", wrap=True)
        self._text = Label("", "sec", "t1", wrap=True)
        words = self._words = QVBoxLayout()
        words.setSpacing(2)
        words.addStretch(1)
        words.addWidget(self._title)
        words.addWidget(self._text)
        words.addStretch(1)
        self._actions = QVBoxLayout()
        self._actions.setSpacing(6)
        row = self._row = QHBoxLayout(self)
        row.setSpacing(10)
        row.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)
        row.addLayout(self._actions)
        self.buttons: list[Button] = []
        self._acts: list[Callable[[], None]] = []
        self.set_banner(kind, icon, title, text)
        self.set_actions(actions)

    def set_banner(self, kind: str, icon: str, title: str, text: str = "") -> None:
        """Say something else in the same place."""
        self.setProperty("banner", kind)
        self._icon.set_icon(icon, _ICON_TONES.get(kind, kind))
        self._title.set_text(title)
        self._text.set_text(text)
        self._text.setVisible(bool(text))
        # One line stands in the middle of the box, two begin at its top beside the icon.
        self._row.setAlignment(self._icon, _TOP if text else _MIDDLE)
        self._words.setStretch(0, 0 if text else 1)
        # Rich text with line height leaves 2 px below its last line.
        self._row.setContentsMargins(12, 10, 10, 8 if text else 10)
        self.setAccessibleName(title)
        self.setAccessibleDescription(text)
        restyle(self)

    def set_actions(self, actions: Sequence[BannerAction]) -> None:
        """Replace the buttons; stacked buttons share the wider width. Those that say the same stay in their place."""
        self._acts = [act for _, act in actions]
        if [text for text, _ in actions] == [button.words for button in self.buttons]:
            return
        for button in self.buttons:
            self._actions.removeWidget(button)
            button.hide()
            button.deleteLater()
        self.buttons = []
        for number, (text, _) in enumerate(actions):
            button = Button(text, "primary" if self._primary and number == 0 else "normal")
            button.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)
            button.clicked.connect(lambda _checked=False, number=number: self._acts[number]())
            self._actions.addWidget(button)
            button.show()
            self.buttons.append(button)
