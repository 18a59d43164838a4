"""The window: navigation at the left, one page, the status strip; back and forward, search, toast, errors."""

import logging
from collections.abc import Callable
from functools import partial
from typing import Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QMainWindow, QWidget

from crm_desktop.errors import CrmError
from ui.compose import App
from ui.presenters.help_texts import topic_about
from ui.presenters.last_run import load_last_run
from ui.presenters.tasks import Tasks
from ui.window import i18n, theme
from ui.window.bridges import StatusBridge, StoreBridge
from ui.window.cover import Cover
from ui.window.error_banner import ErrorBanner
from ui.window.frame_figures import FrameFigures
from ui.window.frame_layout import whole_window, work_area
from ui.window.i18n import tr
from ui.window.invented_banner import InventedBanner
from ui.window.navigation_fold import NavigationFold
from ui.window.navigation_panel import NavigationPanel
from ui.window.news_watch import NewsWatch
from ui.window.notice_teller import NoticeTeller
from ui.window.page_refresh import PageRefresh
from ui.window.page_stack import PageStack
from ui.window.pages import PAGES
from ui.window.progress_strip import ProgressStrip
from ui.window.task_pool import TaskPool
from ui.window.views.left_draft import tell_left_draft
from ui.window.widgets.focus_ring import FocusRing
from ui.window.widgets.status_strip import StatusStrip
from ui.window.widgets.undo_toast import UndoToast
from ui.window.window_keys import NUMBERED, bind_keys
from ui.window.window_state import WindowState

SMALLEST = (960, 600)
_log = logging.getLogger("crm.ui")


