"""Turns the laptop round and back: the customer's view instead of the window, and what the customer does there."""

from collections.abc import Callable

from crm_desktop.model.wire import Row
from crm_desktop.store.reader import Reader
from ui.presenters.customer_paper import customer_paper
from ui.presenters.quote_contents import QuoteContents
from ui.presenters.quote_editor import QuoteEditor
from ui.window.i18n import tr
from ui.window.page import Shell
from ui.window.views.customer_view import CustomerView


class CustomerDesk:
    """`view` is what the customer sees while it is open. `flush` writes what is typed before it opens."""

    def __init__(
        self, shell: Shell, editor: QuoteEditor, flush: Callable[[], None], accept: Callable[[], None],
        back: Callable[[], None],
    ) -> None:  # fmt: skip
        self._shell = shell
        self._editor = editor
        self._flush = flush
        self._accept = accept
        self._back = back
        self._company = ""
        self.view: CustomerView | None = None

    def toggle(self) -> None:
        """The one key: to the customer's view and back."""
        if self.view is not None:
            self.close()
        else:
            self.open()

    def open(self, *, sign: bool = False) -> None:
        """Show only what is for the customer; `sign` goes to the field for the signature."""
        contents = self._editor.contents
        if contents is None or self.view is not None:
            return
        self._flush()
        view = self.view = CustomerView(self._sign, self._accepted)
        view.closed.connect(self.close)
        view.show_paper(customer_paper(contents, self._company))
        self._shell.cover(view)
        view.setFocus()
        if sign:
            view.begin_signing()
        self._read_company()

    def close(self) -> None:
        """One's own view again."""
        if self.view is not None:
            self.view = None
            self._shell.cover(None)
            self._back()

    def show_contents(self, contents: QuoteContents) -> None:
        """The quote changed while the customer looks on."""
        if self.view is not None:
            self.view.show_paper(customer_paper(contents, self._company))

    def retranslate(self) -> None:
        """The words again."""
        if self.view is not None:
            self.view.retranslate()

    def _read_company(self) -> None:
        store = self._shell.app.store

        def read(reader: Reader) -> list[Row]:
            return reader.where("company")

        def show(found: list[Row]) -> None:
            self._company = str(found[0]["name"]) if found else ""
            if self._editor.contents is not None:
                self.show_contents(self._editor.contents)

        self._shell.tasks.read(lambda: store.read(read), show, key="company")

    def _sign(self, name: str, picture: bytes) -> None:
        signatures = self._shell.app.signatures
        self._editor.carry_out(
            lambda revision_id: signatures.sign(revision_id, name, picture),
            lambda: self._shell.toast(tr("customer.signed_toast", name=name.strip())),
        )

    def _accepted(self) -> None:
        self.close()
        self._accept()
