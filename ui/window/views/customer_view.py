"""The quote for the eyes of the customer: instead of everything else in the window, until the same key is pressed."""

from collections.abc import Callable
from datetime import date

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from crm_desktop.model.columns import parse_instant
from ui.presenters.customer_paper import CustomerLine, CustomerPaper
from ui.window import theme
from ui.window.formats import MISSING
from ui.window.i18n import fmt_date, fmt_money, fmt_number, fmt_percent, fmt_time, fmt_unit_price, tr
from ui.window.views.layout import STRETCH, boxed, clear, column, row, scrolling
from ui.window.views.sign_panel import SignPanel
from ui.window.widgets.chip import Chip
from ui.window.widgets.icon_label import IconLabel
from ui.window.widgets.key_hints import KeyHints
from ui.window.widgets.label import Label
from ui.window.widgets.surface import hline, surface
from ui.window.window_keys import part_keys

KEY = "F8"
_WIDTH = 980
_ABOVE_OPTIONAL = 30
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop
_COLUMNS = ("number", "product", "quantity", "list", "discount", "net", "tax", "total")


class CustomerView(QWidget):
    """Knows a `CustomerPaper` and nothing else. `closed`: back to one's own view."""

    closed = Signal()

    def __init__(self, sign: Callable[[str, bytes], None], accept: Callable[[], None]) -> None:
        super().__init__()
        surface(self, "canvas")
        self.paper: CustomerPaper | None = None
        self.sign_panel = SignPanel(sign, accept)
        self._sheet = QVBoxLayout()
        self._sheet.setSpacing(0)
        sheet = boxed(column(boxed(self._sheet), self.sign_panel, STRETCH, spacing=18, margins=(32, 28, 32, 28)))
        sheet.setMaximumWidth(theme.px(_WIDTH))
        middle = row(STRETCH, sheet, STRETCH, spacing=0)
        middle.setStretch(1, 100)
        self.area = scrolling(boxed(middle))
        self.hints = KeyHints()
        self.setLayout(column(self.area, hline(), self.hints))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        part_keys(self, dict.fromkeys((KEY, "Escape"), self.closed.emit))

    def show_paper(self, paper: CustomerPaper) -> None:
        """Replace what is shown; a signature that is being drawn stays."""
        self.paper = paper
        self.retranslate()

    def begin_signing(self) -> None:
        """Go to the field for the signature."""
        self.sign_panel.begin()
        self.area.ensureWidgetVisible(self.sign_panel)

    def retranslate(self) -> None:
        """The words again."""
        self.hints.set_hints([(KEY, tr("customer.key_back"))])
        self.sign_panel.retranslate()
        clear(self._sheet)
        paper = self.paper
        if paper is None:
            return
        self.setAccessibleName(tr("quote.title", number=paper.number))
        self.sign_panel.show_paper(paper)
        self._head(paper)
        self._sheet.addSpacing(18)
        self._sheet.addWidget(_table(paper))
        self._sheet.addSpacing(16)
        texts = [Label(text, "body", wrap=True) for text in (paper.intro, paper.terms) if text.strip()]
        foot = row(column(*texts, STRETCH, spacing=10), _totals(paper), spacing=32)
        foot.setStretch(0, 1)
        self._sheet.addLayout(foot)
        if paper.signed_by and paper.signed_at:
            self._sheet.addSpacing(16)
            self._sheet.addLayout(_signed(paper.signed_by, paper.signed_at))

    def _head(self, paper: CustomerPaper) -> None:
        title = Label(tr("quote.title", number=paper.number), "h1")
        revision = Chip(tr("word.revision", number=paper.revision), "line")
        self._sheet.addLayout(row(title, revision, STRETCH, Label(paper.company, "h2")))
        parts = [", ".join(part for part in (paper.account, paper.contact) if part)]
        if paper.valid_until:
            parts.append(tr("quote.valid_until", day=fmt_date(date.fromisoformat(paper.valid_until))))
        self._sheet.addSpacing(4)
        self._sheet.addWidget(Label(" · ".join(part for part in parts if part), "body", "t2", wrap=True))


def _table(paper: CustomerPaper) -> QWidget:
    """One table for all lines, so that the figures of optional ones stand below the others."""
    grid = QGridLayout()
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setHorizontalSpacing(20)
    grid.setVerticalSpacing(9)
    grid.setColumnStretch(1, 1)
    for at, name in enumerate(_COLUMNS):
        if at:
            grid.addWidget(Label(tr(f"quote.column.{name}"), "sec"), 0, at, Qt.AlignmentFlag(0) if at == 1 else _RIGHT)
    place = 1
    for at_line, line in enumerate((*paper.lines, *paper.optional)):
        if at_line == len(paper.lines):
            grid.addWidget(hline(), place, 0, 1, len(_COLUMNS))
            grid.setRowMinimumHeight(place + 1, theme.px(_ABOVE_OPTIONAL))
            bottom = Qt.AlignmentFlag.AlignBottom
            grid.addWidget(Label(tr("quote.optional"), "h3"), place + 1, 0, 1, len(_COLUMNS), bottom)
            place += 2
        grid.addWidget(hline(strong=at_line in (0, len(paper.lines))), place, 0, 1, len(_COLUMNS))
        grid.addWidget(Label(str(line.number), "body", "t3", tabular=True), place + 1, 0, Qt.AlignmentFlag.AlignTop)
        words = column(Label(line.name, "h3", wrap=True), Label(line.unit, "cap") if line.unit else None, spacing=1)
        grid.addLayout(words, place + 1, 1)
        for at, text in enumerate(_figures(line, paper.currency), 2):
            last = at == len(_COLUMNS) - 1
            grid.addWidget(Label(text, "h3" if last else "body", tabular=True), place + 1, at, _RIGHT)
        place += 2
    return boxed(grid)


def _figures(line: CustomerLine, currency: str) -> tuple[str, ...]:
    return (
        fmt_number(line.quantity),
        fmt_unit_price(line.list_price, currency) if line.list_price is not None else "",
        fmt_percent(-line.off_list, 1) if line.off_list else MISSING,
        fmt_unit_price(line.net_price, currency) if line.net_price is not None else "",
        fmt_percent(line.tax_percent) if line.tax_percent is not None else "",
        fmt_money(line.total, currency) if line.total is not None else "",
    )


def _totals(paper: CustomerPaper) -> QWidget:
    sums, currency = paper.totals, paper.currency
    pairs = [(tr("word.net"), sums.net, False)]
    for tax in sums.taxes:
        words = tr("quote.tax_of", percent=fmt_percent(tax.rate), base=fmt_money(tax.base, currency))
        pairs.append((words, tax.tax, False))
    pairs.append((tr("word.total"), sums.gross, True))
    lines = column(spacing=0)
    for words, amount, strong in pairs:
        if strong:
            lines.addWidget(hline(strong=True))
        label = Label(words, "h2" if strong else "body")
        figure = Label(fmt_money(amount, currency), "h1" if strong else "body", tabular=True)
        lines.addLayout(row(label, STRETCH, figure, spacing=24, margins=(0, 6, 0, 6)))
    lines.addStretch(1)
    made = boxed(lines)
    made.setMinimumWidth(theme.px(320))
    return made


def _signed(name: str, at: str) -> QHBoxLayout:
    when = parse_instant(at).astimezone()
    words = tr("customer.signed", name=name, day=fmt_date(when), time=fmt_time(when))
    return row(IconLabel("signature", "ok", 20), Label(words, "m"), STRETCH)
