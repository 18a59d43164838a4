"""Leads, board, contracts: no word is cut, in German, in a narrow window and a wide one."""

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtTest import QTest

from tests.unit.ui.window.seen_texts import outside, seen_texts
from tests.unit.ui.window.shell_for_tests import ME, TestShell, receive, type_text
from ui.window import i18n
from ui.window.page import Page
from ui.window.views.board_page import BoardPage
from ui.window.views.lead_capture_page import LeadCapturePage
from ui.window.views.record_form_page import RecordFormPage

CARDS = "BEGIN:VCARD\nFN:Maria Anders\nEND:VCARD\nBEGIN:VCARD\nURL:x\nEND:VCARD\n"


def records(shell: TestShell) -> None:
    receive(
        shell.app.store,
        {
            "lead": [{"id": "lead-1", "owner_id": ME, "name": "Maria Anders", "company": "Alfreds Futterkiste",
                      "status": "new"}],
            "contract": [{"id": "con-a", "name": "Rahmenvertrag 2026", "owner_id": ME, "status": "active",
                          "ends_on": "2027-01-31", "notice_days": 60, "remind_days": 30, "renews_months": 12}],
            "opportunity": [{"id": "opp-1", "name": "Chai, 40 Kartons für die neue Filiale", "account_id": "acc-1",
                             "owner_id": ME, "stage": "won", "amount": "12460.00", "currency": "EUR",
                             "closes_on": "2026-11-30"}],
        },
    )  # fmt: skip


def lead(shell: TestShell) -> Page:
    return shown(shell, RecordFormPage(shell), entity="lead", record_id="lead-1")


def contract(shell: TestShell) -> Page:
    return shown(shell, RecordFormPage(shell), entity="contract", record_id="con-a")


def board(shell: TestShell) -> Page:
    page = BoardPage(shell)
    shown(shell, page)
    page.move_card("opp-1", "lost")
    page.lost.carry_out()
    return page


def line(shell: TestShell) -> Page:
    page = LeadCapturePage(shell)
    shown(shell, page, mode="line")
    type_text("Maria Anders")
    for _ in range(300):
        shell.settle()
        if page.hint.isVisible():
            break
        QTest.qWait(10)
    return page


def sheet(shell: TestShell) -> Page:
    return shown(shell, LeadCapturePage(shell), mode="sheet")


def paste(shell: TestShell) -> Page:
    page = LeadCapturePage(shell)
    shown(shell, page, mode="paste")
    page.paste.text.setPlainText(CARDS)
    for _ in range(300):
        shell.settle()
        if page.paste.preview is not None:
            break
        QTest.qWait(10)
    return page


def shown(shell: TestShell, page: Page, **where: Any) -> Page:
    shell.put(page)
    page.open(**where)
    shell.settle()
    return page


@pytest.mark.parametrize("make", [lead, contract, board, line, sheet, paste])
@pytest.mark.parametrize("size", [(960, 600), (1440, 900)])
def test_nothing_is_cut(shell: TestShell, make: Callable[[TestShell], Page], size: tuple[int, int]) -> None:
    i18n.set_language("de")
    shell.resize_to(*size)
    records(shell)
    page = make(shell)
    shell.settle()
    assert (shell.width(), shell.height()) == size
    cut = [f"{seen.where} lacks {seen.lacks} px for {seen.text}" for seen in seen_texts(page) if seen.lacks]
    assert not cut, "\n".join(cut)
    assert not list(outside(page))
