"""The group an account stands in and who reports to whom are on its page, found by an index."""

from PySide6.QtCore import Qt

from crm_desktop.store.lists import Filter, ListQuery
from crm_desktop.store.reader import Reader
from tests.unit.ui.window.shell_for_tests import TestShell, press, receive, shots
from ui.presenters.account_group import SHOWN
from ui.window.views.account_page import AccountPage
from ui.window.views.account_side import Opens
from ui.window.widgets.label import Label


def opened(shell: TestShell, account_id: str = "acc-1") -> AccountPage:
    page = AccountPage(shell)
    shell.put(page)
    page.open(account_id=account_id)
    shell.settle()
    return page


def words(page: AccountPage) -> list[str]:
    return [label.text() for label in page.side.findChildren(Label)]


def group(shell: TestShell, members: int) -> None:
    accounts = [
        {"id": f"sub-{number:02}", "name": f"Tochter {number:02} GmbH", "parent_id": "acc-1", "customer_class": "B"}
        for number in range(members)
    ]
    receive(
        shell.app.store,
        {
            "account": [{"id": "top", "name": "Holding AG", "key_account": True}, *accounts],
            "contact": [
                {"id": "boss", "account_id": "acc-1", "name": "Carla Chefin"},
                {"id": "aide", "account_id": "acc-1", "name": "Anton Adler", "reports_to_id": "boss"},
            ],
        },
    )
    shell.app.records.update("account", "acc-1", {"parent_id": "top"})


def test_one_steps_up_and_down_in_a_group(shell: TestShell) -> None:
    group(shell, SHOWN + 3)
    page = opened(shell)
    rows = {row.accessibleName(): row for row in page.side.findChildren(Opens)}
    assert sum(name.startswith("Tochter") for name in rows) == SHOWN
    assert "and 3 more" in words(page)
    assert "reports to Carla Chefin" in words(page)
    press(rows["Holding AG"], Qt.Key.Key_Return)
    assert shell.visited[-1] == ("account", {"account_id": "top"})
    press(rows["Tochter 00 GmbH"], Qt.Key.Key_Return)
    assert shell.visited[-1] == ("account", {"account_id": "sub-00"})
    shots(shell, "account-group")


def test_a_parent_that_is_elsewhere_says_so_and_who_stands_alone_shows_no_group(shell: TestShell) -> None:
    page = opened(shell)
    assert "Group of companies" not in words(page)
    shell.app.records.update("account", "acc-1", {"parent_id": "01a20000-0000-7000-8000-0000000000ff"})
    page.open(account_id="acc-1")
    shell.settle()
    assert "Not on this laptop" in words(page)


def test_members_are_found_by_the_index(shell: TestShell) -> None:
    def plan(reader: Reader) -> str:
        seen: list[str] = []
        reader._connection.set_trace_callback(seen.append)
        reader.row_ids(ListQuery("account", (Filter("parent_id", "=", "acc-1"),)))
        reader._connection.set_trace_callback(None)
        asked = next(sql for sql in seen if "parent_id" in sql)
        return " ".join(str(row[3]) for row in reader._connection.execute(f"EXPLAIN QUERY PLAN {asked}"))

    assert "ix_account_parent_id" in shell.app.store.read(plan)
