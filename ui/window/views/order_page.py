"""An order, to be read: head, lines, totals."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from crm_desktop.model.wire import Row, field_facts
from crm_desktop.rules.pricing import TotalLine, Totals, totals
from crm_desktop.store.reader import Reader
from ui.window import theme
from ui.window.delegates import ACCESSIBLE_ROLE, ALIGN_ROLE, CELL_ROLE, TEXT_ROLE, Cell
from ui.window.i18n import fmt_amount, fmt_date, fmt_money, fmt_number, fmt_percent, fmt_unit_price, language, tr
from ui.window.page import Page, Shell
from ui.window.views.layout import STRETCH, Crumbs, boxed, column, crumb_bar, refill, row, scrolling
from ui.window.views.record_standing import RecordStanding
from ui.window.widgets.button import Button
from ui.window.widgets.chip import Chip
from ui.window.widgets.empty_state import EmptyState
from ui.window.widgets.label import Label
from ui.window.widgets.record_table import RecordTable
from ui.window.widgets.surface import hline

_COLUMNS = ("number", "product", "quantity", "price", "discount", "tax", "total")
_WIDTHS = (56, 260, 100, 110, 100, 80, 130)
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
_ROW = 36
_TONES = {"delivered": "ok", "cancelled": "bad", "open": "accent"}
_TOP = QModelIndex()
_Index = QModelIndex | QPersistentModelIndex
_Found = tuple[Row, list[Row], Row | None, str, frozenset[str]]


class OrderPage(Page):
    """Open with `order_id`."""

    name = "order"

    def __init__(self, shell: Shell) -> None:
        super().__init__(shell)
        self.order_id = ""
        self._found: _Found | None = None
        self.crumbs, self.standing = Crumbs(), RecordStanding(shell)
        self.title, self.number, self.status = Label("", "h1"), Chip("", "line"), Chip("")
        self.about = Label("", "sec", wrap=True)
        self.quote_button = Button("", "normal", "file-text")
        self.quote_button.clicked.connect(self._open_quote)
        self.model = OrderLinesModel(self)
        self.table = RecordTable("", _ROW)
        self.table.setModel(self.model)
        self.table.set_widths(_WIDTHS, 1, figures=range(2, len(_WIDTHS)))
        for policy in (self.table.setVerticalScrollBarPolicy, self.table.setHorizontalScrollBarPolicy):
            policy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._totals = column()
        sums = boxed(self._totals)
        sums.setFixedWidth(theme.px(290))
        self.read_only = Label("", "cap", wrap=True)
        head = boxed(
            column(row(self.title, self.number, self.status, STRETCH), 4, self.about, margins=(24, 16, 24, 12))
        )
        foot = row(column(3, self.read_only, STRETCH), sums, margins=(24, 16, 24, 16), spacing=24)
        foot.setStretch(0, 1)
        self.body = scrolling(boxed(column(head, self.table, foot, STRETCH)))
        self.missing = EmptyState("package", "")
        self.missing.hide()
        self.setLayout(column(crumb_bar(self.crumbs, self.standing, self.quote_button), self.body, self.missing))
        self.setFocusProxy(self.table)
        self.retranslate()

    def open(self, **where: Any) -> None:
        """Read the order."""
        self.order_id = str(where.get("order_id") or self.order_id)
        self._read()

    def refresh(self, kinds: frozenset[str], ids: frozenset[tuple[str, str]]) -> None:
        """The order came anew."""
        if kinds & {"order", "order_line", "outbox", "conflict", "everything"}:
            self._read()

    def retranslate(self) -> None:
        """All words again."""
        self.table.setAccessibleName(tr("order.lines"))
        self.quote_button.set_text(tr("order.from_quote"))
        self.read_only.set_text(tr("order.read_only"))
        go: list[tuple[str, Callable[[], None]]] = [(tr("nav.orders"), lambda: self.shell.navigate("orders"))]
        self.missing.set_state("package", tr("order.missing"), tr("order.missing_text"), go)
        self.model.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(_COLUMNS) - 1)
        self._show(self._found)

    def _read(self) -> None:
        order_id, store = self.order_id, self.shell.app.store

        def read(reader: Reader) -> _Found | None:
            found = reader.order(order_id)
            if found is None:
                return None
            order, lines = found
            account = reader.get("account", order["account_id"]) if order["account_id"] else None
            charges = frozenset(row["id"] for row in reader.where("product", is_charge=True))
            return order, lines, account, reader.record_state("order", order_id), charges

        def done(found: _Found | None) -> None:
            self.missing.setVisible(found is None)
            self.body.setVisible(found is not None)
            self._show(found)

        self.shell.tasks.read(lambda: store.read(read), done, key="order")

    def _show(self, found: _Found | None) -> None:
        self._found = found
        self.quote_button.setVisible(found is not None and bool(found[0]["quote_id"]))
        self.standing.setVisible(found is not None)
        way: list[tuple[str, Callable[[], None]]] = [(tr("nav.orders"), lambda: self.shell.navigate("orders"))]
        if found is None:
            self.crumbs.set_path(way, tr("word.order"))
            return
        order, lines, account, state, charges = found
        number = order["number"] or order["provisional_number"]
        if account is not None:
            account_id = account["id"]
            way.append((account["name"], lambda: self.shell.navigate("account", account_id=account_id)))
        self.crumbs.set_path(way, number)
        self.title.set_text(tr("order.title", number=number))
        self.number.set_chip(tr("order.provisional", number=order["provisional_number"]), "line")
        self.number.setVisible(bool(order["provisional_number"]))
        words = field_facts("order")["status"].choice_label(order["status"], language())
        self.status.set_chip(words, _TONES.get(order["status"], "plain"))
        self.status.setVisible(bool(words))
        parts = [account["name"]] if account is not None else []
        if order["ordered_on"]:
            parts.append(tr("order.ordered", day=fmt_date(date.fromisoformat(order["ordered_on"]))))
        if order["shipped_on"]:
            parts.append(tr("order.shipped", day=fmt_date(date.fromisoformat(order["shipped_on"]))))
        if order["carrier"]:
            parts.append(order["carrier"])
        if order["ship_to"]:
            parts.append(tr("order.ship_to", address=", ".join(order["ship_to"].splitlines())))
        self.about.set_text(" · ".join(parts))
        self.standing.show_state(state)
        self.model.set_lines(lines, order["currency"] or "EUR")
        self.table.setFixedHeight(theme.px(_ROW) * len(lines) + theme.px(31) + 2)
        freight = Decimal(order["freight"] or 0)
        self._show_totals(_sums(lines, freight, order["currency"] or "EUR", charges), order["currency"] or "EUR")

    def _show_totals(self, sums: Totals, currency: str) -> None:
        lines = column()
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

    def _open_quote(self) -> None:
        if self._found is not None and self._found[0]["quote_id"]:
            self.shell.navigate("quote", quote_id=self._found[0]["quote_id"])


class OrderLinesModel(QAbstractTableModel):
    """Lines as they were ordered."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lines: list[Row] = []
        self._currency = "EUR"

    def set_lines(self, lines: list[Row], currency: str) -> None:
        """Show these."""
        self.beginResetModel()
        self._lines, self._currency = lines, currency
        self.endResetModel()

    def rowCount(self, parent: _Index = _TOP) -> int:
        """Lines."""
        return 0 if parent.isValid() else len(self._lines)

    def columnCount(self, parent: _Index = _TOP) -> int:
        """Columns."""
        return 0 if parent.isValid() else len(_COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = TEXT_ROLE) -> Any:
        """Names of the columns."""
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == TEXT_ROLE:
            return tr(f"order.column.{_COLUMNS[section]}")
        return _RIGHT if role == ALIGN_ROLE and section > 1 else None

    def data(self, index: _Index, role: int = TEXT_ROLE) -> Any:
        """One cell."""
        if role == ALIGN_ROLE:
            return _RIGHT if index.column() > 1 else None
        if role not in (CELL_ROLE, TEXT_ROLE, ACCESSIBLE_ROLE):
            return None
        name, line = _COLUMNS[index.column()], self._lines[index.row()]
        cell = _cell(name, index.row(), line, self._currency)
        if role == CELL_ROLE:
            return cell
        return f"{tr(f'order.column.{name}')}: {cell.text}" if role == ACCESSIBLE_ROLE else cell.text


