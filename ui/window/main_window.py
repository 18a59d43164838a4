"""The window: navigation at the left, one page, the status strip; back and forward, search, toast, errors."""

import logging
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from PySide6.QtCore import QByteArray, QSettings, Qt, QTimer
from PySide6.QtGui import QCloseEvent, QKeySequence, QMouseEvent, QResizeEvent, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QMainWindow, QStackedWidget, QVBoxLayout, QWidget

from crm_desktop.errors import CrmError
from crm_desktop.store.reader import Reader
from ui.compose import App
from ui.presenters import saved_lists
from ui.presenters.last_run import load_last_run
from ui.presenters.page_history import PageHistory, Place
from ui.presenters.record_list import title_of
from ui.presenters.status import Said, strip
from ui.presenters.tasks import Tasks
from ui.window import i18n, theme
from ui.window.bridges import StatusBridge, StoreBridge
from ui.window.error_banner import ErrorBanner
from ui.window.i18n import fmt_near_day, fmt_number, tr
from ui.window.navigation_panel import NavigationPanel
from ui.window.page import Page
from ui.window.pages import PAGES
from ui.window.progress_strip import ProgressStrip
from ui.window.task_pool import TaskPool
from ui.window.widgets.focus_ring import FocusRing
from ui.window.widgets.status_strip import StatusStrip
from ui.window.widgets.surface import surface
from ui.window.widgets.undo_toast import UndoToast

SMALLEST = (960, 600)
FIRST = (1440, 900)
RAIL_BELOW = 1100
STATE_FILE = "window.ini"
_NAV_OF = {"account": "accounts", "note": "visits", "quote": "quotes", "order": "orders"}
_NAV_OF_ENTITY = {"account": "accounts", "contact": "contacts", "task": "tasks", "visit": "visits"}
_log = logging.getLogger("crm.ui")


