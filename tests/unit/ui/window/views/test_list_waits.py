"""A list that takes long to be put in order says so, leaves the list before in use, and can be stopped."""

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from crm_desktop.errors import StoreError
from crm_desktop.store.client_store import ClientStore
from tests.unit.ui.window.shell_for_tests import TestShell, press
from ui.window.views.list_pages import AccountsPage


class SlowStore:
    """The store of the profile, whose lists wait until they are let go; everything else it does at once."""

    def __init__(self, store: ClientStore) -> None:
        self._read = store.read
        self.let_go = threading.Event()

    def read(self, query: Callable[..., Any], go_on: Callable[[int], bool] | None = None) -> Any:
        while go_on is not None and go_on(0) and not self.let_go.wait(0.005):
            pass
        return self._read(query, go_on)


@pytest.fixture
def slow(shell: TestShell, monkeypatch: pytest.MonkeyPatch) -> Iterator[SlowStore]:
    store = SlowStore(shell.app.store)
    store.let_go.set()
    monkeypatch.setattr(shell.app.store, "read", store.read)
    yield store
    store.let_go.set()


def opened(shell: TestShell) -> AccountsPage:
    page = AccountsPage(shell)
    shell.put(page)
    page.open()
    shell.settle()
    return page


def heading(page: AccountsPage, key: str) -> None:
    """Click on a heading."""
    header = page.table.horizontalHeader()
    at = next(n for n, item in enumerate(page.columns) if item.key == key)
    x = header.sectionViewportPosition(at) + 20
    place = header.viewport().rect().center()
    place.setX(x)
    QTest.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, place)


def names(page: AccountsPage) -> list[str]:
    return [str(page.model.index(row, 0).data()) for row in range(page.model.rowCount())]


def wait_for(page: AccountsPage, *, shown: bool) -> None:
    for _ in range(2000):
        if page.body.wait.isVisible() == shown:
            return
        QTest.qWait(5)
    raise AssertionError("nothing says that it takes long" if shown else "it says so for ever")


def test_the_list_before_stays_in_use_and_escape_stops(shell: TestShell, slow: SlowStore) -> None:
    page = opened(shell)
    before, query = names(page), page.query
    press(page.table, Qt.Key.Key_Down)
    current = page.body.current_id()
    slow.let_go.clear()
    heading(page, "customer_class")
    wait_for(page, shown=True)
    assert page.body.wait.stop.isVisible()
    assert names(page) == before
    press(page.table, Qt.Key.Key_Return)
    assert shell.visited[-1] == ("account", {"account_id": current}), "the rows that stand there can be used"
    press(page.table, Qt.Key.Key_Escape)
    wait_for(page, shown=False)
    shell.settle()
    assert shell.toasts == ["Stopped: the list stands as before"]
    assert page.query == query
    assert names(page) == before
    assert page.body.current_id() == current
    assert shell.errors == []


def test_the_button_stops_and_another_order_takes_its_place(shell: TestShell, slow: SlowStore) -> None:
    page = opened(shell)
    slow.let_go.clear()
    heading(page, "customer_class")
    wait_for(page, shown=True)
    QTest.mouseClick(page.body.wait.stop, Qt.MouseButton.LeftButton)
    wait_for(page, shown=False)
    heading(page, "customer_class")
    heading(page, "title")
    slow.let_go.set()
    shell.settle()
    assert page.query.sort == "name"
    assert not page.body.wait.isVisible()
    assert names(page) == sorted(names(page), key=str.casefold)


def test_news_do_not_keep_a_long_list_away(shell: TestShell, slow: SlowStore) -> None:
    page = opened(shell)
    slow.let_go.clear()
    heading(page, "customer_class")
    reading = page.reader._reading
    page.refresh(frozenset({"account"}), frozenset())
    assert page.reader._reading is reading, "it is read on"
    slow.let_go.set()
    shell.settle()
    assert page.reader._reading is not reading, "and once more for what came meanwhile"
    assert page.model.rowCount() == 3


def test_news_of_what_the_list_shows_are_read_and_no_others(shell: TestShell) -> None:
    page = opened(shell)
    reading = page.reader._reading
    page.refresh(frozenset({"product", "sync_status"}), frozenset())
    assert page.reader._reading is reading
    page.refresh(frozenset({"address"}), frozenset())
    assert page.reader._reading is not reading, "the list shows the town of an account"
    shell.settle()


def test_a_list_that_cannot_be_read_says_so_and_is_waited_for_no_longer(
    shell: TestShell, slow: SlowStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = opened(shell)
    before = names(page)

    def broken(*_asked: Any) -> None:
        raise StoreError("disk_gone", "The disk is gone.")

    monkeypatch.setattr("ui.window.views.list_reader.load_contents", broken)
    heading(page, "customer_class")
    shell.settle()
    assert [type(error) for error in shell.errors] == [StoreError]
    assert not page.body.wait.isVisible()
    assert names(page) == before


def test_a_record_that_was_found_is_sought_no_more(shell: TestShell) -> None:
    """News would take the person away from the row to which he has gone since."""
    page = opened(shell)
    last = shell.app.store.read(lambda reader: reader.rows("account", [page.ids[-1]]))[0]["id"]
    assert page.seek("account", last)
    shell.settle()
    assert page.body.current_id() == last
    press(page.table, Qt.Key.Key_Up)
    current = page.body.current_id()
    page.refresh(frozenset({"account"}), frozenset())
    shell.settle()
    assert page.body.current_id() == current != last
