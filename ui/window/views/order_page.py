"""An order: what was ordered and for how much, where it came from and where it goes; cancelled from here."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QResizeEvent, QShortcut

from crm_desktop.model.wire import field_facts
from crm_desktop.services.orders import Written
from ui.presenters.order import OrderContents, load_order
from ui.presenters.order_paper import make_order_paper
from ui.presenters.quote_paper import Paper
from ui.window import theme
from ui.window.i18n import fmt_date, fmt_money, fmt_percent, language, tr
from ui.window.models.order_lines import COLUMNS, OrderLinesModel
from ui.window.page import Page, Shell
from ui.window.views.attachments_panel import AttachmentsPanel
from ui.window.views.layout import STRETCH, Crumbs, boxed, column, crumb_bar, refill, row, scrolling
from ui.window.views.order_facts import OrderFacts
from ui.window.views.paper_preview import PaperPreview, open_file
from ui.window.views.record_standing import RecordStanding
from ui.window.widgets.banner import Banner
from ui.window.widgets.button import Button
from ui.window.widgets.chip import Chip
from ui.window.widgets.empty_state import EmptyState
from ui.window.widgets.label import Label
from ui.window.widgets.record_table import RecordTable
from ui.window.widgets.surface import hline

_WIDTHS = (56, 260, 100, 110, 100, 80, 130)
_ROW = 36
_TONES = {"delivered": "ok", "cancelled": "bad", "open": "accent"}
_KINDS = frozenset({"order", "order_line", "quote", "quote_revision", "account", "contact", "product", "user",
                    "outbox", "conflict", "everything"})  # fmt: skip


class OrderPage(Page):
    """Open with `order_id`."""

    name = "order"

    def __init__(self, shell: Shell) -> None:
        super().__init__(shell)
        self.order_id = ""
        self._found: OrderContents | None = None
        self.crumbs, self.standing = Crumbs(), RecordStanding(shell)
        self.title, self.number, self.status = Label("", "h1"), Chip("", "line"), Chip("")
        self.about = Label("", "sec", wrap=True)
        self.quote_button, self.cancel_button = Button("", "normal", "file-text"), Button("", "normal", "x")
        self.quote_button.clicked.connect(self._open_quote)
        self.cancel_button.clicked.connect(self.cancel)
        self.preview_button = Button("", "normal", "eye")
        self.preview_button.clicked.connect(self.show_paper)
        self._paper: Paper | None = None
        self.banner = Banner("warn", "package", "")
        self.told = boxed(column(self.banner, margins=(24, 0, 24, 12)))
        self.model = OrderLinesModel(self)
        self.table = RecordTable("", _ROW)
        self.table.setModel(self.model)
        self.table.set_widths(_WIDTHS, 1, figures=range(2, len(_WIDTHS)))
        for policy in (self.table.setVerticalScrollBarPolicy, self.table.setHorizontalScrollBarPolicy):
            policy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._totals = column()
        sums = boxed(self._totals)
        sums.setFixedWidth(theme.px(290))
        self.facts = OrderFacts(shell)
        self.read_only = Label("", "cap", wrap=True)
        self.files = AttachmentsPanel(shell, lambda then: then(("order", self.order_id)), wide=False)
        head = boxed(
            column(row(self.title, self.number, self.status, STRETCH), 4, self.about, margins=(24, 16, 24, 12))
        )
        left = column(self.facts, 12, self.read_only, 20, self.files, STRETCH)
        foot = row(left, column(sums, STRETCH), margins=(24, 16, 24, 16), spacing=24)
        foot.setStretch(0, 1)
        self.body = scrolling(boxed(column(head, self.told, self.table, foot, STRETCH)))
        self.missing = EmptyState("package", "")
        self.missing.hide()
        bar = crumb_bar(self.crumbs, self.standing, self.quote_button, self.cancel_button, self.preview_button)
        self.setLayout(column(bar, self.body, self.missing))
        self.preview = PaperPreview(self, self.save_paper, self.table.setFocus)
        shortcut = QShortcut(QKeySequence("Ctrl+P"), self)
        shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        shortcut.activated.connect(self.show_paper)
        self.setFocusProxy(self.table)
        self.retranslate()

    def open(self, **where: Any) -> None:
        """Read the order."""
        self.order_id = str(where.get("order_id") or self.order_id)
        self.preview.hide()
        self._read()
        self.files.show_files_of(("order", self.order_id))

    def refresh(self, kinds: frozenset[str], ids: frozenset[tuple[str, str]]) -> None:
        """The order came anew."""
        self.files.refresh(kinds)
        if kinds & _KINDS:
            self._read()

    def retranslate(self) -> None:
        """All words again."""
        self.table.setAccessibleName(tr("order.lines"))
        self.quote_button.set_text(tr("order.from_quote"))
        self.cancel_button.set_text(tr("order.cancel"))
        self.preview_button.set_text(tr("quote.preview"))
        self.read_only.set_text(tr("order.read_only"))
        self.files.retranslate()
        go: list[tuple[str, Callable[[], None]]] = [(tr("nav.orders"), lambda: self.shell.navigate("orders"))]
        self.missing.set_state("package", tr("order.missing"), tr("order.missing_text"), go)
        self.model.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(COLUMNS) - 1)
        self._show(self._found)

    def show_paper(self) -> None:
        """Set the paper in the customer's language and show it over the page."""
        order_id, app, fallback = self.order_id, self.shell.app, language()
        made_at = app.clock.now().astimezone()
        self.shell.tasks.long(
            tr("quote.making_pdf"),
            lambda _progress: make_order_paper(app.store, order_id, fallback, made_at),
            self._paper_made,
            self.shell.show_error,
        )

    def save_paper(self, path: Path) -> None:
        """Write the shown bytes to a file and open it."""
        paper = self._paper
        if paper is not None:
            self.shell.tasks.write(lambda: path.write_bytes(paper.pdf), lambda _size: self._after_save(path))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The paper covers the page at every size."""
        super().resizeEvent(event)
        self.preview.setGeometry(self.rect())

    def cancel(self) -> None:
        """The order is cancelled at once; the way back stands in the toast and on the page."""
        self._write(self.shell.app.orders.cancel, "order.cancelled")

    def reopen(self) -> None:
        """A cancelled order holds again."""
        self._write(self.shell.app.orders.reopen, "order.reopened")

    def _write(self, step: Callable[[str], Written], said: str) -> None:
        order_id, found, shell = self.order_id, self._found, self.shell
        if found is None:
            return
        words = tr(said, number=found.number)

        def done(written: Written) -> None:
            take_back = shell.app.orders.take_back
            shell.toast(words, lambda: shell.tasks.write(lambda: take_back(written)))

        shell.tasks.write(lambda: step(order_id), done)

    def _read(self) -> None:
        order_id, app = self.order_id, self.shell.app

        def done(found: OrderContents | None) -> None:
            self.missing.setVisible(found is None)
            self.body.setVisible(found is not None)
            self._show(found)

        self.shell.tasks.read(
            lambda: app.store.read(lambda reader: load_order(reader, order_id, app.user_id)), done, key="order"
        )

    def _show(self, found: OrderContents | None) -> None:
        self._found = found
        self.quote_button.setVisible(found is not None and bool(found.quote_number))
        self.cancel_button.setVisible(found is not None and found.may_cancel)
        self.preview_button.setVisible(found is not None and found.account is not None)
        self.standing.setVisible(found is not None)
        way: list[tuple[str, Callable[[], None]]] = [(tr("nav.orders"), lambda: self.shell.navigate("orders"))]
        if found is None:
            self.crumbs.set_path(way, tr("word.order"))
            return
        order, account = found.order, found.account
        if account is not None:
            account_id = account["id"]
            way.append((account["name"], lambda: self.shell.navigate("account", account_id=account_id)))
        self.crumbs.set_path(way, found.number)
        self.title.set_text(tr("order.title", number=found.number))
        provisional = tr("order.provisional", number=order["provisional_number"])
        self.number.set_chip(provisional if order["number"] else tr("order.number_follows"), "line")
        self.number.setVisible(bool(order["provisional_number"]))
        words = field_facts("order")["status"].choice_label(order["status"], language())
        self.status.set_chip(words, _TONES.get(order["status"], "plain"))
        self.status.setVisible(bool(words))
        parts = [", ".join(part for part in (account["name"] if account is not None else "", found.contact) if part)]
        if order["ordered_on"]:
            parts.append(tr("order.ordered", day=fmt_date(date.fromisoformat(order["ordered_on"]))))
        if order["shipped_on"]:
            parts.append(tr("order.shipped", day=fmt_date(date.fromisoformat(order["shipped_on"]))))
        self.about.set_text(" · ".join(part for part in parts if part))
        self.standing.show_state(found.state)
        self._tell(found)
        self.model.set_lines(found.lines, order["currency"] or "EUR", found.units)
        self.table.setColumnHidden(COLUMNS.index("discount"), not any(line["discount_percent"] for line in found.lines))
        self.table.setFixedHeight(theme.px(_ROW) * len(found.lines) + theme.px(31) + 2)
        self.facts.show_order(found)
        self.read_only.setVisible(not (found.may_cancel or found.may_reopen))
        self._show_totals(found)

    def _tell(self, found: OrderContents) -> None:
        self.told.setVisible(found.order["status"] == "cancelled")
        text = tr("order.cancelled_text") if found.quote_number else ""
        self.banner.set_banner("warn", "package", tr("order.cancelled", number=found.number), text)
        self.banner.set_actions([(tr("order.reopen"), self.reopen)] if found.may_reopen else [])

    def _show_totals(self, found: OrderContents) -> None:
        sums, currency, lines = found.totals, found.order["currency"] or "EUR", column()
        pairs = [(tr("quote.goods"), sums.goods, False)]
        if sums.charges:
            pairs.append((tr("quote.charges"), sums.charges, False))
        pairs.append((tr("word.net"), sums.net, False))
        for tax in sums.taxes:
            if tax.rate:
                words = tr("quote.tax_of", percent=fmt_percent(tax.rate), base=fmt_money(tax.base, currency))
                pairs.append((words, tax.tax, False))
        pairs.append((tr("word.total"), sums.gross, True))
        for words, amount, strong in pairs:
            if strong:
                lines.addWidget(hline())
            label, figure = Label(words, "h3" if strong else "sec"), Label("", "h2" if strong else "body", tabular=True)
            figure.set_text(fmt_money(amount, currency))
            lines.addLayout(row(label, STRETCH, figure, margins=(0, 3, 0, 3)))
        refill(self._totals, lines)

    def _paper_made(self, paper: Paper) -> None:
        self._paper = paper
        if self._found is not None:
            self.preview.show_paper(tr("order.title", number=self._found.number), paper.file_name, paper.pictures)

    def _after_save(self, path: Path) -> None:
        self.shell.toast(tr("quote.pdf_saved", name=path.name))
        open_file(path)

    def _open_quote(self) -> None:
        if self._found is not None:
            self.facts.open_quote(self._found)
