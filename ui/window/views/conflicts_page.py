"""Conflicts: the list at the left, before / yours / theirs at the right. Closing the page decides nothing."""

from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QApplication

from crm_desktop.errors import CrmError
from ui.presenters.conflicts import ConflictContents, Decisions, decide, load_conflicts, put_off
from ui.window.i18n import tr
from ui.window.page import Page, Shell
from ui.window.theme import px
from ui.window.views.conflict_cards import ConflictCards
from ui.window.views.conflict_case import ConflictCase
from ui.window.views.conflict_list import WIDTH, WIDTH_NARROW, ConflictList
from ui.window.views.folding import NARROW
from ui.window.views.layout import STRETCH, boxed, column, row, scrolling
from ui.window.views.record_way import open_record
from ui.window.widgets.button import Button
from ui.window.widgets.empty_state import EmptyState
from ui.window.widgets.key_hints import KeyHints
from ui.window.widgets.label import Label
from ui.window.widgets.surface import hline, vline
from ui.window.widgets.top_bar import TopBar

_SIDE_KEYS = {Qt.Key.Key_1: "mine", Qt.Key.Key_2: "theirs"}


class ConflictsPage(Page):
    """Open with `conflict_id` to begin with a certain one."""

    name = "conflicts"

    def __init__(self, shell: Shell) -> None:
        super().__init__(shell)
        self.contents = ConflictContents((), {})
        self._read_once = False
        self._wanted = ""
        self._shown = ""
        self._saving = False
        self._decisions = Decisions()
        self._build()
        self.retranslate()

    def open(self, **where: Any) -> None:
        """Read what stands."""
        self._wanted = str(where.get("conflict_id") or "")
        self._read()

    def refresh(self, kinds: frozenset[str], ids: frozenset[tuple[str, str]]) -> None:
        """Conflicts came or were decided, or their records changed; what is marked stays marked."""
        told = {(case.entity, case.record_id) for case in self.contents.cases}
        if kinds & {"conflict", "everything"} or ids & told:
            self._read()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """1 takes yours, 2 theirs, Down goes to the next field."""
        if not self._act(event.key()):
            super().keyPressEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """1 and 2 decide from the list too, where the page begins; there they would search for a name."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress and event.key() in _SIDE_KEYS:
            return self._act(event.key())
        return super().eventFilter(watched, event)

    def _act(self, key: int) -> bool:
        card = self._current_card()
        if card is None:
            return False
        at = self.case_view.cards.index(card)
        if key in _SIDE_KEYS:
            card.choose(_SIDE_KEYS[Qt.Key(key)])
            self.case_view.to_card(min(at + 1, len(self.case_view.cards) - 1))
        elif key == Qt.Key.Key_Down:
            self.case_view.to_card(at + 1)
        elif key == Qt.Key.Key_Up:
            self.case_view.to_card(at - 1)
        else:
            return False
        return True

    def save(self) -> None:
        """Decide what is marked; the rest of the case stays open."""
        case = self.list.case()
        if case is None or self._saving:
            return
        sides = self._decisions.of(case)
        service = self.shell.app.conflicts
        if not sides:
            return
        self._shown = ""
        self._saving = True  # a second press before it is done is none

        def done(count: int) -> None:
            self._decisions.forget(case)
            self.shell.toast(tr("conflicts.saved", count=count))
            self._saved()

        def failed(error: CrmError) -> None:
            self.shell.show_error(error)
            self._saved()

        self.shell.tasks.write(lambda: decide(service, sides), done, failed)

    def later(self) -> None:
        """Put it off: nothing is decided, the other value goes on counting."""
        case = self.list.case()
        if case is not None:
            store = self.shell.app.store
            self._shown = ""
            self.shell.tasks.write(lambda: put_off(store, case), lambda _none: self._after_later())

    def retranslate(self) -> None:
        """All words again."""
        self.bar.set_title(tr("nav.conflicts"))
        self.calm.set_text(tr("conflicts.calm"))
        self.list.setAccessibleName(tr("nav.conflicts"))
        self.later_button.set_text(tr("action.decide_later"))
        self.save_button.set_text(tr("conflicts.save"))
        self.keys.set_hints(
            [("1", tr("conflicts.key_mine")), ("2", tr("conflicts.key_theirs")), ("↓", tr("conflicts.key_next"))]
        )
        self.empty.set_state("check", tr("conflicts.empty"), tr("conflicts.empty_text"))
        self._shown = ""
        if self._read_once:
            self._show(self.contents)

    def _read(self) -> None:
        app = self.shell.app
        self.shell.tasks.read(lambda: load_conflicts(app.store, app.conflicts), self._show, key="conflicts")

    def _show(self, contents: ConflictContents) -> None:
        self.contents, self._read_once = contents, True
        cases = contents.cases
        keyless = not self._has_keys()
        # As in the strip and the navigation: each field by itself, not the record it stands in.
        waiting = sum(len(case.conflicts) for case in cases if case.open and not case.put_off)
        later = sum(len(case.conflicts) for case in cases if case.put_off)
        caption = tr("conflicts.count", count=waiting)
        if later:
            caption += ", " + tr("conflicts.count_later", count=later)
        self.bar.set_caption(caption if cases else "")
        before = self.list.case()
        self.rows.set_rows(cases)
        self.empty.setVisible(not cases)
        self.body.setVisible(bool(cases))
        at = next((n for n, case in enumerate(cases) if self._wanted and case.holds(self._wanted)), -1)
        if at < 0 and before is not None:
            at = next((n for n, case in enumerate(cases) if case.key == before.key), -1)
        self._wanted = ""
        if cases:
            self.list.go_to(max(0, at))
            self._show_case()
            if keyless and self.isVisible():
                self.list.setFocus(Qt.FocusReason.OtherFocusReason)

    def _has_keys(self) -> bool:
        # A list that was still hidden when the page opened could not take the focus; 1 and 2 would go nowhere.
        focused = QApplication.focusWidget()
        kept = focused is None or focused in (self, self.empty) or self.empty.isAncestorOf(focused)
        return not kept

    def _go_to(self, conflict_id: str) -> None:
        at = next((n for n, case in enumerate(self.contents.cases) if case.holds(conflict_id)), -1)
        if at >= 0:
            self.list.go_to(at)

    def _show_case(self) -> None:
        case = self.list.case()
        if case is None:
            return
        key = (case.entity, case.record_id)
        beside = [
            other
            for other in self.contents.cases
            if other.settled and (other.entity, other.record_id) == key and other is not case
        ]
        shown = repr((case, beside, self.contents.names))
        if self._shown == shown:
            return
        self._shown = shown
        marked: dict[str, str] = dict(self._decisions.of(case))
        self.case_view.show_case(case, beside if case.open else [], self.contents.names, marked)
        self._show_decided()
        self.later_button.setVisible(case.open)

    def _on_chosen(self, conflict_id: str, side: str) -> None:
        for view in (view for case in self.contents.cases for view in case.conflicts if view.id == conflict_id):
            self._decisions.choose(view, "mine" if side == "mine" else "theirs")
        self._show_decided()

    def _show_decided(self) -> None:
        case = self.list.case()
        if case is None:
            return
        sides = self._decisions.of(case)
        changed = {
            key: side for key, side in sides.items() if any(v.id == key and v.status != side for v in case.conflicts)
        }
        if case.open:
            self.decided.set_text(tr("conflicts.marked", done=len(sides), count=len(case.conflicts)))
        else:
            self.decided.set_text("")
        self.save_button.setVisible(case.open or bool(changed))
        self.save_button.setEnabled(bool(changed))

    def _saved(self) -> None:
        self._saving = False
        self._read()

    def _after_later(self) -> None:
        self.shell.toast(tr("conflicts.put_off_toast"))
        self._read()

    def _open_record(self) -> None:
        case = self.list.case()
        if case is not None:
            open_record(self.shell, case.entity, case.record_id)

    def _current_card(self) -> ConflictCards | None:
        focused, cards = self.focusWidget(), self.case_view.cards
        found = next((card for card in cards if focused is not None and card.isAncestorOf(focused)), None)
        return found or (cards[0] if cards else None)

    def _build(self) -> None:
        self.calm = Label("", "cap")
        self.bar = TopBar("", "", [self.calm])
        self.list = ConflictList(self.shell.app.clock.now)
        self.rows = self.list.rows
        self.list.installEventFilter(self)
        self.list.selectionModel().currentChanged.connect(lambda _now, _before: self._show_case())
        self.case_view = ConflictCase(self.shell.app.clock.now)
        self.case_view.chosen.connect(self._on_chosen)
        self.case_view.opened.connect(self._open_record)
        self.case_view.wanted.connect(self._go_to)
        self.later_button, self.save_button = Button(), Button("", "primary")
        self.later_button.clicked.connect(self.later)
        self.save_button.clicked.connect(self.save)
        self.decided = Label("", "sec")
        self.keys = KeyHints()
        parts = (self.later_button, self.keys, STRETCH, self.decided, self.save_button)
        actions = row(*parts, spacing=10, margins=(28, 0, 24, 0))
        actions.setStretch(1, 100)  # all the room; where they are hidden the buttons stay at the edges
        foot = boxed(actions)
        foot.setFixedHeight(px(60))
        right = boxed(column(scrolling(self.case_view), hline(), foot))
        self.body = boxed(row(self.list, vline(), right, spacing=0))
        self.empty = EmptyState("check", "")
        for part in (self.body, self.empty):  # which of them is known when it is read
            part.hide()
        shown = column(self.bar, boxed(column(self.body, self.empty)))
        shown.setStretch(1, 1)
        self.setLayout(shown)
        self.setFocusProxy(self.list)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """In a narrow window the list gives way and the key hints go."""
        super().resizeEvent(event)
        narrow = self.window().width() < px(NARROW)
        self.decided.setVisible(not narrow)
        self.keys.setVisible(not narrow)
        self.calm.setVisible(not narrow)
        self.list.setFixedWidth(px(WIDTH_NARROW if narrow else WIDTH))
