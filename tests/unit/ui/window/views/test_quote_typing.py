"""Typing faster than the store writes: no key is lost, whatever arrives in between."""

from collections.abc import Callable
from threading import Semaphore
from typing import Any, TypeVar

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit

from crm_desktop.errors import CrmError
from tests.unit.ui.window.shell_for_tests import TestShell, focus, press, type_text
from ui.presenters.tasks import Progress
from ui.window.models.quote_lines import DISCOUNT, PRODUCT, QUANTITY
from ui.window.views.quote_page import QuotePage

T = TypeVar("T")
Key = Qt.Key


class SlowTasks:
    """The real pool, but a write waits until it is let through, and reads can be kept from arriving."""

    def __init__(self, shell: TestShell) -> None:
        self._pool = shell.pool
        self._bridge = shell.bridge
        self._gate = Semaphore(0)
        self.ended = 0
        self.given = 0
        self.keep_reads = False
        self.kept: list[Callable[[], Any]] = []

    def read(
        self,
        work: Callable[[], T],
        done: Callable[[T], Any],
        failed: Callable[[CrmError], Any] | None = None,
        *,
        key: str = "",
    ) -> None:
        if self.keep_reads:
            found = work()
            self.kept.append(lambda: done(found))
        else:
            self._pool.read(work, done, failed, key=key)

    def write(
        self,
        work: Callable[[], T],
        done: Callable[[T], Any] | None = None,
        failed: Callable[[CrmError], Any] | None = None,
    ) -> None:
        self.given += 1

        def wait_and_work() -> T:
            self._gate.acquire(timeout=5)
            return work()

        def after(result: T) -> None:
            self.ended += 1
            if done is not None:
                done(result)

        self._pool.write(wait_and_work, after, failed)

    def long(
        self,
        label: str,
        work: Callable[[Progress], T],
        done: Callable[[T], Any],
        failed: Callable[[CrmError], Any] | None = None,
        *,
        kilobytes: bool = False,
    ) -> None:
        self._pool.long(label, work, done, failed, kilobytes=kilobytes)

    def let_through(self, writes: int) -> None:
        """Let writes end and their results and the store's news arrive."""
        wanted = self.ended + writes
        self._gate.release(writes)
        for _ in range(5000):
            QTest.qWait(1)
            rest = self._pool._open - (self.given - self.ended)  # reads under way
            if self.ended == wanted and not rest and not self._bridge.gathering:
                return
        raise AssertionError("the writes did not end")


def slow_quote(shell: TestShell) -> tuple[QuotePage, SlowTasks]:
    tasks = SlowTasks(shell)
    shell.tasks = tasks
    page = QuotePage(shell)
    shell.put(page)
    page.open(account_id="acc-1")
    tasks.let_through(1)
    shell.settle()
    page.table.setFocus()
    QApplication.processEvents()
    return page, tasks


def lines_of(shell: TestShell, page: QuotePage) -> list[tuple[str, str, str]]:
    view = shell.app.store.read(lambda reader: reader.quote(page.editor.quote_id))
    assert view is not None
    return [(line["name"], line["quantity"], line["discount_percent"]) for line in view.lines]


def choose(page: QuotePage, product: str) -> None:
    page.table.go_to("", PRODUCT)
    type_text(product)
    press(focus(), Key.Key_Return)
    assert page.table.currentIndex().column() == QUANTITY
    assert isinstance(focus(), QLineEdit)  # the quantity is open at once, no write has ended


def test_everything_is_typed_before_the_first_write_ends(shell: TestShell) -> None:
    page, tasks = slow_quote(shell)
    for product in ("1", "14"):
        choose(page, product)
        type_text("12")
        press(focus(), Key.Key_Tab)
        type_text("5")
        press(focus(), Key.Key_Return)
    assert lines_of(shell, page) == []
    tasks.let_through(6)
    shell.settle()
    assert shell.errors == []
    assert lines_of(shell, page) == [("Chai", "12.000", "5.0000"), ("Tofu", "12.000", "5.0000")]


def test_a_refresh_between_two_keys_changes_nothing_typed(shell: TestShell) -> None:
    page, tasks = slow_quote(shell)
    choose(page, "1")
    type_text("1")
    tasks.let_through(1)
    type_text("2")
    press(focus(), Key.Key_Tab)
    assert page.table.currentIndex().column() == DISCOUNT
    type_text("1")
    tasks.let_through(1)
    type_text("5")
    press(focus(), Key.Key_Return)
    tasks.let_through(1)
    shell.settle()
    assert shell.toasts == []
    assert lines_of(shell, page) == [("Chai", "12.000", "15.0000")]


def test_a_read_older_than_the_line_does_not_take_it_away(shell: TestShell) -> None:
    page, tasks = slow_quote(shell)
    tasks.keep_reads = True
    page.editor.reload()
    tasks.keep_reads = False
    choose(page, "1")
    tasks.let_through(1)
    type_text("1")
    tasks.kept[0]()
    assert len(page.editor.lines) == 1
    type_text("2")
    press(focus(), Key.Key_Return)
    tasks.let_through(1)
    shell.settle()
    assert lines_of(shell, page) == [("Chai", "12.000", "0.0000")]


def test_a_line_removed_elsewhere_stays_open_and_is_told(shell: TestShell) -> None:
    page, tasks = slow_quote(shell)
    choose(page, "1")
    press(focus(), Key.Key_Return)
    tasks.let_through(1)
    line = page.editor.lines.shown[0]
    page.table.go_to(line.key, QUANTITY)
    type_text("1")
    shell.app.quotes.remove_line(line.id)
    shell.settle()
    assert page.editor.lines.shown == ()
    type_text("2")
    editor = focus()
    assert isinstance(editor, QLineEdit)
    assert editor.text() == "12"
    press(editor, Key.Key_Return)
    shell.settle()
    assert shell.toasts == ["This line was removed meanwhile, what you typed is not kept"]
    assert page.lines.rowCount() == 1
    assert shell.errors == []


def test_undo_in_a_fresh_quantity_takes_the_line_back(shell: TestShell) -> None:
    page, tasks = slow_quote(shell)
    choose(page, "1")
    press(focus(), Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    tasks.let_through(2)
    shell.settle()
    assert page.editor.lines.shown == ()
    assert lines_of(shell, page) == []
