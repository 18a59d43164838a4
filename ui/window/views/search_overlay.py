"""Search and commands in one overlay over the window (Ctrl+K)."""

from collections.abc import Callable
from typing import cast

from PySide6.QtCore import QEvent, QModelIndex, QObject, QRect, QRectF, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QLineEdit, QListView, QSizePolicy, QWidget

from ui.presenters.search import KINDS, Results, count_records, find
from ui.presenters.search_commands import asks_for_commands
from ui.window import theme
from ui.window.i18n import fmt_number, language_changed, tr
from ui.window.models.plain_rows import PlainRows
from ui.window.theme import color, px, scrim
from ui.window.views.layout import boxed, column, row
from ui.window.views.search_commands import Host
from ui.window.views.search_lines import WITH_MATCH, SearchLines
from ui.window.views.search_rows import Line, SearchDelegate, spoken
from ui.window.widgets.choice_pills import ChoicePills
from ui.window.widgets.icon_label import IconLabel
from ui.window.widgets.key_hints import KeyHints
from ui.window.widgets.label import Label
from ui.window.widgets.surface import hline

_WIDTH, _HEIGHT, _TOP = 680, 540, 104
_SHADOW = 24


class SearchOverlay(QWidget):
    """A child of the window with its own scrim and shadow; not a dialog."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._host = cast(Host, window)
        self._lines = SearchLines(self._host, self._put, self._then)
        self._results = Results()
        self._records = 0
        self._asked = 0
        self._before: QWidget | None = None
        self.field = QLineEdit()
        self.field.setProperty("k", "bare")
        self.field.setFont(theme.font(18))
        self.kinds = ChoicePills("", [], clicks_take_focus=False)
        self.rows = PlainRows(spoken, self)
        self.list = QListView()
        self.list.setProperty("ownRing", True)
        self.list.setModel(self.rows)
        self.list.setItemDelegate(SearchDelegate(self.list))
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.viewport().setAutoFillBackground(False)
        self.hints, self.counted = KeyHints(), Label("", "cap")
        self.hints.add_right(self.counted)
        asked = row(IconLabel("search", "t2", 18), self.field, self.kinds, spacing=12, margins=(20, 8, 14, 8))
        asked.setStretch(1, 1)
        asked.setAlignment(self.kinds, Qt.AlignmentFlag.AlignVCenter)
        head = boxed(asked)
        head.setMinimumHeight(px(60))
        head.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        self._box = boxed(column(head, hline(), 6, self.list, hline(), self.hints))
        self._box.setParent(self)
        self.field.textChanged.connect(lambda _text: self._search())
        self.field.installEventFilter(self)
        self.kinds.chosen.connect(lambda _kind: self._search())
        self.list.clicked.connect(self._run)
        window.installEventFilter(self)
        language_changed.connect(self._on_language)
        self.retranslate()
        self.hide()

    def open(self) -> None:
        """Show it over the window, ready to be typed into."""
        if self.isVisible():
            self.field.selectAll()
            self.field.setFocus()
            return
        self._before = self._host_widget().focusWidget()
        self.kinds.set_value("all")
        self.field.setFont(theme.font(18))
        self.field.clear()
        self._place()
        self.show()
        self.raise_()
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._count()
        self._search()

    def close_overlay(self) -> None:
        """Go away; the focus returns to where it was."""
        self.hide()
        if self._before is not None and self._before.isVisible():
            self._before.setFocus()
        self._before = None

    def retranslate(self) -> None:
        """All words again."""
        self.setAccessibleName(tr("nav.search_or_jump"))
        self.field.setAccessibleName(tr("action.search"))
        self.field.setPlaceholderText(tr("search.placeholder"))
        self.field.setMinimumWidth(self.field.fontMetrics().horizontalAdvance(tr("search.placeholder")) + px(24))
        self.kinds.setAccessibleName(tr("search.kinds"))
        self.kinds.set_choices([(kind, tr(f"search.kind.{kind}")) for kind in KINDS])
        if self.kinds.value() is None:
            self.kinds.set_value("all")
        self.list.setAccessibleName(tr("search.results"))
        self.hints.set_hints(
            [
                ("↑ ↓", tr("key.choose")),
                (tr("key.enter"), tr("key.open")),
                (tr("key.escape"), tr("key.close")),
            ]
        )
        if self.isVisible():
            self._show()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keys of the field that belong to the list; the size of the window."""
        if watched is self.field and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            return self._key(event)
        if watched is self.parent() and event.type() == QEvent.Type.Resize:
            self._place()
        return super().eventFilter(watched, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Keys that a kind or the list has no use for are those of the field, wherever the focus stands."""
        typed = event.text()
        plain = not event.modifiers() & ~(Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier)
        if typed.isprintable() and typed and plain:
            self.field.setFocus()
            self.field.insert(typed)
        elif event.key() == Qt.Key.Key_Backspace:
            self.field.setFocus()
            self.field.backspace()
        elif not self._key(event):
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click beside the box closes it."""
        if not self._box.geometry().contains(event.position().toPoint()):
            self.close_overlay()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Scrim, shadow, box."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), scrim())
        box = QRectF(self._box.geometry())
        painter.setPen(Qt.PenStyle.NoPen)
        shade = color("shadow").toRgb()
        for ring in range(_SHADOW, 0, -2):
            shade.setAlpha(round(10 * (1 - ring / _SHADOW) ** 2) + 1)
            painter.setBrush(shade)
            painter.drawRoundedRect(box.adjusted(-ring, -ring + 6, ring, ring + 6), 10 + ring, 10 + ring)
        painter.setPen(QPen(color("line2"), 1))
        painter.setBrush(color("raised"))
        painter.drawRoundedRect(box, 10, 10)
        painter.end()

    def _on_language(self, _language: str) -> None:
        self.retranslate()

    def _host_widget(self) -> QWidget:
        return cast(QWidget, self.parent())

    def _place(self) -> None:
        window = self._host_widget().rect()
        self.setGeometry(window)
        width = min(px(_WIDTH), window.width() - 48)
        top = px(_TOP) if window.height() > px(_TOP + _HEIGHT + 40) else 24
        height = min(px(_HEIGHT), window.height() - top - 24)
        self._box.setGeometry(QRect((window.width() - width) // 2, top, width, height))

    def _count(self) -> None:
        store = self._host.app.store

        def show(records: int) -> None:
            self._records = records
            self._show_counted()

        self._host.tasks.read(lambda: store.read(count_records), show, key="search count")

    def _search(self) -> None:
        text, kind = self.field.text(), self.kinds.value() or "all"
        store = self._host.app.store
        self._asked += 1
        number = self._asked

        def wanted() -> bool:  # a key came meanwhile: its own search must not wait for this one
            return number == self._asked

        def work() -> Results | None:
            return store.read(lambda reader: find(reader, text, kind, wanted)) if wanted() else None

        def show(results: Results | None) -> None:
            if results is not None and wanted():
                self._results = results
                self._show()

        if asks_for_commands(text):
            self._results = Results()
            self._show()
        else:
            self._host.tasks.read(work, show, key="search")

    def _show(self) -> None:
        lines = self._lines.lines(self._results, self.field.text())
        self.rows.set_rows(lines)
        first = next((at for at, line in enumerate(lines) if isinstance(line, Line)), -1)
        if first >= 0:
            self._go_to(first)
        self.list.scrollToTop()
        self._show_counted()

    def _show_counted(self) -> None:
        counted = tr("search.counted", count=self._records)
        if self._results.found:
            seconds = max(self._results.seconds, 0.01)  # "0.00 s" would say that nothing was done
            counted = tr("search.took", seconds=fmt_number(f"{seconds:.2f}", 2), counted=counted)
        self.counted.set_text(counted)

    def _put(self, condition: str) -> None:
        self.field.setText(condition)
        self.field.setFocus()

    def _then(self, act: Callable[[], object]) -> Callable[[], None]:
        def close_and_act() -> None:
            self._before = None
            self.close_overlay()
            act()

        return close_and_act

    def _key(self, event: QKeyEvent) -> bool:
        key = event.key()
        if key == Qt.Key.Key_Escape:
            self.close_overlay()
        elif key in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            self._step(1 if key == Qt.Key.Key_Down else -1)
        elif key in (Qt.Key.Key_PageDown, Qt.Key.Key_PageUp):
            for _ in range(6):
                self._step(1 if key == Qt.Key.Key_PageDown else -1)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._run(self.list.currentIndex())
        else:
            return event.modifiers() == Qt.KeyboardModifier.AltModifier and self._act_on(
                event.text().upper() or _letter(key)
            )
        return True

    def _act_on(self, letter: str) -> bool:
        """Alt and a letter: what the first match offers under it."""
        for at in range(self.rows.rowCount()):
            line = self.rows.row(at)
            if isinstance(line, Line) and line.id in WITH_MATCH and line.keys[-1] == letter:
                line.act()
                return True
        return False

    def _step(self, by: int) -> None:
        at = self.list.currentIndex().row() + by
        while 0 <= at < self.rows.rowCount():
            if isinstance(self.rows.row(at), Line):
                self._go_to(at)
                return
            at += by

    def _go_to(self, at: int) -> None:
        index = self.rows.index(at, 0)
        self.list.setCurrentIndex(index)
        self.field.setAccessibleDescription(spoken(self.rows.row(at)))

    def _run(self, index: QModelIndex) -> None:
        found = self.rows.row(index.row())
        if isinstance(found, Line):
            found.act()


def _letter(key: int) -> str:
    return chr(key) if Qt.Key.Key_A <= key <= Qt.Key.Key_Z else ""
