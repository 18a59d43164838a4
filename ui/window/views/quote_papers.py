"""The paper of the quote on the page: set in the background, shown over the page, saved as the same bytes."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QWidget

from ui.presenters.quote_editor import QuoteEditor
from ui.presenters.quote_paper import Paper, make_paper
from ui.window.i18n import language, tr
from ui.window.page import Shell
from ui.window.views.paper_preview import PaperPreview, open_file


class QuotePapers:
    """One page's paper. `preview` is the widget over the page, `paper` what it shows."""

    def __init__(self, page: QWidget, shell: Shell, editor: QuoteEditor, closed: Callable[[], None]) -> None:
        self._shell = shell
        self._editor = editor
        self.paper: Paper | None = None
        self.preview = PaperPreview(page, self.save, closed)

    def show(self) -> None:
        """Set the paper of the open revision and show it."""
        if self._editor.contents is None:
            return
        app, quote_id, revision_id = self._shell.app, self._editor.quote_id, self._editor.revision_id
        made_at, fallback = app.clock.now().astimezone(), language()
        self._shell.tasks.long(
            tr("quote.making_pdf"),
            lambda _progress: make_paper(app.store, quote_id, revision_id, fallback, made_at),
            self._shown,
            self._shell.show_error,
        )

    def _shown(self, paper: Paper) -> None:
        self.paper = paper
        number = self._editor.contents.quote["number"] if self._editor.contents else ""
        self.preview.show_paper(tr("quote.paper", number=number), paper.file_name, paper.pictures)

    def save(self, path: Path) -> None:
        """Write the shown bytes to a file and open it."""
        paper = self.paper
        if paper is not None:
            self._shell.tasks.write(lambda: path.write_bytes(paper.pdf), lambda _size: self.after_save(path))

    def after_save(self, path: Path) -> None:
        """Show the file that was written with the desktop's program."""
        self._shell.toast(tr("quote.pdf_saved", name=path.name))
        open_file(path)
