"""Choice pills: a radio group in the shape of pills."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QButtonGroup, QPushButton, QSizePolicy, QWidget

from ui.window import theme
from ui.window.widgets.button import is_enter
from ui.window.widgets.flow_layout import FlowLayout

_BACK = (Qt.Key.Key_Left, Qt.Key.Key_Up)
_ON = (Qt.Key.Key_Right, Qt.Key.Key_Down)


class _Pill(QPushButton):
    """Wide enough for the bold text it has when chosen, so that choosing moves nothing."""

    def __init__(self, text: str, parent: QWidget) -> None:
        super().__init__(text, parent)
        self.toggled.connect(self._measure)
        self._measure()

    def set_words(self, text: str) -> None:
        self.setText(text.replace("&", "&&"))
        self.setAccessibleName(text)
        self._measure()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.StyleChange:
            self._measure()
        super().changeEvent(event)

    def _measure(self) -> None:
        self.setFont(theme.font(13, 600 if self.isChecked() else 400))

    def sizeHint(self) -> QSize:
        width = theme.metrics(13, 600).horizontalAdvance(self.text().replace("&&", "&"))
        return QSize(round(width) + 28, super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()


class ChoicePills(QWidget):
    """One of several values. Tab reaches the chosen pill, the arrow keys move the choice."""

    chosen = Signal(str)
    """The user chose another value; not sent by `set_value`."""

    def __init__(
        self,
        name: str,
        choices: Sequence[tuple[str, str]] = (),
        parent: QWidget | None = None,
        *,
        clicks_take_focus: bool = True,
    ) -> None:
        """`name` says to a screen reader what is chosen; `choices` are pairs of value and text.

        Where clicks take no focus, it stays in the field the pills belong to; Tab reaches them all the same.
        """
        super().__init__(parent)
        self._clicks_take_focus = clicks_take_focus
        self.setAccessibleName(name)
        self._flow = FlowLayout(self, spacing=6)
        self._group = QButtonGroup(self)
        self._pills: dict[str, _Pill] = {}
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.set_choices(choices)

    def set_choices(self, choices: Sequence[tuple[str, str]]) -> None:
        """Replace all pills; the chosen value stays if it is still there. The same values get only their words anew."""
        if [value for value, _ in choices] == list(self._pills):
            for value, text in choices:  # the pill with the focus keeps it when the language changes
                self._pills[value].set_words(text)
            return
        before = self.value()
        for pill in self._pills.values():
            self._group.removeButton(pill)
            self._flow.removeWidget(pill)
            pill.deleteLater()
        self._pills = {value: self._pill(value, text) for value, text in choices}
        self.set_value(before if before in self._pills else None)

    def value(self) -> str | None:
        """The chosen value, None while nothing is chosen."""
        return next((value for value, pill in self._pills.items() if pill.isChecked()), None)

    def set_value(self, value: str | None) -> None:
        """Choose without a signal; None clears the choice."""
        self._group.setExclusive(False)
        for name, pill in self._pills.items():
            pill.setChecked(name == value)
        self._group.setExclusive(True)
        self._rove()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Arrow keys move the choice, round the end."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            step = -1 if event.key() in _BACK else 1 if event.key() in _ON else 0
            if step:
                pills = list(self._pills.values())
                at = next(number for number, pill in enumerate(pills) if pill is watched)
                target = pills[(at + step) % len(pills)]
                target.setFocus(Qt.FocusReason.OtherFocusReason)
                target.click()
                return True
            if is_enter(event) and isinstance(watched, _Pill):
                watched.click()
                return True
        return super().eventFilter(watched, event)

    def _pill(self, value: str, text: str) -> _Pill:
        pill = _Pill(text.replace("&", "&&"), self)
        pill.setProperty("k", "pill")
        pill.setCheckable(True)
        pill.setAutoDefault(False)
        pill.setCursor(Qt.CursorShape.PointingHandCursor)
        pill.setAccessibleName(text)
        pill.installEventFilter(self)
        pill.clicked.connect(lambda: self._choose(value))
        self._group.addButton(pill)
        self._flow.addWidget(pill)
        return pill

    def _choose(self, value: str) -> None:
        self._rove()
        self.chosen.emit(value)

    def _rove(self) -> None:
        # One stop in the tab order: the chosen pill, or the first while nothing is chosen.
        stop = self.value() or next(iter(self._pills), None)
        for value, pill in self._pills.items():
            here = value == stop
            tab = Qt.FocusPolicy.TabFocus if here else Qt.FocusPolicy.NoFocus
            click = Qt.FocusPolicy.ClickFocus if self._clicks_take_focus else Qt.FocusPolicy.NoFocus
            pill.setFocusPolicy(Qt.FocusPolicy(tab.value | click.value))
