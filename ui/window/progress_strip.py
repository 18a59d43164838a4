"""Long work on the screen: what is being done, how far it is, a stop button."""

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from ui.window.i18n import fmt_number, tr
from ui.window.widgets.button import Button
from ui.window.widgets.label import Label
from ui.window.widgets.progress_bar import ProgressBar
from ui.window.widgets.surface import hline, surface

SHOW_AFTER_MS = 300


class ProgressStrip(QWidget):
    """Hidden for what is over within 300 ms."""

    stop_clicked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        surface(self, "sunken")
        self._kilobytes = False
        self._label = Label("", "m", elide=True)
        self._figure = Label("", "cap", tabular=True)
        self.bar = ProgressBar(0.0, "accent", 6)
        self.bar.setMinimumWidth(180)
        self.stop = Button(tr("action.stop"))
        self.stop.clicked.connect(self.stop_clicked)
        row = QHBoxLayout()
        row.setContentsMargins(24, 8, 20, 8)
        row.setSpacing(12)
        row.addWidget(self._label, 1)
        row.addWidget(self._figure)
        row.addWidget(self.bar, 1)
        row.addWidget(self.stop)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(row)
        column.addWidget(hline())
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(SHOW_AFTER_MS)
        self._timer.timeout.connect(self.show)
        self.hide()

    def start(self, label: str, kilobytes: bool = False) -> None:
        """Something long is to be shown; what is counted are things, or `kilobytes`."""
        self._kilobytes = kilobytes
        self._label.set_text(label)
        self.bar.setAccessibleName(label)
        self._figure.set_text("")
        self.bar.set_value(0.0)
        self.stop.set_text(tr("action.stop"))
        self.stop.setEnabled(True)
        if not self.isVisible():
            self._timer.start()

    def progress(self, done: int, total: int) -> None:
        """So much of it is done; `total` 0 where nobody knows."""
        self.bar.set_value(done / total if total else 0.0)
        if self._kilobytes:
            figure = tr("progress.megabytes", done=_megabytes(done), total=_megabytes(total))
        else:
            figure = f"{fmt_number(done)} / {fmt_number(total)}" if total else fmt_number(done)
        self._figure.set_text(figure)

    def finish(self) -> None:
        """It is over."""
        self._timer.stop()
        self.hide()


def _megabytes(kilobytes: int) -> str:
    return fmt_number(f"{kilobytes / 1000:.1f}", 1)
