"""What is under way with an account stands on its page: opportunities, contracts, cases, and a case by one key."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from tests.unit.ui.window.shell_for_tests import LAURA, ME, TestShell, press, receive, shots
from ui.window.delegates import TEXT_ROLE
from ui.window.views.account_page import AccountPage
from ui.window.views.account_side import Opens
from ui.window.widgets.label import Label


def opened(shell: TestShell) -> AccountPage:
    mine = {"account_id": "acc-1", "owner_id": ME}
    receive(
        shell.app.store,
        {
            "opportunity": [
                mine | {"id": "o-1", "name": "Chai, 40 boxes", "stage": "quoted", "amount": "980.00",
                        "currency": "EUR"},
                mine | {"id": "o-2", "name": "Old one", "stage": "won"},
            ],
            "contract": [
                mine | {"id": "k-1", "name": "Frame 2026", "status": "active", "starts_on": "2026-02-01",
                        "ends_on": "2027-01-31", "notice_days": 60, "remind_days": 30},
            ],
            "case": [
                mine | {"id": "c-1", "subject": "Broken boxes", "owner_id": LAURA, "status": "new",
                        "due_on": "2026-11-17", "created_at": "2026-11-12T10:00:00.000Z"},
                mine | {"id": "c-2", "subject": "Closed one", "status": "closed",
                        "created_at": "2026-10-12T10:00:00.000Z"},
            ],
        },
    )  # fmt: skip
    page = AccountPage(shell)
    shell.put(page)
    page.open(account_id="acc-1")
    shell.settle()
    return page


def test_the_side_shows_what_is_open_and_leads_there(shell: TestShell) -> None:
    page = opened(shell)
    rows = {row.accessibleName(): row for row in page.side.findChildren(Opens)}
    assert {"Chai, 40 boxes", "Frame 2026", "Broken boxes"} <= rows.keys()
    assert not {"Old one", "Closed one"} & rows.keys()
    for name, entity, record_id in (
        ("Chai, 40 boxes", "opportunity", "o-1"),
        ("Frame 2026", "contract", "k-1"),
        ("Broken boxes", "case", "c-1"),
    ):
        press(rows[name], Qt.Key.Key_Return)
        assert shell.visited[-1] == ("record", {"entity": entity, "record_id": record_id})
    shots(shell, "account-business")


def test_a_day_of_notice_that_is_past_is_told_as_past(shell: TestShell) -> None:
    page = opened(shell)
    late = {"id": "k-1", "name": "Frame 2026", "status": "active", "account_id": "acc-1", "owner_id": ME,
            "ends_on": "2026-12-31", "notice_days": 60, "remind_days": 30}  # fmt: skip
    told = [label.plain_text() for label in page.side.findChildren(Label)]
    assert "Notice can be given until 2 December 2026" in told
    receive(shell.app.store, {"contract": [late]})
    page.open(account_id="acc-1")
    shell.settle()
    told = [label.plain_text() for label in page.side.findChildren(Label)]
    assert "Notice could be given until 1 November 2026" in told


def test_the_timeline_tells_of_contracts_and_cases(shell: TestShell) -> None:
    page = opened(shell)
    told = [page.timeline.index(row, 0).data(TEXT_ROLE) for row in range(page.timeline.rowCount())]
    assert any("Case: Broken boxes" in text for text in told)
    assert any("Contract: Frame 2026" in text for text in told)
    page.tabs.choose("case")
    told = [page.timeline.index(row, 0).data(TEXT_ROLE) for row in range(page.timeline.rowCount())]
    assert sum("Case: " in text for text in told) == 2
    assert not any("Visit" in text for text in told)


def test_a_case_begins_with_one_key(shell: TestShell) -> None:
    page = opened(shell)
    QTest.keyClick(page.list, Qt.Key.Key_C)
    assert shell.visited == [
        ("record", {"entity": "case", "values": {"account_id": "acc-1"}, "focus": "subject"}),
    ]
