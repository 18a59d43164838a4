"""An icon that stands alone, decorative beside its word."""

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QLabel, QWidget

from ui.window import icons, theme


class IconLabel(QLabel):
    """An icon of the set in a token's colour. Give `meaning` when no word stands beside it."""

    def __init__(
        self, name: str, tone: str = "t2", size: int = 16, meaning: str = "", parent: QWidget | None = None
    ) -> None:
        self._name = name
        self._tone = tone
        self._size = size
        super().__init__(parent)
        self.set_meaning(meaning)
        self._show()

    def set_icon(self, name: str, tone: str = "t2") -> None:
        """Show another icon."""
        self._name = name
        self._tone = tone
        self._show()

    def set_meaning(self, meaning: str) -> None:
        """Tooltip and accessible name."""
        self.setAccessibleName(meaning)
        self.setToolTip(meaning)

    def changeEvent(self, event: QEvent) -> None:
        """Draw again in the colours of a new theme."""
        if event.type() == QEvent.Type.StyleChange:
            self._show()
        super().changeEvent(event)

    def _show(self) -> None:
        side = theme.px(self._size)
        self.setFixedSize(side, side)
        self.setPixmap(icons.pixmap(self._name, self._tone, self._size))
