"""The quote editor: lines by keyboard, the price explained, totals at once."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from crm_desktop.errors import CrmError
from ui.presenters.quote_advisor import QuoteAdvisor
from ui.presenters.quote_contents import LineView, Offered, QuoteContents
from ui.presenters.quote_editor import QuoteEditor
from ui.window.i18n import language, tr
from ui.window.models.quote_lines import PRODUCT, QUANTITY, QuoteLinesModel
from ui.window.page import Page, Shell
from ui.window.views.customer_view import KEY
from ui.window.views.file_intake import FileDrop
from ui.window.views.folding import FoldingColumns
from ui.window.views.layout import STRETCH, boxed, column, row
from ui.window.views.qt_timer import QtTimer
from ui.window.views.quote_actions import QuoteActions
from ui.window.views.quote_bar import QuoteBar
from ui.window.views.quote_header import QuoteHeader
from ui.window.views.quote_hints import QuoteHints
from ui.window.views.quote_papers import QuotePapers
from ui.window.views.quote_side import QuoteSide
from ui.window.views.quote_stale import QuoteStale
from ui.window.views.quote_table import QuoteTable, key_hints
from ui.window.views.quote_terms import QuoteTerms
from ui.window.views.quote_totals import QuoteTotals
from ui.window.views.quote_warning import QuoteWarning
from ui.window.widgets.empty_state import EmptyState
from ui.window.widgets.key_hints import KeyHints
from ui.window.window_keys import part_keys

_SIDE = 312
_TEXT_IDLE_MS = 2500
_PRICED = frozenset({"price_list", "price_item", "product", "customer_condition", "discount_ceiling"})
_STANDS = frozenset({"outbox", "conflict", "quarantine", "everything"})
_SHOWN = _PRICED | _STANDS | {"quote", "quote_revision", "quote_line", "order"}


class QuotePage(Page):
    """Open with `quote_id` (and `revision_id`), or with `account_id` for a new quote."""

    name = "quote"

    def __init__(self, shell: Shell) -> None:
        super().__init__(shell)
        app = shell.app
        self.editor = QuoteEditor(app.store, app.quotes, app.records, shell.tasks, app.user_id, app.price_guard, self)
        self._line_key = ""
        self._explained = ""
        self.advisor = QuoteAdvisor(app.store, shell.tasks, lambda hints: self.hints_row.show_hints(hints))
        self._text_timer = QtTimer(self, self._flush_terms)
        self._saved = ""
        self._held_back = False
        self._build()
        self.setFocusProxy(self.table)
        self.retranslate()
        part_keys(self, {"Ctrl+P": self.preview, "F2": self._explain, KEY: self.actions_panel.desk.toggle})

    def open(self, **where: Any) -> None:
        """Read the quote, or begin one for the account."""
        self._saved = ""
        self.paper.hide()
        self.actions_panel.close_forms()
        if where.get("quote_id"):
            self.editor.open(str(where["quote_id"]), str(where.get("revision_id") or ""))
        elif where.get("account_id"):
            self.editor.begin(str(where["account_id"]))

    def refresh(self, kinds: frozenset[str], ids: frozenset[tuple[str, str]]) -> None:
        """Read again when something of a quote changed."""
        self.side.files.refresh(kinds)
        if kinds & _SHOWN:
            self.editor.reload()

    def may_leave(self) -> bool:
        """Texts still in the fields are written."""
        self._flush_terms()
        return True

    def undo(self) -> None:
        """Take back the last change of a line."""
        self.editor.undo()

    def preview(self) -> None:
        """Set the paper of what was typed and show it."""
        self.table.end_cell()
        self._flush_terms()
        self.editor.when_written(self.papers.show)

    # What the presenter asks for.

    def show_contents(self, contents: QuoteContents) -> None:
        """A quote or a revision of it, or what became of it after a change."""
        self.missing.hide()
        self.columns.show()
        self._held_back = self.table.cell_open
        if not self._held_back:
            self._fill_table(contents)
        self.terms.show_terms(contents)
        self.actions_panel.desk.show_contents(contents)
        self.advisor.read(contents)
        self.side.show_files()
        if self._line_key and self.lines.row_of(self._line_key) < 0:
            self._line_key = ""
        if not self._line_key and not self.table.currentIndex().isValid() and self.lines.rowCount():
            empty = self.lines.empty_row
            self.table.setCurrentIndex(self.lines.index(max(0, empty), PRODUCT if empty >= 0 else QUANTITY))
            if not self.terms.has_focus():
                self.table.setFocus()
        self._show_words()

    def show_lines(self, lines: tuple[LineView, ...]) -> None:
        """What was typed, before its price is known."""
        self.lines.set_lines(lines, True)

    def show_missing(self) -> None:
        """The quote is not on this device."""
        self.columns.hide()
        self.missing.show()

    def show_failure(self, error: CrmError) -> None:
        """A price or a quantity that cannot be; what was there before stays."""
        self.shell.show_error(error)

    def show_saved(self) -> None:
        """Say when the last change became durable."""
        self._saved = self.shell.app.clock.now().astimezone().strftime("%H:%M:%S")
        self._show_state()

    def retranslate(self) -> None:
        """All words again."""
        self.bar.retranslate()
        self.table.setAccessibleName(tr("quote.lines"))
        self.lines.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, self.lines.columnCount() - 1)
        self.terms.retranslate()
        self.hints_row.retranslate()
        self.side.files.retranslate()
        self.actions_panel.retranslate()
        self.missing.set_state(
            "file-text",
            tr("quote.missing"),
            tr("quote.missing_text"),
            [(tr("nav.quotes"), lambda: self.shell.navigate("quotes"))],
        )
        self._show_words()

    def _fill_table(self, contents: QuoteContents) -> None:
        self.lines.set_lines(self.editor.lines.shown, contents.editable, contents.revision["currency"] or "EUR")
        self.table.show_margin(any(line.margin is not None for line in contents.lines))

    def _after_cell(self) -> None:
        """A refresh must not take an open cell away: what came meanwhile is shown now."""
        contents = self.editor.contents
        if self._held_back and contents is not None:
            self._held_back = False
            self._fill_table(contents)
            self._show_price()

    def _show_words(self) -> None:
        contents = self.editor.contents
        self.hints.set_hints(key_hints(editable=contents is not None and contents.editable))
        if contents is None:
            return
        way: list[tuple[str, Callable[[], None]]] = [(tr("nav.quotes"), lambda: self.shell.navigate("quotes"))]
        if contents.account is not None:
            account_id = contents.account["id"]
            way.append((contents.account["name"], lambda: self.shell.navigate("account", account_id=account_id)))
        self.bar.show_quote(contents, way)
        self.header.show_header(contents, self.shell.app.clock.now())
        self.totals.show_totals(contents)
        self.warning.show_quote(contents, self.shell.app.clock.now())
        self.stale.show_stale(contents)
        self._show_price()
        self._show_state()

    def _show_price(self) -> None:
        contents = self.editor.contents
        if contents is None:
            return
        line = self.lines.line(self.lines.row_of(self._line_key))
        if line is not None and line.net_price is None and not self._held_back:
            return  # typed just now: what stands there stays until its own price is known
        if line is not None:
            self._explained = line.key
        # On the empty line the one typed last is of interest still.
        row_at = self.lines.row_of(self._explained)
        self.price.show_quote(contents, self.lines.line(row_at), row_at + 1)

    def _show_state(self) -> None:
        contents = self.editor.contents
        self.bar.show_state(frozen=contents is not None and not contents.editable, saved_at=self._saved)

    def _on_product(self, product: Offered) -> None:
        self.table.line_made(self.editor.add(product))

    def _on_figure(self, key: str, text: str, take: Callable[[str, str, str], bool], bad: str) -> None:
        if not self.editor.lines.has(key):
            self.shell.toast(tr("quote.line_gone"))
        elif not take(key, text, language()):
            self.shell.toast(tr(bad, text=text))

    def _on_remove(self, key: str) -> None:
        if self.editor.editable and self.editor.lines.has(key):
            name = self.editor.lines.line(key).name
            self.shell.toast(tr("quote.removed", product=name), self.editor.remove(key))

    def _on_duplicate(self, key: str) -> None:
        if self.editor.editable and self.editor.lines.has(key):
            self.table.go_to(self.editor.duplicate(key), QUANTITY)

    def _on_move(self, key: str, places: int) -> None:
        if self.editor.editable and self.editor.lines.has(key):
            column_at = max(QUANTITY, self.table.currentIndex().column())
            self.editor.move(key, places)
            self.table.go_to(key, column_at)

    def _on_optional(self, key: str) -> None:
        if self.editor.editable and key and self.editor.lines.has(key):
            self.editor.toggle_optional(key)

    def _add_hint(self, product_id: str, quantity: Decimal) -> None:
        product = next((found for found in self.editor.offered if found.id == product_id), None)
        if product is not None and self.editor.editable:
            self.table.go_to(self.editor.add(product, quantity), QUANTITY)
            self.table.setFocus()

    def _on_line(self, key: str) -> None:
        if key != self._line_key:
            self._line_key = key
            self._show_price()

    def _explain(self) -> None:
        self._on_line(self.table.current_key() or self._line_key)
        self.columns.show_side()

    def _flush_terms(self) -> None:
        self._text_timer.stop()
        revision, quote = self.terms.changes()
        self.editor.set_header(**revision)
        self.editor.set_chance(**quote)

    def resizeEvent(self, event: Any) -> None:
        """The paper covers the page at every size."""
        super().resizeEvent(event)
        self.paper.setGeometry(self.rect())

    def _build(self) -> None:
        self.bar = QuoteBar()
        self.bar.preview.clicked.connect(self.preview)
        self.side = QuoteSide(self.shell, self.editor)
        self.price = self.side.price
        self.hints = KeyHints()
        self.columns = FoldingColumns(self._build_main(), self.side, _SIDE, self.hints)
        FileDrop(self, self.side.drop)
        self.missing = EmptyState("file-text", "")
        self.missing.hide()
        self.setLayout(column(self.bar, self.columns, self.missing))
        self.papers = QuotePapers(self, self.shell, self.editor, self.table.setFocus)
        self.paper = self.papers.preview

    def _build_main(self) -> QWidget:
        self.header = QuoteHeader(self.shell)
        self.warning = QuoteWarning(self.editor.give)
        self.actions_panel = QuoteActions(
            self.shell, self.editor, self._flush_terms, lambda: self.table.setFocus(), self.preview
        )
        self.actions_panel.connect_bar(self.bar)
        self.actions_panel.connect_warning(self.warning)
        self.stale = QuoteStale()
        self.actions_panel.connect_stale(self.stale)
        self.lines = QuoteLinesModel(self)
        self.table = QuoteTable(self.lines, self.editor.offers)
        self.table.product_chosen.connect(self._on_product)
        figure, edits = self._on_figure, self.editor
        self.table.quantity_typed.connect(lambda key, t: figure(key, t, edits.set_quantity, "quote.bad_quantity"))
        self.table.discount_typed.connect(lambda key, t: figure(key, t, edits.set_discount, "quote.bad_discount"))
        self.table.line_chosen.connect(self._on_line)
        self.table.remove_wanted.connect(self._on_remove)
        self.table.duplicate_wanted.connect(self._on_duplicate)
        self.table.move_wanted.connect(self._on_move)
        self.table.undo_wanted.connect(self.undo)
        self.table.optional_wanted.connect(self._on_optional)
        self.bar.optional.triggered.connect(lambda: self._on_optional(self._line_key))
        self.hints_row = QuoteHints(self._add_hint)
        self.table.cell_left.connect(self._after_cell)
        self.table.explain_wanted.connect(lambda _key: self._explain())
        self.terms = QuoteTerms(lambda: self._text_timer.start(_TEXT_IDLE_MS), self._flush_terms)
        self.totals = QuoteTotals()
        terms = row(self.terms, STRETCH, spacing=0)
        terms.setStretch(0, 3)
        terms.setStretch(1, 1)
        left = column(self.hints_row, terms, spacing=12)
        bottom = row(left, self.totals, spacing=24, margins=(24, 16, 24, 16))
        bottom.setStretch(0, 1)
        return boxed(column(self.header, self.stale, self.warning, self.actions_panel, self.table, bottom, STRETCH))
