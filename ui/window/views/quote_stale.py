"""Prices that changed since a draft was written: each line old and new, and the three answers."""

from decimal import Decimal

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QWidget

from crm_desktop.services.quote_staleness import StalePrices
from ui.presenters.quote_contents import QuoteContents
from ui.window.i18n import fmt_money, fmt_percent, tr
from ui.window.views.layout import STRETCH, clear, column, refill, row
from ui.window.widgets.banner import Banner
from ui.window.widgets.button import Button
from ui.window.widgets.label import Label
from ui.window.widgets.surface import Panel, hline

_RIGHT = Qt.AlignmentFlag.AlignRight


class QuoteStale(QWidget):
    """Hidden while the prices are today's."""

    reprice = Signal()
    keep = Signal()
    ask = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._shown: tuple[StalePrices, str] | None = None
        self.banner = Banner("warn", "tag", "")
        self.reprice_button, self.keep_button = Button("", "primary"), Button("", "normal")
        self.ask_button = Button("", "normal")
        for button, signal in (
            (self.reprice_button, self.reprice),
            (self.keep_button, self.keep),
            (self.ask_button, self.ask),
        ):
            button.clicked.connect(signal)
        self._lines = column()
        panel = Panel(margin=14)
        panel.body.addLayout(self._lines)
        panel.body.addLayout(row(self.reprice_button, self.keep_button, self.ask_button, STRETCH))
        self.setLayout(column(self.banner, 8, panel, margins=(24, 0, 24, 10)))
        self.hide()

    def show_stale(self, contents: QuoteContents | None) -> None:
        """Show what changed; nothing for a draft with today's prices, for None or for a frozen paper."""
        stale = contents.stale if contents is not None else None
        self.setVisible(stale is not None)
        if contents is None or stale is None:
            self._shown = None
            clear(self._lines)
            return
        self._shown = (stale, contents.revision["currency"] or "EUR")
        self.retranslate()

    def retranslate(self) -> None:
        """The words again."""
        self.reprice_button.set_text(tr("stale.reprice"))
        self.keep_button.set_text(tr("stale.keep"))
        self.ask_button.set_text(tr("stale.ask"))
        if self._shown is None:
            return
        stale, currency = self._shown
        if stale.old_list == stale.new_list:
            text = tr("stale.same_list", name=stale.new_list)
        else:
            text = tr("stale.other_list", old=stale.old_list or "–", new=stale.new_list)
        title = tr("stale.title", count=len(stale.lines))
        if stale.only_tax:
            title, text = tr("stale.tax_title", count=len(stale.lines)), tr("stale.tax_text")
        self.banner.set_banner("warn", "tag", title, text)
        refill(self._lines, _diff(stale, currency))


def _diff(stale: StalePrices, currency: str) -> QGridLayout:
    grid = QGridLayout()
    grid.setHorizontalSpacing(18)
    grid.setVerticalSpacing(5)
    grid.setColumnStretch(0, 1)
    for at, key in enumerate(("price", "was", "total", "was"), 1):
        grid.addWidget(Label(tr(f"stale.{key}"), "cap"), 0, at, _RIGHT)
    place = 1
    for line in stale.lines:
        words = line.name
        if line.new_tax is not None and line.new_tax != line.old_tax:
            words = tr("stale.tax", name=line.name, old=fmt_percent(line.old_tax), new=fmt_percent(line.new_tax))
        name = Label(words, "m", elide=True)
        grid.addWidget(name, place, 0)
        for at, figure in ((1, line.new_price), (2, line.old_price), (3, line.new_total), (4, line.old_total)):
            grid.addWidget(_figure(figure, currency, old=at in (2, 4)), place, at, _RIGHT)
        place += 1
    grid.addWidget(hline(), place, 0, 1, 5)
    grid.addWidget(Label(tr("word.net"), "m"), place + 1, 0)
    grid.addWidget(_figure(stale.new_net, currency, old=False), place + 1, 3, _RIGHT)
    grid.addWidget(_figure(stale.old_net, currency, old=True), place + 1, 4, _RIGHT)
    return grid


def _figure(amount: Decimal | None, currency: str, *, old: bool) -> Label:
    if amount is None:
        return Label(tr("stale.no_price"), "sec", "warn")
    text = fmt_money(amount, currency)
    return Label(text, "sec" if old else "m", "t3" if old else "", tabular=True)
