"""The account list while it is scrolled, and opened with very many rows; the account page with a long history.

A frame is one page down painted at once (`repaint`) with its rows there, against the same table, delegate and cells
over a list in memory; its first painting, which words the cells, is told beside it. Fetching is counted: not one read
may run on the thread of the window. Opening is the time to the first rows once the numbers of the rows are known, with
1,000,000 and with 1,000 of them.
"""

import os
import sys
import threading
import time
from array import array
from collections.abc import Callable
from statistics import median
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QCoreApplication, QModelIndex, Qt
from PySide6.QtTest import QTest

from benchmarks.figure import Figure
from benchmarks.full_store import ACCOUNTS, PASSPHRASE, USER, own_copy
from crm_desktop.services.records import RecordService
from ui.compose import App, open_profile
from ui.window.app import open_main, qt_application
from ui.window.main_window import MainWindow
from ui.window.models.row_window import RowWindow
from ui.window.task_pool import TaskPool
from ui.window.views.record_list_page import RecordListPage
from ui.window.widgets.record_table import RecordTable

FRAME_MS = 1000 / 60
PAGES = 60
MANY, FEW = 1_000_000, 1_000
HISTORY = 500
MOST_FRAME, MOST_OPEN, MOST_FRAMES = 1.5, 1.5, 3.0


def measure(accounts: int = ACCOUNTS, pages: int = PAGES, many: int = MANY, history: int = HISTORY) -> list[Figure]:
    """All figures over one window."""
    os.environ["CRM_PASSPHRASE"] = PASSPHRASE
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    with own_copy(accounts) as folder:
        app = open_profile(folder)
        account_id = _with_history(app, history)
        window = open_main(qt_application(()), app)
        _settle(window)
        window.navigate("accounts")
        _settle(window)
        page = window.pages["accounts"]
        assert isinstance(page, RecordListPage)
        on_main = _watch_reads(app)
        ours, bare, first, cells = _frames(window, page, pages)
        few, lots = _open(window, page, FEW), _open(window, page, many)
        longest = _account_page(window, account_id)
        window.close()
        app.close()
    frames = (
        f"{accounts} accounts, {pages} pages of {cells} cells; {ours:.1f} ms against {bare:.1f} ms, the first time "
        f"{first:.1f} ms"
    )
    return [
        Figure("Reads on the window's thread while scrolling", float(on_main()), 0, "reads", f"{pages} pages down"),
        Figure("Painting a page of the list, of the same table in memory", ours / bare, MOST_FRAME, "x", frames),
        Figure(f"Opening a list of {many} rows, of one of {FEW}", lots / few, MOST_OPEN, "x",
               f"{lots * 1000:.1f} ms against {few * 1000:.1f} ms to the first rows"),
        Figure(f"Account page with {history} entries, longest work of the window", longest / FRAME_MS, MOST_FRAMES,
               "frames", f"{longest:.1f} ms"),
    ]  # fmt: skip


def _with_history(app: App, entries: int) -> str:
    records = RecordService(app.store, USER)
    account_id = records.create("account", {"name": "Long History"})
    for number in range(entries):
        day = f"2026-{number % 11 + 1:02d}-{number % 28 + 1:02d}T09:00:00.000Z"
        values = {"account_id": account_id, "subject": f"Call {number}", "body": "About pumps.", "happened_at": day}
        records.create("activity", values)
    return account_id


def _settle(window: MainWindow) -> None:
    assert isinstance(window.tasks, TaskPool)
    quiet = 0
    while quiet < 20:
        QCoreApplication.processEvents()
        quiet = 0 if window.tasks.busy else quiet + 1
        QTest.qWait(5)


def _watch_reads(app: App) -> Callable[[], int]:
    """Counts reads of the store by the thread that asks for the watch."""
    read, here = app.store.read, threading.get_ident()
    counted = [0]

    def watched(query: Any, go_on: Any = None) -> Any:
        counted[0] += threading.get_ident() == here
        return read(query, go_on)

    app.store.read = watched  # type: ignore[method-assign]
    return lambda: counted[0]


