"""The head of the account page: who it is, how complete, the key figures."""

from datetime import datetime

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from ui.presenters.account import AccountView
from ui.window import theme
from ui.window.i18n import fmt_date, fmt_money, fmt_near_day, fmt_number, tr
from ui.window.views.account_words import address_line, question
from ui.window.views.layout import STRETCH, boxed, clear, column, row
from ui.window.widgets.avatar import Avatar
from ui.window.widgets.button import link
from ui.window.widgets.chip import Chip
from ui.window.widgets.flow_layout import FlowLayout
from ui.window.widgets.label import Label
from ui.window.widgets.progress_bar import ProgressBar
from ui.window.widgets.surface import vline

COMPLETE_WIDTH = 276
_BETWEEN = 16
_FIGURE_HEIGHT = 48
_ALL_OF_IT = 1000  # beside the empty rest of its line


class AccountHead(QWidget):
    """Filled again for each account."""

    answer_clicked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._avatar = Avatar("", 44, square=True)
        self._name = Label("", "h1", elide=True)
        self._chips = row(spacing=6)
        self._line = Label("", "sec", elide=True)
        self._percent = Label("", "m")
        self._stage = Label("", "cap")
        self.bar = ProgressBar(0, name=tr("word.complete"))
        self._question = Label("", "sec", wrap=True)
        self.answer = link("")
        self.answer.clicked.connect(self.answer_clicked)
        asked = row(boxed(column(2, self._question)), spacing=8)
        asked.addWidget(self.answer, 0, Qt.AlignmentFlag.AlignTop)
        asked.setStretch(0, 1)
        self.complete = boxed(
            column(
                row(self._percent, STRETCH, self._stage),
                6,
                self.bar,
                6,
                asked,
            )
        )
        name = row(self._name, self._chips, STRETCH, spacing=8)
        name.setStretch(0, _ALL_OF_IT)
        who = row(spacing=14)
        who.addWidget(self._avatar, 0, Qt.AlignmentFlag.AlignTop)
        who.addWidget(boxed(column(name, self._line, STRETCH, spacing=3)), 1)
        self._upper: QHBoxLayout = row(who, self.complete, spacing=24)
        self._upper.setStretch(0, 1)
        self._figures = FlowLayout(None, 0, lines=10)
        figures = QWidget()
        figures.setLayout(self._figures)
        self.setLayout(column(self._upper, 16, figures, margins=(28, 18, 24, 14)))

    def changeEvent(self, event: QEvent) -> None:
        """Larger letters need more room."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange:
            self._fit_name()

    def show_account(self, view: AccountView, now: datetime) -> None:
        """Show one account."""
        self._avatar.set_name(view.title)
        self._name.set_text(view.title or tr("list.unnamed"))
        self._fit_name()
        clear(self._chips)
        if view.row["customer_class"]:
            self._chips.addWidget(Chip(view.row["customer_class"]))
        if view.row["key_account"]:
            self._chips.addWidget(Chip(tr("word.key_account"), "accent"))
        channel = next((row["value"] for row in view.channels if row["kind"] in ("phone", "mobile")), "")
        owner = tr("account.owner", name=view.owner) if view.owner else ""
        parts = [view.row["external_id"], address_line(view.address), channel, owner]
        self._line.set_text("  ·  ".join(part for part in parts if part))
        self._show_maturity(view)
        self._show_figures(view, now)

    def _fit_name(self) -> None:
        """As wide as its words, so that the chips stand beside it, and no wider: a name without end gets dots."""
        self._name.setMaximumWidth(self._name.sizeHint().width())

    def _show_maturity(self, view: AccountView) -> None:
        known = view.maturity
        self._percent.set_text(tr("account.percent_complete", percent=known.percent))
        self._stage.set_text(tr(f"account.stage_{known.stage}"))
        self.bar.set_value(known.percent / 100, "okfill" if known.percent >= 90 else "accent")
        asked = known.next_question
        self._question.set_text(tr("account.next", question=question(asked)) if asked else tr("account.all_known"))
        self.answer.set_text(tr("account.answer"))
        self.answer.setVisible(asked is not None)
        said = self._percent.sizeHint().width() + self._stage.sizeHint().width() + _BETWEEN
        self.complete.setFixedWidth(max(theme.px(COMPLETE_WIDTH), said))

    def _show_figures(self, view: AccountView, now: datetime) -> None:
        clear(self._figures)
        known = view.figures
        last = fmt_near_day(known.last_order, now, capital=False) if known.last_order else ""
        self._figure(
            tr("account.revenue"),
            fmt_money(known.revenue, known.currency) if known.revenue else "\u2013",
            _change(view),
        )
        count = len(view.quotes)
        chance = view.quotes[0].chance if count == 1 else None
        said = tr("account.quotes_count", count=count)
        if chance is not None:
            said = tr("account.with_chance", what=said, percent=chance)
        self._figure(
            tr("list.open_quotes"),
            fmt_money(known.open_total, view.quotes[0].currency if count else "EUR") if count else "\u2013",
            said if count else tr("account.no_quotes"),
        )
        self._figure(
            tr("nav.orders"),
            fmt_number(known.orders) if known.orders else "\u2013",
            tr("account.last_on", when=last) if last else tr("account.no_orders"),
        )
        terms = view.row["payment_terms_days"]
        limit = view.row["credit_limit"]
        if terms is not None:
            money = fmt_money(limit, view.row["currency"] or "EUR") if limit else ""
            self._figure(
                tr("account.pays"),
                tr("word.days", count=terms),
                tr("account.limit", amount=money) if money else tr("account.terms"),
            )
        self._visits(view, now)

    def _visits(self, view: AccountView, now: datetime) -> None:
        known = view.figures
        every = tr("account.every", days=known.rhythm) if known.rhythm else ""
        last = fmt_near_day(known.last_visit, now, capital=False) if known.last_visit else ""
        below = tr("account.last_visit_on", when=last) if last else tr("account.never_visited")
        due = known.visit_due
        late = due is not None and due <= now.astimezone().date()
        if late and due is not None:
            below = tr("account.due_since", last=below, when=fmt_date(due))
        elif not every and last:
            below = tr("account.no_rhythm")
        top = every or (fmt_date(known.last_visit) if known.last_visit else "\u2013")
        caption = tr("account.rhythm") if every else tr("word.last_visit")
        self._figure(caption, top, below, "warn" if late else "", last=True)

    def _figure(self, caption: str, value: str, below: str, tone: str = "", *, last: bool = False) -> None:
        words = column(Label(caption, "sec"), Label(value, "h2"), Label(below, "sec", tone), spacing=1)
        rule = None if last else vline(height=_FIGURE_HEIGHT)  # behind it: a line begins with words
        line = row(boxed(words), 18, rule, 18, spacing=0)
        line.setAlignment(Qt.AlignmentFlag.AlignLeft)
        self._figures.addWidget(boxed(line))


def _change(view: AccountView) -> str:
    now, before = view.figures.revenue, view.figures.before
    if not before or not now:
        return tr("account.net_of_orders")
    percent = round(abs(now - before) * 100 / before)
    return tr("account.up" if now >= before else "account.down", percent=percent)
