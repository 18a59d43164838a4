"""The window of the program: started, run and closed here."""

import logging
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QThreadPool, QTimer, Signal
from PySide6.QtWidgets import QApplication

from crm_desktop.errors import CrmError
from ui.compose import App, open_profile
from ui.window import i18n, theme
from ui.window.start_window import StartWindow, words_before_profile

if TYPE_CHECKING:
    from ui.window.main_window import MainWindow

# Python lets a thread that calculates go on for 5 ms before another gets its turn: while a first sync fills the store,
# the window's own waits for it at each step (benchmarks/loop_gaps.py: 27 ms at the 99th percentile, 21 with this).
SWITCH_S = 0.001
_log = logging.getLogger("crm.ui")


def run_window(profile: App | Path, arguments: Sequence[str] = ()) -> int:
    """Open the window on a profile, or on the folder of one that is opened behind the window.

    Returns the exit code. A profile given as App is closed by whoever opened it.
    """
    application = qt_application(arguments)
    if isinstance(profile, App):
        windows = Windows(application, profile)
        code = application.exec()
        windows.close()
        return code
    start = _Start(application, profile)
    start.begin()
    code = application.exec()
    start.close()
    return start.code or code


def ask_passphrase(choose: bool) -> str:
    """Ask for the passphrase before there is a profile; empty when the user gives up."""
    application = qt_application(())
    words_before_profile()
    theme.apply_theme(application, theme.system_scheme(application))
    window = StartWindow()
    answer = window.ask_passphrase(choose)
    window.close()
    return answer


def qt_application(arguments: Sequence[str]) -> QApplication:
    """The one application of this process."""
    found = QApplication.instance()
    if isinstance(found, QApplication):
        return found
    sys.setswitchinterval(SWITCH_S)
    application = QApplication([sys.argv[0], *arguments])
    application.setApplicationName("crm-desktop")
    application.setApplicationDisplayName("CRM")
    return application


def open_main(application: QApplication, app: App) -> "MainWindow":
    """Dress the application as the user chose and show the window; sync begins behind it."""
    from ui.window.main_window import MainWindow

    i18n.set_language(app.settings.language)
    follower = theme.SchemeFollower(application)
    follower.choose(app.settings.theme, app.settings.text_size_percent / 100)
    window = MainWindow(app, follower)
    window.show()
    QTimer.singleShot(0, window.begin)
    return window


class Windows(QObject):
    """The one main window on the user's own profile, or on the one to look at in its place."""

    def __init__(self, application: QApplication, own: App) -> None:
        super().__init__()
        self._application = application
        self._own = own
        self.current = self._open(own)

    def close(self) -> None:
        """Close the window, and the profile to look at with it; one's own stays open."""
        self._let_go(self.current)

    def _open(self, app: App) -> "MainWindow":
        window = open_main(self._application, app)
        # Queued: the window that asks is on the stack while it asks.
        window.other_profile.connect(self._change, Qt.ConnectionType.QueuedConnection)
        return window

    def _change(self, app: App | None) -> None:
        before = self.current
        self.current = self._open(app or self._own)
        self.current.setGeometry(before.geometry())
        self._let_go(before)

    def _let_go(self, window: "MainWindow") -> None:
        window.close()
        window.scheme.deleteLater()  # it would go on following the desktop for a profile that is gone
        window.deleteLater()
        if window.app is not self._own:
            window.app.close()


class _Start(QObject):
    """Opens a profile on a worker thread while the window is on the screen already."""

    opened = Signal(object)
    failed = Signal(object)

    def __init__(self, application: QApplication, folder: Path) -> None:
        super().__init__()
        self.code = 0
        self._application = application
        self._folder = folder
        self._app: App | None = None
        self._windows: Windows | None = None
        words_before_profile()
        theme.apply_theme(application, theme.system_scheme(application))
        self._window = StartWindow()
        self.opened.connect(self._show)
        self.failed.connect(self._tell)
        self._window.passphrase_given.connect(self._open)

    def begin(self) -> None:
        """Show the window, then open the profile."""
        self._window.show()
        QTimer.singleShot(0, lambda: self._open(""))

    def close(self) -> None:
        """Close the profile that was opened here."""
        if self._windows is not None:
            self._windows.close()
        if self._app is not None:
            self._app.close()

    def _open(self, passphrase: str) -> None:
        self._window.busy()
        QThreadPool.globalInstance().start(lambda: self._work(passphrase))

    def _work(self, passphrase: str) -> None:
        # Imported here so that the first window stands before the modules of the pages are read.
        try:
            ask = (lambda _choose: passphrase) if passphrase else None
            app = open_profile(self._folder, passphrase=ask, language=i18n.language())
            import ui.window.main_window  # noqa: F401
        except CrmError as error:
            self.failed.emit(error)
        else:
            self.opened.emit(app)

    def _show(self, app: App) -> None:
        self._app = app
        self._windows = Windows(self._application, app)
        self._window.close()

    def _tell(self, error: CrmError) -> None:
        code = getattr(error, "code", "")
        if code in ("passphrase_needed", "wrong_passphrase"):
            self._window.ask_again(error, choose=not (self._folder / "crm.db").exists())
            return
        _log.error("the profile could not be opened: %s", code or type(error).__name__)
        self.code = 1
        self._window.show_error(error)
