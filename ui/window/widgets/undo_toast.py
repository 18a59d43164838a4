"""The undo toast: what was done, and the way back, instead of a question before."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtGui import QEnterEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from ui.window import theme
from ui.window.widgets.button import Button
from ui.window.widgets.icon_label import IconLabel
from ui.window.widgets.label import Label
from ui.window.widgets.surface import surface

SHOWN_MS = 8000
_ABOVE = 16
_HEIGHT = 40


class UndoToast(QFrame):
    """Floats at the bottom centre of its host for eight seconds, longer under the pointer or with focus."""

    def __init__(self, host: QWidget) -> None:
        super().__init__(host)
        surface(self, "toast")
        self._host = host
        self._undo: Callable[[], None] | None = None
        self._icon = IconLabel("check", "ontoast")
        self._text = Label("", "m", "ontoast")
        self._keys = Label("", "tiny", "ontoast")
        self.button = Button("", "toastlink")
        self.button.clicked.connect(self._take_back)
        self.button.installEventFilter(self)
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 0, 14, 0)
        row.setSpacing(8)
        row.addWidget(self._icon)
        row.addWidget(self._text)
        row.addSpacing(16)
        row.addWidget(self.button)
        row.addWidget(self._keys)
        self.timer = QTimer(self)
        self.timer.setSingleShot(True)
        self.timer.setInterval(SHOWN_MS)
        self.timer.timeout.connect(self.hide)
        host.installEventFilter(self)
        self.hide()

    def offer(self, text: str, undo_text: str, undo: Callable[[], None], keys: str = "") -> None:
        """Say what was done and offer to take it back; a newer offer replaces an older one."""
        self._undo = undo
        self._text.set_text(text)
        self.button.set_text(undo_text)
        self.button.setVisible(True)
        self._keys.set_text(keys)
        self._appear(text)

    def tell(self, text: str) -> None:
        """Say what was done where there is nothing to take back."""
        self._undo = None
        self._text.set_text(text)
        self.button.setVisible(False)
        self._keys.set_text("")
        self._appear(text)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay in place when the host is resized; stay while the button has the focus."""
        kind = event.type()
        if watched is self._host and kind == QEvent.Type.Resize:
            self._place()
        elif watched is self.button and kind == QEvent.Type.FocusIn:
            self.timer.stop()
        elif watched is self.button and kind == QEvent.Type.FocusOut:
            self.timer.start()
        return super().eventFilter(watched, event)

    def changeEvent(self, event: QEvent) -> None:
        """A theme change brings another text size."""
        if event.type() == QEvent.Type.StyleChange and self.isVisible():
            self.setFixedHeight(theme.px(_HEIGHT))
            self._place()
        super().changeEvent(event)

    def enterEvent(self, event: QEnterEvent) -> None:
        """Stay while the pointer is here."""
        self.timer.stop()
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        """The eight seconds begin again."""
        if not self.button.hasFocus():
            self.timer.start()
        super().leaveEvent(event)

    def _appear(self, text: str) -> None:
        self.setAccessibleName(text)
        self.setFixedHeight(theme.px(_HEIGHT))
        self.show()
        self._place()
        self.raise_()
        self.timer.start()

    def _place(self) -> None:
        self.setMaximumWidth(max(200, self._host.width() - 2 * _ABOVE))
        self.adjustSize()
        self.move((self._host.width() - self.width()) // 2, self._host.height() - self.height() - _ABOVE)

    def _take_back(self) -> None:
        undo, self._undo = self._undo, None
        self.timer.stop()
        self.hide()
        if undo is not None:
            undo()