class MainWindow(QMainWindow):
    """Meets `ui.window.page.Shell`. The profile is open already; pages are built when first opened."""

    def __init__(self, app: App, scheme: theme.SchemeFollower) -> None:
        super().__init__()
        self.app = app
        self.pool = TaskPool(self.show_error, self)
        self.tasks: Tasks = self.pool
        self.scheme = scheme
        self.history = PageHistory()
        self.pages: dict[str, Page] = {}
        self._undo: Callable[[], Any] | None = None
        self._folded: bool | None = None
        self._counts: dict[str, int] = {}
        self._state = QSettings(str(Path(app.folder) / STATE_FILE), QSettings.Format.IniFormat)
        self.nav = NavigationPanel(frozenset(PAGES))
        self.stack = QStackedWidget()
        self.strip = StatusStrip(tr("strip.label"))
        self.progress = ProgressStrip()
        self.errors = ErrorBanner()
        self._build()
        self.toast_widget = UndoToast(self._work)
        self.ring = FocusRing(self)
        self.overlay: Any = None
        self.store_bridge = StoreBridge(app.store, self)
        self.status_bridge = StatusBridge(self)
        self._connect()
        self._keys()
        self._restore()
        self.read_frame()
        store = app.store
        self.tasks.read(lambda: store.read(load_last_run), self.status_bridge.remember, key="last run")

    # -- what pages may ask -------------------------------------------------------------------------------------

    def navigate(self, page: str, **where: Any) -> None:
        """Open a page; a page nobody built is a mistake of ours and said so in the log."""
        here = self.history.here()
        if here is not None and not self.pages[here.page].may_leave():
            return
        self.history.go(Place(page, where))
        self._open(Place(page, where))

    def toast(self, text: str, undo: Callable[[], Any] | None = None) -> None:
        """Tell what was done; the way back stays reachable by Ctrl+Z after the toast has gone."""
        self._undo = undo
        if undo is None:
            self.toast_widget.tell(text)
        else:
            self.toast_widget.offer(text, tr("action.undo"), self.undo_last, f"{tr('key.ctrl')} Z")

    def show_error(self, error: CrmError) -> None:
        """A banner above the page."""
        _log.warning("shown to the user: %s", getattr(error, "code", type(error).__name__))
        self.errors.show_error(error)

    # -- actions ------------------------------------------------------------------------------------------------

    def back(self) -> None:
        """The page before this one."""
        self._step(-1)

    def forward(self) -> None:
        """The page one came back from."""
        self._step(1)

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
        if self.app.enrolled:
            self.navigate("today" if "today" in PAGES else "accounts")
            self.start_sync()
        else:
            self.navigate("enrol")

    def change_settings(self, **changes: Any) -> None:
        """Language, theme and text size take effect at once."""
        before = self.app.settings
        settings = self.app.change_settings(**changes)
        if (settings.theme, settings.text_size_percent) != (before.theme, before.text_size_percent):
            self.scheme.choose(settings.theme, settings.text_size_percent / 100)
            self._fold()
        if settings.language != before.language:
            i18n.set_language(settings.language)

    def read_frame(self) -> None:
        """Names and counts of the frame, off the main thread."""
        store, user_id = self.app.store, self.app.user_id

        def work(reader: Reader) -> tuple[dict[str, int], list[tuple[str, str, int]], str, dict[str, Any] | None]:
            lists = saved_lists.load(store)
            counted = [(saved.id, saved.name, reader.count(saved.query())) for saved in lists]
            companies = reader.where("company")
            company = str(companies[0]["name"]) if companies else ""
            return reader.counts(), counted, company, reader.get("user", user_id) if user_id else None

        self.tasks.read(lambda: store.read(work), self._show_frame, key="frame")

    # -- building -----------------------------------------------------------------------------------------------

    def _build(self) -> None:
        self.setMinimumSize(*SMALLEST)
        self.setWindowTitle(tr("window.title"))
        self._work = QWidget()
        surface(self._work, "canvas")
        work = QVBoxLayout(self._work)
        work.setContentsMargins(0, 0, 0, 0)
        work.setSpacing(0)
        work.addWidget(self.progress)
        work.addWidget(self.errors)
        work.addWidget(self.stack, 1)
        upper = QHBoxLayout()
        upper.setContentsMargins(0, 0, 0, 0)
        upper.setSpacing(0)
        upper.addWidget(self.nav)
        upper.addWidget(self._work, 1)
        central = QWidget()
        surface(central, "canvas")
        column = QVBoxLayout(central)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(upper, 1)
        column.addWidget(self.strip)
        self.setCentralWidget(central)

    def _connect(self) -> None:
        self.nav.chosen.connect(self._chosen)
        self.nav.search_clicked.connect(self.search)
        self.nav.settings_clicked.connect(lambda: self.navigate("settings"))
        self.nav.fold_clicked.connect(self._toggle_rail)
        self.pool.long_started.connect(self.progress.start)
        self.pool.long_progress.connect(self.progress.progress)
        self.pool.long_finished.connect(self.progress.finish)
        self.progress.stop_clicked.connect(self.pool.cancel_long)
        self.strip.connection_clicked.connect(self._connection)
        self.strip.waiting_clicked.connect(lambda: self.navigate("outbox"))
        self.strip.last_clicked.connect(lambda: self.navigate("sync_history"))
        self.strip.refused_clicked.connect(lambda: self.navigate("outbox"))
        self.strip.decisions_clicked.connect(lambda: self.navigate("conflicts"))
        self.store_bridge.changed.connect(self._store_changed)
        self.status_bridge.changed.connect(self._status_changed)
        i18n.language_changed.connect(self._retranslate)

    def _keys(self) -> None:
        for keys, act in (
            ("Ctrl+K", self.search),
            ("Alt+Left", self.back),
            ("Alt+Right", self.forward),
            ("Ctrl+Z", self.undo_last),
            ("Ctrl+,", lambda: self.navigate("settings")),
            ("F5", self.sync_now),
            ("F6", self._to_navigation),
        ):
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.setContext(Qt.ShortcutContext.WindowShortcut)
            shortcut.activated.connect(act)
        for number, key in enumerate(self._numbered(), start=1):
            shortcut = QShortcut(QKeySequence(f"Ctrl+{number}"), self)
            shortcut.activated.connect(lambda key=key: self.navigate(key))

    @staticmethod
    def _numbered() -> list[str]:
        order = ("today", "accounts", "contacts", "visits", "quotes", "orders", "tasks", "outbox", "conflicts")
        return [key for key in order if key in PAGES]

    # -- pages --------------------------------------------------------------------------------------------------

    def _chosen(self, key: str) -> None:
        if key.startswith("list:"):
            self._open_saved(key.removeprefix("list:"))
        else:
            self.navigate(key)

    def _open_saved(self, list_id: str) -> None:
        store = self.app.store

        def show(found: saved_lists.SavedList | None) -> None:
            if found is not None:
                self.navigate(found.page, list_id=list_id)

        self.tasks.read(lambda: saved_lists.find(store, list_id), show, key="saved list")

    def _open(self, place: Place) -> None:
        if place.page == "lists":
            self._open_saved(str(place.where.get("list_id", "")))
            return
        page = self.pages.get(place.page)
        if page is None:
            page = self.pages[place.page] = PAGES[place.page](self)
            self.stack.addWidget(page)
        self.errors.hide()
        self.stack.setCurrentWidget(page)
        self.nav.set_current(self._nav_key(place))
        page.open(**place.where)
        if not page.isAncestorOf(self.focusWidget() or self):
            page.setFocus(Qt.FocusReason.OtherFocusReason)
        self.toast_widget.place()

    def _step(self, by: int) -> None:
        here = self.history.here()
        if here is not None and not self.pages[here.page].may_leave():
            return
        place = self.history.step(by)
        if place is not None:
            self._open(place)

    @staticmethod
    def _nav_key(place: Place) -> str:
        if place.where.get("list_id"):
            return f"list:{place.where['list_id']}"
        if place.page == "record":
            return _NAV_OF_ENTITY.get(str(place.where.get("entity", "")), "")
        return _NAV_OF.get(place.page, place.page)

    # -- truth of the frame -------------------------------------------------------------------------------------

    def _show_frame(self, found: tuple[dict[str, int], list[tuple[str, str, int]], str, dict[str, Any] | None]) -> None:
        counts, lists, company, user = found
        self._counts = counts
        self.nav.set_company(company or tr("window.title"))
        if user is not None:
            role = str(user.get("title") or "")
            self.nav.set_user(title_of("user", user), role)
        else:
            self.nav.set_user(tr("window.nobody"), "")
        self.nav.set_lists([(key, name) for key, name, _ in lists])
        for key, _, count in lists:
            self.nav.set_count(f"list:{key}", fmt_number(count))
        for page, name, tone in (
            ("accounts", "account", ""),
            ("contacts", "contact", ""),
            ("quotes", "quote", ""),
            ("tasks", "tasks_open", ""),
            ("outbox", "outbox", "warn"),
            ("conflicts", "conflicts", "ask"),
        ):
            count = counts.get(name, 0)
            self.nav.set_count(page, fmt_number(count) if count else "", tone if count else "")
        self.show_status()

    def show_status(self) -> None:
        """Put the strip in words again."""
        said = strip(self.status_bridge.latest, self._counts, self.app.enrolled, self.status_bridge.last_run)
        self.strip.set_connection(self._words(said.connection), said.online)
        self.strip.set_waiting(self._words(said.waiting), said.pending)
        narrow = self.width() < theme.px(RAIL_BELOW)
        self.strip.set_last("" if narrow else self._words(said.last))
        self.strip.set_refused(self._words(said.refused))
        self.strip.set_decisions(self._words(said.decisions))

    def _words(self, said: Said) -> str:
        if not said:
            return ""
        now = self.app.clock.now()
        values = {
            name: fmt_near_day(value, now, capital=False) if isinstance(value, datetime) else value
            for name, value in said.values.items()
        }
        return tr(said.key, **values)

    def _store_changed(self, kinds: frozenset[str], ids: frozenset[tuple[str, str]]) -> None:
        self.read_frame()
        for page in list(self.pages.values()):
            page.refresh(kinds, ids)

    def _status_changed(self, _status: Any) -> None:
        self.show_status()
        for page in list(self.pages.values()):
            page.refresh(frozenset({"sync_status"}), frozenset())

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
        if self.overlay is not None:
            self.overlay.retranslate()
        for page in list(self.pages.values()):
            page.retranslate()
        self.show_status()
        self.read_frame()

    # -- the frame of the window --------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Below 1100 logical px the navigation becomes a rail."""
        super().resizeEvent(event)
        self._fold()

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
        for page in list(self.pages.values()):
            page.may_leave()
        self._state.setValue("geometry", self.saveGeometry())
        self._state.setValue("folded", self._folded)
        self._state.sync()
        self.store_bridge.close()
        self.pool.close()
        super().closeEvent(event)

    def _restore(self) -> None:
        self.resize(*FIRST)
        geometry = self._state.value("geometry")
        if isinstance(geometry, QByteArray):
            self.restoreGeometry(geometry)
        folded = self._state.value("folded")
        self._folded = {"true": True, "false": False}.get(str(folded).lower())
        QTimer.singleShot(0, self._fold)

    def _fold(self) -> None:
        narrow = self.width() < theme.px(RAIL_BELOW)
        rail = narrow or bool(self._folded)
        if rail != self.nav.is_rail():
            self.nav.set_rail(rail)
        self.show_status()

    def _toggle_rail(self) -> None:
        self._folded = not self.nav.is_rail()
        self._fold()

    def _to_navigation(self) -> None:
        if self.nav.list.hasFocus():
            page = self.stack.currentWidget()
            if page is not None:
                page.setFocus(Qt.FocusReason.ShortcutFocusReason)
        else:
            self.nav.list.setFocus(Qt.FocusReason.ShortcutFocusReason)
