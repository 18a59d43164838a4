"""The bar above the quote editor: the way here, whether it is saved, and what can be done with the paper."""

from collections.abc import Callable, Sequence

from PySide6.QtWidgets import QWidget

from ui.presenters.quote_contents import QuoteContents
from ui.window.i18n import tr
from ui.window.views.layout import Crumbs, boxed, column, crumb_bar, row
from ui.window.widgets.button import Button
from ui.window.widgets.icon_label import IconLabel
from ui.window.widgets.label import Label


class QuoteBar(QWidget):
    """Buttons for the page to connect; it shows those the state of the revision allows."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.crumbs = Crumbs()
        self.saved_icon, self.saved_text = IconLabel("check", "ok", 14), Label("", "sec")
        self.preview = Button("", "normal", "eye")
        self.send = Button("", "primary", "send")
        self.revise = Button("", "primary", "copy")
        self.accept, self.lose = Button("", "normal", "check"), Button("", "ghost")
        state = boxed(row(self.saved_icon, self.saved_text, spacing=6))
        self.setLayout(
            column(crumb_bar(self.crumbs, state, self.lose, self.accept, self.preview, self.revise, self.send))
        )

    def retranslate(self) -> None:
        """The buttons in the language of the window."""
        for button, word in (
            (self.preview, "preview"), (self.send, "send"), (self.revise, "revise"), (self.accept, "accept"),
            (self.lose, "lose"),
        ):  # fmt: skip
            button.set_text(tr(f"quote.{word}"))

    def show_quote(self, contents: QuoteContents, way: Sequence[tuple[str, Callable[[], None]]]) -> None:
        """The quote's number behind `way`, and what may be done with this revision."""
        self.crumbs.set_path(way, contents.quote["number"])
        status = contents.revision["status"]
        newest = contents.revisions[0].id == contents.revision["id"] if contents.revisions else True
        self.send.setVisible(contents.editable)
        self.send.setEnabled(bool(contents.lines))
        self.revise.setVisible(not contents.editable and newest)
        self.accept.setVisible(status in ("sent", "superseded"))
        self.lose.setVisible(status == "sent")
        self.preview.setEnabled(bool(contents.lines))

    def show_state(self, *, frozen: bool, saved_at: str) -> None:
        """When the last change became durable (empty: none was made here), or that nothing can change any more."""
        self.saved_icon.set_icon("lock" if frozen else "check", "t2" if frozen else "ok")
        self.saved_icon.setVisible(frozen or bool(saved_at))
        self.saved_text.set_text(tr("quote.frozen") if frozen else tr("quote.saved", time=saved_at) if saved_at else "")
