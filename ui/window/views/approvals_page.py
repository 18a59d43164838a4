"""Approvals: what waits for my decision, and what became of my own requests."""

from functools import partial
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from ui.presenters.approvals import Approval, Approvals, load_approvals
from ui.window.i18n import tr
from ui.window.page import Page, Shell
from ui.window.views.approval_card import ApprovalCard
from ui.window.views.layout import boxed, column, refill, scrolling
from ui.window.widgets.empty_state import EmptyState
from ui.window.widgets.key_hints import KeyHints
from ui.window.widgets.section_header import SectionHeader
from ui.window.widgets.surface import hline
from ui.window.widgets.top_bar import TopBar

_KINDS = {"quote", "quote_revision", "quote_line", "discount_ceiling", "user", "everything"}


class ApprovalsPage(Page):
    """Open with `revision_id` to begin with a certain one."""

    name = "approvals"

    def __init__(self, shell: Shell) -> None:
        super().__init__(shell)
        self._contents = Approvals(False, (), ())
        self._wanted = ""
        self._shown = ""
        self.cards: list[ApprovalCard] = []
        self.bar = TopBar()
        self._cards = column(margins=(24, 16, 24, 24))
        self.area = scrolling(boxed(self._cards))
        self.empty = EmptyState("badge-check", "")
        self.hints = KeyHints()
        self.setLayout(column(self.bar, self.area, self.empty, hline(), self.hints))
        self.retranslate()

    def open(self, **where: Any) -> None:
        """Read what stands."""
        self._wanted = str(where.get("revision_id") or "")
        self._read()

    def refresh(self, kinds: frozenset[str], ids: frozenset[tuple[str, str]]) -> None:
        """A request came or was decided; a word that is being written stays."""
        if kinds & _KINDS:
            self._read()

    def retranslate(self) -> None:
        """All words again."""
        self.bar.set_title(tr("nav.approvals"))
        self.hints.set_hints(
            [
                (tr("key.tab"), tr("approvals.key_next")),
                (f"{tr('key.ctrl')} {tr('key.enter')}", tr("approvals.key_approve")),
                (f"{tr('key.ctrl')} R", tr("approvals.key_return")),
            ]
        )
        self._shown = ""
        self._show(self._contents)

    def decide(self, approval: Approval, answer: str, word: str) -> None:
        """Approve, or return with a word."""
        service = self.shell.app.approvals
        act = service.approve if answer == "approve" else service.send_back
        said = tr(f"approvals.done_{answer}", number=approval.number)
        self.shell.tasks.write(lambda: act(approval.revision_id, word), lambda _none: self._after(said))

    def _after(self, said: str) -> None:
        self.shell.toast(said)
        self._read()

    def _read(self) -> None:
        app = self.shell.app
        self.shell.tasks.read(
            lambda: app.store.read(lambda reader: load_approvals(reader, app.user_id)), self._show, key="approvals"
        )

    def _show(self, contents: Approvals) -> None:
        self._contents = contents
        at = self._place_of_keys()  # before anything is hidden: what is hidden gives them away
        held = self.cards[at].approval.revision_id if at >= 0 else ""
        found = len(contents.waiting) + len(contents.own)
        waiting = tr("approvals.count", count=len(contents.waiting)) if contents.waiting else tr("approvals.none")
        self.bar.set_caption(waiting if found and contents.may_decide else "")
        self.area.setVisible(bool(found))
        self.empty.setVisible(not found)
        self.hints.setVisible(bool(contents.waiting))
        text = tr("approvals.empty_decide" if contents.may_decide else "approvals.empty_own")
        self.empty.set_state("badge-check", tr("approvals.empty"), text)
        if self._shown != repr(contents):
            self._shown = repr(contents)
            self._fill(contents)
            if held and not self._wanted:
                self._keep_keys(at, held)
        self._go_to_wanted()

    def _fill(self, contents: Approvals) -> None:
        words = {card.approval.revision_id: card.word.text() for card in self.cards if card.word is not None}
        cards = column(spacing=12)
        self.cards = []
        now = self.shell.app.clock.now()
        for title, approvals, may in (("waiting", contents.waiting, True), ("own", contents.own, False)):
            if approvals and contents.may_decide:
                cards.addWidget(SectionHeader(tr(f"approvals.{title}"), str(len(approvals))))
            for at, approval in enumerate(approvals):
                word = words.get(approval.revision_id, "")
                own = contents.may_decide and not may and approval.status == "waiting_approval"
                why_not = tr("approvals.not_your_own") if own else ""
                card = ApprovalCard(approval, now, may_decide=may, word=word, first=at == 0, why_not=why_not)
                card.decided.connect(partial(self.decide, approval))
                card.opened.connect(partial(self._open_quote, approval))
                cards.addWidget(card)
                self.cards.append(card)
        cards.addStretch(1)
        refill(self._cards, cards)
        first = self.cards[0] if self.cards else None
        self.setFocusProxy((first.word or first.open_button) if first is not None else None)

    def _place_of_keys(self) -> int:
        focused = QApplication.focusWidget()
        return next((at for at, card in enumerate(self.cards) if focused and card.isAncestorOf(focused)), -1)

    def _keep_keys(self, at: int, held: str) -> None:
        """The keys stay with a request that is still here; else they go to the next one, at last to the page."""
        here = [card.approval.revision_id for card in self.cards]
        if here:
            self._wanted = held if held in here else here[min(at, len(here) - 1)]
        else:
            self.setFocus(Qt.FocusReason.OtherFocusReason)

    def _go_to_wanted(self) -> None:
        for card in self.cards:
            if self._wanted == card.approval.revision_id:
                self.area.ensureWidgetVisible(card)
                (card.word or card.open_button).setFocus(Qt.FocusReason.OtherFocusReason)
        self._wanted = ""

    def _open_quote(self, approval: Approval) -> None:
        self.shell.navigate("quote", quote_id=approval.quote_id, revision_id=approval.revision_id)
