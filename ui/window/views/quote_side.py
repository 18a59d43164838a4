"""The side of the quote page: why a price is what it is, the revisions, and the files of the quote."""

from pathlib import Path

from PySide6.QtWidgets import QWidget

from ui.presenters.quote_editor import QuoteEditor
from ui.window.page import Shell
from ui.window.views.attachments_panel import AttachmentsPanel
from ui.window.views.layout import boxed, column
from ui.window.views.price_column import PriceColumn
from ui.window.widgets.surface import hline


class QuoteSide(QWidget):
    """Files belong to the quote, not to one of its revisions, and may be added to what is sent already."""

    def __init__(self, shell: Shell, editor: QuoteEditor) -> None:
        super().__init__()
        self._editor = editor
        self._shown = ""
        self.price = PriceColumn(lambda revision_id: editor.open(editor.quote_id, revision_id))
        self.files = AttachmentsPanel(shell, lambda then: then(("quote", editor.quote_id)), wide=False)
        self.setLayout(column(self.price, hline(), boxed(column(self.files, margins=(20, 14, 16, 12)))))

    def show_files(self) -> None:
        """Those of the quote that is open."""
        if self._shown != self._editor.quote_id:
            self._shown = self._editor.quote_id
            self.files.show_files_of(("quote", self._shown))

    def drop(self, paths: list[Path]) -> None:
        """Files dropped anywhere on the page are kept with the quote."""
        if self._editor.contents is not None:
            self.files.add_paths(paths)
