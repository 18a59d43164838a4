"""One ring for the whole window that follows the keyboard focus."""

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QApplication,
    QGroupBox,
    QLineEdit,
    QScrollArea,
    QTextEdit,
    QWidget,
)
from shiboken6 import isValid

from ui.window.theme import color

_OUTSIDE = 4
_RADIUS = 8
_MOVES = (QEvent.Type.Move, QEvent.Type.Resize, QEvent.Type.Show, QEvent.Type.Hide, QEvent.Type.Scroll)


class FocusRing(QWidget):
    """2 px accent, 2 px outside the focused widget, radius 8.

    Item views draw their ring inside the current cell (property `ownRing`) and bare text (a note, a search
    box without border) shows its caret; both get no ring. A button that took the focus from the mouse
    gets none either.
    """

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._window = window
        self._target: QWidget | None = None
        self._watched: list[QWidget] = []
        app = QApplication.instance()
        if isinstance(app, QApplication):
            app.focusChanged.connect(self._focus_changed)
        self.hide()

    def target(self) -> QWidget | None:
        """The widget inside the ring, None while no ring is shown."""
        return self._target

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The widget or something around it moved."""
        if event.type() in _MOVES:
            self._place()
        return super().eventFilter(watched, event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The ring."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(color("accent"), 2))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), _RADIUS, _RADIUS)
        painter.end()

    def _focus_changed(self, _old: QWidget | None, new: QWidget | None) -> None:
        window = self._window
        wanted = new if new is not None and window.isAncestorOf(new) and _wants_ring(new) else None
        self._unwatch()
        self._target = wanted
        at = wanted
        while at is not None and at is not window:
            at.installEventFilter(self)
            at.destroyed.connect(self._lost)
            self._watched.append(at)
            at = at.parentWidget()
        self._place()

    def _lost(self) -> None:
        self._unwatch()
        self.hide()

    def _unwatch(self) -> None:
        # A widget may be gone while Python still holds its name: pages are torn down with the focus inside.
        for widget in self._watched:
            if isValid(widget):
                widget.removeEventFilter(self)
                widget.destroyed.disconnect(self._lost)
        self._watched = []
        self._target = None

    def _place(self) -> None:
        target = self._target
        if target is None or not isValid(target) or not target.isVisible():
            self.hide()
            return
        window = self._window
        here = QRect(target.mapTo(window, QPoint(0, 0)), target.size())
        if not _in_sight(target, window, here):
            self.hide()
            return
        self.setGeometry(here.adjusted(-_OUTSIDE, -_OUTSIDE, _OUTSIDE, _OUTSIDE))
        self.show()
        self.raise_()


def _wants_ring(widget: QWidget) -> bool:
    if isinstance(widget, QAbstractItemView):
        return not widget.property("ownRing")
    if isinstance(widget, QScrollArea | QGroupBox) or widget.focusPolicy() == Qt.FocusPolicy.NoFocus:
        return False  # a page that has the keys only until Tab brings them to its first part
    if isinstance(widget, QTextEdit | QLineEdit) and widget.property("k") in (None, "bare"):
        return isinstance(widget, QLineEdit) and widget.property("k") is None
    by_mouse = QApplication.mouseButtons() != Qt.MouseButton.NoButton
    return not (isinstance(widget, QAbstractButton) and by_mouse)


def _in_sight(target: QWidget, window: QWidget, here: QRect) -> bool:
    """False while the widget is scrolled out of an area around it."""
    at = target.parentWidget()
    while at is not None and at is not window:
        area = at.parentWidget()
        clips = isinstance(area, QScrollArea) and area.viewport() is at
        if clips and not QRect(at.mapTo(window, QPoint(0, 0)), at.size()).intersects(here):
            return False
        at = area
    return True
