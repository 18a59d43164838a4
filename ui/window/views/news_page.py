"""What colleagues changed: the newest first, each opens."""

from datetime import date
from typing import Any, Protocol, runtime_checkable

from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QListView

from crm_desktop.model.columns import parse_instant
from crm_desktop.model.wire import entity_facts
from ui.presenters.news import NewsLine, NewsLog, lines, load_log
from ui.presenters.search import Segment
from ui.window.i18n import fmt_near_day, fmt_time, language, tr
from ui.window.models.plain_rows import PlainRows
from ui.window.news_watch import NewsWatch
from ui.window.page import Page, Shell
from ui.window.pages_frame import PageFrame
from ui.window.views.layout import column
from ui.window.views.search_rows import Head, Line, SearchDelegate, spoken
from ui.window.widgets.empty_state import EmptyState
from ui.window.widgets.key_hints import KeyHints
from ui.window.widgets.surface import hline, surface
from ui.window.widgets.top_bar import TopBar


@runtime_checkable
class NewsFrame(Protocol):
    """A window that hears the news."""

    news: NewsWatch


class NewsPage(Page):
    """Looking at it makes it seen; what was new stays marked until one leaves."""

    name = "news"

    def __init__(self, shell: Shell) -> None:
        super().__init__(shell)
        surface(self, "canvas")
        self._found: list[NewsLine] = []
        self._fresh: set[tuple[str, str]] = set()
        self.bar = TopBar()
        self.rows = PlainRows(spoken, self)
        self.list = QListView()
        self.list.setProperty("ownRing", True)
        self.list.setModel(self.rows)
        self.list.setItemDelegate(SearchDelegate(self.list))
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.activated.connect(self._open)
        self.list.clicked.connect(self._open)
        self.empty = EmptyState("inbox", "")
        self.hints = KeyHints()
        parts = column(self.bar, self.list, self.empty, hline(), self.hints)
        parts.setStretchFactor(self.list, 1)
        self.setLayout(parts)
        self.setFocusProxy(self.list)
        self.retranslate()

    def open(self, **where: Any) -> None:
        """Read the feed; what is read is seen."""
        self._fresh.clear()
        self._read(seen=True)
        self.list.setFocus(Qt.FocusReason.OtherFocusReason)

    def refresh(self, kinds: frozenset[str], ids: frozenset[tuple[str, str]]) -> None:
        """Something came while the page is on the screen."""
        if self.isVisible() and kinds & {"news", "everything"}:
            self._read(seen=True)

    def retranslate(self) -> None:
        """Every word again."""
        self.bar.set_title(tr("nav.news"))
        self.list.setAccessibleName(tr("nav.news"))
        self.hints.set_hints(
            [("↑ ↓", tr("key.choose")), (tr("key.enter"), tr("key.open")), ("F5", tr("news.key_sync"))]
        )
        self._show(self._found)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter opens the chosen record."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._open(self.list.currentIndex())
        else:
            super().keyPressEvent(event)

    def _read(self, *, seen: bool) -> None:
        store = self.shell.app.store

        def work() -> tuple[NewsLog, list[NewsLine]]:
            log = load_log(store)
            return log, store.read(lambda reader: lines(reader, log))

        def show(found: tuple[NewsLog, list[NewsLine]]) -> None:
            self._show(found[1])
            if seen and found[0].unseen and isinstance(self.shell, NewsFrame):
                self.shell.news.mark_seen()

        self.shell.tasks.read(work, show, key="news page")

    def _show(self, found: list[NewsLine]) -> None:
        self._found = found
        self._fresh |= {(line.entity, line.id) for line in found if line.unseen}
        at = self.list.currentIndex().row()
        made: list[Head | Line] = []
        day: date | None = None
        for line in found:
            came = parse_instant(line.at).astimezone()
            if came.date() != day:
                day = came.date()
                made.append(Head(fmt_near_day(day, self.shell.app.clock.now())))
            made.append(self._line(line, fmt_time(came)))
        self.rows.set_rows(made)
        self.list.setVisible(bool(made))
        self.empty.setVisible(not made)
        if made and self.hasFocus():  # it waited for its first line
            self.list.setFocus(Qt.FocusReason.OtherFocusReason)
        last = self.shell.status_bridge.last_run if isinstance(self.shell, PageFrame) else None
        as_of = tr("day.as_of", when=fmt_near_day(last.at, self.shell.app.clock.now(), capital=False)) if last else ""
        self.empty.set_state("inbox", tr("news.none"), tr("news.none_text"))
        count = tr("news.count", count=len(found)) if found else ""
        self.bar.set_caption(" · ".join(part for part in (count, as_of) if part))
        first = at if 0 < at < len(made) else min(1, len(made) - 1)
        if first >= 0:
            self.list.setCurrentIndex(self.rows.index(first, 0))

    def _line(self, line: NewsLine, time: str) -> Line:
        kind = entity_facts(line.entity).label(language())
        second = " · ".join(part for part in (kind, line.account) if part)
        words = [tr("news.new")] if line.is_new else []
        title = Segment(line.title or tr("search.untitled"), hit=(line.entity, line.id) in self._fresh)
        page, where = line.target
        return Line(
            line.id,
            line.icon,
            (title,),
            (Segment(second, hit=False),),
            lambda: self.shell.navigate(page, **where),
            aside=" · ".join([*words, time]),
        )

    def _open(self, index: QModelIndex) -> None:
        line = self.rows.row(index.row())
        if isinstance(line, Line):
            line.act()
