"""What a page is and what it may ask of the window around it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QAbstractSlider, QScrollArea, QWidget
from shiboken6 import isValid

from crm_desktop.errors import CrmError
from ui.compose import App
from ui.presenters.tasks import Tasks

_ROUNDS = 6
_STEPS = {
    Qt.Key.Key_Up: QAbstractSlider.SliderAction.SliderSingleStepSub,
    Qt.Key.Key_Down: QAbstractSlider.SliderAction.SliderSingleStepAdd,
    Qt.Key.Key_PageUp: QAbstractSlider.SliderAction.SliderPageStepSub,
    Qt.Key.Key_PageDown: QAbstractSlider.SliderAction.SliderPageStepAdd,
    Qt.Key.Key_Home: QAbstractSlider.SliderAction.SliderToMinimum,
    Qt.Key.Key_End: QAbstractSlider.SliderAction.SliderToMaximum,
}


class Shell(Protocol):
    """The window as pages see it."""

    app: App
    tasks: Tasks

    def navigate(self, page: str, **where: Any) -> None:
        """Open a page by name ('account', 'quote', …) with its parameters; goes into back and forward."""
        ...

    def toast(
        self, text: str, undo: Callable[[], Any] | None = None, *, opens: Callable[[], Any] | None = None
    ) -> None:
        """Tell what was done, with an undo or with the way to what was made."""
        ...

    def cover(self, view: QWidget | None) -> None:
        """Show this instead of everything in the window, navigation and strip too; None brings all of it back."""
        ...

    def show_error(self, error: CrmError) -> None:
        """A banner with title and advice; never modal."""
        ...


@dataclass(frozen=True)
class Spot:
    """What had the keys on a page, so that it is found again when the page was made anew."""

    kind: type[QWidget]
    name: str
    number: int

    @classmethod
    def of(cls, widget: QWidget, page: QWidget) -> "Spot":
        """Where a widget of the page stands among those of its kind that are called like it."""
        alike = cls(type(widget), widget.accessibleName(), 0)._alike(page)
        return cls(type(widget), widget.accessibleName(), alike.index(widget) if widget in alike else 0)

    def find(self, page: QWidget) -> QWidget | None:
        """Who has that place now; None where nobody has."""
        alike = [widget for widget in self._alike(page) if _takes_keys(widget)]
        return alike[min(self.number, len(alike) - 1)] if alike else None

    def _alike(self, page: QWidget) -> list[QWidget]:
        every = page.findChildren(QWidget)
        return [widget for widget in every if type(widget) is self.kind and widget.accessibleName() == self.name]


def _takes_keys(widget: QWidget) -> bool:
    """Whether it can have the focus; what was made just now is shown, which Qt would do a moment later."""
    parent = widget.parentWidget()
    waits = not widget.testAttribute(Qt.WidgetAttribute.WA_WState_ExplicitShowHide)
    if waits and parent is not None and parent.isVisible():
        widget.show()
    return widget.isVisible() and widget.isEnabled()


class Page(QWidget):
    """Base of every page. `name` is its key in navigation; `keys` are the hints of its footer."""

    name = ""

    def __init__(self, shell: Shell) -> None:
        super().__init__()
        self.shell = shell
        self._start: QWidget | None = None
        self._sought: Spot | None = None
        self._rounds = 0
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.timeout.connect(self._hand_on)

    def setFocusProxy(self, widget: QWidget | None) -> None:
        """Where the keys go when the page is opened. Tab would jump over all that stands before a real proxy."""
        self._start = widget
        if self.hasFocus():
            self._hand_on_soon()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """The page itself does nothing with keys that its first part could use."""
        super().focusInEvent(event)
        if self._sought is None:
            self._to_start(event.reason())

    def look_for(self, spot: Spot) -> None:
        """The keys go to what is called so once it is here; they wait on the page, and begin anew if it is not."""
        self._sought = spot
        self.setFocus(Qt.FocusReason.OtherFocusReason)
        self._hand_on_soon()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """What nothing on the page wanted moves the largest part of it that does not fit the window."""
        step = _STEPS.get(Qt.Key(event.key()))
        areas = [area for area in self.findChildren(QScrollArea) if area.isVisible()]
        areas = [area for area in areas if area.verticalScrollBar().maximum() > 0]
        if step is None or not areas or event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            super().keyPressEvent(event)
            return
        largest = max(areas, key=lambda area: area.width() * area.height())
        largest.verticalScrollBar().triggerAction(step)

    def _hand_on_soon(self) -> None:
        self._rounds = _ROUNDS
        self._later.start(0)

    def _hand_on(self) -> None:
        """What was made just now is shown within a few rounds of events; until then nothing of it can have the keys."""
        self._rounds -= 1
        if self._sought is not None and self.hasFocus():
            found = self._sought.find(self)
            if found is not None:
                found.setFocus(Qt.FocusReason.OtherFocusReason)
            elif self._rounds > 0:
                self._later.start(0)
                return
        self._sought = None
        if self.hasFocus():
            self._to_start(Qt.FocusReason.OtherFocusReason)
        if self.hasFocus() and self._start is not None and self._rounds > 0:
            self._later.start(0)

    def _to_start(self, reason: Qt.FocusReason) -> None:
        start = self._start
        if start is not None and isValid(start) and _takes_keys(start):
            start.setFocus(reason)

    def open(self, **where: Any) -> None:
        """Show the page for these parameters; reads start here, off the main thread."""

    def refresh(self, kinds: frozenset[str], ids: frozenset[tuple[str, str]]) -> None:
        """Something changed in the store; read again only what this page shows."""

    def retranslate(self) -> None:
        """The language changed: set every text again."""

    def seek(self, entity: str, record_id: str) -> bool:
        """A form opened from here has saved this record: show it once it is read. False: it has no place here."""
        return False

    def may_leave(self) -> bool:
        """Flush drafts before another page comes; False keeps the page (nothing does today)."""
        return True