class _InMemory(QAbstractTableModel):
    """The cells as they were, without the list behind them."""

    def __init__(self, source: RowWindow, rows: int) -> None:
        super().__init__()
        roles = {Qt.ItemDataRole.DisplayRole, *(Qt.ItemDataRole.UserRole + at for at in range(1, 40))}
        columns = source.columnCount()
        self._shape = (rows, columns)
        self._cells = {
            (row, column, int(role)): source.data(source.index(row, column), int(role))
            for row in range(rows)
            for column in range(columns)
            for role in roles
        }

    def rowCount(self, parent: Any = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else self._shape[0]

    def columnCount(self, parent: Any = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else self._shape[1]

    def data(self, index: Any, role: int = 0) -> Any:
        return self._cells.get((index.row(), index.column(), int(role)))


def _frames(window: MainWindow, page: RecordListPage, pages: int) -> tuple[float, float, float, int]:
    """Median milliseconds of a painted page of both sides and of its first painting, and how many cells it has."""
    table, model = page.table, page.model
    height = max(1, table.viewport().height() // table.rowHeight(0))
    memory = RecordTable("", 46)
    cells = _InMemory(model, height + 1)
    memory.setModel(cells)
    memory.resize(table.size())
    for section in range(cells.columnCount()):
        memory.setColumnWidth(section, table.columnWidth(section))
        memory.setColumnHidden(section, table.isColumnHidden(section))
    memory.verticalHeader().setDefaultSectionSize(table.rowHeight(0))
    memory.show()
    _settle(window)
    ours, bare, first = [], [], []
    bar = table.verticalScrollBar()
    for number in range(pages):
        bar.setValue(number * height * table.rowHeight(0))
        _settle_rows(window, page)
        model.refetch_text()  # the same rows, worded anew
        first.append(_painted(table))
        ours.append(_painted(table))
        bare.append(_painted(memory))
    memory.close()
    return median(ours), median(bare), median(first), height * cells.columnCount()


def _settle_rows(window: MainWindow, page: RecordListPage) -> None:
    """The rows on the screen are there: each is asked for by being painted, so the last may lag behind the first."""
    until = time.monotonic() + 30
    first, last = page.table.rowAt(0), page.table.rowAt(page.table.viewport().height() - 1)
    while any(page.model.view(row) is None for row in range(first, last + 1)):
        if time.monotonic() > until:
            raise RuntimeError("rows do not come")
        QTest.qWait(2)
    assert isinstance(window.tasks, TaskPool)
    while window.tasks.busy:
        QTest.qWait(2)


def _painted(table: RecordTable) -> float:
    began = time.perf_counter()
    table.viewport().repaint()
    return (time.perf_counter() - began) * 1000


def _open(window: MainWindow, page: RecordListPage, rows: int) -> float:
    """Seconds from the numbers of the rows to the first row on the screen; the same records again and again."""
    known = page.ids
    numbers = array("q", (known[at % len(known)] for at in range(rows)))
    times = []
    for _ in range(5):
        page.model.set_ids(array("q", known[:1]))
        _settle(window)
        began = time.perf_counter()
        page.model.set_ids(numbers)
        page.table.scrollToTop()
        while page.model.view(0) is None:
            QCoreApplication.processEvents()
        page.table.viewport().repaint()
        times.append(time.perf_counter() - began)
    page.model.set_ids(known)
    _settle(window)
    return median(times)


def _account_page(window: MainWindow, account_id: str) -> float:
    """Milliseconds of the longest round of the event loop while the page opens, once it was built."""
    window.navigate("account", account_id=account_id)
    _settle(window)
    window.navigate("accounts")
    _settle(window)
    longest = 0.0
    began = time.perf_counter()
    window.navigate("account", account_id=account_id)
    longest = time.perf_counter() - began
    assert isinstance(window.tasks, TaskPool)
    quiet = 0
    while quiet < 20:
        began = time.perf_counter()
        QCoreApplication.processEvents()
        longest = max(longest, time.perf_counter() - began)
        quiet = 0 if window.tasks.busy else quiet + 1
        time.sleep(0.001)
    return longest * 1000


if __name__ == "__main__":
    sys.stdout.write("".join(f"{figure.line()}\n" for figure in measure(*(int(value) for value in sys.argv[1:]))))
