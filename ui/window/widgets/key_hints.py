"""The footer with the five keys that matter on a page."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from ui.window import theme
from ui.window.widgets.fixed_height import FixedHeight
from ui.window.widgets.label import Label

_CAP = 19
_HEIGHT = 36


class KeyCap(Label):
    """A key as it looks on a keyboard, 19 px high."""

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(text, "key", parent=parent)
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(theme.px(_CAP))

    def changeEvent(self, event: QEvent) -> None:
        """A theme change brings another text size."""
        if event.type() == QEvent.Type.StyleChange:
            self.setFixedHeight(theme.px(_CAP))
        super().changeEvent(event)


class KeyHints(FixedHeight):
    """36 px: pairs of key and word from the left, room for counts at the right."""

    def __init__(self, hints: Sequence[tuple[str, str]] = (), parent: QWidget | None = None) -> None:
        super().__init__(_HEIGHT, parent)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(24, 0, 16, 0)
        self._row.setSpacing(6)
        self._row.addStretch(1)
        self._shown: list[QWidget] = []
        self._right: list[QWidget] = []
        self.set_hints(hints)

    def set_hints(self, hints: Sequence[tuple[str, str]]) -> None:
        """Replace the pairs of key and word."""
        for widget in self._shown:
            self._row.removeWidget(widget)
            widget.deleteLater()
        self._shown = []
        for number, (key, word) in enumerate(hints):
            pair = QWidget()
            inner = QHBoxLayout(pair)
            inner.setContentsMargins(0, 0, 8, 0)
            inner.setSpacing(6)
            inner.addWidget(KeyCap(key))
            inner.addWidget(Label(word, "cap"))
            self._row.insertWidget(number, pair)
            self._shown.append(pair)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keys that find no room are left out, from the right: none is shown in part."""
        super().resizeEvent(event)
        self._fit()

    def changeEvent(self, event: QEvent) -> None:
        """Another text size needs other room."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange:
            self._fit()

    def event(self, event: QEvent) -> bool:
        """What stands at the right may have changed its width."""
        if event.type() == QEvent.Type.LayoutRequest:
            self._fit()
        return super().event(event)

    def minimumSizeHint(self) -> QSize:
        """A footer never makes its page wider."""
        return QSize(0, super().minimumSizeHint().height())

    def _fit(self) -> None:
        margins, space = self._row.contentsMargins(), self._row.spacing()
        room = self.width() - margins.left() - margins.right()
        room -= sum(widget.sizeHint().width() + space for widget in self._right if not widget.isHidden())
        for pair in self._shown:
            room -= pair.sizeHint().width() + space
            pair.setVisible(room >= 0)

    def add_right(self, widget: QWidget) -> None:
        """Put something at the right end."""
        self._right.append(widget)
        self._row.addWidget(widget)
