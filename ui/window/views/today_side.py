"""The side of Today: departure check, quotes that want something, what others did since yesterday."""

from collections.abc import Callable
from datetime import time

from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from crm_desktop.model.columns import parse_instant
from ui.presenters.day_lists import quotes_due
from ui.presenters.today import FollowUp, TodayContents
from ui.presenters.today_news import Fresh
from ui.window.i18n import fmt_date, fmt_money, fmt_near_day, fmt_number, tr
from ui.window.page import Shell
from ui.window.views.departure_panel import DeparturePanel
from ui.window.views.layout import clear
from ui.window.views.rows import headed, side_line
from ui.window.views.value_words import entity_word
from ui.window.widgets.button import link
from ui.window.widgets.label import Label
from ui.window.widgets.section_header import SectionHeader

_ICONS = {"order": "package", "quote": "file-text", "visit": "map-pin", "activity": "phone", "account": "building-2",
          "contact": "user-plus", "case": "life-buoy", "task": "square-check-big", "contract": "handshake"}  # fmt: skip
_PAGES = {"order": ("order", "order_id"), "quote": ("quote", "quote_id"), "visit": ("note", "visit_id"),
          "account": ("account", "account_id")}  # fmt: skip
_NUMBERED = ("order", "quote")


class TodaySide(QWidget):
    """Filled again with each reading of the day."""

    def __init__(self, shell: Shell, online: Callable[[], bool], packed: Callable[[], None]) -> None:
        super().__init__()
        self._shell = shell
        self.departure = DeparturePanel(shell, online, packed)
        self._rows = QVBoxLayout()
        self._rows.setSpacing(0)
        self._column = QVBoxLayout(self)
        self._column.setSpacing(18)
        self._column.addWidget(self.departure)
        self._column.addLayout(self._rows)
        self._column.addStretch(1)

    def set_margins(self, left: int, top: int, right: int, bottom: int) -> None:
        """Where it begins: beside the day at the height of the visits, below it at the edge."""
        self._column.setContentsMargins(left, top, right, bottom)

    def show_contents(self, contents: TodayContents, titles: dict[tuple[str, str], str]) -> None:
        """Show a day."""
        self.departure.show_check(contents.departure)
        clear(self._rows)
        self._quotes(contents, titles)
        self._rows.addSpacing(18)
        self._fresh(contents)

    def _quotes(self, contents: TodayContents, titles: dict[tuple[str, str], str]) -> None:
        user = self._shell.app.user_id
        query = quotes_due(user, contents.day)
        count = fmt_number(contents.counts.quotes) if contents.quotes else ""

        def whole() -> None:
            self._shell.navigate("quotes", filters=query.filters, sort=query.sort, titles=titles)

        self._rows.addWidget(headed(tr("today.quotes"), count, tr("today.whole_list"), whole))
        if not contents.quotes:
            self._rows.addWidget(Label(tr("today.no_quotes"), "sec", wrap=True))
        for found in contents.quotes:
            self._rows.addWidget(self._quote(found))

    def _quote(self, found: FollowUp) -> QWidget:
        quote = found.quote
        sub = tr(f"reminder.quote_{found.reason}", day=fmt_date(found.day))
        tone = {"approved": "ok", "returned": "warn", "expired": "bad"}.get(found.reason, "t2")
        return side_line(
            "badge-check" if found.reason == "approved" else "file-text",
            f"{quote.number} · {found.account}",
            sub,
            fmt_money(quote.total, quote.currency),
            lambda: self._shell.navigate("quote", quote_id=quote.quote_id),
            tone,
        )

    def _fresh(self, contents: TodayContents) -> None:
        now = self._shell.app.clock.now()
        as_of = fmt_near_day(parse_instant(contents.as_of), now, capital=False) if contents.as_of else ""
        stamp = Label(tr("day.as_of", when=as_of) if as_of else "", "cap", elide=True)
        stamp.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)  # gives way to the title
        self._rows.addWidget(SectionHeader(tr("today.fresh"), right=stamp))
        if not contents.fresh:
            self._rows.addWidget(Label(tr("today.no_fresh"), "sec", wrap=True))
        for fresh in contents.fresh:
            self._rows.addWidget(self._fresh_row(fresh))
        if contents.fresh_count > len(contents.fresh):
            more = contents.fresh_count - len(contents.fresh)
            self._rows.addWidget(Label(tr("today.more_fresh", count=more), "cap", wrap=True))
        self._rows.addSpacing(4)
        for word, page in (("today.all_changes", "news"), ("today.all_runs", "sync_history")):
            button = link(tr(word))
            button.clicked.connect(lambda _checked=False, page=page: self._shell.navigate(page))
            self._rows.addWidget(button)

    def _fresh_row(self, fresh: Fresh) -> QWidget:
        joined = " " if fresh.entity in _NUMBERED else ": "
        title = joined.join(part for part in (entity_word(fresh.entity), fresh.title) if part)
        if fresh.did != "made":
            title = tr(f"reminder.{fresh.did}", what=title)
        sub = " · ".join(part for part in (fresh.account if fresh.entity != "account" else "", fresh.who) if part)
        at = parse_instant(fresh.at).astimezone()
        # What came from another system with a day alone has no time of day to tell.
        whole_day = at.time() == time() or fresh.at.endswith("T00:00:00.000Z")
        when = fmt_near_day(at.date() if whole_day else at, self._shell.app.clock.now())
        icon = "badge-check" if fresh.did == "approved" else _ICONS.get(fresh.entity, "history")

        def go() -> None:
            page, parameter = _PAGES.get(fresh.entity, ("record", "record_id"))
            more = {"entity": fresh.entity} if page == "record" else {}
            self._shell.navigate(page, **{parameter: fresh.id}, **more)

        return side_line(icon, title, sub, when, go)
