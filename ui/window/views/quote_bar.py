"""The bar above the quote editor: the way here, whether it is saved, and what can be done with the paper."""

from collections.abc import Callable, Sequence

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from ui.presenters.quote_contents import QuoteContents
from ui.window.i18n import tr
from ui.window.views.customer_view import KEY
from ui.window.views.layout import Crumbs, boxed, column, crumb_bar, row
from ui.window.widgets.button import Button
from ui.window.widgets.fitting_bar import YIELDS
from ui.window.widgets.icon_label import IconLabel
from ui.window.widgets.label import Label

_OPEN = ("sent", "superseded")
_BEGIN_AGAIN = ("approved", "sent", "accepted", "lost", "expired")


class QuoteBar(QWidget):
    """Buttons for the page to connect; it shows those the state of the revision allows."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.crumbs = Crumbs()
        self.saved_icon, self.saved_text = IconLabel("check", "ok", 14), Label("", "sec")
        self.preview = Button("", "normal", "eye")
        self.send = Button("", "primary", "send")
        self.ask = Button("", "primary", "badge-check")
        self.edit_again = Button("", "primary", "pen-line")
        self.decide = Button("", "primary", "badge-check")
        self.revise = Button("", "normal", "copy")
        self.mail = Button("", "normal", "mail")
        self.sign = Button("", "normal", "signature")
        self.order = Button("", "primary", "package")
        self.more = Button("", "normal", "ellipsis", name="more")
        self.menu = QMenu(self)
        self.accept, self.lose, self.customer = QAction(self), QAction(self), QAction(self)
        self.optional = QAction(self)
        self.menu.addActions([self.accept, self.lose, self.optional, self.customer])
        self.more.clicked.connect(self._open_menu)
        self._words = {
            self.preview: "quote.preview", self.send: "quote.send", self.ask: "approvals.ask",
            self.edit_again: "approvals.edit_again", self.decide: "approvals.decide", self.revise: "quote.revise",
            self.sign: "customer.sign_begin", self.mail: "quote.mail",
        }  # fmt: skip
        self._ordered = False
        self.saved_text.setProperty(YIELDS, True)
        state = boxed(row(self.saved_icon, self.saved_text, spacing=6))
        self.setLayout(
            column(crumb_bar(self.crumbs, state, self.more, self.preview, self.mail, self.sign, self.revise, self.order,
                             self.edit_again, self.decide, self.ask, self.send))
        )  # fmt: skip

    def retranslate(self) -> None:
        """The buttons in the language of the window."""
        for button, key in (*self._words.items(), (self.order, "order.open" if self._ordered else "order.make")):
            button.set_text(tr(key))
        self.more.setAccessibleName(tr("action.more"))
        self.more.setToolTip(tr("action.more"))
        self.accept.setText(tr("quote.accept"))
        self.lose.setText(tr("lost.close"))
        self.optional.setText(f"{tr('quote.toggle_optional')}\t{tr('key.ctrl')}+O")
        self.customer.setText(f"{tr('customer.begin')}\t{KEY}")

    def show_quote(self, contents: QuoteContents, way: Sequence[tuple[str, Callable[[], None]]]) -> None:
        """The quote's number behind `way`, and what may be done with this revision."""
        self.crumbs.set_path(way, contents.quote["number"])
        status, standing = contents.revision["status"], contents.standing
        newest = contents.revisions[0].id == contents.revision["id"] if contents.revisions else True
        filled = bool(contents.lines)
        above = bool(standing.above) and contents.editable
        self._ordered = bool(standing.order_id)
        for button, shown in (
            (self.send, not standing.ordered and ((contents.editable and not above) or status == "approved")),
            (self.ask, above and not standing.ordered),
            (self.edit_again, status == "returned"),
            (self.decide, status == "waiting_approval" and standing.may_decide),
            (self.revise, newest and status in _BEGIN_AGAIN and not standing.ordered),
            (self.order, status in (*_OPEN, "accepted") or self._ordered),
            (self.mail, status in (*_OPEN, "accepted")),
            (self.sign, status in _OPEN and not contents.revision["signed_at"]),
        ):
            button.setVisible(shown)
        for button in (self.send, self.ask, self.preview):
            button.setEnabled(filled)
        self.accept.setVisible(status in _OPEN)
        self.optional.setVisible(contents.editable and filled)
        self.lose.setVisible(status == "sent")
        self.retranslate()

    def show_state(self, *, frozen: bool, saved_at: str) -> None:
        """When the last change became durable (empty: none was made here), or that nothing can change any more."""
        self.saved_icon.set_icon("lock" if frozen else "check", "t2" if frozen else "ok")
        self.saved_icon.setVisible(frozen or bool(saved_at))
        self.saved_text.set_text(tr("quote.frozen") if frozen else tr("quote.saved", time=saved_at) if saved_at else "")

    def _open_menu(self) -> None:
        self.menu.popup(self.more.mapToGlobal(self.more.rect().bottomLeft()))
