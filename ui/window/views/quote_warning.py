"""What a quote tells before anything else: prices that moved, a line beyond a limit, what was decided about it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from crm_desktop.model.columns import parse_instant
from crm_desktop.model.wire import Row, field_facts
from ui.presenters.quote_contents import QuoteContents
from ui.window.i18n import fmt_near_day, fmt_percent, language, tr
from ui.window.views.layout import column
from ui.window.views.revision_words import revision_words
from ui.window.widgets.banner import Banner, BannerAction

_NOT_OUT = frozenset({"draft", "waiting_approval", "approved", "returned"})


@dataclass(frozen=True, slots=True)
class _Told:
    """A banner: kind, icon, title, text, actions."""

    kind: str
    icon: str
    title: str
    text: str = ""
    actions: tuple[BannerAction, ...] = ()


class QuoteWarning(QWidget):
    """Hidden while there is nothing to tell. `use_discount` takes the key of a line and a percentage."""

    to_ceiling = Signal()
    ask = Signal()
    edit_again = Signal()
    review = Signal()
    stand_by = Signal()
    other_version = Signal(str)
    open_order = Signal()
    give_up = Signal()

    def __init__(self, use_discount: Callable[[str, Decimal], None], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._use_discount = use_discount
        self.banner = Banner("warn", "scale", "")
        self.setLayout(column(self.banner, margins=(24, 0, 24, 10)))
        self.hide()

    def show_quote(self, contents: QuoteContents, now: datetime) -> None:
        """The first thing to look at."""
        told = (
            self._ordered(contents)
            or self._review(contents)
            or self._fork(contents)
            or self._decision(contents, now)
            or self._above_ceiling(contents)
            or self._below_floor(contents)
            or self._edited_again(contents)
        )
        self.setVisible(told is not None)
        if told is not None:
            self.banner.set_banner(told.kind, told.icon, told.title, told.text)
            self.banner.set_actions(told.actions)
        else:
            self.clear()

    def clear(self) -> None:
        """Nothing is told, to nobody."""
        self.banner.set_banner("plain", "scale", "")
        self.banner.set_actions(())
        self.hide()

    def _ordered(self, contents: QuoteContents) -> _Told | None:
        """Of a paper that cannot go out any more; nothing else about it matters then."""
        ordered = contents.standing.ordered
        if not ordered or contents.revision["status"] not in _NOT_OUT:
            return None
        opens: BannerAction = (tr("order.open"), self.open_order.emit)
        return _Told("warn", "package", tr("quote.ordered", number=ordered), tr("quote.ordered_text"), (opens,))

    def _review(self, contents: QuoteContents) -> _Told | None:
        if not contents.revision["needs_review"]:
            return None
        again: BannerAction = (tr("quote.calculate_again"), self.review.emit)
        stay: BannerAction = (tr("quote.stand_by"), self.stand_by.emit)
        if contents.revision["status"] in ("sent", "superseded"):
            return _Told("warn", "scale", tr("quote.overtaken"), tr("quote.overtaken_text"), (stay,))
        actions = (again,) if contents.editable else ()
        return _Told("warn", "scale", tr("quote.review"), tr("quote.review_text"), actions)

    def _fork(self, contents: QuoteContents) -> _Told | None:
        fork, number = contents.fork, contents.revision["revision"] or 1
        if not fork.others or not contents.editable:
            return None
        other = fork.others[0]
        named = revision_words(number, other.author)
        opens: BannerAction = (tr("quote.open_version", name=named), lambda: self.other_version.emit(other.revision_id))
        if not fork.author:
            title = tr("quote.forked", name=other.author)
            return _Told("info", "git-compare-arrows", title, tr("quote.forked_text", name=named), (opens,))
        drop: BannerAction = (tr("quote.give_up_version"), self.give_up.emit)
        title, text = tr("quote.fork_of", name=fork.author), tr("quote.fork_of_text", name=named)
        return _Told("info", "git-compare-arrows", title, text, (opens, drop))

    def _decision(self, contents: QuoteContents, now: datetime) -> _Told | None:
        revision, standing = contents.revision, contents.standing
        status = revision["status"]
        if status == "waiting_approval":
            when = fmt_near_day(parse_instant(revision["requested_at"]), now, capital=False)
            title = tr("approvals.waits", name=standing.requested_by or tr("approvals.somebody"), when=when)
            return _Told("info", "badge-check", title, revision["request_note"])
        if status == "approved":
            title = tr("approvals.approved_by", name=standing.decided_by or tr("approvals.somebody"))
            return _Told("ok", "badge-check", title, revision["decision_note"] or tr("approvals.may_go"))
        if status == "returned":
            title = tr("approvals.returned_by", name=standing.decided_by or tr("approvals.somebody"))
            actions: tuple[BannerAction, ...] = ((tr("approvals.edit_again"), self.edit_again.emit),)
            return _Told("warn", "undo-2", title, revision["decision_note"], actions)
        if status == "lost":
            return _Told("bad", "x", _lost_words(contents.quote), contents.quote["lost_note"])
        return None

    def _above_ceiling(self, contents: QuoteContents) -> _Told | None:
        ceiling = contents.standing.ceiling
        above = [(number, line) for number, line in enumerate(contents.lines, 1) if line.above_ceiling]
        if not above or ceiling is None or not contents.editable:
            return None
        title = tr("approvals.above", count=len(above), number=above[0][0], percent=fmt_percent(ceiling))
        named = ", ".join(
            f"{number} {line.name} {fmt_percent(contents.standing.above[line.id])}" for number, line in above
        )
        return _Told(
            "warn",
            "scale",
            title,
            "\n".join(part for part in (tr("approvals.above_text", lines=named), _word_of(contents)) if part),
            (
                (tr("approvals.ask"), self.ask.emit),
                (tr("approvals.use_ceiling", percent=fmt_percent(ceiling)), self.to_ceiling.emit),
            ),
        )

    def _below_floor(self, contents: QuoteContents) -> _Told | None:
        number, line = next(
            ((place, line) for place, line in enumerate(contents.lines, 1) if line.below_floor), (0, None)
        )
        if line is None or line.floor is None:
            return None
        title = tr("quote.below_floor", number=number, percent=fmt_percent(line.floor, 0))
        allowed, key = line.allowed_discount, line.key
        if contents.editable and allowed is not None and allowed < line.own_discount:
            shown = fmt_percent(allowed, 1)
            use = (tr("quote.use", percent=shown), lambda: self._use_discount(key, allowed))
            return _Told("warn", "scale", title, tr("quote.below_floor_lower", percent=shown), (use,))
        return _Told("warn", "scale", title, tr("quote.below_floor_text"))

    def _edited_again(self, contents: QuoteContents) -> _Told | None:
        """What has to be changed stays readable while it is being changed."""
        word = _word_of(contents)
        return _Told("info", "undo-2", tr("approvals.still_to_do"), word) if word else None


def _word_of(contents: QuoteContents) -> str:
    """The word with which this draft was returned, the only way from a decision to a draft; else empty."""
    revision = contents.revision
    if not (contents.editable and revision["decided_at"] and revision["decision_note"]):
        return ""
    name = contents.standing.decided_by or tr("approvals.somebody")
    return tr("approvals.word_was", name=name, word=revision["decision_note"])


def _lost_words(quote: Row) -> str:
    reason = field_facts("quote")["lost_reason"].choice_label(quote["lost_reason"], language())
    gap = quote["price_gap_percent"]
    parts = [reason, quote["competitor"], tr("lost.dearer", percent=fmt_percent(Decimal(gap), 1)) if gap else ""]
    return tr("lost.told", why=", ".join(part for part in parts if part) or tr("lost.untold"))
