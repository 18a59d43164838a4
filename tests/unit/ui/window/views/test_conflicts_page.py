"""Deciding a conflict by keys on a real store; closing decides nothing."""

import json

from PySide6.QtCore import Qt

from tests.unit.ui.window.shell_for_tests import LAURA, ME, TestShell, press, receive, shots
from ui.window.views.conflicts_page import ConflictsPage

Key = Qt.Key


def conflict(number: str, field: str, before: object, mine: object, theirs: object) -> dict[str, object]:
    return {
        "id": f"conflict-{number}", "entity": "account", "record_id": "acc-1", "field": field,
        "before": json.dumps({field: before}), "mine": json.dumps({field: mine}), "theirs": json.dumps({field: theirs}),
        "rule": "ask", "mine_at": "2026-11-18T15:52:00.000Z", "theirs_at": "2026-11-18T16:20:00.000Z",
        "mine_by": ME, "theirs_by": LAURA, "status": "open",
    }  # fmt: skip


def open_page(shell: TestShell) -> ConflictsPage:
    account = shell.app.store.read(lambda reader: reader.get("account", "acc-1"))
    assert account is not None
    receive(
        shell.app.store,
        {
            "account": [account | {"payment_terms_days": 30, "name": "Alfreds Futterkiste GmbH"}],
            "conflict": [
                conflict("1", "payment_terms_days", 14, 21, 30),
                conflict("2", "name", "Alfreds Futterkiste", "Alfreds", "Alfreds Futterkiste GmbH"),
            ],
        },
    )
    page = ConflictsPage(shell)
    shell.put(page)
    page.open(conflict_id="conflict-1")
    shell.settle()
    return page


def account(shell: TestShell) -> dict[str, object]:
    row = shell.app.store.read(lambda reader: reader.get("account", "acc-1"))
    assert row is not None
    return row


def test_keys_decide_field_by_field(shell: TestShell) -> None:
    page = open_page(shell)
    assert page.rows.rowCount() == 1
    assert not page.save_button.isEnabled()
    press(page, Key.Key_1)
    press(page, Key.Key_2)
    shots(shell, "conflicts")
    page.save_button.click()
    shell.settle()
    assert account(shell)["payment_terms_days"] == 21
    assert account(shell)["name"] == "Alfreds Futterkiste GmbH"
    states = {view.id: view.status for view in shell.app.conflicts.all()}
    assert states == {"conflict-1": "mine", "conflict-2": "theirs"}
    assert page.rows.rowCount() == 2
    shots(shell, "conflicts-decided")


def test_one_of_two_can_be_decided_alone(shell: TestShell) -> None:
    page = open_page(shell)
    page._cards[0].mine.radio.click()
    page.save_button.click()
    shell.settle()
    states = {view.id: view.status for view in shell.app.conflicts.all()}
    assert states == {"conflict-1": "mine", "conflict-2": "open"}
    assert account(shell)["name"] == "Alfreds Futterkiste GmbH"


def test_closing_and_deciding_later_decide_nothing(shell: TestShell) -> None:
    page = open_page(shell)
    press(page, Key.Key_1)
    assert page.may_leave()
    page.later_button.click()
    shell.settle()
    assert [view.status for view in shell.app.conflicts.all()] == ["open", "open"]
    assert account(shell)["payment_terms_days"] == 30
    assert page._contents.cases[0].put_off


def test_a_decision_can_be_turned_round(shell: TestShell) -> None:
    page = open_page(shell)
    press(page, Key.Key_2)
    page.save_button.click()
    shell.settle()
    at = next(n for n, case in enumerate(page._contents.cases) if not case.open)
    page.list.setCurrentIndex(page.rows.index(at, 0))
    shell.settle()
    page._cards[0].mine.radio.click()
    page.save_button.click()
    shell.settle()
    assert account(shell)["payment_terms_days"] == 21


def test_no_conflict_says_so(shell: TestShell) -> None:
    page = ConflictsPage(shell)
    shell.put(page)
    page.open()
    shell.settle()
    assert page.empty.isVisible()