def _cell(name: str, at: int, line: Row, currency: str) -> Cell:
    if name == "number":
        return Cell(str(at + 1), tone="t3", tabular=True)
    if name == "product":
        return Cell(line["name"], weight=500)
    if name == "quantity":
        return _figure(fmt_number(line["quantity"]))
    if name == "price":
        return _figure(fmt_unit_price(line["unit_price"], currency))
    if name == "discount":
        percent = Decimal(line["discount_percent"] or 0)
        return _figure(fmt_percent(-percent) if percent else "", "t1" if percent else "t3")
    if name == "tax":
        return _figure(fmt_percent(line["tax_percent"]) if line["tax_percent"] else "", "t3")
    return Cell(fmt_amount(line["line_total"], currency), weight=600, tabular=True, right=True)


def _figure(text: str, tone: str = "t1") -> Cell:
    return Cell(text, tone=tone, tabular=True, right=True)


def _sums(lines: list[Row], freight: Decimal, currency: str, charges: frozenset[str]) -> Totals:
    parts = [
        TotalLine(
            Decimal(line["line_total"] or 0), Decimal(line["tax_percent"] or 0), charge=line["product_id"] in charges
        )
        for line in lines
    ]
    if freight:
        parts.append(TotalLine(freight, Decimal(0), charge=True))
    return totals(parts, currency)
