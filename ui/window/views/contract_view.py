"""A contract for the eyes of the customer: the pages of its paper, beside them the field to sign in."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from ui.presenters.quote_paper import Paper
from ui.window import theme
from ui.window.i18n import tr
from ui.window.views.folding import FoldingColumns
from ui.window.views.layout import STRETCH, boxed, column
from ui.window.views.paper_preview import page_picture
from ui.window.views.sign_panel import SignPanel
from ui.window.widgets.button import Button
from ui.window.widgets.key_hints import KeyHints
from ui.window.widgets.surface import surface
from ui.window.widgets.top_bar import TopBar
from ui.window.window_keys import part_keys

_SIDE = 386


class ContractView(QWidget):
    """`contact` is who probably signs, None where it is only to be read. `closed`: back to one's own view."""

    closed = Signal()

    def __init__(
        self,
        paper: Paper,
        contact: str | None,
        sign: Callable[[str, bytes], None],
        save: Callable[[Path, bytes], None],
    ) -> None:
        super().__init__()
        surface(self, "canvas")
        self._paper = paper
        self._save = save
        self.bar = TopBar()
        self.save_button, self.close_button = Button("", "normal", "download"), Button("", "normal", "x")
        self.save_button.clicked.connect(self.choose_file)
        self.close_button.clicked.connect(self.closed)
        self.bar.add_right(self.close_button)
        self.bar.add_right(self.save_button)
        self.hints = KeyHints()
        pages = column(margins=(24, 24, 24, 24), spacing=16)
        self.pages = [page_picture(data, self.devicePixelRatioF()) for data in paper.pictures]
        for page in self.pages:
            pages.addWidget(page, 0, Qt.AlignmentFlag.AlignHCenter)
        pages.addStretch(1)
        sheet = boxed(pages, "side")
        self.sign_panel = SignPanel(sign, None, words="contracts")
        side = boxed(column(self.sign_panel, STRETCH, margins=(20, 20, 20, 20)))
        self.sign_panel.offer(paper.file_name, contact or "", signable=contact is not None)
        if contact is None:
            side.hide()
        self.columns = FoldingColumns(sheet, side, theme.px(_SIDE), self.hints)
        self.setLayout(column(self.bar, self.columns))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        part_keys(self, {"Escape": self.closed.emit})
        self.retranslate()

    def begin(self) -> None:
        """The keys go to the first thing there is to do; what is not shown yet takes none."""
        self.show()
        self.setFocus(Qt.FocusReason.OtherFocusReason)
        if self.sign_panel.isHidden():
            self.close_button.setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            self.sign_panel.begin()
            QTimer.singleShot(0, self.columns, self.columns.show_side)  # once it is known how wide it is

    def retranslate(self) -> None:
        """The words again; the paper keeps its language."""
        title = self._paper.file_name.removesuffix(".pdf")
        self.setAccessibleName(title)
        self.bar.set_title(title)
        self.bar.set_caption(tr("quote.pages", count=len(self.pages)))
        self.save_button.set_text(tr("quote.save_pdf"))
        self.close_button.set_text(tr("action.close"))
        self.hints.set_hints([(tr("key.escape"), tr("customer.key_back"))])
        for number, page in enumerate(self.pages, 1):
            page.setAccessibleName(tr("quote.page", number=number, count=len(self.pages)))
        self.sign_panel.retranslate()

    def choose_file(self) -> None:
        """Ask where to, then save the bytes that are shown."""
        home = str(Path.home() / self._paper.file_name)
        chosen, _ = QFileDialog.getSaveFileName(self, tr("quote.save_pdf"), home, "PDF (*.pdf)")
        if chosen:
            self._save(Path(chosen), self._paper.pdf)
