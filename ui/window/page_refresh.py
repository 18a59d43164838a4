"""Tells the pages and the frame around them what changed: records, how the sync stands, what others did."""

from typing import Any

from PySide6.QtCore import QObject

from ui.presenters.news import NewsLog
from ui.window.bridges import StatusBridge, StoreBridge
from ui.window.frame_figures import FrameFigures
from ui.window.i18n import fmt_number
from ui.window.navigation_panel import NavigationPanel
from ui.window.news_watch import NewsWatch
from ui.window.page_stack import PageStack


class PageRefresh(QObject):
    """Every page built so far hears it, also one that is not shown; each reads again only what it shows."""

    def __init__(
        self,
        stack: PageStack,
        nav: NavigationPanel,
        figures: FrameFigures,
        store: StoreBridge,
        status: StatusBridge,
        news: NewsWatch,
    ) -> None:
        super().__init__(stack)
        self._stack = stack
        self._nav = nav
        self._figures = figures
        store.changed.connect(self._store_changed)
        status.changed.connect(self._status_changed)
        news.changed.connect(self._news_changed)

    def _store_changed(self, kinds: frozenset[str], ids: frozenset[tuple[str, str]]) -> None:
        self._figures.read()
        self._tell(kinds, ids)

    def _status_changed(self, _status: Any) -> None:
        self._figures.show_status()
        self._tell(frozenset({"sync_status"}), frozenset())

    def _news_changed(self, log: NewsLog) -> None:
        self._nav.set_count("news", fmt_number(log.unseen) if log.unseen else "")
        self._tell(frozenset({"news"}), frozenset())

    def _tell(self, kinds: frozenset[str], ids: frozenset[tuple[str, str]]) -> None:
        for page in self._stack.each():
            page.refresh(kinds, ids)
