"""Conflicts: the list at the left, before / yours / theirs at the right. Closing the page decides nothing."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt
from PySide6.QtGui import QKeyEvent, QPainter, QResizeEvent
from PySide6.QtWidgets import QFrame, QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QVBoxLayout, QWidget

from crm_desktop.model.columns import parse_instant
from ui.presenters.conflicts import Case, ConflictContents, Decisions, decide, load_conflicts, put_off
from ui.window.delegates.draw import RIGHT, draw_hairline, draw_icon, draw_ring, draw_text
from ui.window.i18n import fmt_near_day, fmt_time, tr
from ui.window.models.plain_rows import ROW_ROLE, PlainRows
from ui.window.page import Page, Shell
from ui.window.theme import color, metrics, px
from ui.window.views.conflict_cards import ConflictCards
from ui.window.views.folding import NARROW
from ui.window.views.layout import STRETCH, boxed, clear, column, row, scrolling
from ui.window.views.value_words import entity_word, field_word
from ui.window.widgets.avatar import Avatar
from ui.window.widgets.banner import Banner
from ui.window.widgets.button import Button
from ui.window.widgets.empty_state import EmptyState
from ui.window.widgets.key_hints import KeyCap
from ui.window.widgets.label import Label
from ui.window.widgets.section_header import SectionHeader
from ui.window.widgets.surface import hline, vline
from ui.window.widgets.top_bar import TopBar

_LIST = 290
_LIST_NARROW = 220
_ROW = 66
_PAGES = {"account": ("account", "account_id"), "quote": ("quote", "quote_id"), "visit": ("note", "visit_id")}
_Index = QModelIndex | QPersistentModelIndex


class ConflictsPage(Page):
    """Open with `conflict_id` to begin with a certain one."""

    name = "conflicts"

    def __init__(self, shell: Shell) -> None:
        super().__init__(shell)
        self._contents = ConflictContents((), {})
        self._wanted = ""
        self._shown = ""
        self._decisions = Decisions()
        self._cards: list[ConflictCards] = []
        self._whens = ("", "")
        self._build()
        self.retranslate()

    def open(self, **where: Any) -> None:
        """Read what stands."""
        self._wanted = str(where.get("conflict_id") or "")
        self._read()

    def refresh(self, kinds: frozenset[str], ids: frozenset[tuple[str, str]]) -> None:
        """Conflicts came or were decided; what is marked stays marked."""
        if kinds & {"conflict", "everything"}:
            self._read()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """1 takes yours, 2 theirs, Down goes to the next field."""
        card = self._current_card()
        if event.key() in (Qt.Key.Key_1, Qt.Key.Key_2) and card is not None:
            card.choose("mine" if event.key() == Qt.Key.Key_1 else "theirs")
            self._to_card(self._cards.index(card) + 1)
        elif event.key() == Qt.Key.Key_Down and card is not None:
            self._to_card(self._cards.index(card) + 1)
        elif event.key() == Qt.Key.Key_Up and card is not None:
            self._to_card(self._cards.index(card) - 1)
        else:
            super().keyPressEvent(event)

    def save(self) -> None:
        """Decide what is marked; the rest of the case stays open."""
        case = self._case()
        if case is None:
            return
        sides = self._decisions.of(case)
        service = self.shell.app.conflicts
        if sides:
            self._shown = ""
            self.shell.tasks.write(lambda: decide(service, sides), self._after_save)

    def later(self) -> None:
        """Put it off: nothing is decided, the other value goes on counting."""
        case = self._case()
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
        self.key_words[0].set_text(tr("conflicts.key_mine"))
        self.key_words[1].set_text(tr("conflicts.key_theirs"))
        self.key_words[2].set_text(tr("conflicts.key_next"))
        self.empty.set_state("check", tr("conflicts.empty"), tr("conflicts.empty_text"))
        self._shown = ""
        self._show(self._contents)

    def _read(self) -> None:
        app = self.shell.app
        self.shell.tasks.read(lambda: load_conflicts(app.store, app.conflicts), self._show, key="conflicts")

    def _show(self, contents: ConflictContents) -> None:
        self._contents = contents
        cases = contents.cases
        waiting = sum(1 for case in cases if case.open and not case.put_off)
        later = sum(1 for case in cases if case.put_off)
        caption = tr("conflicts.count", count=waiting)
        if later:
            caption += ", " + tr("conflicts.count_later", count=later)
        self.bar.set_caption(caption if cases else "")
        before = self._case()
        self.rows.set_rows(cases)
        self.empty.setVisible(not cases)
        self.body.setVisible(bool(cases))
        at = next((n for n, case in enumerate(cases) if self._wanted and case.holds(self._wanted)), -1)
        if at < 0 and before is not None:
            at = next((n for n, case in enumerate(cases) if case.key == before.key), -1)
        self._wanted = ""
        if cases:
            self.list.setCurrentIndex(self.rows.index(max(0, at), 0))
            self._show_case()

    def _case(self) -> Case | None:
        found = self.rows.row(self.list.currentIndex().row())
        return found if isinstance(found, Case) else None

    def _show_case(self) -> None:
        case = self._case()
        if case is None or self._shown == repr(case):
            return
        self._shown = repr(case)
        clear(self.detail)
        self._cards = []
        self._head(case)
        self.detail.addSpacing(20)
        for view in case.conflicts:
            self._card(case, view)
            self.detail.addSpacing(14)
        self._happened(case)
        self.detail.addSpacing(18)
        kept = Banner("plain", "history", tr("conflicts.kept"), tr("conflicts.kept_text"))
        self.detail.addWidget(kept)
        self.detail.addStretch(1)
        self._show_decided()
        self.later_button.setVisible(case.open)

    def _head(self, case: Case) -> None:
        who = case.other or tr("conflicts.colleague")
        if case.open:
            said = tr("conflicts.open_text", count=len(case.conflicts), who=who)
        else:
            said = tr(f"conflicts.decided.{case.conflicts[0].status}", who=who)
        opens = Button(tr("conflicts.open_record", kind=entity_word(case.entity)))
        opens.clicked.connect(lambda: self._go_to(case))
        opens.setVisible(case.conflicts[0].record_here)
        title = case.title if case.conflicts[0].record_here else tr("conflicts.not_here")
        head = row(Avatar(title, 36, square=True), spacing=12)
        head.addLayout(column(Label(title, "h1", wrap=True), Label(said, "body", "t2", wrap=True), spacing=2), 1)
        head.addWidget(opens, 0, Qt.AlignmentFlag.AlignTop)
        self.detail.addLayout(head)

    def _card(self, case: Case, view: Any) -> None:
        first = view is case.conflicts[0]
        heads = (tr("word.field"), tr("word.before"), tr("word.yours"), view.theirs_by or tr("conflicts.colleague"))
        whens = (self._when(view.mine_at), self._when(view.theirs_at))
        cards = ConflictCards(view, self._contents.names, heads, whens, with_heads=first or whens != self._whens)
        self._whens = whens
        marked = self._decisions.chosen.get(view.id)
        if not case.open:
            cards.choose(view.status)
        elif marked is not None:
            cards.choose(marked)
        cards.chosen.connect(self._on_chosen)
        self._cards.append(cards)
        self.detail.addWidget(cards)

    def _happened(self, case: Case) -> None:
        self.detail.addSpacing(8)
        self.detail.addWidget(SectionHeader(tr("conflicts.happened")))
        who = case.other or tr("conflicts.colleague")
        events: dict[tuple[str, str], list[str]] = {}
        for view in case.conflicts:
            fields = ", ".join(field_word(view.entity, item.name) for item in view.fields)
            for at, side in ((view.mine_at, "conflicts.you_changed"), (view.theirs_at, "conflicts.they_changed")):
                if at:
                    events.setdefault((at, side), []).append(fields)
        for (at, side), changed in sorted(events.items()):
            self._event(self._when(at), tr(side, fields=", ".join(changed), who=who))
        self._event("", tr("conflicts.met"))

    def _event(self, when: str, words: str) -> None:
        label = Label(when, "sec")
        label.setMinimumWidth(px(130))
        line = row(label, Label(words, "body", wrap=True), spacing=12, margins=(0, 4, 0, 4))
        line.setStretch(1, 1)
        self.detail.addLayout(line)

    def _when(self, at: str | None) -> str:
        if not at:
            return ""
        instant, now = parse_instant(at), self.shell.app.clock.now()
        text = fmt_near_day(instant, now)
        return text if fmt_time(instant) in text else f"{text}, {fmt_time(instant)}"

    def _on_chosen(self, conflict_id: str, side: str) -> None:
        self._decisions.choose(conflict_id, "mine" if side == "mine" else "theirs")
        self._show_decided()

    def _show_decided(self) -> None:
        case = self._case()
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

    def _after_save(self, count: int) -> None:
        self._decisions = Decisions()
        self.shell.toast(tr("conflicts.saved", count=count))
        self._read()

    def _after_later(self) -> None:
        self.shell.toast(tr("conflicts.put_off_toast"))
        self._read()

    def _go_to(self, case: Case) -> None:
        if case.entity in _PAGES:
            page, name = _PAGES[case.entity]
            self.shell.navigate(page, **{name: case.record_id})
        else:
            self.shell.navigate("record", entity=case.entity, record_id=case.record_id)

    def _current_card(self) -> ConflictCards | None:
        focused = self.focusWidget()
        found = next((cards for cards in self._cards if focused is not None and cards.isAncestorOf(focused)), None)
        return found or (self._cards[0] if self._cards else None)

    def _to_card(self, at: int) -> None:
        if 0 <= at < len(self._cards):
            card = self._cards[at]
            (card.theirs if card.theirs.radio.isChecked() else card.mine).radio.setFocus(
                Qt.FocusReason.OtherFocusReason
            )

    def _build(self) -> None:
        self.calm = Label("", "cap")
        self.bar = TopBar("", "", [self.calm])
        self.rows = PlainRows(self._spoken, self)
        self.list = QListView()
        self.list.setProperty("ownRing", True)
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setModel(self.rows)
        self.list.setItemDelegate(_CaseDelegate(self.list, lambda: self.shell.app.clock.now()))
        self.list.setFixedWidth(px(_LIST))
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.viewport().setAutoFillBackground(False)
        self.list.selectionModel().currentChanged.connect(lambda _now, _before: self._show_case())
        self.detail = QVBoxLayout()
        self.detail.setContentsMargins(28, 22, 24, 12)
        self.detail.setSpacing(0)
        self.later_button, self.save_button = Button(), Button("", "primary")
        self.later_button.clicked.connect(self.later)
        self.save_button.clicked.connect(self.save)
        self.decided = Label("", "sec")
        self.key_words = [Label("", "cap") for _ in range(3)]
        keys = row(spacing=6)
        self.keys = boxed(keys)
        for cap, word in zip(("1", "2", "↓"), self.key_words, strict=True):
            keys.addWidget(KeyCap(cap))
            keys.addWidget(word)
            keys.addSpacing(4)
        foot = boxed(
            row(
                self.later_button,
                STRETCH,
                self.keys,
                8,
                self.decided,
                self.save_button,
                spacing=10,
                margins=(28, 0, 24, 0),
            )
        )
        foot.setFixedHeight(px(60))
        right = boxed(column(scrolling(boxed(self.detail)), hline(), foot))
        self.body = boxed(row(self.list, vline(), right, spacing=0))
        self.empty = EmptyState("check", "")
        self.setLayout(column(self.bar, self.body, self.empty))
        self.setFocusProxy(self.list)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """In a narrow window the list gives way and the key hints go."""
        super().resizeEvent(event)
        narrow = self.window().width() < NARROW
        self.keys.setVisible(not narrow)
        self.calm.setVisible(not narrow)
        self.list.setFixedWidth(px(_LIST_NARROW if narrow else _LIST))

    def _spoken(self, case: Case) -> str:
        fields = ", ".join(field_word(case.entity, item.name) for view in case.conflicts for item in view.fields)
        return f"{case.title}, {case_words(case, fields)}"


def case_words(case: Case, fields: str) -> str:
    """The second line of a case."""
    if case.put_off:
        return tr("conflicts.row_later", fields=fields)
    return fields if case.open else tr(f"conflicts.row_{case.conflicts[0].status}", fields=fields)


class _CaseDelegate(QStyledItemDelegate):
    def __init__(self, parent: QWidget, now: Callable[[], datetime]) -> None:
        super().__init__(parent)
        self._now = now

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        """One height."""
        return QSize(10, px(_ROW))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """Icon, record, what is about, when."""
        case = index.data(ROW_ROLE)
        if not isinstance(case, Case):
            return
        rect = QRectF(option.rect)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, color("select"))
            painter.fillRect(QRectF(rect.x(), rect.y(), 3, rect.height()), color("accent"))
        draw_hairline(painter, rect.left(), rect.right(), rect.bottom())
        icon, tone = (
            ("git-compare-arrows", "ask")
            if case.open and not case.put_off
            else (("clock", "t3") if case.put_off else ("check", "t3"))
        )
        draw_icon(painter, rect.x() + 16, rect.y() + px(14), icon, tone)
        when = fmt_near_day(parse_instant(case.at), self._now()) if case.at else ""
        wide = metrics(12, 400, True).horizontalAdvance(when)
        left, right = rect.x() + 42, rect.right() - 14
        draw_text(painter, QRectF(left, rect.y() + px(11), right - wide - 10 - left, px(20)), case.title, 13, 600)
        draw_text(
            painter, QRectF(right - wide - 2, rect.y() + px(11), wide + 2, px(20)), when, 12, 400, "t3", RIGHT, True
        )
        fields = ", ".join(field_word(case.entity, item.name) for view in case.conflicts for item in view.fields)
        second = QRectF(left, rect.y() + px(33), right - left, px(18))
        draw_text(painter, second, case_words(case, fields), 12, 400, "t2")
        if option.state & QStyle.StateFlag.State_HasFocus:
            draw_ring(painter, rect.adjusted(3, 2, -3, -3), 6)
        painter.restore()
