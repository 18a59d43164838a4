"""Where a record stands: an icon of its own shape and a word."""

from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from ui.window.widgets.icon_label import IconLabel
from ui.window.widgets.label import Label

SYNC_LOOK: dict[str, tuple[str, str]] = {
    "synced": ("circle-check", "t3"),
    "waiting": ("cloud-upload", "warn"),
    "local": ("hard-drive", "t2"),
    "refused": ("octagon-alert", "bad"),
    "conflict": ("git-compare-arrows", "ask"),
}
"""Icon and colour token of each state; synced is grey on purpose."""


class SyncBadge(QWidget):
    """Icon and word of a state: synced, waiting, local, refused, conflict."""

    def __init__(self, state: str, text: str, sentence: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)
        icon, tone = SYNC_LOOK[state]
        self._icon = IconLabel(icon, tone, 14)
        self._text = Label("", "sec")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        row.addWidget(self._icon)
        row.addWidget(self._text)
        self.set_state(state, text, sentence)

    def set_state(self, state: str, text: str, sentence: str = "") -> None:
        """Show another state. `sentence` is the whole meaning, for tooltip and screen reader."""
        icon, tone = SYNC_LOOK[state]
        self._icon.set_icon(icon, tone)
        self._text.set_text(text)
        self._text.set_tone("" if tone in ("t2", "t3") else tone)
        self.setToolTip(sentence or text)
        self.setAccessibleName(sentence or text)
