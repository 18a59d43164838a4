"""The banner above the pages: what did not work and what to do. It stays until it is closed or the page changes."""

from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from crm_desktop.errors import CrmError
from ui.errors import shown
from ui.window import i18n
from ui.window.i18n import tr
from ui.window.widgets.banner import Banner


def error_words(error: CrmError) -> tuple[str, str]:
    """Title and advice of an error in the language of the window."""
    said = shown(error, i18n.language())
    return said.title, said.advice


def error_sentence(error: CrmError) -> str:
    """Both in one line, for below a field."""
    return " ".join(error_words(error))


class ErrorBanner(QWidget):
    """Hidden while all is well."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._error: CrmError | None = None
        self.banner = Banner("bad", "octagon-alert", "")
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 12, 20, 4)
        column.addWidget(self.banner)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.hide()

    def show_error(self, error: CrmError) -> None:
        """Say it."""
        self._error = error
        title, advice = error_words(error)
        self.banner.set_banner("bad", "octagon-alert", title, advice)
        self.banner.set_actions([(tr("action.close"), self.hide)])
        self.show()

    def retranslate(self) -> None:
        """Say it in another language."""
        if self._error is not None and self.isVisible():
            self.show_error(self._error)
