"""What the page of an account reads: the account in one snapshot, and its history in stretches."""

from collections.abc import Callable
from typing import Any

from crm_desktop.errors import CrmError
from crm_desktop.model.columns import format_instant
from crm_desktop.store.reader import Reader
from ui.presenters.account import AccountView, TimelineItem, account_view, timeline
from ui.window.page import Shell

STRETCH = 200  # entries of the history read at once

Items = tuple[TimelineItem, ...]


class AccountReading:
    """Knows which account was read last and how much of its history: read again, as much of it comes as was there."""

    def __init__(self, shell: Shell) -> None:
        self._shell = shell
        self._account_id = ""
        self._items: Items = ()
        self._more = True
        self._under_way = False

    def read(self, account_id: str, show: Callable[[AccountView], None], missing: Callable[[CrmError], None]) -> None:
        """Read the account; `missing` is told where it is not on this laptop."""
        store, now = self._shell.app.store, self._shell.app.clock.now()
        today, instant = now.astimezone().date(), format_instant(now)
        limit = max(STRETCH, len(self._items) if account_id == self._account_id else 0)

        def lost(error: CrmError) -> None:
            self._account_id, self._items = "", ()
            missing(error)

        self._shell.tasks.read(
            lambda: store.read(lambda reader: account_view(reader, account_id, today, instant, limit)),
            show,
            lost,
            key="account",
        )

    def begins(self, view: AccountView) -> bool:
        """Take in what was read. False where it was taken in before: only its words are to be made anew."""
        if view.timeline is self._items:
            return False
        self._account_id = view.row["id"]
        self._items = view.timeline
        self._more = len(view.timeline) >= STRETCH
        return True

    def read_more(self, show: Callable[[Items], Any]) -> None:
        """Read the next stretch of the history, if there is one and none is being read; `show` gets all of it."""
        if not self._more or self._under_way or not self._items:
            return
        self._under_way = True
        store, account_id, before = self._shell.app.store, self._account_id, self._items[-1].entry.key

        def work(reader: Reader) -> Items:
            return timeline(reader, account_id, STRETCH, before)

        def done(found: Items) -> None:
            self._under_way = False
            if account_id != self._account_id:  # another one was opened meanwhile
                return
            self._more = len(found) == STRETCH
            self._items += found
            show(self._items)

        self._shell.tasks.read(lambda: store.read(work), done, key="account more")
