"""Before, yours, theirs: two cards with a radio each, for one conflict."""

from collections.abc import Mapping

from PySide6.QtCore import QEvent, QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QButtonGroup, QGridLayout, QRadioButton, QWidget

from crm_desktop.services.conflicts import ConflictView, FieldView
from ui.window.i18n import tr
from ui.window.theme import color
from ui.window.views.layout import STRETCH, boxed, column, row
from ui.window.views.value_words import field_word, value_word
from ui.window.widgets.label import Label

_TOP = Qt.AlignmentFlag.AlignTop


class ChoiceCard(QWidget):
    """A value to choose; the whole card is the target."""

    chosen = Signal()

    def __init__(self, value: str, side: str, owner: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.radio = QRadioButton()
        self.radio.setAccessibleName(f"{owner}: {value}")
        self.radio.toggled.connect(self._on_toggled)
        self.side = side
        line = row(spacing=10, margins=(12, 9, 10, 9))
        line.addWidget(self.radio, 0, _TOP)
        line.addLayout(column(Label(value, "body", wrap=True), STRETCH), 1)
        self.setLayout(line)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click anywhere on the card."""
        if self.isEnabled():
            self.radio.setChecked(True)
            self.radio.setFocus()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Border and tint of the chosen one."""
        on = self.radio.isChecked()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(color("accent" if on else "line2"), 2 if on else 1))
        painter.setBrush(color("accentsoft" if on else "canvas"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 6, 6)
        painter.end()

    def _on_toggled(self, on: bool) -> None:
        self.update()
        if on:
            self.chosen.emit()


class ConflictCards(QWidget):
    """One conflict as a row of the grid; coupled fields stand together."""

    chosen = Signal(str, str)
    """Id of the conflict and the side."""
    stepped = Signal(int)
    """The next (1) or last (-1) field is wanted."""

    def __init__(
        self,
        view: ConflictView,
        names: Mapping[str, str],
        heads: tuple[str, str, str, str],
        whens: tuple[str, str],
        *,
        with_heads: bool = True,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.view = view
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(8)
        for place, (head, when) in enumerate(zip(heads, ("", "", *whens), strict=True)):
            if with_heads:
                grid.addWidget(boxed(column(Label(head, "h3"), Label(when, "cap"), spacing=1)), 0, place)
        title = ", ".join(field_word(view.entity, item.name) for item in view.fields) or view.field
        if view.rule == "delete_request":
            title = tr("conflicts.deletion")
        coupled = Label(tr("conflicts.together"), "cap", wrap=True) if len(view.fields) > 1 else None
        name = Label(title, "h3", wrap=True)
        grid.addWidget(boxed(column(9, name, coupled, _stands_now(view, names), STRETCH, spacing=2)), 1, 0)
        before = Label(_words(view, "before", names), "body", "t2", wrap=True)
        grid.addWidget(boxed(column(9, before, STRETCH)), 1, 1)
        self.mine = ChoiceCard(_words(view, "mine", names), "mine", heads[2])
        self.theirs = ChoiceCard(_words(view, "theirs", names), "theirs", heads[3])
        group = QButtonGroup(self)
        for place, card in ((2, self.mine), (3, self.theirs)):
            group.addButton(card.radio)
            card.chosen.connect(lambda card=card: self.chosen.emit(view.id, card.side))
            card.radio.installEventFilter(self)
            grid.addWidget(card, 1, place)
        for place, share in enumerate((3, 3, 5, 5)):
            grid.setColumnStretch(place, share)

    def choose(self, side: str) -> None:
        """Mark a side; the user's own choice is told by `chosen`."""
        (self.mine if side == "mine" else self.theirs).radio.setChecked(True)

    def eventFilter(self, watched: QWidget, event: QEvent) -> bool:  # type: ignore[override]
        """Left and right go from card to card, as within any radio group; up and down to another field."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if event.key() == Qt.Key.Key_Left:
                self.mine.radio.setFocus()
                self.mine.radio.setChecked(True)
                return True
            if event.key() == Qt.Key.Key_Right:
                self.theirs.radio.setFocus()
                self.theirs.radio.setChecked(True)
                return True
            if event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Up):
                self.stepped.emit(1 if event.key() == Qt.Key.Key_Down else -1)
                return True
        return super().eventFilter(watched, event)


def _words(view: ConflictView, side: str, names: Mapping[str, str]) -> str:
    if view.rule == "delete_request":
        return "" if side == "before" else tr(f"conflicts.deletion_{side}")
    if view.rule == "gone" and side == "theirs":
        return tr("conflicts.stays_deleted")
    if side == "theirs" and not view.theirs_known:
        return tr("conflicts.out_of_sight")

    def one(item: FieldView) -> str:
        return value_word(view.entity, item.name, getattr(item, side), names, whole=True)

    words = [text for item in view.fields if (text := one(item))]
    return "\n".join(words) or tr("word.empty")


def _stands_now(view: ConflictView, names: Mapping[str, str]) -> Label | None:
    """What the record holds by now, where that is a third value: taking a side would replace it."""
    if not view.record_here or view.rule in ("gone", "delete_request"):
        return None
    others = [item for item in view.fields if item.now not in (item.mine, item.theirs)]
    words = [value_word(view.entity, item.name, item.now, names) or tr("word.empty") for item in others]
    return Label(tr("conflicts.now", value=", ".join(words)), "cap", wrap=True) if words else None
