"""The sums of a quote, with the tax of each rate and, where it may be seen, the margin."""

from PySide6.QtWidgets import QWidget

from ui.presenters.quote_contents import QuoteContents
from ui.window.i18n import fmt_money, fmt_percent, tr
from ui.window.views.layout import column, refill, row
from ui.window.views.price_column import margin_bar
from ui.window.widgets.label import Label
from ui.window.widgets.surface import hline

WIDTH = 290
_GAP = 2


class QuoteTotals(QWidget):
    """Goods, freight, net, tax lines, total."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedWidth(WIDTH)
        self._place, self._column = column(), column()
        self.setLayout(self._place)

    def show_totals(self, contents: QuoteContents) -> None:
        """Replace what is shown."""
        self._column = column()
        sums, currency = contents.totals, contents.revision["currency"] or "EUR"
        self._line(tr("quote.goods"), fmt_money(sums.goods, currency))
        if sums.charges:
            self._line(tr("quote.charges"), fmt_money(sums.charges, currency))
        self._rule()
        self._line(tr("word.net"), fmt_money(sums.net, currency))
        for tax in sums.taxes:
            words = tr("quote.tax_of", percent=fmt_percent(tax.rate), base=fmt_money(tax.base, currency))
            self._line(words, fmt_money(tax.tax, currency))
        self._rule()
        self._line(tr("word.total"), fmt_money(sums.gross, currency), strong=True)
        if sums.optional_net:
            self._line(tr("quote.optional"), fmt_money(sums.optional_net, currency))
        if contents.bonus:
            self._line(tr("quote.bonus_total"), fmt_money(contents.bonus, currency))
        self._say_currencies(contents)
        if contents.paper_margin is not None:
            said = fmt_percent(contents.paper_margin, 0)
            if contents.paper_floor is not None:
                said += ", " + tr("quote.floor", percent=fmt_percent(contents.paper_floor, 0))
            self._column.addSpacing(8)
            self._line(tr("quote.paper_margin"), said)
            below = contents.paper_floor is not None and contents.paper_margin < contents.paper_floor
            self._column.addWidget(margin_bar(contents.paper_margin, contents.paper_floor, below, said))
        self._column.addStretch(1)
        refill(self._place, self._column)

    def _say_currencies(self, contents: QuoteContents) -> None:
        """What is not compared or not sure, because it is of another currency than the paper."""
        money, currency = contents.money, contents.revision["currency"] or "EUR"
        said = []
        if money.cost_in:
            said.append(tr("quote.cost_elsewhere", cost=money.cost_in, currency=currency))
        if money.agreed_in:
            names = ", ".join(money.agreed)
            said.append(tr("quote.agreed_elsewhere", names=names, agreed=money.agreed_in, currency=currency))
        elif money.unsure:
            said.append(tr("quote.agreed_unsure", names=", ".join(money.agreed), currency=currency))
        for words in said:
            self._column.addSpacing(6)
            self._column.addWidget(Label(words, "cap", "warn", wrap=True))

    def _line(self, words: str, amount: str, strong: bool = False) -> None:
        kind = "h3" if strong else "sec"
        label = Label(words, kind)
        figure = Label(amount, "h2" if strong else "body", tabular=True)
        if label.sizeHint().width() + figure.sizeHint().width() + _GAP > self.minimumWidth():
            label = Label(words, kind, wrap=True)  # a wrapped line stands higher: only where it has to break
        space = 5 if strong else 3
        line = row(label, figure, spacing=_GAP, margins=(0, space, 0, space))
        line.setStretch(0, 1)
        self._column.addLayout(line)

    def _rule(self) -> None:
        self._column.addSpacing(2)
        self._column.addWidget(hline())
        self._column.addSpacing(2)
