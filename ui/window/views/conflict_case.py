"""One case of the conflicts page: whose values met, both to choose from, what a rule decided, what happened."""

from collections.abc import Callable, Sequence
from datetime import datetime

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from crm_desktop.model.columns import parse_instant
from crm_desktop.services.conflicts import ConflictView
from ui.presenters.conflicts import Case
from ui.window.i18n import fmt_near_day, fmt_time, tr
from ui.window.theme import px
from ui.window.views.conflict_cards import ConflictCards
from ui.window.views.conflict_list import case_title
from ui.window.views.conflict_words import DELETIONS, case_said, case_words, loser, other, to_whom
from ui.window.views.layout import clear, column, row
from ui.window.views.value_words import entity_word, field_word, in_sentence
from ui.window.widgets.avatar import Avatar
from ui.window.widgets.banner import Banner
from ui.window.widgets.button import Button
from ui.window.widgets.icon_label import IconLabel
from ui.window.widgets.label import Label
from ui.window.widgets.section_header import SectionHeader


class ConflictCase(QWidget):
    """Shows a case; what is chosen is told, nothing is decided here."""

    chosen = Signal(str, str)
    """Id of the conflict and the side."""
    opened = Signal()
    """The record itself is wanted."""
    wanted = Signal(str)
    """Another entry is wanted: the id of its conflict."""

    def __init__(self, now: Callable[[], datetime], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._now = now
        self.cards: list[ConflictCards] = []
        self._whens = ("", "")
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(28, 22, 24, 12)
        self._column.setSpacing(0)

    def show_case(self, case: Case, settled: Sequence[Case], names: dict[str, str], marked: dict[str, str]) -> None:
        """Replace what is shown. `settled`: what a rule decided about the same record; `marked` by conflict."""
        clear(self._column)
        self.cards = []
        self._head(case)
        self._column.addSpacing(20)
        for view in case.conflicts:
            self._card(case, view, names, marked.get(view.id, ""))
            self._column.addSpacing(14)
        self._settled(settled)
        self._happened(case)
        self._column.addSpacing(18)
        self._column.addWidget(Banner("plain", "history", tr("conflicts.kept"), tr("conflicts.kept_text")))
        self._column.addStretch(1)

    def to_card(self, at: int) -> None:
        """Put the keyboard on a field, on the side that is marked; nothing where there is none."""
        if 0 <= at < len(self.cards):
            card = self.cards[at]
            side = card.theirs if card.theirs.radio.isChecked() else card.mine
            side.radio.setFocus(Qt.FocusReason.OtherFocusReason)

    def _head(self, case: Case) -> None:
        opens = Button(tr("conflicts.open_record", kind=in_sentence(entity_word(case.entity))))
        opens.clicked.connect(self.opened)
        here = case.conflicts[0].record_here
        if not here:  # never shown before it has a parent: it would be a window of its own for a moment
            opens.hide()
        title = case_title(case) if here or case.rule == "gone" else tr("conflicts.not_here")
        head = row(spacing=12)
        head.addWidget(Avatar(title, 36, square=True), 0, Qt.AlignmentFlag.AlignTop)
        words = column(Label(title, "h1", wrap=True), Label(case_said(case), "body", "t2", wrap=True), spacing=2)
        head.addLayout(words, 1)
        head.addWidget(opens, 0, Qt.AlignmentFlag.AlignTop)
        self._column.addLayout(head)

    def _card(self, case: Case, view: ConflictView, names: dict[str, str], marked: str) -> None:
        first = view is case.conflicts[0]
        mine = tr("word.yours") if view.lost_by_me else loser(view)
        heads = (tr("word.field"), tr("word.before"), mine, other(view))
        whens = (self._when(view.mine_at), self._when(view.theirs_at))
        cards = ConflictCards(view, names, heads, whens, with_heads=first or whens != self._whens)
        self._whens = whens
        if marked:
            cards.choose(marked)
        elif not case.open and not case.settled:
            cards.choose(view.status)
        elif case.rule == "newest":
            cards.choose("theirs")  # that is what stands
        cards.chosen.connect(self.chosen)
        at = len(self.cards)
        cards.stepped.connect(lambda by: self.to_card(at + by))
        self.cards.append(cards)
        self._column.addWidget(cards)

    def _settled(self, cases: Sequence[Case]) -> None:
        if not cases:
            return
        self._column.addSpacing(8)
        title = SectionHeader(tr("conflicts.settled"))
        title.set_count(str(len(cases)))
        self._column.addWidget(title)
        for case in cases:
            shows = Button(tr("conflicts.show"), "link")
            shows.clicked.connect(lambda _checked=False, case=case: self.wanted.emit(case.conflicts[0].id))
            line = row(IconLabel("check", "ok"), Label(case_words(case), "body"), shows, spacing=8)
            line.addStretch(1)
            line.setContentsMargins(0, 4, 0, 4)
            self._column.addLayout(line)

    def _happened(self, case: Case) -> None:
        self._column.addSpacing(8)
        self._column.addWidget(SectionHeader(tr("conflicts.happened")))
        events: dict[tuple[str, str], list[str]] = {}
        for view in case.conflicts:
            fields = ", ".join(field_word(view.entity, item.name) for item in view.fields)
            if view.rule in DELETIONS:
                events.setdefault((view.mine_at or "", to_whom(f"conflicts.{view.rule}_happened", view)), [])
                continue
            first = tr("conflicts.you_changed") if view.lost_by_me else tr("conflicts.they_changed", who=loser(view))
            then = tr("conflicts.they_changed", who=other(view))
            for at, words in ((view.mine_at, first), (view.theirs_at, then)):
                if at:
                    events.setdefault((at, words), []).append(fields)
        for (at, words), changed in sorted(events.items()):
            self._event(self._when(at), f"{words} {', '.join(changed)}".strip())
        self._event("", tr("conflicts.met"))

    def _event(self, when: str, words: str) -> None:
        label = Label(when, "sec")
        label.setMinimumWidth(px(130))
        line = row(spacing=12, margins=(0, 4, 0, 4))
        line.addWidget(label, 0, Qt.AlignmentFlag.AlignTop)
        line.addWidget(Label(words, "body", wrap=True), 1)
        self._column.addLayout(line)

    def _when(self, at: str | None) -> str:
        if not at:
            return ""
        instant = parse_instant(at)
        text = fmt_near_day(instant, self._now())
        return text if fmt_time(instant) in text else f"{text}, {fmt_time(instant)}"
