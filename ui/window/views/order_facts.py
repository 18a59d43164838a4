"""What is known of an order beside its lines: whose it is, the quote it came from, when and where it goes."""

from datetime import date

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QWidget

from crm_desktop.model.wire import field_facts
from ui.presenters.order import OrderContents
from ui.window.i18n import fmt_date, language, tr
from ui.window.page import Shell
from ui.window.views.layout import STRETCH, boxed, column, refill, row
from ui.window.widgets.button import Button
from ui.window.widgets.label import Label

_TOP = Qt.AlignmentFlag.AlignTop
_DAYS = ("requested_on", "shipped_on")
_WORDS = ("carrier", "ship_to")


class OrderFacts(QWidget):
    """A label and a value a line; what is not known has no line."""

    def __init__(self, shell: Shell) -> None:
        super().__init__()
        self._shell = shell
        self._place = column()
        self.setLayout(self._place)

    def show_order(self, found: OrderContents) -> None:
        """Replace what is shown."""
        order, facts, lang = found.order, field_facts("order"), language()
        pairs: list[tuple[str, str | QWidget]] = []
        if found.account is not None:
            account_id = found.account["id"]
            opens = Button(found.account["name"], "link")
            opens.clicked.connect(lambda: self._shell.navigate("account", account_id=account_id))
            pairs.append((facts["account_id"].label(lang), opens))
        if found.quote_number:
            revision = found.revision
            words = found.quote_number
            if revision is not None:
                words += ", " + tr("word.revision", number=revision["revision"] or 1)
            quote = Button(words, "link")
            quote.clicked.connect(lambda: self.open_quote(found))
            pairs.append((facts["quote_id"].label(lang), quote))
        pairs.append((facts["owner_id"].label(lang), found.owner))
        for name in _DAYS:
            if order[name]:
                pairs.append((facts[name].label(lang), fmt_date(date.fromisoformat(order[name]))))
        pairs += [(facts[name].label(lang), order[name]) for name in _WORDS]
        days = found.account["payment_terms_days"] if found.account is not None else None
        if days:
            pairs.append((tr("order.payment"), tr("order.payment_days", count=int(days))))
        refill(self._place, _grid([(label, value) for label, value in pairs if value]))

    def open_quote(self, found: OrderContents) -> None:
        """The quote, at the revision that was ordered."""
        where = {"quote_id": found.order["quote_id"]}
        if found.revision is not None:
            where["revision_id"] = found.revision["id"]
        self._shell.navigate("quote", **where)


def _grid(pairs: list[tuple[str, str | QWidget]]) -> QGridLayout:
    grid = QGridLayout()
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setHorizontalSpacing(18)
    grid.setVerticalSpacing(7)
    grid.setColumnStretch(1, 1)
    for at, (label, value) in enumerate(pairs):
        grid.addWidget(Label(label, "sec"), at, 0, _TOP)
        shown = boxed(row(value, STRETCH)) if isinstance(value, QWidget) else Label(value, "body", wrap=True)
        grid.addWidget(shown, at, 1, _TOP)
    return grid
