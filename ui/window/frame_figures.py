"""What the frame around the pages tells: names and counts of the navigation, the truth of the status strip."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from PySide6.QtCore import QObject

from crm_desktop.model.wire import Row
from crm_desktop.store.reader import Reader
from ui.compose import App
from ui.presenters import saved_lists
from ui.presenters.approvals import count_approvals
from ui.presenters.day_lists import cases_due, contracts_due
from ui.presenters.lead_capture import open_leads
from ui.presenters.status import Said, all_waiting, strip
from ui.presenters.tasks import Tasks
from ui.presenters.titles import title_of
from ui.window.bridges import StatusBridge
from ui.window.i18n import fmt_near_day, fmt_number, tr
from ui.window.navigation_panel import NavigationPanel
from ui.window.widgets.status_strip import StatusStrip

_COUNTED = (
    ("accounts", "account", ""),
    ("contacts", "contact", ""),
    ("quotes", "quote", ""),
    ("approvals", "approvals", "warn"),
    ("tasks", "tasks_open", ""),
    ("outbox", "waiting", "warn"),
    ("conflicts", "conflicts", "ask"),
    ("leads", "leads_open", ""),
    ("contracts", "contracts_due", "warn"),
    ("cases", "cases_due", "warn"),
)


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts of the store, (id, name, count) of each saved list, the company's name, the user."""

    counts: dict[str, int]
    lists: tuple[tuple[str, str, int], ...]
    company: str
    user: Row | None


class FrameFigures(QObject):
    """Fills the navigation and the strip of one window. `is_narrow` says whether the strip has to be brief."""

    def __init__(
        self,
        app: App,
        tasks: Tasks,
        nav: NavigationPanel,
        status_strip: StatusStrip,
        status: StatusBridge,
        is_narrow: Callable[[], bool],
    ) -> None:
        super().__init__(status)
        self._app = app
        self._tasks = tasks
        self._nav = nav
        self._strip = status_strip
        self._status = status
        self._is_narrow = is_narrow
        self._counts: dict[str, int] = {}

    def read(self) -> None:
        """Names and counts, off the main thread."""
        store, user_id = self._app.store, self._app.user_id
        today = self._app.clock.now().astimezone().date()

        def work(reader: Reader) -> Figures:
            lists = saved_lists.load(store)
            counted = tuple((saved.id, saved.name, reader.count(saved.query())) for saved in lists)
            companies = reader.where("company")
            company = str(companies[0]["name"]) if companies else ""
            counts = reader.counts()
            counts |= {
                "waiting": all_waiting(counts),
                "approvals": count_approvals(reader, user_id),
                "leads_open": reader.count(open_leads()),
                "contracts_due": reader.count(contracts_due(user_id, today)),
                "cases_due": reader.count(cases_due(user_id, today)),
            }
            return Figures(counts, counted, company, reader.get("user", user_id) if user_id else None)

        self._tasks.read(lambda: store.read(work), self._show, key="frame")

    def show_status(self) -> None:
        """Put the strip in words again."""
        said = strip(self._status.latest, self._counts, self._app.enrolled, self._status.last_run)
        connection = Said("frame.sample", {}) if self._app.sample else said.connection
        self._strip.set_connection(self._words(connection), said.online)
        self._strip.set_waiting(self._words(said.waiting), said.pending)
        self._strip.set_last("" if self._is_narrow() else self._words(said.last))
        self._strip.set_refused(self._words(said.refused))
        self._strip.set_decisions(self._words(said.decisions))

    def _show(self, found: Figures) -> None:
        self._counts = found.counts
        self._nav.set_company(found.company or tr("window.title"))
        if found.user is not None:
            self._nav.set_user(title_of("user", found.user), str(found.user.get("title") or ""))
        else:
            self._nav.set_user(tr("window.nobody"), "")
        self._nav.set_lists([(key, name) for key, name, _ in found.lists])
        for key, _, count in found.lists:
            self._nav.set_count(f"list:{key}", fmt_number(count))
        for page, name, tone in _COUNTED:
            count = found.counts.get(name, 0)
            self._nav.set_count(page, fmt_number(count) if count else "", tone if count else "")
        self.show_status()

    def _words(self, said: Said) -> str:
        if not said:
            return ""
        now = self._app.clock.now()
        values: dict[str, Any] = {
            name: fmt_near_day(value, now, capital=False) if isinstance(value, datetime) else value
            for name, value in said.values.items()
        }
        return tr(said.key, **values)
