"""The strip at the foot of the window that always tells the truth about the sync."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from ui.window.widgets.button import Button
from ui.window.widgets.fixed_height import FixedHeight
from ui.window.widgets.surface import surface, vline

HEIGHT = 29


class StatusStrip(FixedHeight):
    """29 px: connection, what waits, last success; right: refused, decisions. Each part is a button."""

    connection_clicked = Signal()
    waiting_clicked = Signal()
    last_clicked = Signal()
    refused_clicked = Signal()
    decisions_clicked = Signal()

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(HEIGHT, parent)
        surface(self, "strip")
        self.setAccessibleName(name)
        self.connection = Button("", "strip", "cloud-off", icon_size=14)
        self.waiting = Button("", "strip", "check", icon_size=14)
        self.last = Button("", "strip")
        self.refused = Button("", "strip", "octagon-alert", tone="bad", icon_size=14)
        self.decisions = Button("", "strip", "git-compare-arrows", tone="ask", icon_size=14)
        self.last.set_tone("t3")
        self.refused.set_tone("bad")
        self.decisions.set_tone("ask")
        self._rule = vline(strong=True, height=12)
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 0, 10, 0)
        row.setSpacing(8)
        row.addWidget(self.connection)
        row.addWidget(vline(strong=True, height=12))
        row.addWidget(self.waiting)
        row.addWidget(self._rule)
        row.addWidget(self.last)
        row.addStretch(1)
        row.addWidget(self.refused)
        row.addWidget(self.decisions)
        self.connection.clicked.connect(self.connection_clicked)
        self.waiting.clicked.connect(self.waiting_clicked)
        self.last.clicked.connect(self.last_clicked)
        self.refused.clicked.connect(self.refused_clicked)
        self.decisions.clicked.connect(self.decisions_clicked)
        self.set_refused("")
        self.set_decisions("")

    def set_connection(self, text: str, online: bool) -> None:
        """Whether there is a network, and since when."""
        self.connection.set_icon("circle-dot" if online else "cloud-off", "ok" if online else "t2")
        self.connection.set_text(text)

    def set_waiting(self, text: str, pending: bool) -> None:
        """How many changes wait; `pending` False means nothing does."""
        self.waiting.set_icon("cloud-upload" if pending else "check", "warn" if pending else "t2")
        self.waiting.set_text(text)

    def set_last(self, text: str) -> None:
        """Last success and whether the contents were verified; empty hides it in a narrow window."""
        self.last.set_text(text)
        self.last.setVisible(bool(text))
        self._rule.setVisible(bool(text))

    def set_refused(self, text: str) -> None:
        """How many changes were refused; empty when none."""
        self.refused.set_text(text)
        self.refused.setVisible(bool(text))

    def set_decisions(self, text: str) -> None:
        """How many decisions are open; empty when none."""
        self.decisions.set_text(text)
        self.decisions.setVisible(bool(text))
