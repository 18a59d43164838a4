"""The side of the quote editor: why a price is what it is, and the revisions."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from crm_desktop.model.columns import parse_instant
from crm_desktop.rules.price_ladder import Step
from ui.presenters.quote_contents import LineView, QuoteContents
from ui.window.i18n import fmt_date, fmt_money, fmt_number, fmt_percent, tr
from ui.window.views.layout import STRETCH, boxed, column, refill, row
from ui.window.views.revision_changes import add_changes
from ui.window.views.revision_words import revision_words
from ui.window.widgets.button import Button
from ui.window.widgets.icon_label import IconLabel
from ui.window.widgets.label import Label
from ui.window.widgets.progress_bar import ProgressBar
from ui.window.widgets.section_header import SectionHeader
from ui.window.widgets.surface import hline

_TOP = Qt.AlignmentFlag.AlignTop


class PriceColumn(QWidget):
    """The ladder of the current line, then the revisions of the quote."""

    def __init__(self, open_revision: Callable[[str], None], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._open_revision = open_revision
        self._place, self._column = column(margins=(20, 18, 20, 16)), column()
        self.setLayout(self._place)

    def show_quote(self, contents: QuoteContents, line: LineView | None, number: int) -> None:
        """Explain a line (None: say how to get an explanation) and list the revisions."""
        self._column = column()
        if line is None or line.ladder is None or line.net_price is None:
            self._column.addWidget(Label(tr("quote.price_title"), "h2"))
            self._column.addSpacing(2)
            self._column.addWidget(Label(tr("quote.price_hint"), "sec", wrap=True))
        else:
            self._explain(line, number, contents)
        self._column.addSpacing(20)
        self._revisions(contents)
        refill(self._place, self._column)

    def _explain(self, line: LineView, number: int, contents: QuoteContents) -> None:
        ladder = line.ladder
        assert ladder is not None
        title = Label(tr("quote.why", price=fmt_money(line.net_price, ladder.currency)), "h2")
        self._column.addLayout(row(title, STRETCH, Label(tr("quote.line", number=number), "cap")))
        self._column.addSpacing(2)
        product = ", ".join(part for part in (line.name, line.unit) if part)
        about = tr("quote.about_line", product=product, quantity=fmt_number(line.quantity))
        self._column.addWidget(Label(about, "sec", wrap=True))
        self._column.addSpacing(8)
        for place, step in enumerate(step for step in ladder.steps if step.kind != "bonus"):
            self._column.addWidget(hline())
            amount = _signed(step.amount_delta, first=place == 0)
            source = _step_source(step)
            if step.kind == "discount" and contents.standing.ceiling is not None and contents.editable:
                source += ", " + tr("quote.your_ceiling", percent=fmt_percent(contents.standing.ceiling))
            self._column.addWidget(_rung(_step_title(step), source, amount))
        self._column.addWidget(hline(strong=True))
        rounding = tr(f"quote.rounded.{ladder.rounding}")
        net = fmt_number(
            ladder.unit_net.normalize() if ladder.rounding == "line" else ladder.unit_net, _places(ladder.unit_net)
        )
        self._column.addWidget(_rung(tr("quote.column.net"), rounding, net, strong=True))
        if ladder.bonus is not None:
            self._column.addWidget(_rung(_step_title(ladder.bonus), _bonus_source(ladder.bonus), ""))
        if line.margin is not None:
            self._margin(line)

    def _margin(self, line: LineView) -> None:
        assert line.margin is not None
        self._column.addSpacing(6)
        floor = tr("quote.floor", percent=fmt_percent(line.floor, 0)) if line.floor is not None else ""
        said = tr("quote.margin_of", percent=fmt_percent(line.margin, 0))
        self._column.addLayout(row(Label(said, "sec", "t1"), STRETCH, Label(floor, "cap")))
        self._column.addSpacing(6)
        self._column.addWidget(margin_bar(line.margin, line.floor, line.below_floor, said))

    def _revisions(self, contents: QuoteContents) -> None:
        self._column.addWidget(SectionHeader(tr("quote.revisions"), str(len(contents.revisions))))
        for revision in contents.revisions:
            here = revision.id == contents.revision["id"]
            title = revision_words(revision.revision, revision.author) + ", " + tr(f"quote.status.{revision.status}")
            sub = ""
            if revision.sent_at:
                sub = tr("quote.sent_on", day=fmt_date(parse_instant(revision.sent_at)))
                if revision.status == "superseded":
                    sub += ", " + tr("quote.still_acceptable")
            elif revision.valid_until:
                sub = tr("quote.valid_until", day=fmt_date(date.fromisoformat(revision.valid_until)))
            icon = IconLabel("pen-line" if revision.status == "draft" else "lock", "accent" if here else "t2")
            if here:
                name: QWidget = Label(title, "m", wrap=True)
            else:
                button = Button(title, "link")
                button.clicked.connect(lambda _checked=False, found=revision.id: self._open_revision(found))
                name = button
            words = column(name, Label(sub, "cap", wrap=True) if sub else None, spacing=1)
            money = Label(fmt_money(revision.net, revision.currency), "sec", tabular=True)
            line = row(spacing=10, margins=(0, 6, 0, 6))
            line.addWidget(icon, 0, _TOP)
            line.addLayout(words, 1)
            line.addWidget(money, 0, _TOP)
            self._column.addWidget(boxed(line))
        currency = contents.revision["currency"] or "EUR"
        add_changes(self._column, contents.changes, contents.compared_with, currency)


def margin_bar(margin: Decimal, floor: Decimal | None, below: bool, name: str) -> ProgressBar:
    """A margin from 0 to 50 %, with the floor as a mark."""
    mark = float(floor) / 50 if floor is not None else None
    fill = "warnfill" if below else "okfill"
    return ProgressBar(max(0.0, float(margin) / 50), fill, 6, min(1.0, mark) if mark is not None else None, name)


def _rung(title: str, source: str, amount: str, strong: bool = False) -> QWidget:
    words = column(Label(title, "m" if strong else "body", wrap=True), Label(source, "cap", wrap=True), spacing=1)
    line = row(margins=(0, 6, 0, 4))
    line.addLayout(words, 1)
    line.addWidget(Label(amount, "h3" if strong else "body", tabular=True), 0, _TOP)
    return boxed(line)


def _step_title(step: Step) -> str:
    quantity = fmt_number(step.min_quantity) if step.min_quantity is not None else ""
    return tr(f"quote.step.{step.label_code}", quantity=quantity, source=step.source)


def _step_source(step: Step) -> str:
    parts = [step.source] if step.kind in ("list", "scale") and step.source else []
    if step.percent is not None:
        parts.insert(0, fmt_percent(step.percent, 1))
    if step.valid_until is not None:
        parts.append(tr("quote.until", day=fmt_date(step.valid_until)))
    return ", ".join(parts)


def _bonus_source(step: Step) -> str:
    parts = [tr("quote.bonus_of", percent=fmt_percent(step.percent or Decimal(0), 1))]
    if step.valid_until is not None:
        parts.append(tr("quote.until", day=fmt_date(step.valid_until)))
    return ", ".join(parts)


def _signed(amount: Decimal, first: bool) -> str:
    text = fmt_number(amount, _places(amount))
    return text if first or amount < 0 or not amount else f"+{text}"


def _places(amount: Decimal) -> int:
    exponent = amount.normalize().as_tuple().exponent
    return max(2, -exponent) if isinstance(exponent, int) else 2
