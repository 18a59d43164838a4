"""A bar of one height whose actions become icons, and whose title is shortened, before anything is cut."""

from PySide6.QtCore import QEvent, QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from ui.window.widgets.button import Button
from ui.window.widgets.fixed_height import FixedHeight
from ui.window.widgets.label import Label

YIELDS = "yields"
"""Property of a label that goes before any word of an action does: what it says stands elsewhere too."""
_TITLES = ("h2", "m")


class FittingBar(FixedHeight):
    """Give it a horizontal layout. Large letters in a small window leave no room for every word: what yields goes
    first, then the quiet actions keep their icon alone, then the primary one, then the title ends in dots. Names and
    tooltips stay.
    """

    def __init__(self, height: int, parent: QWidget | None = None) -> None:
        self._fitted: tuple[object, ...] = ()
        super().__init__(height, parent)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another width."""
        super().resizeEvent(event)
        self._fit()

    def event(self, event: QEvent) -> bool:
        """Words, letters or the parts themselves have changed."""
        done = super().event(event)
        if event.type() == QEvent.Type.LayoutRequest:
            self._fit()
        return done

    def minimumSizeHint(self) -> QSize:
        """A bar never makes its page wider."""
        return QSize(0, super().minimumSizeHint().height())

    def _fit(self) -> None:
        buttons = [button for button in self.findChildren(Button) if not button.isHidden()]
        titles = [label for label in self.findChildren(Label) if label.property("t") in _TITLES]
        yielding = [label for label in self.findChildren(Label) if label.property(YIELDS)]
        said = tuple(button.words for button in buttons) + tuple(label.plain_text() for label in (*titles, *yielding))
        hidden = tuple(widget.isHidden() for widget in self.findChildren(QWidget) if widget not in yielding)
        now = (self.width(), self.height(), said, hidden)
        if now == self._fitted:
            return
        self._fitted = now
        for widget in (*buttons, *titles, *yielding):
            widget.ensurePolished()  # what was made a moment ago knows its paddings only now
        for button in buttons:
            button.set_folded(False)
        for label in titles:
            label.set_elides(False)
        for label in yielding:
            self._show(label, True)
        for label in yielding:
            if self._overflows():
                self._show(label, False)
        quiet_first = sorted((button for button in buttons if button.icon_name), key=lambda one: one.kind == "primary")
        for button in quiet_first:
            if not self._overflows():
                break
            button.set_folded(True)
        for label in titles:
            if self._overflows():
                label.set_elides(True)
        layout = self.layout()
        if layout is not None and not self._overflows():
            layout.activate()  # else the places of before would be seen for a moment

    def _show(self, label: Label, visible: bool) -> None:
        """The parts around it remember how wide they were until they are told."""
        label.setVisible(visible)
        around = label.parentWidget()
        while around is not None and around is not self:
            around.updateGeometry()
            around = around.parentWidget()

    def _overflows(self) -> bool:
        layout = self.layout()
        if layout is None:
            return False
        layout.invalidate()
        for child in self.findChildren(QWidget):
            inner = child.layout()
            if inner is not None:
                inner.invalidate()
        return layout.minimumSize().width() > self.width()
