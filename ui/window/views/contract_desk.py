"""Turns the laptop round with a contract: its paper instead of the window, and the field to sign in."""

from collections.abc import Callable
from pathlib import Path

from ui.presenters.contract_paper import make_contract_paper, sign_contract
from ui.presenters.quote_paper import Paper
from ui.window.i18n import language, tr
from ui.window.page import Shell
from ui.window.views.contract_view import ContractView


class ContractDesk:
    """`view` is what covers the window while it is open. `save_first` writes what is typed before it opens."""

    def __init__(self, shell: Shell, save_first: Callable[[], object], back: Callable[[], None]) -> None:
        self._shell = shell
        self._save_first = save_first
        self._back = back
        self._contract_id = ""
        self.view: ContractView | None = None

    def preview(self, contract_id: str) -> None:
        """The paper to look at."""
        self._open(contract_id, sign=False)

    def sign(self, contract_id: str) -> None:
        """The paper with the field to sign in."""
        self._open(contract_id, sign=True)

    def close(self) -> None:
        """One's own view again."""
        if self.view is not None:
            self.view = None
            self._shell.cover(None)
            self._back()

    def retranslate(self) -> None:
        """The words again."""
        if self.view is not None:
            self.view.retranslate()

    def _open(self, contract_id: str, *, sign: bool) -> None:
        if self.view is not None:
            return
        self._save_first()
        self._contract_id = contract_id
        app, tasks, fallback = self._shell.app, self._shell.tasks, language()

        def show(made: tuple[Paper, str]) -> None:
            if self.view is None:
                self._show(*made, sign=sign)

        def make() -> tuple[Paper, str]:
            contract = app.store.read(lambda reader: reader.get("contract", contract_id)) or {}
            contact_id = contract.get("contact_id")
            contact = app.store.read(lambda reader: reader.get("contact", contact_id)) if contact_id else None
            return make_contract_paper(app, contract_id, fallback), str(contact["name"]) if contact else ""

        # Behind what was just saved: the paper says what the form says.
        tasks.write(lambda: None, lambda _done: tasks.long(tr("quote.making_pdf"), lambda _progress: make(), show))

    def _show(self, paper: Paper, contact: str, *, sign: bool) -> None:
        view = self.view = ContractView(paper, contact if sign else None, self._signed, self._save)
        view.closed.connect(self.close)
        self._shell.cover(view)
        view.begin()

    def _signed(self, name: str, picture: bytes) -> None:
        app, contract_id, fallback = self._shell.app, self._contract_id, language()

        def done(_file_id: str) -> None:
            self._shell.toast(tr("customer.signed_toast", name=name.strip()))
            self.close()

        self._shell.tasks.long(
            tr("contracts.keeping"), lambda _progress: sign_contract(app, contract_id, name, picture, fallback), done
        )

    def _save(self, path: Path, pdf: bytes) -> None:
        self._shell.tasks.write(
            lambda: path.write_bytes(pdf), lambda _size: self._shell.toast(tr("quote.pdf_saved", name=path.name))
        )
