"""Signing on the laptop: a name, a field to draw in. Without a drawing it is an acceptance, and says so."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit

from ui.presenters.customer_paper import CustomerPaper
from ui.window.i18n import tr
from ui.window.views.layout import STRETCH, row
from ui.window.widgets.button import Button
from ui.window.widgets.field_row import FieldRow
from ui.window.widgets.label import Label
from ui.window.widgets.signature_pad import SignaturePad
from ui.window.widgets.surface import Panel


class SignPanel(Panel):
    """Shown while the paper can be signed. `sign` takes name and picture (PNG), `accept` is the way without one.

    `words` names the section of the messages that say what is signed.
    """

    def __init__(
        self, sign: Callable[[str, bytes], None], accept: Callable[[], None] | None, *, words: str = "customer"
    ) -> None:
        super().__init__(margin=16)
        self._words = words
        self._sign = sign
        self._shown = ""
        self.title = Label("", "h2")
        self.name = QLineEdit()
        self._name = FieldRow("", self.name)
        self.pad = SignaturePad()
        self.done, self.again = Button("", "primary", "signature"), Button("", "normal")
        self.accept = Button("", "ghost")
        self.hint = Label("", "cap", wrap=True)
        self.done.clicked.connect(self.carry_out)
        self.again.clicked.connect(self.pad.clear)
        if accept is not None:
            self.accept.clicked.connect(accept)
        else:
            self.accept.hide()
        self.pad.changed.connect(self._show_state)
        self.name.textEdited.connect(lambda _text: self._name.set_error(None))
        self.body.addWidget(self.title)
        self.body.addWidget(self._name)
        self.body.addWidget(self.pad)
        self.body.addLayout(row(self.done, self.again, STRETCH, self.accept))
        self.body.addWidget(self.hint)

    def show_paper(self, paper: CustomerPaper) -> None:
        """Whether it can be signed; another paper begins with an empty field."""
        self.offer(f"{paper.number} {paper.revision}", paper.contact, signable=paper.signable)

    def offer(self, key: str, contact: str, *, signable: bool) -> None:
        """Whether the paper of this key can be signed, and who probably does."""
        self.setVisible(signable)
        if key != self._shown:
            self._shown = key
            self.name.setText(contact)
            self.pad.clear()
        self._show_state()

    def begin(self) -> None:
        """Ready to sign: the keys begin with the name, which may be another's than the one that is known."""
        self.name.setFocus(Qt.FocusReason.OtherFocusReason)

    def carry_out(self) -> None:
        """Keep the signature; a missing name is asked for."""
        if not self.name.text().strip():
            self._name.set_error(partial(tr, "customer.name_missing"))
            self.name.setFocus()
            return
        if self.pad.is_signed():
            self._sign(self.name.text(), self.pad.png())

    def retranslate(self) -> None:
        """The words again."""
        self.title.set_text(tr(f"{self._words}.sign_title"))
        self._name.set_label(tr("customer.name"))
        self.pad.setAccessibleName(tr("customer.pad"))
        self.done.set_text(tr("customer.sign"))
        self.again.set_text(tr("customer.again"))
        self.accept.set_text(tr("customer.accept"))
        self.hint.set_text(tr(f"{self._words}.no_signature"))

    def _show_state(self) -> None:
        signed = self.pad.is_signed()
        self.done.setEnabled(signed)
        self.again.setEnabled(signed)
