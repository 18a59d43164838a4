"""The account list over 100,000 accounts: how many records are read to open it and to go one page down."""

import os
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtTest import QTest

from benchmarks.figure import Figure
from crm_desktop.model.wire import clean_row, columns
from crm_desktop.store.client_store import ClientStore
from ui.compose import open_profile
from ui.window.app import qt_application
from ui.window.i18n import set_language
from ui.window.main_window import MainWindow
from ui.window.task_pool import TaskPool
from ui.window.theme import SchemeFollower
from ui.window.views.record_list_page import RecordListPage

ACCOUNTS = 100_000
MOST = 3.0
PAGE_ROWS = 2000
USER = "01a00000-0000-7000-8000-000000000001"


def measure(accounts: int = ACCOUNTS) -> Figure:
    """All whole records the store hands out, the preview's included, per visible row of the list."""
    os.environ["CRM_PASSPHRASE"] = "benchmark"
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    with tempfile.TemporaryDirectory() as temporary:
        app = open_profile(Path(temporary))
        app.store.enrol("01a00000-0000-7000-8000-000000000002", "D1", USER, "epoch")
        _fill(app.store, accounts)
        application = qt_application(())
        set_language("en")
        follower = SchemeFollower(application)
        follower.choose(app.settings.theme, app.settings.text_size_percent / 100)
        window = MainWindow(app, follower)
        window.show()
        _settle(window)
        before = app.store.rows_fetched
        began = time.perf_counter()
        window.navigate("accounts")
        _settle(window)
        took = time.perf_counter() - began
        page = window.pages["accounts"]
        assert isinstance(page, RecordListPage)
        opened = app.store.rows_fetched - before
        height = page.table.viewport().height()
        visible = -(-height // page.table.rowHeight(0))
        # The first press goes to the last visible row, the second one brings the next page.
        for _ in range(2):
            QTest.keyClick(page.table, Qt.Key.Key_PageDown)
            _settle(window)
        fetched = app.store.rows_fetched - before
        top = page.table.rowAt(0)
        if page.model.rowCount() != accounts or top < visible // 2 or page.body.current_id() is None:
            raise RuntimeError(f"{page.model.rowCount()} rows, {top} at the top")
        window.close()
        app.close()
    detail = (
        f"{accounts} accounts, {visible} rows visible, {opened} records read to open (in {took:.2f} s), "
        f"{fetched} with one page down"
    )
    return Figure("Records read by opening the account list, of the visible rows", fetched / visible, MOST, "x", detail)


def _settle(window: MainWindow) -> None:
    """Until nothing is under way, and stays so for a while."""
    assert isinstance(window.tasks, TaskPool)
    quiet = 0
    while quiet < 20:
        QCoreApplication.processEvents()
        quiet = 0 if window.tasks.busy else quiet + 1
        QTest.qWait(5)


def _fill(store: ClientStore, accounts: int) -> None:
    """Pages as the server sends them, accounts with an address each."""
    asked: dict[str, Any] = {"seq": 0, "commit_id": ""}
    scopes = [f"user:{USER}"]
    for start in range(0, accounts, PAGE_ROWS):
        seq = start // PAGE_ROWS + 1
        numbers = range(start, min(start + PAGE_ROWS, accounts))
        puts = [
            {"e": entity, "cols": columns(entity), "rows": [*rows(entity, numbers)]}
            for entity in ("account", "address")
        ]
        cursor = {"seq": seq, "commit_id": f"commit-{seq}"}
        page = {
            "epoch": "epoch", "asked": asked, "cursor": cursor, "more": start + PAGE_ROWS < accounts,
            "scopes": scopes, "scope_sets": [scopes], "digest": None,
            "commits": [{"seq": seq, "put": puts, "gone": [], "evict": []}],
        }  # fmt: skip
        if not store.apply_page(page).applied:
            raise RuntimeError("a page did not fit")
        asked = cursor


def rows(entity: str, numbers: range) -> Iterator[list[Any]]:
    """Rows of a page: id, root, scope list, values."""
    for number in numbers:
        account = f"01a10000-0000-7000-8000-{number:012x}"
        if entity == "account":
            record_id = account
            row = clean_row(entity, {"name": f"Company {number * 7919 % 1_000_003:07d}", "owner_id": USER})
        else:
            record_id = f"01a20000-0000-7000-8000-{number:012x}"
            row = clean_row(entity, {"account_id": account, "kind": "billing", "city": f"Town {number % 500}"})
        yield [record_id, account, 0, *row.values()]


if __name__ == "__main__":
    sys.stdout.write(measure(*(int(value) for value in sys.argv[1:])).line() + "\n")
