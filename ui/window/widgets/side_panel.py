"""The side column of a page: it scrolls, so that it never makes the window grow."""

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from ui.window import theme
from ui.window.widgets.surface import surface


class SidePanel(QScrollArea):
    """Sunken, 312 to 386 px wide, with a vertical layout filled by `add`."""

    def __init__(self, width: int = 320, name: str = "", parent: QWidget | None = None) -> None:
        self._width_at_100 = width
        super().__init__(parent)
        surface(self, "sunken")
        self.setFixedWidth(theme.px(width))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(name)
        content = QWidget()
        surface(content, "sunken")
        self._column = QVBoxLayout(content)
        self._column.setContentsMargins(20, 14, 20, 12)
        self._column.setSpacing(0)
        self._column.addStretch(1)
        self.setWidget(content)

    def add(self, widget: QWidget, space_before: int = 0) -> None:
        """Put a widget below the others, `space_before` px away from the last."""
        at = self._column.count() - 1
        if space_before:
            self._column.insertSpacing(at, space_before)
            at += 1
        self._column.insertWidget(at, widget)

    def changeEvent(self, event: QEvent) -> None:
        """A theme change brings another text size."""
        if event.type() == QEvent.Type.StyleChange:
            self.setFixedWidth(theme.px(self._width_at_100))
        super().changeEvent(event)

    def clear(self) -> None:
        """Take everything out."""
        while self._column.count() > 1:
            item = self._column.takeAt(0)
            widget = item.widget() if item is not None else None
            if widget is not None:
                widget.hide()
                widget.deleteLater()