class MainWindow(QMainWindow):
    """Meets `ui.window.page.Shell`. The profile is open already; pages are built when first opened."""

    other_profile = Signal(object)
    """The user wants a window on another open profile, an App; None: on his own again."""

    def __init__(self, app: App, scheme: theme.SchemeFollower) -> None:
        super().__init__()
        self.app = app
        self.pool = TaskPool(self.show_error, self)
        self.tasks: Tasks = self.pool
        self.scheme = scheme
        self._undo: Callable[[], Any] | None = None
        self._cover = Cover(self)
        self._state = WindowState(app.folder)
        self.nav = NavigationPanel(frozenset(PAGES))
        self._folding = NavigationFold(self, self.nav, self._state, self.show_status)
        self.stack = PageStack(self)
        self.pages, self.history = self.stack.built, self.stack.history
        self.strip = StatusStrip(tr("strip.label"))
        self.progress = ProgressStrip()
        self.errors = ErrorBanner()
        self.invented = InventedBanner(lambda: self.change_profile(None))
        self._build()
        self.toast_widget = UndoToast(self._work)
        self.ring = FocusRing(self)
        self.overlay: Any = None
        self.store_bridge = StoreBridge(app.store, self)
        self.status_bridge = StatusBridge(self)
        self._notices = NoticeTeller(self, self.toast_widget, self.navigate)
        self.news = NewsWatch(app, self.tasks, self._notices.tell, self)
        self.figures = FrameFigures(app, self.tasks, self.nav, self.strip, self.status_bridge, self._folding.is_narrow)
        self._refresh = PageRefresh(
            self.stack, self.nav, self.figures, self.store_bridge, self.status_bridge, self.news
        )
        self._connect()
        self._keys()
        self._state.restore(self)
        QTimer.singleShot(0, self._folding.fit)
        self.read_frame()
        store = app.store
        self.tasks.read(lambda: store.read(load_last_run), self.status_bridge.remember, key="last run")
        self.news.read()

    # -- what pages may ask -------------------------------------------------------------------------------------

    def navigate(self, page: str, **where: Any) -> None:
        """Open a page; a page nobody built is a mistake of ours and said so in the log."""
        if page == "enrol" and self.app.sample:  # the sample never meets a server: first one leaves it
            page = "start"
        self.stack.go(page, where)

    def toast(
        self, text: str, undo: Callable[[], Any] | None = None, *, opens: Callable[[], Any] | None = None
    ) -> None:
        """Tell what was done; the way back stays reachable by Ctrl+Z after the toast has gone."""
        self._undo = undo
        if opens is not None:
            self.toast_widget.offer(text, tr("action.open"), opens)
        elif undo is None:
            self.toast_widget.tell(text)
        else:
            self.toast_widget.offer(text, tr("action.undo"), self.undo_last, f"{tr('key.ctrl')} Z")

    def show_error(self, error: CrmError) -> None:
        """A banner above the page."""
        _log.warning("shown to the user: %s", getattr(error, "code", type(error).__name__))
        self.errors.show_error(error)

    def cover(self, view: QWidget | None) -> None:
        """Show this instead of everything in the window; None brings all of it back."""
        self._cover.show(view)

    # -- actions ------------------------------------------------------------------------------------------------

    def back(self) -> bool:
        """The page before this one; False where there is none."""
        return self.stack.step(-1)

    def forward(self) -> None:
        """The page one came back from."""
        self.stack.step(1)

    def search(self) -> None:
        """Search and commands over the window."""
        if self.overlay is None:
            from ui.window.views.search_overlay import SearchOverlay

            self.overlay = SearchOverlay(self)
        self.overlay.open()

    def undo_last(self) -> None:
        """Take back what the last toast told of."""
        undo, self._undo = self._undo, None
        if undo is not None:
            self.toast_widget.hide()
            undo()

    def sync_now(self) -> None:
        """Ask the runner for a round at once."""
        if self.app.runner is not None:
            self.app.runner.sync_now()

    def start_sync(self) -> None:
        """Let the runner begin; its status comes to the strip."""
        if self.app.enrolled:
            self.app.start_sync(self.status_bridge.from_runner)
        self.show_status()

    def begin(self) -> None:
        """The first page, and the sync behind it; called when the window is on the screen."""
        if self.app.enrolled or self.app.sample:
            self.navigate("today")
            self.start_sync()
        else:
            self.navigate("start")
        tell_left_draft(self)

    def change_profile(self, app: App | None) -> None:
        """Ask for a window on another open profile in place of this one; None: on one's own again."""
        self.other_profile.emit(app)

    def help(self) -> None:
        """What helps on the page that is shown."""
        here = self.history.here()
        if here is None or here.page != "help":
            entity = str(here.where.get("entity") or "") if here is not None else ""
            self.navigate("help", topic=topic_about(here.page if here is not None else "", entity))

    def change_settings(self, **changes: Any) -> None:
        """Language, theme and text size take effect at once."""
        before = self.app.settings
        settings = self.app.change_settings(**changes)
        if (settings.theme, settings.text_size_percent) != (before.theme, before.text_size_percent):
            self.scheme.choose(settings.theme, settings.text_size_percent / 100)
            self._folding.fit()
        if settings.language != before.language:
            i18n.set_language(settings.language)

    def read_frame(self) -> None:
        """Names and counts of the frame again."""
        self.figures.read()

    def show_status(self) -> None:
        """Put the strip in words again."""
        self.figures.show_status()

    # -- building -----------------------------------------------------------------------------------------------

    def _build(self) -> None:
        self.setMinimumSize(*SMALLEST)
        self.setWindowTitle(tr("window.title"))
        above = [self.progress, *([self.invented] if self.app.sample else []), self.errors]
        self._work = work_area(above, self.stack)
        self.setCentralWidget(whole_window(self.nav, self._work, self.strip))

    def _connect(self) -> None:
        self.nav.chosen.connect(self._chosen)
        self.nav.search_clicked.connect(self.search)
        self.nav.settings_clicked.connect(lambda: self.navigate("settings"))
        self.nav.fold_clicked.connect(self._folding.toggle)
        self.pool.long_started.connect(self.progress.start)
        self.pool.long_progress.connect(self.progress.progress)
        self.pool.long_finished.connect(self.progress.finish)
        self.progress.stop_clicked.connect(self.pool.cancel_long)
        self.strip.connection_clicked.connect(self._connection)
        self.strip.waiting_clicked.connect(lambda: self.navigate("outbox"))
        self.strip.last_clicked.connect(lambda: self.navigate("sync_history"))
        self.strip.refused_clicked.connect(lambda: self.navigate("outbox"))
        self.strip.decisions_clicked.connect(lambda: self.navigate("conflicts"))
        i18n.language_changed.connect(self._retranslate)
        self.stack.opening.connect(self._opening)
        self.stack.currentChanged.connect(lambda _at: self.toast_widget.place())

    def _keys(self) -> None:
        actions: dict[str, Callable[[], object]] = {
            "Ctrl+K": self.search,
            "Alt+Left": self.back,
            "Alt+Right": self.forward,
            "Ctrl+Z": self.undo_last,
            "Ctrl+,": lambda: self.navigate("settings"),
            "F1": self.help,
            "F5": self.sync_now,
            "F6": self._to_navigation,
        }
        for number, page in enumerate(NUMBERED, start=1):
            actions[f"Ctrl+{number}"] = partial(self.navigate, page)
        bind_keys(self, actions)

    # -- pages --------------------------------------------------------------------------------------------------

    def _chosen(self, key: str) -> None:
        if key.startswith("list:"):
            self.stack.open_saved(key.removeprefix("list:"))
        else:
            self.navigate(key)

    def _opening(self, key: str) -> None:
        self.errors.hide()
        self.nav.set_current(key)

    # -- what changes around it ---------------------------------------------------------------------------------

    def _connection(self) -> None:
        if not self.app.enrolled:
            self.navigate("enrol")
        else:
            self.sync_now()
            self.navigate("sync_history")

    def _retranslate(self, _language: str) -> None:
        self.setWindowTitle(tr("window.title"))
        self.nav.retranslate()
        self.strip.setAccessibleName(tr("strip.label"))
        self.errors.retranslate()
        self.invented.retranslate()
        if self.overlay is not None:
            self.overlay.retranslate()
        for page in self.stack.each():
            page.retranslate()
        self.show_status()
        self.read_frame()

    # -- the frame of the window --------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Below 1100 logical px the navigation becomes a rail."""
        super().resizeEvent(event)
        self._folding.fit()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """The side buttons of a mouse go back and forward."""
        if event.button() == Qt.MouseButton.BackButton:
            self.back()
        elif event.button() == Qt.MouseButton.ForwardButton:
            self.forward()
        else:
            super().mousePressEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Flush drafts, keep size and place, stop what runs."""
        for page in self.stack.each():
            page.may_leave()
        self.cover(None)
        self._state.keep(self)
        self.store_bridge.close()
        self.news.close()
        self.pool.close()
        super().closeEvent(event)

    def _to_navigation(self) -> None:
        if self.nav.list.hasFocus():
            self.stack.give_keys()
        else:
            self.stack.keep_keys()
            self.nav.list.setFocus(Qt.FocusReason.ShortcutFocusReason)
