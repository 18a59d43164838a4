"""The paper on the screen: the same bytes that are saved, page by page."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices, QImage, QPixmap
from PySide6.QtWidgets import QFileDialog, QLabel, QVBoxLayout, QWidget

from ui.window import theme
from ui.window.i18n import tr
from ui.window.views.layout import boxed, clear, column, scrolling
from ui.window.widgets.button import Button
from ui.window.widgets.surface import surface
from ui.window.widgets.top_bar import TopBar
from ui.window.window_keys import part_keys

_PAGE_WIDTH = 660


class PaperPreview(QWidget):
    """Covers the page it belongs to until it is closed; Esc closes it."""

    def __init__(self, host: QWidget, save: Callable[[Path], None], closed: Callable[[], None]) -> None:
        super().__init__(host)
        surface(self, "canvas")
        self._host = host
        self._save = save
        self._closed = closed
        self._name = "quote.pdf"
        self.bar = TopBar()
        self.save_button, self.close_button = Button("", "primary", "download"), Button("", "normal", "x")
        self.save_button.clicked.connect(self.choose_file)
        self.close_button.clicked.connect(self.close_preview)
        self.bar.add_right(self.close_button)
        self.bar.add_right(self.save_button)
        self._pages = QVBoxLayout()
        self._pages.setContentsMargins(24, 24, 24, 24)
        self._pages.setSpacing(16)
        holder = boxed(self._pages, "side")
        self.setLayout(column(self.bar, scrolling(holder)))
        part_keys(self, {"Escape": self.close_preview})
        self.hide()

    def show_paper(self, title: str, file_name: str, pictures: list[bytes]) -> None:
        """Show pages (PNG bytes) over the host."""
        self._name = file_name
        self.bar.set_title(title)
        self.bar.set_caption(tr("quote.pages", count=len(pictures)))
        self.save_button.set_text(tr("quote.save_pdf"))
        self.close_button.set_text(tr("action.close"))
        clear(self._pages)
        for number, data in enumerate(pictures, 1):
            page = page_picture(data, self.devicePixelRatioF())
            page.setAccessibleName(tr("quote.page", number=number, count=len(pictures)))
            self._pages.addWidget(page, 0, Qt.AlignmentFlag.AlignHCenter)
        self._pages.addStretch(1)
        self.setGeometry(self._host.rect())
        self.show()
        self.raise_()
        self.save_button.setFocus()

    def choose_file(self) -> None:
        """Ask where to, then save the bytes."""
        home = str(Path.home() / self._name)
        chosen, _ = QFileDialog.getSaveFileName(self, tr("quote.save_pdf"), home, "PDF (*.pdf)")
        if chosen:
            self._save(Path(chosen))

    def close_preview(self) -> None:
        """Back to the page."""
        self.hide()
        self._closed()


def page_picture(data: bytes, ratio: float) -> QLabel:
    """A page of a paper (PNG) at the width it is read at; `ratio`: device pixels of the screen it is shown on."""
    page = QLabel()
    width = round(theme.px(_PAGE_WIDTH) * ratio)
    shown = QPixmap.fromImage(QImage.fromData(data)).scaledToWidth(width, Qt.TransformationMode.SmoothTransformation)
    shown.setDevicePixelRatio(ratio)
    page.setPixmap(shown)
    return page


def open_file(path: Path) -> None:
    """Show a file with the program the desktop has for it."""
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))
