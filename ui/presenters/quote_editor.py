"""The quote while it is edited: what the keys do, shown at once, written in order, read back when done."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any, Protocol

from crm_desktop.errors import CrmError
from crm_desktop.services.quote_staleness import PriceGuard
from crm_desktop.services.quotes import QuoteService
from crm_desktop.services.records import RecordService
from crm_desktop.store.client_store import ClientStore
from ui.presenters.entry import differs, parse_figure
from ui.presenters.product_offers import matching
from ui.presenters.quote_contents import LineView, Offered, OpenQuote, QuoteContents, load_open
from ui.presenters.quote_lines import QuoteLines
from ui.presenters.quote_writing import QuoteWriting
from ui.presenters.tasks import Tasks


class QuoteView(Protocol):
    """What the presenter asks of the page."""

    def show_contents(self, contents: QuoteContents) -> None:
        """The quote as it was read."""
        ...

    def show_lines(self, lines: tuple[LineView, ...]) -> None:
        """Its lines as they are typed, ahead of what is read."""
        ...

    def show_missing(self) -> None:
        """The quote is not on this laptop."""
        ...

    def show_failure(self, error: CrmError) -> None:
        """A price or a quantity that cannot be; what was there before stays."""
        ...

    def show_saved(self) -> None:
        """The last change became durable just now."""
        ...


class QuoteEditor:
    """One open revision. A key changes the line on the screen at once; the price follows from the store.

    Writes run one after the other, so a line may be edited before it has its id: it is asked for when the
    write runs, not when it is ordered.
    """

    def __init__(
        self,
        store: ClientStore,
        quotes: QuoteService,
        records: RecordService,
        tasks: Tasks,
        user_id: str,
        guard: PriceGuard,
        view: QuoteView,
    ) -> None:
        self._store = store
        self._quotes = quotes
        self._records = records
        self._tasks = tasks
        self._user_id = user_id
        self._guard = guard
        self._view = view
        self._writing = QuoteWriting(tasks, view, self._load, self._show)
        self._undo: list[Callable[[], object]] = []
        self.offered: tuple[Offered, ...] = ()
        self.contents: QuoteContents | None = None
        self.lines = QuoteLines()
        self.quote_id = ""
        self.revision_id = ""

    def open(self, quote_id: str, revision_id: str = "") -> None:
        """Read a quote; without a revision its newest."""
        self.quote_id, self.revision_id = quote_id, revision_id
        self._undo = []
        self.lines.forget()
        self.reload()

    def begin(self, account_id: str) -> None:
        """A new quote for an account, then open it."""
        self._tasks.write(lambda: self._quotes.new_quote(account_id), self.open, self._view.show_failure)

    def reload(self) -> None:
        """Read again what is shown."""
        if self.quote_id:
            self._writing.read()

    def offers(self, text: str) -> list[Offered]:
        """Products for what is typed, the likely ones first."""
        return matching(self.offered, text)

    def add(self, product: Offered, quantity: Decimal = Decimal(1), after: str = "") -> str:
        """A line for a product behind line `after` (a key; empty: at the end); returns its key at once."""
        discount = Decimal(self.contents.revision["discount_percent"] or 0) if self.contents else Decimal(0)
        return self._insert(product.id, product.name, product.unit, quantity, discount, after, undoable=True)

    def duplicate(self, key: str) -> str:
        """The same line once more, right below."""
        line = self.lines.line(key)
        return self._insert(line.product_id, line.name, line.unit, line.quantity, line.own_discount, key, undoable=True)

    def remove(self, key: str) -> Callable[[], None]:
        """Delete a line; the answer brings it back in its place."""
        line, index = self.lines.line(key), self.lines.index(key)
        before = self.lines.shown[index - 1].key if index else ""

        def bring_back() -> None:
            self._insert(
                line.product_id, line.name, line.unit, line.quantity, line.own_discount, before,
                undoable=False, first=not before,
            )  # fmt: skip

        self._set_lines(tuple(other for other in self.lines if other.key != key))
        self._write_line(key, self._quotes.remove_line)
        self._undo.append(bring_back)
        return bring_back

    def set_quantity(self, key: str, text: str, language: str) -> bool:
        """False where the text is no quantity above zero; nothing is written then."""
        value = parse_figure(text, language)
        line = self.lines.line(key)
        if value is None or value <= 0:
            return False
        if value != line.quantity:
            self._undo.append(lambda: self._change(key, quantity=line.quantity))
            self._change(key, quantity=value)
        return True

    def set_discount(self, key: str, text: str, language: str) -> bool:
        """False where the text is no percentage from 0 to 100."""
        value = parse_figure(text, language) if text.strip() else Decimal(0)
        if value is None or not 0 <= value <= 100:
            return False
        self.give(key, value)
        return True

    def give(self, key: str, value: Decimal) -> None:
        """Set the own discount of a line, in percent."""
        line = self.lines.line(key)
        if value != line.own_discount:
            self._undo.append(lambda: self._change(key, discount=line.own_discount))
            self._change(key, discount=value)

    def move(self, key: str, places: int) -> None:
        """One line up (−1) or down (1)."""
        index = self.lines.index(key)
        target = index + places
        if not 0 <= target < len(self.lines):
            return
        lines = list(self.lines.shown)
        lines.insert(target, lines.pop(index))
        self._set_lines(tuple(lines))
        self._write_line(key, lambda line_id: self._quotes.move_line(line_id, places))
        self._undo.append(lambda: self.move(key, -places))

    def toggle_optional(self, key: str) -> None:
        """Offer a line beside the total, or count it again."""
        wanted = not self.lines.line(key).optional
        shown = tuple(replace(line, optional=wanted) if line.key == key else line for line in self.lines)
        self._set_lines(shown)
        self._write_line(key, lambda line_id: self._quotes.set_optional(line_id, wanted))
        self._undo.append(lambda: self.toggle_optional(key) if self.lines.has(key) else None)

    def undo(self) -> bool:
        """Take back the last change of a line; False where there is none."""
        if not self._undo or not self.editable:
            return False
        act = self._undo.pop()
        depth = len(self._undo)
        act()
        del self._undo[depth:]
        return True

    def set_header(self, **values: Any) -> None:
        """Validity, texts, discount or price list of the revision; what is as it was is not written.

        A price list is chosen knowingly: whether another one is newer is asked again only when prices change.
        """
        if self.contents is None or not self.editable:
            return
        changed = {name: value for name, value in values.items() if differs(self.contents.revision.get(name), value)}
        if changed:
            revision_id = self.revision_id

            def write() -> None:
                self._quotes.set_header(revision_id, changed)
                if "price_list_id" in changed:
                    self._guard.keep(revision_id)

            self._writing.write(write)

    def set_chance(self, **values: Any) -> None:
        """Chance, its reason and the follow-up date: they belong to the quote, not to a revision."""
        if self.contents is None:
            return
        changed = {name: value for name, value in values.items() if differs(self.contents.quote.get(name), value)}
        if changed:
            quote_id = self.quote_id
            self._writing.write(lambda: self._records.update("quote", quote_id, changed, initiator="quotes"))

    def carry_out(self, action: Callable[[str], Any], then: Callable[[], Any] | None = None) -> None:
        """Do something with this revision after all that was typed is written; `action` takes its id."""
        revision_id = self.revision_id
        self._writing.write(lambda: action(revision_id), then)

    def when_written(self, then: Callable[[], Any]) -> None:
        """Go on with `then` when all that was typed is written; at once where nothing waits."""
        if self._writing.busy:
            self._writing.write(lambda: None, then)
        else:
            then()

    def revise(self) -> None:
        """A new draft with the lines of the newest revision, then open it."""
        quote_id = self.quote_id
        self._tasks.write(
            lambda: self._quotes.revise(quote_id), lambda made: self.open(quote_id, made), self._view.show_failure
        )

    @property
    def editable(self) -> bool:
        """Only drafts are."""
        return self.contents is not None and self.contents.editable

    def _insert(
        self,
        product_id: str,
        name: str,
        unit: str,
        quantity: Decimal,
        discount: Decimal,
        after: str,
        *,
        undoable: bool,
        first: bool = False,
    ) -> str:
        key = self.lines.new_key()
        revision_id = self.revision_id
        at = 0 if first else self.lines.index(after) + 1 if after else len(self.lines)
        line = LineView(key, "", product_id, name, unit, quantity, discount)
        self._set_lines((*self.lines.shown[:at], line, *self.lines.shown[at:]))

        def write() -> None:
            behind = self.lines.id_of(after) if after else None
            made = self._quotes.add_line(revision_id, product_id, quantity, discount, after=behind)
            self.lines.written(key, made)
            if first:
                self._quotes.move_line(made, -10_000)

        self._writing.write(write)
        if undoable:
            self._undo.append(lambda: self.remove(key) if self.lines.has(key) else None)
        return key

    def _change(self, key: str, quantity: Decimal | None = None, discount: Decimal | None = None) -> None:
        if not self.lines.has(key):
            return
        line = self.lines.line(key)
        shown = replace(
            line,
            quantity=line.quantity if quantity is None else quantity,
            own_discount=line.own_discount if discount is None else discount,
        )
        self._set_lines(tuple(shown if other.key == key else other for other in self.lines))
        self._write_line(key, lambda line_id: self._quotes.change_line(line_id, quantity, discount))

    def _set_lines(self, lines: tuple[LineView, ...]) -> None:
        self.lines.shown = lines
        self._view.show_lines(lines)

    def _write_line(self, key: str, action: Callable[[str], Any]) -> None:
        """A change of one line, with the id it has when its turn comes."""

        def act() -> None:
            line_id = self.lines.id_of(key)
            if line_id is not None:  # None: the line could not be made, which was said already
                action(line_id)

        self._writing.write(act)

    def _load(self) -> OpenQuote:
        quote_id, revision_id, user_id, guard = self.quote_id, self.revision_id, self._user_id, self._guard
        return self._store.read(lambda reader: load_open(reader, quote_id, revision_id, user_id, guard))

    def _show(self, found: OpenQuote) -> None:
        contents, self.offered = found
        if contents is None:
            self._view.show_missing()
            return
        if self._writing.busy or contents.quote["id"] != self.quote_id:
            return  # newer keystrokes are on their way; theirs is the picture to show
        self.revision_id = contents.revision["id"]
        self.contents = replace(contents, lines=self.lines.adopt(contents.lines))
        self._view.show_contents(self.contents)
