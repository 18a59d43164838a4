"""The briefing on a real store."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QWidget

from tests.unit.ui.window.shell_for_tests import LAURA, ME, TestShell, press, receive, shots
from ui.window.views import briefing_page
from ui.window.views.account_page import AccountPage
from ui.window.views.briefing_page import BriefingPage


def said(widget: QWidget) -> str:
    return "\n".join(label.accessibleName() for label in widget.findChildren(QLabel) if label.isVisible())


@pytest.fixture
def page(shell: TestShell) -> BriefingPage:
    conflict = {"id": "cf-1", "entity": "account", "record_id": "acc-1", "field": "payment_terms_days",
                "before": '{"payment_terms_days": 14}', "mine": '{"payment_terms_days": 21}',
                "theirs": '{"payment_terms_days": 30}', "rule": "ask", "mine_at": "2026-11-18T15:52:00.000Z",
                "theirs_at": "2026-11-18T16:20:00.000Z", "mine_by": ME, "theirs_by": LAURA,
                "status": "open"}  # fmt: skip
    receive(
        shell.app.store,
        {
            "case": [{"id": "case-1", "account_id": "acc-1", "owner_id": ME, "kind": "complaint", "status": "new",
                      "subject": "Two jars broken", "due_on": "2026-11-19"},
                     {"id": "case-2", "account_id": "acc-1", "status": "closed", "subject": "Settled long ago"}],
            "activity": [{"id": "act-1", "account_id": "acc-1", "kind": "call", "subject": "Delivery date moved",
                          "created_at": "2026-11-18T07:10:00.000Z", "created_by": LAURA},
                         {"id": "act-0", "account_id": "acc-1", "kind": "call", "subject": "Before the visit",
                          "created_at": "2026-01-18T07:10:00.000Z", "created_by": LAURA}],
            "conflict": [conflict],
            "channel": [{"id": "ch-1", "contact_id": "con-1", "kind": "phone", "value": "030-0074321"}],
        },
    )  # fmt: skip
    shell.app.quotes.new_quote("acc-1")
    page = BriefingPage(shell)
    shell.put(page)
    page.open(account_id="acc-1", visit_id="vis-2")
    shell.settle()
    return page


def test_everything_at_the_door_on_one_page(shell: TestShell, page: BriefingPage) -> None:
    text = said(page)
    assert "Today 10:00 · Quarterly review" in text or "Quarterly review" in text
    assert "Maria Anders · 030-0074321 · Obere Str. 57, 12209 Berlin" in text
    assert "Competitor Biotrend offers Chai 6 % cheaper, but late." in text
    assert "Changed since your visit on 21 August 2026" in text
    assert "Activity Delivery date moved" in text
    assert "Before the visit" not in text
    assert "Laura Callahan · 14 → 30" in text
    assert "Sample box of Chai" in text
    assert "Send the 2027 price list to Maria" in text
    assert "Complaint: Two jars broken" in text
    assert "Settled long ago" not in text
    assert "Next best question" in text
    shots(shell, "briefing")


def test_keys_lead_on_and_print(shell: TestShell, page: BriefingPage, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[Path] = []
    monkeypatch.setattr(briefing_page, "open_file", opened.append)
    press(page, Qt.Key.Key_P)
    shell.settle()
    assert opened[0].name == "Alfreds Futterkiste.pdf"
    assert opened[0].read_bytes().startswith(b"%PDF")
    press(page, Qt.Key.Key_V)
    press(page, Qt.Key.Key_O)
    assert shell.visited[-2:] == [("note", {"visit_id": "vis-2"}), ("account", {"account_id": "acc-1"})]


def test_a_customer_nobody_knows_yet(shell: TestShell, page: BriefingPage) -> None:
    receive(shell.app.store, {"account": [{"id": "acc-9", "name": "New"}]})
    page.open(account_id="acc-9")
    shell.settle()
    text = said(page)
    for words in (
        "No case is open.",
        "Nothing is promised and no task is open.",
        "You have not visited this customer yet.",
    ):
        assert words in text
    press(page, Qt.Key.Key_V)
    assert shell.visited[-1] == ("note", {"account_id": "acc-9"})
    page.open(account_id="nowhere")
    shell.settle()
    assert [getattr(error, "code", "") for error in shell.errors] == ["no_account"]


def test_the_account_leads_to_it_by_a_key(shell: TestShell) -> None:
    account = AccountPage(shell)
    shell.put(account)
    account.open(account_id="acc-1")
    shell.settle()
    press(account.list, Qt.Key.Key_B)
    assert shell.visited[-1] == ("briefing", {"account_id": "acc-1"})
    account.briefing_button.click()
    assert len(shell.visited) == 2
