"""The undo toast: what was done, and the way back, instead of a question before."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QRectF, Qt, QTimer
from PySide6.QtGui import QEnterEvent
from PySide6.QtWidgets import QAbstractItemView, QApplication, QFrame, QHBoxLayout, QWidget
from shiboken6 import isValid

from ui.window import theme
from ui.window.widgets.button import Button
from ui.window.widgets.icon_label import IconLabel
from ui.window.widgets.key_hints import KeyHints
from ui.window.widgets.label import Label
from ui.window.widgets.surface import surface

SHOWN_MS = 8000
_ABOVE = 16
_CLEAR = 8
_WHOLE_FIELD = 80
_HEIGHT = 40


class UndoToast(QFrame):
    """Floats at the bottom centre of its host for eight seconds, longer under the pointer or with focus.

    It stands above the footer of keys and gives way to what has the focus: nobody types under it.
    """

    def __init__(self, host: QWidget) -> None:
        super().__init__(host)
        surface(self, "toast")
        self.host = host
        self._undo: Callable[[], None] | None = None
        self._watched: QWidget | None = None
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
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        application.focusChanged.connect(self._focus_moved)
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

    def place(self) -> None:
        """Find the place again: another page is below, or its cursor has moved."""
        if not self.isVisible():
            return
        most = max(200, self.host.width() - 2 * _ABOVE)
        self._text.set_elides(False)
        long = self.sizeHint().width() > most
        self._text.set_elides(long)  # the tooltip and who reads aloud have all of it
        self.setMaximumWidth(most)
        if long:
            self.resize(most, self.height())
        else:
            self.adjustSize()
        left = (self.host.width() - self.width()) // 2
        box = QRect(QPoint(left, self._floor() - self.height() - _ABOVE), self.size())
        focus = self._focused()
        if focus is not None and box.intersects(focus.adjusted(-_CLEAR, -_CLEAR, _CLEAR, _CLEAR)):
            box.moveBottom(focus.top() - _CLEAR)
            if box.top() < 0:
                box.moveTop(_ABOVE)
        self.move(box.topLeft())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay in place when the host is resized; stay while the button has the focus."""
        kind = event.type()
        if (watched, kind) in ((self.host, QEvent.Type.Resize), (self._watched, QEvent.Type.KeyRelease)):
            self.place()
        elif watched is self.button and kind == QEvent.Type.FocusIn:
            self.timer.stop()
        elif watched is self.button and kind == QEvent.Type.FocusOut:
            self.timer.start()
        return super().eventFilter(watched, event)

    def changeEvent(self, event: QEvent) -> None:
        """A theme change brings another text size."""
        if event.type() == QEvent.Type.StyleChange and self.isVisible():
            self.setFixedHeight(theme.px(_HEIGHT))
            self.place()
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
        self._focus_moved(None, QApplication.focusWidget())
        self.raise_()
        self.timer.start()

    def _floor(self) -> int:
        """The lower end of the room there is: the top of the page's footer."""
        footers = [hints for hints in self.host.findChildren(KeyHints) if hints.isVisible()]
        return min((hints.mapTo(self.host, QPoint()).y() for hints in footers), default=self.host.height())

    def _focused(self) -> QRect | None:
        """Where the next key goes, in the host: the row of a list, the line of a text, else the whole field."""
        widget = QApplication.focusWidget()
        if widget is None or not self.host.isAncestorOf(widget) or self.isAncestorOf(widget):
            return None
        if isinstance(widget, QAbstractItemView):
            if not widget.currentIndex().isValid():
                return None
            rect = widget.visualRect(widget.currentIndex())
            if widget.selectionBehavior() is QAbstractItemView.SelectionBehavior.SelectRows:
                rect.setLeft(0)
                rect.setRight(widget.viewport().width())
            return _in_host(widget.viewport(), rect, self.host)
        rect = widget.rect()
        if rect.height() > _WHOLE_FIELD:
            rect = widget.inputMethodQuery(Qt.InputMethodQuery.ImCursorRectangle)
            rect = rect.toRect() if isinstance(rect, QRectF) else rect
        return _in_host(widget, rect, self.host)

    def _focus_moved(self, _before: QWidget | None, now: QWidget | None) -> None:
        if not self.isVisible():
            return
        # A widget may be gone while Python still holds its name: pages are torn down with the focus inside.
        if self._watched is not None and isValid(self._watched):
            self._watched.removeEventFilter(self)
        self._watched = now if now is not self.button else None
        if self._watched is not None:
            self._watched.installEventFilter(self)
        self.place()

    def _take_back(self) -> None:
        undo, self._undo = self._undo, None
        self.timer.stop()
        self.hide()
        if undo is not None:
            undo()


def _in_host(widget: QWidget, rect: QRect, host: QWidget) -> QRect:
    return QRect(widget.mapTo(host, rect.topLeft()), rect.size())
