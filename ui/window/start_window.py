"""The small window before the profile is open: opening, passphrase, or why it cannot be opened."""

from PySide6.QtCore import QEventLoop, QLocale, Qt, Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from crm_desktop.errors import CrmError
from ui.window import i18n
from ui.window.error_banner import error_words
from ui.window.i18n import tr
from ui.window.views.layout import STRETCH, boxed, column, row
from ui.window.widgets.banner import Banner
from ui.window.widgets.button import primary
from ui.window.widgets.field_row import FieldRow
from ui.window.widgets.focus_ring import FocusRing
from ui.window.widgets.label import Label
from ui.window.widgets.surface import surface

_SIZE = (520, 320)


def words_before_profile() -> None:
    """The first of the desktop's languages that we speak, as the profile's own is not known yet."""
    spoken = (name.split("-")[0] for name in QLocale.system().uiLanguages())
    i18n.set_language(next((ours for name in spoken for ours in i18n.LANGUAGES if name == ours), "en"))


class StartWindow(QWidget):
    """Replaced by the main window when the profile is open."""

    passphrase_given = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        surface(self, "canvas")
        self.setWindowTitle(tr("window.title"))
        self.resize(*_SIZE)
        self._loop: QEventLoop | None = None
        self._answer = ""
        self._title = Label(tr("window.title"), "h1")
        self._text = Label("", "body", "t2", wrap=True)
        self.field = QLineEdit()
        self.field.setObjectName("passphrase")
        self.field.setEchoMode(QLineEdit.EchoMode.Password)
        self._field_row = FieldRow(tr("start.passphrase"), self.field)
        self.banner = Banner("bad", "octagon-alert", "")
        self.button = primary("")
        self._asking = boxed(column(self._field_row, 12, row(self.button, STRETCH)))
        parts = (STRETCH, self._title, 8, self._text, 16, self.banner, 12, self._asking, STRETCH)
        self.setLayout(column(*parts, margins=(40, 24, 40, 24)))
        self.ring = FocusRing(self)
        self.button.clicked.connect(self._done)
        self.field.returnPressed.connect(self._done)
        self.busy()

    def busy(self) -> None:
        """The profile is being opened."""
        self._text.set_text(tr("start.opening"))
        self.banner.hide()
        self._asking.hide()

    def ask_again(self, error: CrmError, choose: bool) -> None:
        """Ask for the passphrase; a wrong one is said."""
        self._ask(choose)
        if getattr(error, "code", "") == "wrong_passphrase":
            self._say(error)

    def ask_passphrase(self, choose: bool) -> str:
        """Ask and wait; empty when the window was closed."""
        self._ask(choose)
        self.show()
        self._loop = QEventLoop()
        self._loop.exec()
        return self._answer

    def show_error(self, error: CrmError) -> None:
        """Say why the profile cannot be opened; the button closes."""
        self._text.set_text("")
        self._say(error)
        self._field_row.hide()
        self.button.set_text(tr("action.close"))
        self.button.clicked.disconnect()
        self.button.clicked.connect(self.close)
        self._asking.show()
        self.button.setFocus(Qt.FocusReason.OtherFocusReason)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Nobody waits for an answer any more."""
        if self._loop is not None:
            self._loop.quit()
        super().closeEvent(event)

    def _ask(self, choose: bool) -> None:
        self._text.set_text(tr("start.choose" if choose else "start.enter"))
        self.button.set_text(tr("action.continue"))
        self._asking.show()
        self.field.clear()
        self.field.setFocus(Qt.FocusReason.OtherFocusReason)

    def _say(self, error: CrmError) -> None:
        title, advice = error_words(error)
        self.banner.set_banner("bad", "octagon-alert", title, advice)
        self.banner.show()

    def _done(self) -> None:
        self._answer = self.field.text()
        if not self._answer:
            return
        if self._loop is not None:
            self._loop.quit()
        else:
            self.passphrase_given.emit(self._answer)
