"""Up- and cross-selling on the quote: what the customer bought before, what others buy beside it. One click adds it."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal

from PySide6.QtWidgets import QWidget

from crm_desktop.services.quote_hints import BoughtBefore, GoesWith, Hints
from ui.window.i18n import fmt_date, fmt_number, tr
from ui.window.views.layout import clear, column
from ui.window.widgets.button import Button
from ui.window.widgets.flow_layout import FlowLayout
from ui.window.widgets.label import Label


class QuoteHints(QWidget):
    """`add` takes the product's id and a quantity. Hidden while there is nothing to suggest."""

    def __init__(self, add: Callable[[str, Decimal], None]) -> None:
        super().__init__()
        self._add = add
        self._hints = Hints()
        self.before, self.beside = Label("", "sec"), Label("", "sec")
        self._before, self._beside = FlowLayout(), FlowLayout()
        holders = [QWidget(), QWidget()]
        for holder, flow in zip(holders, (self._before, self._beside), strict=True):
            holder.setLayout(flow)
        self.setLayout(column(self.before, 6, holders[0], 12, self.beside, 6, holders[1], 4))
        self._rows = ((self.before, holders[0]), (self.beside, holders[1]))
        self.hide()

    def show_hints(self, hints: Hints) -> None:
        """Replace what is suggested."""
        if hints != self._hints:
            self._hints = hints
            self.retranslate()

    def retranslate(self) -> None:
        """The words again."""
        self.before.set_text(tr("hints.before"))
        self.beside.set_text(tr("hints.beside"))
        for flow in (self._before, self._beside):
            clear(flow)
        for hint in self._hints.before:
            self._before.addWidget(self._before_chip(hint))
        for pair in self._hints.beside:
            self._beside.addWidget(self._beside_chip(pair))
        for found, parts in zip((self._hints.before, self._hints.beside), self._rows, strict=True):
            for part in parts:
                part.setVisible(bool(found))
        self.setVisible(bool(self._hints.before or self._hints.beside))

    def _before_chip(self, hint: BoughtBefore) -> Button:
        why = tr("hints.why_before", count=hint.orders, quantity=fmt_number(hint.quantity))
        if hint.last_on:
            why += ", " + tr("hints.last", day=fmt_date(date.fromisoformat(hint.last_on)))
        return self._chip(hint.product_id, hint.name, tr("hints.orders", count=hint.orders), why, hint.quantity)

    def _beside_chip(self, hint: GoesWith) -> Button:
        why = tr("hints.why_beside", count=hint.accounts, orders=fmt_number(hint.orders), product=hint.beside)
        short = tr("hints.accounts", count=hint.accounts)
        return self._chip(hint.product_id, hint.name, short, why, Decimal(1))

    def _chip(self, product_id: str, name: str, count: str, why: str, quantity: Decimal) -> Button:
        chip = Button(f"{name} · {count}", "filteradd", "plus", icon_size=14)
        chip.setAccessibleName(tr("hints.add", product=name))
        chip.setAccessibleDescription(why)
        chip.setToolTip(why)
        chip.clicked.connect(lambda: self._add(product_id, quantity))
        return chip
