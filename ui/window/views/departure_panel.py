"""The departure check on Today: one bar, what is there, what is missing and where, and packing."""

import threading
from collections.abc import Callable
from datetime import date

from PySide6.QtWidgets import QVBoxLayout, QWidget

from crm_desktop.errors import CrmError
from crm_desktop.services.departure import Departure, Gap, PackedAccount
from ui.presenters.packing import Packed, pack
from ui.presenters.tasks import Progress
from ui.window.formats import MISSING
from ui.window.i18n import fmt_date, fmt_number, tr
from ui.window.page import Shell
from ui.window.views.account_side import Opens
from ui.window.views.layout import STRETCH, clear, row
from ui.window.widgets.button import normal
from ui.window.widgets.label import Label
from ui.window.widgets.progress_bar import ProgressBar
from ui.window.widgets.section_header import SectionHeader
from ui.window.widgets.side_row import SideRow
from ui.window.widgets.surface import Panel

_ACCOUNTS_SHOWN = 4


class DeparturePanel(Panel):
    """`online` says whether there is a line right now; `done` is called when packing has ended."""

    def __init__(self, shell: Shell, online: Callable[[], bool], done: Callable[[], None]) -> None:
        super().__init__(sunken=True, margin=14)
        self._shell = shell
        self._online = online
        self._done = done
        self._check: Departure | None = None
        self._packing = False
        self._stop = threading.Event()
        self._rows = QVBoxLayout()
        self._rows.setSpacing(0)
        self.body.setSpacing(0)
        self.pack_button = normal("", "hard-drive-download")
        self.pack_button.clicked.connect(self.pack)
        self._size = Label("", "cap")
        self.body.addLayout(self._rows)
        self.body.addSpacing(6)
        self.body.addLayout(row(self.pack_button, self._size, STRETCH, spacing=10))

    def show_check(self, check: Departure) -> None:
        """Show a check; what is missing leads to its record."""
        self._check = check
        clear(self._rows)
        right = Label(tr("departure.next", count=check.days), "cap")
        self._rows.addWidget(SectionHeader(tr("departure.title"), right=right))
        ready = round(check.share * 100)
        bar = ProgressBar(
            check.share, "okfill" if check.ready else "warnfill", 5, name=tr("departure.share", percent=ready)
        )
        self._rows.addWidget(bar)
        self._rows.addSpacing(6)
        self._accounts(check)
        self._prices(check)
        self._files(check)
        self._sync(check)
        self._pack_row(check)

    def pack(self) -> None:
        """Synchronise and fetch what is missing, shown by the bar of the window; asked once more, stop that."""
        check = self._check
        if self._packing:
            self._stop.set()
        if check is None or self._packing:
            return
        self._packing = True
        self._stop.clear()
        self._pack_row(check)
        app, stop = self._shell.app, self._stop

        def work(progress: Progress) -> Packed:
            def going(done: int, total: int) -> bool:
                return progress(done // 1000, total // 1000) and not stop.is_set()

            return pack(app, check.files, going)

        def failed(error: CrmError) -> None:
            self._end(check)
            self._shell.show_error(error)
            self._done()

        label = tr("departure.packing", size=megabytes(check.size))
        self._shell.tasks.long(label, work, self._packed, failed, kilobytes=True)

    def _end(self, check: Departure | None) -> None:
        self._packing = False
        if check is not None:
            self._pack_row(check)

    def _packed(self, result: Packed) -> None:
        self._end(self._check)
        if result.waits:
            self._shell.toast(tr("departure.waits", count=result.missing))
        elif result.missing:
            self._shell.toast(tr("departure.stopped", count=result.missing))
        else:
            self._shell.toast(tr("departure.packed"))
        self._done()

    def _accounts(self, check: Departure) -> None:
        if not check.accounts:
            self._rows.addWidget(SideRow("info", tr("departure.no_visits"), tr("departure.no_visits_why")))
            return
        title = tr("departure.complete", count=len(check.accounts), complete=check.complete)
        whole = check.complete == len(check.accounts)
        self._line(whole, title, tr("departure.looked_at"))
        for account in [account for account in check.accounts if account.gaps][:_ACCOUNTS_SHOWN]:
            self._rows.addWidget(self._gap_line(account))

    def _gap_line(self, account: PackedAccount) -> QWidget:
        gap = account.gaps[0]
        words = ", ".join(dict.fromkeys(gap_words(found) for found in account.gaps))
        days = ", ".join(fmt_date(day, "day") for day in account.days)
        name = account.name or tr("departure.unknown_account")
        inner = SideRow("triangle-alert", f"{name} · {days}", words, tone="warn")
        if gap.reason == "account_away":
            return inner
        return Opens(inner, f"{name}, {words}", lambda: self._open(gap))

    def _open(self, gap: Gap) -> None:
        if gap.entity == "quote":
            self._shell.navigate("quote", quote_id=gap.record_id)
        elif gap.reason in ("no_contact", "no_address"):
            focus = "contact" if gap.reason == "no_contact" else "address"
            self._shell.navigate("record", entity="account", record_id=gap.record_id, focus=focus)
        else:
            self._shell.navigate("account", account_id=gap.record_id)

    def _prices(self, check: Departure) -> None:
        gap = next((found for found in check.gaps if found.reason == "no_prices"), None)
        if gap is not None:
            self._line(False, gap_words(gap), tr("departure.no_prices_why"))
        elif check.price_lists:
            first = check.price_lists[0]
            ends = date.fromisoformat(first["valid_until"]) if first["valid_until"] else None
            sub = tr("departure.valid_until", day=fmt_date(ends)) if ends else tr("departure.valid_open")
            self._line(True, tr("departure.price_list", name=first["name"]), sub)

    def _files(self, check: Departure) -> None:
        if check.files:
            names = {account.account_id: account.name for account in check.accounts}
            whose = ", ".join(
                names[account.account_id] for account in check.accounts
                if any(gap.reason == "files_away" for gap in account.gaps)
            )  # fmt: skip
            self._line(False, tr("departure.files_away", count=len(check.files)), f"{whose} · {megabytes(check.size)}")
        elif any(account.files for account in check.accounts):
            count = sum(account.files for account in check.accounts)
            lost = any(gap.reason == "files_lost" for account in check.accounts for gap in account.gaps)
            if not lost:
                self._line(True, tr("departure.files_here", count=count), tr("departure.files_here_why"))

    def _sync(self, check: Departure) -> None:
        gaps = [gap for gap in check.gaps if gap.reason in ("never_synced", "stale", "to_come")]
        for gap in gaps:
            self._line(False, gap_words(gap), tr("departure.stale_why"))
        if not gaps:
            self._line(True, tr("departure.fresh"), tr("departure.fresh_why"))

    def _pack_row(self, check: Departure) -> None:
        word = "action.stop" if self._packing else "departure.pack" if self._online() else "departure.pack_later"
        self.pack_button.set_text(tr(word))
        self.pack_button.set_icon("x" if self._packing else "hard-drive-download")
        self._size.set_text(megabytes(check.size) if check.files else "")

    def _line(self, good: bool, title: str, sub: str) -> None:
        self._rows.addWidget(
            SideRow("circle-check" if good else "triangle-alert", title, sub, tone="ok" if good else "warn")
        )


def gap_words(gap: Gap) -> str:
    """What is missing, in words."""
    key = f"departure.gap.{gap.reason}"
    if gap.reason in ("files_away", "files_lost", "stale", "to_come"):
        return tr(key, count=gap.count)
    if gap.reason == "no_prices":
        return tr(key, day=fmt_date(gap.day) if gap.day else MISSING)
    return tr(key)


def megabytes(size: int) -> str:
    """6.2 MB or 6,2 MB; at least 0.1 for what is not empty."""
    return tr("departure.megabytes", size=fmt_number(f"{max(size / 1e6, 0.1 if size else 0):.1f}", 1))
